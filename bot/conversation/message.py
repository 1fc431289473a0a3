"""What goes between channels and the conversation: the only types that both know."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Form(StrEnum):
    """What kind of thing arrived."""

    TEXT = "text"
    BUTTON = "button"
    EDIT = "edit"
    VOICE = "voice"
    PHOTO = "photo"
    STICKER = "sticker"
    LOCATION = "location"
    CONTACT = "contact"
    FILE = "file"
    LEFT = "left"  # blocked the bot, or left the chat: the same as STOP


@dataclass(frozen=True)
class Inbound:
    """One thing that arrived from a person.

    Attributes:
        channel: `telegram`, `sms`, `web` or `terminal`.
        address: chat id, E.164 number or browser's id; sealed when stored, never logged.
        provider_key: the provider's own id of this delivery; a second one with the same key is a repeat.
        form: what kind of thing it is.
        text: the words: a text, a caption, or a pressed button's label; "" where there are none.
        prompt: for a press: the outbox id of the message that carried the button; else None.
        choice: for a press: number of the button, 1-based; else None.
        start_code: the code of a deep link or JOIN text, if one came; else None.
    """

    channel: str
    address: str
    provider_key: str
    form: Form
    text: str
    prompt: int | None = None
    choice: int | None = None
    start_code: str | None = None


@dataclass(frozen=True)
class Reply:
    """One message to a person, before a channel gives it its form.

    Attributes:
        text: the words, plain; no markup.
        buttons: labels, in order; SMS and terminal show them as numbers.
        asked: id of the safety question that it asks, if it asks one.
        image: PNG to go with it, or None; `text` says the same in words.
        ends: no more is expected (the keyboard of an older prompt may go).
    """

    text: str
    buttons: tuple[str, ...] = ()
    asked: str | None = None
    image: bytes | None = None


class MessageClass(StrEnum):
    """Who goes first: the order is that of `RANK`."""

    SAFETY = "safety"
    REPLY = "reply"
    CHECKIN = "checkin"
    LESSON = "lesson"


RANK = {MessageClass.SAFETY: 0, MessageClass.REPLY: 1, MessageClass.CHECKIN: 2, MessageClass.LESSON: 3}


@dataclass(frozen=True)
class Outgoing:
    """One outbox row on its way: `id` is ours and goes along wherever the provider lets it."""

    id: int
    address: str
    reply: Reply
    message_class: MessageClass


class Outcome(StrEnum):
    """All that can come of a call to a provider. A channel chooses one and never retries by itself."""

    SENT = "sent"  # accepted; provider_id is set
    HOLD = "hold"  # rate limit or outage: hold this whole sender `retry_after` seconds; no attempt is counted
    RETRY = "retry"  # surely not accepted (refused connection, 5xx before the request left): try this row again
    UNKNOWN = "unknown"  # the request left, no answer came: safety goes again, the rest does not
    OPTED_OUT = "opted_out"  # the provider knows of a STOP that we missed
    CLOSED = "closed"  # the address is gone or blocks us: close it, tell staff
    REFUSED = "refused"  # our fault (too long, malformed): never again as it is; alarm
    SENDER_DOWN = "sender_down"  # credentials, account or registration: stop this sender, alarm the operator


@dataclass(frozen=True)
class SendResult:
    """What came of one call. `why` is the provider's code in a few words, without address or text."""

    outcome: Outcome
    provider_id: str | None = None
    retry_after: float | None = None
    why: str = ""


class Sender(Protocol):
    """The sending half of a channel."""

    channel: str

    async def send(self, outgoing: Outgoing) -> SendResult:
        """Offer one message to the provider, once. Never raises for what the provider does."""
        ...

    async def typing(self, address: str) -> None:
        """Show that an answer is being written, where the channel can; failure is of no account."""
        ...


# The receiving half: a channel hands over what came and is told once it is stored (or that it was a repeat).
Receive = Callable[[Inbound], Awaitable[None]]
# The same for what can't be read: channel, reason, raw body; kept where the operator sees it.
SetAside = Callable[[str, str, bytes], Awaitable[None]]
# A provider's later word on a message of ours: channel, outbox id or provider's id, state (sent, delivered, failed), code.
Report = Callable[[str, str, str, str], Awaitable[None]]
