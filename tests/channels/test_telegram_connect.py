"""What the bot tells Telegram at start, and small courtesies; none of them may lose a waiting message."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import parse_qsl

import httpx
import pytest
from recorders import Provider

from bot.channels.telegram import Backlog, Connected, TelegramSender
from bot.errors import SendError, SettingsError
from bot.settings import Settings

Result = TypeVar("Result")
ME = httpx.Response(
    200, json={"ok": True, "result": {"id": 42, "is_bot": True, "first_name": "E", "username": "e_bot"}}
)
YES = httpx.Response(200, json={"ok": True, "result": True})
NO = httpx.Response(400, json={"ok": False, "description": "Bad Request: query is too old"})


def calls(provider: Provider) -> list[tuple[str, dict[str, str]]]:
    return [(each.url.path.rpartition("/")[2], dict(parse_qsl(each.content.decode()))) for each in provider.requests]


def do(settings: Settings, provider: Provider, work: Callable[[TelegramSender], Awaitable[Result]]) -> Result:
    async def run() -> Result:
        sender = TelegramSender(settings, transport=provider)
        try:
            return await work(sender)
        finally:
            await sender.close()

    return asyncio.run(run())


def test_with_a_public_address_a_webhook_is_set(settings: Settings) -> None:
    provider = Provider([ME, YES, YES])
    assert do(settings, provider, TelegramSender.connect) == Connected("e_bot", "webhook")
    (_, (hook, asked), (menu, commands)) = calls(provider)
    assert (hook, menu) == ("setWebhook", "setMyCommands")
    assert asked == {
        "url": "https://coach.example/telegram/42",
        "secret_token": "THE-WEBHOOKS-SECRET",
        "allowed_updates": '["message", "edited_message", "callback_query", "my_chat_member"]',
    }
    names = [command["command"] for command in json.loads(commands["commands"])]
    assert sorted(names) == ["crisis", "help", "pause", "progress", "start", "stop"]


def test_without_one_the_webhook_goes_and_what_waits_stays(settings: Settings) -> None:
    provider = Provider([ME, YES, YES])
    local = settings.model_copy(update={"public_url": ""})
    assert do(local, provider, TelegramSender.connect) == Connected("e_bot", "polling")
    assert calls(provider)[1] == ("deleteWebhook", {})


def test_commands_are_set_for_each_language(settings: Settings) -> None:
    provider = Provider([ME, YES, YES, YES])
    menus = {"": [("help", "Help")], "es": [("help", "Ayuda")]}
    do(settings, provider, lambda sender: sender.connect(menus))
    assert [asked.get("language_code") for name, asked in calls(provider) if name == "setMyCommands"] == [None, "es"]


def test_a_menu_that_can_not_be_set_stops_nothing(settings: Settings) -> None:
    provider = Provider([ME, YES, httpx.Response(404, json={"ok": False, "description": "Not Found"})])
    assert do(settings, provider, TelegramSender.connect).mode == "webhook"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (httpx.Response(401, json={"ok": False, "description": "Unauthorized"}), "EVENDAY_TELEGRAM_TOKEN"),
        (httpx.ConnectError("away"), "ConnectError"),
        (httpx.Response(429, json={"ok": False, "parameters": {"retry_after": 3}}), "429"),
    ],
)
def test_a_start_that_fails_says_why_without_the_token(
    settings: Settings, answer: httpx.Response | Exception, said: str
) -> None:
    with pytest.raises(SendError, match=said) as caught:
        do(settings, Provider([answer]), TelegramSender.connect)
    assert "THE-BOTS-TOKEN" not in repr(caught.value)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("secret", ["", "with space", "ü", "x" * 257])
def test_a_secret_that_telegram_refuses_is_named(settings: Settings, secret: str) -> None:
    given = settings.model_copy(update={"telegram_secret": type(settings.telegram_secret)(secret)})
    with pytest.raises(SettingsError, match="EVENDAY_TELEGRAM_SECRET"):
        do(given, Provider([]), TelegramSender.connect)


def test_manners_never_fail(settings: Settings) -> None:
    async def all_of_them(sender: TelegramSender) -> None:
        await sender.press_seen("77")
        await sender.leave("-5")
        await sender.typing("700700700")

    provider = Provider([NO, httpx.ReadTimeout("late"), httpx.Response(403, json={"ok": False, "description": "no"})])
    do(settings, provider, all_of_them)
    assert calls(provider) == [
        ("answerCallbackQuery", {"callback_query_id": "77"}),
        ("leaveChat", {"chat_id": "-5"}),
        ("sendChatAction", {"chat_id": "700700700", "action": "typing"}),
    ]


def test_the_backlog_is_told(settings: Settings) -> None:
    info = {"url": "x", "has_custom_certificate": False, "pending_update_count": 4, "last_error_date": 1_700_000_000}
    answer = httpx.Response(200, json={"ok": True, "result": info})
    assert do(settings, Provider([answer]), TelegramSender.backlog) == Backlog(
        4, datetime.fromtimestamp(1_700_000_000, UTC)
    )
    with pytest.raises(SendError, match="5xx"):
        do(settings, Provider([httpx.Response(500, json={"ok": False})]), TelegramSender.backlog)
