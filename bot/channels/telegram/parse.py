"""Turns Telegram's updates into what arrived from a person; pure, and it never raises whatever the update holds.

Source: "Telegram Bot API" (core.telegram.org/bots/api), the sections Update, Message, CallbackQuery, ChatMemberUpdated.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.channels.incoming import readable, start_code
from bot.conversation.message import Form, Inbound

# Which field of a Message makes it what. Order matters: an animation is also a document.
KINDS: dict[str, Form] = {
    "voice": Form.VOICE,
    "video_note": Form.VOICE,
    "audio": Form.VOICE,
    "photo": Form.PHOTO,
    "sticker": Form.STICKER,
    "dice": Form.STICKER,
    "location": Form.LOCATION,
    "venue": Form.LOCATION,
    "contact": Form.CONTACT,
    **dict.fromkeys(
        ("document", "video", "animation", "story", "poll", "checklist", "paid_media", "game", "invoice"), Form.FILE
    ),
}

# Service messages that a private chat can hold: nobody said anything.
SERVICE = frozenset(
    {
        "pinned_message",
        "message_auto_delete_timer_changed",
        "write_access_allowed",
        "users_shared",
        "chat_shared",
        "chat_background_set",
        "connected_website",
        "web_app_data",
        "successful_payment",
        "refunded_payment",
        "gift",
        "unique_gift",
        "boost_added",
        "proximity_alert_triggered",
        "giveaway",
        "giveaway_winners",
        "passport_data",
    }
)

_PRESS = re.compile(r"v1:([0-9]{1,18}):([1-9][0-9]{0,2})")
_COMMAND = re.compile(r"(/[A-Za-z0-9_]{1,64})@[A-Za-z0-9_]+")


@dataclass(frozen=True)
class Ignored:
    """An update that says nothing to us, but may call for good manners.

    Attributes:
        why: a few fixed words for the log.
        leave: id of a group that the bot should leave, or None.
        press: id of a callback query that wants an answer all the same, or None.
    """

    why: str
    leave: str | None = None
    press: str | None = None


class _Part(BaseModel):
    model_config = ConfigDict(extra="allow")


class _Chat(_Part):
    id: int
    type: str


class _User(_Part):
    id: int
    is_bot: bool = False


class _Message(_Part):
    chat: _Chat
    sender: Annotated[_User | None, Field(alias="from")] = None
    text: str | None = None
    caption: str | None = None
    media_group_id: str | None = None
    migrate_to_chat_id: int | None = None


class _Pressed(_Part):
    chat: _Chat


class _Press(_Part):
    id: str
    sender: Annotated[_User, Field(alias="from")]
    data: str = ""
    message: _Pressed | None = None


class _Member(_Part):
    status: str


class _Membership(_Part):
    chat: _Chat
    new_chat_member: _Member


class _Update(_Part):
    update_id: int
    message: _Message | None = None
    edited_message: _Message | None = None
    callback_query: _Press | None = None
    my_chat_member: _Membership | None = None


class _Button(_Part):
    text: str
    callback_data: str = ""


class _Keyboard(_Part):
    inline_keyboard: list[list[_Button]]


def parse(update: Mapping[str, object], bot_id: str) -> Inbound | Ignored | None:
    """What an update means to us.

    Args:
        update: the update's JSON object.
        bot_id: id of the bot that got it; part of `provider_key`, since each bot counts by itself.

    Returns:
        Inbound: somebody said or did something. All pictures of one album share one `provider_key`.
        Ignored: known, and of no concern.
        None: not understood; set it aside for a human.
    """
    try:
        known = _Update.model_validate(update)
    except ValidationError:
        return None
    key = f"telegram:{bot_id}:{known.update_id}"
    if known.message:
        return _said(known.message, key, bot_id)
    if known.edited_message:
        return _edited(known.edited_message, key)
    if known.callback_query:
        return _pressed(known.callback_query, key)
    if known.my_chat_member:
        return _moved(known.my_chat_member, key)
    return None


def album_caption(update: Mapping[str, object], inbound: Inbound) -> Inbound | None:
    """The caption of an album's picture once more, as an edit with a key of its own.

    Only the first picture of an album is answered, but any of them may carry words, and all words are screened:
    an edit is just that, screened and not answered.
    """
    if not inbound.text or ":album:" not in inbound.provider_key:
        return None
    bot = inbound.provider_key.split(":")[1]
    return replace(inbound, form=Form.EDIT, provider_key=f"telegram:{bot}:{update['update_id']}", start_code=None)


def _said(message: _Message, key: str, bot_id: str) -> Inbound | Ignored | None:
    if refused := _elsewhere(message):
        return refused
    address = str(message.chat.id)
    if message.text is not None:
        text = readable(message.text)
        code = start_code(text)
        return Inbound("telegram", address, key, Form.TEXT, _command(text, code), start_code=code)
    fields = message.model_extra or {}
    form = next((form for field, form in KINDS.items() if fields.get(field) is not None), None)
    if form is None:
        return Ignored("service message") if SERVICE & fields.keys() else None
    if message.media_group_id:
        key = f"telegram:{bot_id}:album:{message.media_group_id}"
    return Inbound("telegram", address, key, form, _words(message, fields))


def _edited(message: _Message, key: str) -> Inbound | Ignored:
    if refused := _elsewhere(message):
        return refused
    text = readable(message.text or message.caption or "")
    if not text:
        return Ignored("edit without words")  # a live location moves many times a minute
    return Inbound("telegram", str(message.chat.id), key, Form.EDIT, text)


def _pressed(press: _Press, key: str) -> Inbound | Ignored:
    if press.message and press.message.chat.type != "private":
        return Ignored("group", leave=str(press.message.chat.id), press=press.id)
    match = _PRESS.fullmatch(press.data)
    if match is None:
        return Ignored("unknown button", press=press.id)
    # In a private chat the chat's id is the user's; the message may be gone (InaccessibleMessage) or absent.
    address = str(press.message.chat.id if press.message else press.sender.id)
    return Inbound(
        "telegram",
        address,
        key,
        Form.BUTTON,
        _label(press),
        prompt=int(match.group(1)),
        choice=int(match.group(2)),
    )


def press_id(update: Mapping[str, object]) -> str | None:
    """Id of the callback query in an update, for answerCallbackQuery; None if there is none."""
    query = update.get("callback_query")
    found = query.get("id") if isinstance(query, Mapping) else None
    return found if isinstance(found, str) else None


def _moved(membership: _Membership, key: str) -> Inbound | Ignored:
    chat, status = membership.chat, membership.new_chat_member.status
    gone = status in ("kicked", "left")
    if chat.type != "private":
        return Ignored("group", leave=None if gone else str(chat.id))
    if gone:
        return Inbound("telegram", str(chat.id), key, Form.LEFT, "")
    return Ignored("unblocked")  # does not resume by itself: the person has to write


def _elsewhere(message: _Message) -> Ignored | None:
    if message.migrate_to_chat_id is not None:
        return Ignored("group became a supergroup", leave=str(message.migrate_to_chat_id))
    if message.chat.type != "private":
        return Ignored("group", leave=str(message.chat.id))
    if message.sender and message.sender.is_bot:
        return Ignored("bot")
    return None


def _words(message: _Message, fields: Mapping[str, object]) -> str:
    if message.caption:
        return readable(message.caption)
    poll = fields.get("poll")
    question = poll.get("question") if isinstance(poll, Mapping) else None
    return readable(question) if isinstance(question, str) else ""


def _command(text: str, code: str | None) -> str:
    if code and text.startswith("/start"):
        return "/start"  # the code lets somebody in: it is kept in its own field only
    return _COMMAND.sub(r"\1", text, count=1) if text.startswith("/") else text


def _label(press: _Press) -> str:
    markup = (press.message.model_extra or {}).get("reply_markup") if press.message else None
    try:
        rows = _Keyboard.model_validate(markup).inline_keyboard
    except ValidationError:
        return ""
    return next((readable(button.text) for row in rows for button in row if button.callback_data == press.data), "")
