"""Twilio's error codes and what each means for a message, as data.

Source: Twilio's "Error and Warning Dictionary". Codes of 30000 and above come with status callbacks, the others with
the answer to a call; one table serves both. Twilio adds codes: an unknown one is judged by its HTTP status.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.conversation.message import Outcome, SendResult

HOLD_SECONDS = 30.0
_HOUR = 3600.0


@dataclass(frozen=True)
class Code:
    """One error code.

    Attributes:
        outcome: what to do with the message, the address or the sender.
        means: a few words for log and console.
        after_seconds: for HOLD and RETRY: wait at least so long.
        strikes: so many of these in a row before `outcome` is acted on; until then the message just failed.
        tries: for RETRY: so many further tries, no more.
    """

    outcome: Outcome
    means: str
    after_seconds: float | None = None
    strikes: int = 1
    tries: int = 1


CODES: dict[int, Code] = {
    20003: Code(Outcome.SENDER_DOWN, "wrong credentials"),
    20005: Code(Outcome.SENDER_DOWN, "account not active"),
    20404: Code(Outcome.SENDER_DOWN, "account or service not found"),
    20429: Code(Outcome.HOLD, "too many requests", HOLD_SECONDS),
    21205: Code(Outcome.REFUSED, "address can't be called back: look at EVENDAY_PUBLIC_URL"),
    21210: Code(Outcome.SENDER_DOWN, "caller's number is not ours"),
    21211: Code(Outcome.CLOSED, "not a telephone number"),
    21215: Code(Outcome.CLOSED, "country not switched on for calls: tell the operator"),
    21217: Code(Outcome.CLOSED, "not a telephone number"),
    21408: Code(Outcome.CLOSED, "country not switched on: tell the operator"),
    21602: Code(Outcome.REFUSED, "empty"),
    21610: Code(Outcome.OPTED_OUT, "has sent STOP to Twilio"),
    21611: Code(Outcome.HOLD, "sender's queue is full", 60.0),
    21612: Code(Outcome.CLOSED, "no route from this sender: tell the operator"),
    21614: Code(Outcome.CLOSED, "not a mobile number"),
    21617: Code(Outcome.REFUSED, "longer than 1600 characters"),
    21703: Code(Outcome.SENDER_DOWN, "messaging service has no sender"),
    30001: Code(Outcome.HOLD, "waited too long in the queue", 60.0),
    30002: Code(Outcome.SENDER_DOWN, "account suspended"),
    30003: Code(Outcome.RETRY, "handset unreachable", _HOUR),
    30004: Code(Outcome.OPTED_OUT, "blocked by carrier or handset"),
    30005: Code(Outcome.CLOSED, "unknown handset", strikes=2),
    30006: Code(Outcome.CLOSED, "landline, or carrier unreachable"),
    30007: Code(Outcome.REFUSED, "filtered as spam: look at content and registration"),
    30008: Code(Outcome.RETRY, "unknown error"),
    30032: Code(Outcome.SENDER_DOWN, "toll-free number not verified"),
    30034: Code(Outcome.SENDER_DOWN, "10DLC not registered"),
    30450: Code(Outcome.REFUSED, "blocked as SMS pumping: tell the operator"),
}


def look_up(code: str | int) -> Code | None:
    """The row of a code as an answer or a status callback gives it; None if it is not in the table."""
    return CODES.get(int(code)) if str(code).isdecimal() else None


def outcome(status: int, code: object) -> SendResult:
    """What an error answer of the REST API means.

    Args:
        status: the HTTP status.
        code: the error code in the answer, whatever it is.
    """
    found = look_up(code) if isinstance(code, str | int) else None
    if found:
        return SendResult(found.outcome, retry_after=found.after_seconds, why=f"{code} {found.means}")
    why = f"{code}" if isinstance(code, int) and code != status else f"HTTP {status}"
    if status == 429:
        return SendResult(Outcome.HOLD, retry_after=HOLD_SECONDS, why=why)
    if status in (401, 403, 404):
        return SendResult(Outcome.SENDER_DOWN, why=why)
    if 400 <= status < 500:
        return SendResult(Outcome.REFUSED, why=why)
    return SendResult(Outcome.UNKNOWN, why=why)
