"""What channels share on their sending side: failed calls as outcomes, half-sent messages, and quiet libraries."""

from __future__ import annotations

import logging
from collections import OrderedDict

import httpx

from bot.conversation.message import Outcome, SendResult
from bot.paging.route import PageOutcome, PageResult

# Raised before a byte of the request has left (httpx, "Exceptions"): it is safe to send again.
_NOT_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)

# For a page each way is one of several, so what a sender waits out or stops for is tried soon, or another way.
_PAGED = {
    Outcome.SENT: PageOutcome.ACCEPTED,
    Outcome.HOLD: PageOutcome.RETRY,
    Outcome.RETRY: PageOutcome.RETRY,
    Outcome.UNKNOWN: PageOutcome.UNKNOWN,
    Outcome.OPTED_OUT: PageOutcome.FAILED,
    Outcome.CLOSED: PageOutcome.FAILED,
    Outcome.REFUSED: PageOutcome.FAILED,
    Outcome.SENDER_DOWN: PageOutcome.FAILED,
}

_LOUD = ("httpx", "httpcore", "telegram", "twilio")
_KEPT = 1000


def lost(error: httpx.HTTPError) -> SendResult:
    """RETRY where the request surely did not leave, UNKNOWN otherwise."""
    outcome = Outcome.RETRY if isinstance(error, _NOT_LEFT) else Outcome.UNKNOWN
    return SendResult(outcome, why=type(error).__name__)


def paged(result: SendResult) -> PageResult:
    """What a call to a provider means for a page."""
    return PageResult(_PAGED[result.outcome], result.provider_id, result.why)


def hush() -> None:
    """Keep libraries from logging what they send: httpx writes URLs, and Telegram's holds the token, Twilio's numbers.

    Idempotent; a level that is stricter already stays.
    """
    for name in _LOUD:
        logger = logging.getLogger(name)
        logger.setLevel(max(logger.level, logging.WARNING))


class Progress:
    """Remembers how many parts of a message are out, so that a second try goes on where the first one stopped.

    In memory, for the last thousand: after a restart a message in parts may repeat its first ones.
    """

    def __init__(self) -> None:
        self._sent: OrderedDict[int, int] = OrderedDict()

    def take(self, message: int) -> int:
        """How many parts were accepted in earlier tries; forgotten by asking."""
        return self._sent.pop(message, 0)

    def keep(self, message: int, parts: int, result: SendResult) -> SendResult:
        """Note `parts` if `result` allows another try; hands `result` back."""
        if parts and result.outcome in (Outcome.HOLD, Outcome.RETRY, Outcome.UNKNOWN):
            self._sent[message] = parts
            while len(self._sent) > _KEPT:
                self._sent.popitem(last=False)
        return result
