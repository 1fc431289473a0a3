"""Pages staff by a message with an "Acknowledge" button.

Source: TG sendMessage, InlineKeyboardButton, answerCallbackQuery, editMessageText (without a keyboard: the old one goes).
"""

from __future__ import annotations

import re

import httpx
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions

from bot.channels.network import hush, paged
from bot.channels.telegram.calls import Request, bot_of, offer, politely
from bot.channels.telegram.staff import ACKNOWLEDGE
from bot.paging.delivery import CALL_SECONDS, TRY_SECONDS, within
from bot.paging.route import News, Page, PageOutcome, PageResult, Way
from bot.settings import Settings

TOAST_LENGTH = 200  # TG answerCallbackQuery, text
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,60}")
_CHAT = re.compile(r"[1-9][0-9]{0,18}")  # a person's; groups count below zero
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)  # a preview would call the page's link


class TelegramPager:
    """Pages by message; a `Route` that `Follows`, and the `Voice` of `Staff`.

    Its connections are its own, so that no page waits behind patients' messages. Pages can't be forwarded: who has the
    link acknowledges in the name of who was paged.

    Args:
        settings: token, address of the Bot API server.
        timeout_seconds: how long Telegram may take to answer.
        transport: another way to reach the server, for tests.

    Raises:
        SettingsError: the token is unusable.
    """

    way = Way.TELEGRAM

    def __init__(
        self,
        settings: Settings,
        *,
        timeout_seconds: float = CALL_SECONDS,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        hush()
        self._request = Request(timeout_seconds, connect_seconds=timeout_seconds, connections=8, transport=transport)
        self._bot = bot_of(settings, self._request)

    async def page(self, page: Page) -> PageResult:
        """Offer one message; `provider_id` is its message_id. See `Route.page`."""
        if not _CHAT.fullmatch(page.to):
            return PageResult(PageOutcome.FAILED, why="not a private chat")
        return await within(TRY_SECONDS, self._page(page))

    async def follow(self, page: Page, provider_id: str, news: News, words: str) -> PageResult:
        """Show under a page that was sent earlier who has it by now; for those who did not press. See `Follows.follow`."""
        if not provider_id.isdecimal():
            return PageResult(PageOutcome.FAILED, why="has no message")
        await self.show(page.to, int(provider_id), f"{page.words}\n\n{words}")
        return PageResult(PageOutcome.ACCEPTED, provider_id)

    async def say(self, chat: str, words: str) -> None:
        """Send words to a staff member's chat; see `Voice.say`."""
        await politely(self._bot.send_message(chat, words, protect_content=True, link_preview_options=_NO_PREVIEW))

    async def answer(self, press: str, words: str) -> None:
        """Show words over the chat; see `Voice.answer`. "query is too old" is fine."""
        await politely(self._bot.answer_callback_query(press, words[:TOAST_LENGTH]))

    async def show(self, chat: str, message: int, words: str) -> None:
        """Change a page's message and take its button away; see `Voice.show`."""
        await politely(
            self._bot.edit_message_text(words, chat_id=chat, message_id=message, link_preview_options=_NO_PREVIEW)
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._request.shutdown()

    async def _page(self, page: Page) -> PageResult:
        message = self._bot.send_message(
            page.to,
            page.words,
            reply_markup=_button(page),
            protect_content=True,
            link_preview_options=_NO_PREVIEW,
        )
        return paged(await offer(message))


def _button(page: Page) -> InlineKeyboardMarkup | None:
    """None for a token that no button holds: the link in the words does the same."""
    if not _TOKEN.fullmatch(page.token):
        return None
    return InlineKeyboardMarkup.from_button(
        InlineKeyboardButton(f"Acknowledge {page.code}", callback_data=ACKNOWLEDGE + page.token)
    )
