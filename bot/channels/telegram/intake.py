"""One way in for updates, whether a webhook brought them or polling fetched them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import structlog

from bot.channels.telegram.parse import Ignored, album_caption, parse, press_id
from bot.channels.telegram.staff import Staff
from bot.conversation.message import Receive, SetAside

log = structlog.get_logger()


@dataclass(frozen=True)
class Owed:
    """What manners ask for once an update is stored.

    Attributes:
        press: id of a callback query to answer, or None.
        leave: id of a group to leave, or None.
        staff: answers a staff member, or None.
    """

    press: str | None = None
    leave: str | None = None
    staff: Callable[[], Awaitable[None]] | None = None


class Courtesy(Protocol):
    """What Telegram expects besides an answer; neither method ever raises for what Telegram does."""

    async def press_seen(self, press: str) -> None:
        """Stop the spinner on a pressed button (TG answerCallbackQuery)."""
        ...

    async def leave(self, chat: str) -> None:
        """Leave a group (TG leaveChat)."""
        ...


class Intake:
    """Stores what an update means, then lets manners follow.

    Args:
        bot_id: id of the bot whose updates these are.
        receive: stores what a person sent; returns once it is stored.
        set_aside: keeps what can't be read.
        courtesy: answers presses and leaves groups; None: nobody does.
        staff: takes what staff do, before anything else looks at it; None: everybody is a person.
    """

    def __init__(
        self,
        bot_id: str,
        receive: Receive,
        set_aside: SetAside,
        courtesy: Courtesy | None,
        staff: Staff | None = None,
    ) -> None:
        self.bot_id = bot_id
        self._receive, self._set_aside, self._courtesy, self._staff = receive, set_aside, courtesy, staff

    async def take(self, update: object, raw: bytes) -> Owed:
        """Store one update.

        Args:
            update: the parsed JSON, whatever it is.
            raw: the same as it came, kept if it is not understood.

        Returns:
            What manners ask for; see `follow`.

        Raises:
            StoreError: nothing is stored; the update must be offered again.
        """
        if self._staff and isinstance(update, Mapping) and (answer := await self._staff.take(update)):
            return Owed(staff=answer)
        known = parse(update, self.bot_id) if isinstance(update, Mapping) else None
        if known is None or not isinstance(update, Mapping):
            await self._set_aside("telegram", "unknown update", raw)
            log.warning("telegram.in.set_aside", why="unknown update")
            return Owed()
        if isinstance(known, Ignored):
            log.info("telegram.in.ignored", why=known.why)
            return Owed(known.press, known.leave)
        await self._receive(known)
        if caption := album_caption(update, known):
            await self._receive(caption)
        log.info("telegram.in.received", kind=known.form.value)
        return Owed(press_id(update))

    async def follow(self, owed: Owed) -> None:
        """Answer a press or a staff member and leave a group, if owed; once the update is stored and acknowledged."""
        if owed.staff:
            await owed.staff()
        if self._courtesy and owed.press:
            await self._courtesy.press_seen(owed.press)
        if self._courtesy and owed.leave:
            await self._courtesy.leave(owed.leave)
