"""Offers messages to Telegram.

Source: TG sendMessage, sendPhoto, InlineKeyboardButton, answerCallbackQuery, setMyCommands, setWebhook.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import httpx
from telegram import BotCommand, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions, Message
from telegram.error import TelegramError

from bot.channels.network import Progress, hush
from bot.channels.segments import split, utf16_units
from bot.channels.telegram.calls import Request, bot_of, offer, outcome, politely
from bot.channels.telegram.polling import ALLOWED_UPDATES
from bot.channels.telegram.secrets import webhook_secret
from bot.channels.telegram.webhook import path
from bot.conversation.message import Outcome, Outgoing, SendResult
from bot.errors import SendError
from bot.settings import Settings

TEXT_UNITS, CAPTION_UNITS = 4096, 1024  # TG sendMessage, sendPhoto; UTF-16 units
_MANNERS_SECONDS = 3.0  # for calls whose failure is of no account

COMMANDS: dict[str, tuple[tuple[str, str], ...]] = {
    "": (
        ("help", "What I can do"),
        ("crisis", "Help right now"),
        ("progress", "How you are doing"),
        ("pause", "Take a break"),
        ("stop", "Stop all messages"),
        ("start", "Begin, or begin again"),
    )
}


@dataclass(frozen=True)
class Connected:
    """How the bot is reached: its name (for t.me/<username>?start=CODE), and whether updates come or are fetched."""

    username: str
    mode: Literal["webhook", "polling"]


@dataclass(frozen=True)
class Backlog:
    """Telegram's own word on deliveries: how many wait, and when (UTC) the last one failed."""

    pending: int
    last_error_at: datetime | None


class TelegramSender:
    """The sending half of the channel; a `Sender`, and the `Courtesy` of its receiving half.

    Args:
        settings: token, address of the Bot API server, public address.
        protect_content: people can neither forward nor save what they get.
        timeout_seconds: how long Telegram may take to answer.
        transport: another way to reach the server, for tests.

    Raises:
        SettingsError: the token is unusable.
    """

    channel = "telegram"

    def __init__(
        self,
        settings: Settings,
        *,
        protect_content: bool = False,
        timeout_seconds: float = 15.0,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        hush()
        self._settings = settings
        self._protect = protect_content
        self._progress = Progress()
        self._request = Request(timeout_seconds, connections=32, transport=transport)
        self._bot = bot_of(settings, self._request)

    async def send(self, outgoing: Outgoing) -> SendResult:
        """Offer one message, in parts if it is long; the keyboard is under the last. See `Sender.send`.

        A second call for the same `outgoing.id` after HOLD, RETRY or UNKNOWN goes on with the part that failed.
        `provider_id` is the last part's message_id.
        """
        calls = self._calls(outgoing)
        if not calls:
            return SendResult(Outcome.REFUSED, why="empty")
        sent = min(self._progress.take(outgoing.id), len(calls) - 1)
        for call in calls[sent:]:
            result = await offer(call())
            if result.outcome is not Outcome.SENT:
                return self._progress.keep(outgoing.id, sent, result)
            sent += 1
        return result

    async def typing(self, address: str) -> None:
        """Show "typing…" for up to five seconds (TG sendChatAction)."""
        await politely(self._bot.send_chat_action(address, "typing", read_timeout=_MANNERS_SECONDS))

    async def press_seen(self, press: str) -> None:
        """Stop the spinner on a pressed button; "query is too old" is fine."""
        await politely(self._bot.answer_callback_query(press, read_timeout=_MANNERS_SECONDS))

    async def leave(self, chat: str) -> None:
        """Leave a group: we serve private chats only."""
        await politely(self._bot.leave_chat(chat, read_timeout=_MANNERS_SECONDS))

    async def connect(self, commands: Mapping[str, Sequence[tuple[str, str]]] | None = None) -> Connected:
        """Make the bot known to Telegram; to be called at start, and harmless when called again.

        With a public address a webhook is set, else it is removed so that polling may begin; updates that wait
        are kept in both cases.

        Args:
            commands: what the menu shows, per language code ("" is for all others); `COMMANDS` unless given.

        Raises:
            SendError: Telegram can't be reached or refuses the token; the text says which, without the token.
            SettingsError: the webhook's secret is unusable.
        """
        secret = webhook_secret(self._settings) if self._settings.public_url else ""
        try:
            username = (await self._bot.get_me()).username or ""
            if secret:
                await self._bot.set_webhook(
                    f"{self._settings.public}{path(self._settings)}",
                    secret_token=secret,
                    allowed_updates=ALLOWED_UPDATES,
                )
            else:
                await self._bot.delete_webhook()
        except TelegramError as error:
            raise SendError(_advice(outcome(error))) from None
        for language, entries in (commands or COMMANDS).items():
            menu = [BotCommand(name, about) for name, about in entries]
            await politely(self._bot.set_my_commands(menu, language_code=language or None))
        return Connected(username, "webhook" if secret else "polling")

    async def backlog(self) -> Backlog:
        """What waits at Telegram (TG getWebhookInfo), for the health page.

        Raises:
            SendError: Telegram can't be asked.
        """
        try:
            info = await self._bot.get_webhook_info()
        except TelegramError as error:
            raise SendError(_advice(outcome(error))) from None
        return Backlog(info.pending_update_count, info.last_error_date)

    async def close(self) -> None:
        """Close the connections."""
        await self._request.shutdown()

    def _calls(self, outgoing: Outgoing) -> list[Callable[[], Awaitable[Message]]]:
        reply = outgoing.reply
        text, image = reply.text.strip(), reply.image
        captioned = image is not None and utf16_units(text) <= CAPTION_UNITS
        parts: list[tuple[str, bytes | None]] = [(text, image)] if captioned else []
        if not captioned:
            parts = [("", image)] if image else []
            parts += [(part, None) for part in split(text, TEXT_UNITS)]
        keys = [None] * (len(parts) - 1) + [_keyboard(outgoing.id, reply.buttons)]
        return [self._call(outgoing.address, *part, key) for part, key in zip(parts, keys, strict=False)]

    def _call(
        self, chat: str, text: str, image: bytes | None, keyboard: InlineKeyboardMarkup | None
    ) -> Callable[[], Awaitable[Message]]:
        async def call() -> Message:
            if image is not None:
                return await self._bot.send_photo(
                    chat,
                    image,
                    filename="chart.png",
                    caption=text or None,
                    reply_markup=keyboard,
                    protect_content=self._protect,
                )
            return await self._bot.send_message(
                chat,
                text,
                reply_markup=keyboard,
                protect_content=self._protect,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
            )

        return call


def _keyboard(outbox_id: int, labels: Sequence[str]) -> InlineKeyboardMarkup | None:
    if not labels:
        return None
    buttons = [
        InlineKeyboardButton(label, callback_data=f"v1:{outbox_id}:{number}") for number, label in enumerate(labels, 1)
    ]
    longest = max(len(label) for label in labels)
    row = 6 if longest <= 2 else 2 if longest <= 14 else 1  # 0-10 in two rows; long answers one below the other
    return InlineKeyboardMarkup([buttons[start : start + row] for start in range(0, len(buttons), row)])


def _advice(result: SendResult) -> str:
    if result.outcome is Outcome.SENDER_DOWN:
        return "Telegram refuses the bot's token: set EVENDAY_TELEGRAM_TOKEN as @BotFather shows it"
    return f"Telegram did not do as asked ({result.why}): look at the network, or try again"
