"""What staff do in their chat with the bot, before anything of it reaches patients' reception: take a page, link the chat.

Source: TG CallbackQuery (data; `message` may be gone or inaccessible), "Deep linking" (bots/features).
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Protocol

import structlog
from pydantic import BaseModel, Field, ValidationError

from bot.channels.incoming import readable
from bot.paging.delivery import Acknowledge, LinkStaff
from bot.paging.route import Way

ACKNOWLEDGE = "ack:"
_PRESS = re.compile(ACKNOWLEDGE + r"([A-Za-z0-9_-]{1,60})")  # 64 bytes of callback_data, TG InlineKeyboardButton
_LINK = re.compile(r"/start(?:@[A-Za-z0-9_]+)?[ \n]+staff_([A-Za-z0-9_-]{1,58})\s*")  # 64 characters with "staff_"

log = structlog.get_logger()


@dataclass(frozen=True)
class Taken:
    """A pressed "Acknowledge".

    Attributes:
        press: id of the callback query, to be answered.
        token: the page's.
        chat: where the button was.
        message: id of the page's message; None where it is gone, and can't be edited.
        text: the page's words.
    """

    press: str
    token: str
    chat: str
    message: int | None
    text: str


@dataclass(frozen=True)
class Linking:
    """`/start staff_<code>` in a private chat."""

    chat: str
    code: str


class Voice(Protocol):
    """How staff are answered; no method ever raises for what Telegram does (`TelegramPager`)."""

    async def say(self, chat: str, words: str) -> None:
        """Send words to a chat."""
        ...

    async def answer(self, press: str, words: str) -> None:
        """Show words over the chat, and stop the button's spinner."""
        ...

    async def show(self, chat: str, message: int, words: str) -> None:
        """Change a page's message, and take its button away."""
        ...


class _Chat(BaseModel):
    id: int
    type: str


class _User(BaseModel):
    id: int
    is_bot: bool = False


class _Message(BaseModel):
    chat: _Chat
    message_id: int = 0
    date: int = 0  # 0: inaccessible, TG InaccessibleMessage
    text: str | None = None
    sender: Annotated[_User | None, Field(alias="from")] = None


class _Press(BaseModel):
    id: str
    sender: Annotated[_User, Field(alias="from")]
    data: str = ""
    message: _Message | None = None


class _Update(BaseModel):
    message: _Message | None = None
    callback_query: _Press | None = None


def read(update: Mapping[str, object]) -> Taken | Linking | None:
    """What a staff member did, or None for all that is not theirs alone; pure, and it never raises."""
    try:
        known = _Update.model_validate(update)
    except ValidationError:
        return None
    if known.callback_query:
        return _taken(known.callback_query)
    if known.message:
        return _linking(known.message)
    return None


def _taken(press: _Press) -> Taken | None:
    match, message = _PRESS.fullmatch(press.data), press.message
    if match is None or (message and message.chat.type != "private"):
        return None
    chat = str(message.chat.id if message else press.sender.id)
    if message and message.date and message.message_id > 0:
        return Taken(press.id, match.group(1), chat, message.message_id, readable(message.text or ""))
    return Taken(press.id, match.group(1), chat, None, "")


def _linking(message: _Message) -> Linking | None:
    match = _LINK.fullmatch(message.text or "")
    if match is None or message.chat.type != "private" or (message.sender and message.sender.is_bot):
        return None
    return Linking(str(message.chat.id), match.group(1))


class Staff:
    """Takes what staff do, and answers them.

    Args:
        voice: the `TelegramPager`.
        acknowledge: takes the escalation in the name of who was paged; may raise StoreError.
        link: links a chat by a code; may raise StoreError.
    """

    def __init__(self, voice: Voice, acknowledge: Acknowledge, link: LinkStaff) -> None:
        self._voice, self._acknowledge, self._link = voice, acknowledge, link

    async def take(self, update: Mapping[str, object]) -> Callable[[], Awaitable[None]] | None:
        """Do what a staff member asked for.

        Returns:
            How to answer them, once the update is acknowledged; None where the update is not for us.

        Raises:
            StoreError: nothing is done; the update must be offered again.
        """
        known = read(update)
        if known is None:
            return None
        if isinstance(known, Linking):
            words = await self._link(known.code, known.chat)
            log.info("telegram.staff.linking")
            return lambda: self._voice.say(known.chat, words)
        words = await self._acknowledge(known.token, Way.TELEGRAM)
        log.info("telegram.staff.pressed")
        return lambda: self._answer(known, words)

    async def _answer(self, taken: Taken, words: str) -> None:
        await self._voice.answer(taken.press, words)
        if taken.message is not None:
            await self._voice.show(taken.chat, taken.message, f"{taken.text}\n\n{words}".strip())
