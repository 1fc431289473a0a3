"""Pages by Telegram: exact requests out, presses and codes in before patients' reception, and no forged one gets by."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from recorders import TOKEN, Duty, Gateway, Provider, page_of
from tables import PRIVATE, Row, answers_of, assert_requests, fields_of, inbound, post, rows, update_of, words
from telegram.constants import CallbackQueryLimit, InlineKeyboardButtonLimit
from test_telegram_parse import ANYTHING, UPDATES

from bot.channels import telegram
from bot.channels.telegram import Staff, TelegramPager, poll
from bot.channels.telegram.pager import TOAST_LENGTH
from bot.channels.telegram.staff import Linking, Taken, read
from bot.errors import SettingsError
from bot.paging.route import News, PageResult, Way
from bot.settings import Settings

CHAT = "700700700"
MESSAGES = {
    "page": {"message_id": 5, "date": 1, "chat": PRIVATE, "text": "Evenday: emergency, code K7QXM."},
    "inaccessible": {"message_id": 5, "date": 0, "chat": PRIVATE},
    "group": {"message_id": 5, "date": 1, "chat": {"id": -5, "type": "group"}, "text": "Evenday: emergency."},
}
TRUE = httpx.Response(200, json={"ok": True, "result": True})
SENT = httpx.Response(
    200, json={"ok": True, "result": {"message_id": 5, "date": 0, "chat": {"id": 700700700, "type": "private"}}}
)


@pytest.mark.parametrize("row", rows("telegram_pages.yml"))
def test_pages_by_telegram(row: Row, settings: Settings) -> None:
    provider = Provider(answers_of(row), SENT)

    async def run() -> PageResult:
        pager = TelegramPager(settings, transport=provider)
        try:
            return await pager.page(page_of(**{"to": CHAT, **words(row.get("page", {}))}))
        finally:
            await pager.close()

    result = asyncio.run(run())
    assert result.outcome.value == row.get("outcome", "accepted")
    assert (result.provider_id, result.why) == (row.get("id"), row.get("why", ""))
    assert {request.url.path for request in provider.requests} <= {"/bot42:THE-BOTS-TOKEN/sendMessage"}
    button = {"text": "Acknowledge K7QXM", "callback_data": f"ack:{TOKEN}"}
    usual = {
        "chat_id": CHAT,
        "protect_content": "true",
        "link_preview_options": {"is_disabled": True},
        "reply_markup": {"inline_keyboard": [[button]]},
    }
    assert_requests(provider, row, usual)


class Place:
    """A webhook with a staff desk behind it, and a Telegram that takes what is answered."""

    def __init__(self, settings: Settings, *answers: httpx.Response | Exception, down: bool = False) -> None:
        self.settings, self.gateway, self.duty = settings, Gateway(down=down), Duty(down=down)
        self.provider = Provider(list(answers), TRUE)

    def take(self, update: object, secret: str = "THE-WEBHOOKS-SECRET") -> httpx.Response:
        async def run() -> httpx.Response:
            pager = TelegramPager(self.settings, transport=self.provider)
            staff = Staff(pager, self.duty.acknowledge, self.duty.link)
            gateway = self.gateway
            routes = telegram.routes(self.settings, gateway.receive, gateway.set_aside, gateway, staff)
            headers = {"X-Telegram-Bot-Api-Secret-Token": secret} if secret else {}
            try:
                return await post(routes, "/telegram/42", json.dumps(update).encode(), headers)
            finally:
                await pager.close()

        return asyncio.run(run())

    def calls(self) -> list[list[Any]]:
        return [[each.url.path.rpartition("/")[2], fields_of(each)] for each in self.provider.requests]


def pressed(data: str = f"ack:{TOKEN}", message: str = "page") -> object:
    return update_of({"press": {"data": data, "message": MESSAGES[message]}})


@pytest.mark.parametrize("row", rows("staff_in.yml"))
def test_staff_in(row: Row, settings: Settings) -> None:
    row = words(row)
    if message := row.get("press", {}).get("message"):
        row["press"]["message"] = MESSAGES[message]
    place = Place(settings, down=row.get("store") == "down")
    answer = place.take(update_of(row), row.get("secret", "THE-WEBHOOKS-SECRET"))
    assert answer.status_code == row.get("status", 200)
    assert answer.content == b""
    assert answer.headers.get("retry-after") == row.get("retry_after")
    duty, gateway = place.duty, place.gateway
    assert duty.acknowledged == ([(row["acknowledged"], Way.TELEGRAM)] if "acknowledged" in row else [])
    assert duty.linked == ([(row["linked"], CHAT)] if "linked" in row else [])
    assert place.calls() == row.get("calls", [])
    defaults = {"address": CHAT, "provider_key": "telegram:42:9"}
    assert gateway.taken == ([inbound("telegram", row["takes"], defaults)] if "takes" in row else [])
    assert gateway.manners == row.get("manners", {})
    assert gateway.aside == []


def test_a_press_that_telegram_offers_twice_is_the_same_acknowledgement(settings: Settings) -> None:
    place = Place(settings)
    assert [place.take(pressed()).status_code for _ in range(2)] == [200, 200]
    assert place.duty.acknowledged == [(TOKEN, Way.TELEGRAM)] * 2
    assert place.calls()[:2] == place.calls()[2:]
    assert place.gateway.taken == []


def test_a_press_while_the_store_is_away_is_taken_when_it_is_back(settings: Settings) -> None:
    place = Place(settings, down=True)
    assert place.take(pressed()).status_code == 503
    assert place.calls() == []  # the button stays
    place.duty.down = False
    assert place.take(pressed()).status_code == 200
    assert [method for method, _ in place.calls()] == ["answerCallbackQuery", "editMessageText"]


@pytest.mark.parametrize(
    "trouble",
    [
        httpx.Response(400, json={"ok": False, "error_code": 400, "description": "Bad Request: query is too old"}),
        httpx.Response(429, json={"ok": False, "error_code": 429, "parameters": {"retry_after": 3}}),
        httpx.Response(200, text="worst flare"),
        httpx.Response(200, json={"ok": True, "result": {"message_id": "x"}}),
        httpx.Response(502, text="<html>"),
        httpx.ReadTimeout("late"),
        httpx.ConnectError("away"),
    ],
    ids=["old", "429", "unreadable", "strange", "502", "late", "refused"],
)
def test_answers_that_fail_undo_nothing(settings: Settings, trouble: httpx.Response | Exception) -> None:
    place = Place(settings, trouble, trouble)
    assert place.take(pressed()).status_code == 200
    assert place.duty.acknowledged == [(TOKEN, Way.TELEGRAM)]
    assert len(place.provider.requests) == 2  # a failed toast does not keep the page from being shown as taken
    linking = Place(settings, trouble)
    assert linking.take(update_of({"message": {"text": "/start staff_q83yEjRWeJ"}})).status_code == 200
    assert linking.duty.linked == [("q83yEjRWeJ", CHAT)]


def test_without_a_desk_a_press_is_nobody_s(settings: Settings) -> None:
    gateway = Gateway()
    routes = telegram.routes(settings, gateway.receive, gateway.set_aside, gateway)
    body, headers = json.dumps(pressed()).encode(), {"X-Telegram-Bot-Api-Secret-Token": "THE-WEBHOOKS-SECRET"}
    assert asyncio.run(post(routes, "/telegram/42", body, headers)).status_code == 200
    assert (gateway.taken, gateway.manners) == ([], {"press": "77"})


def test_polling_takes_what_staff_do(settings: Settings) -> None:
    gateway, duty = Gateway(), Duty()
    telegram_says = Provider([SENT])
    updates: list[Any] = [update_of({"message": {"text": "/start staff_q83yEjRWeJ"}})]
    stop = asyncio.Event()

    class Fetched(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if not updates:
                stop.set()
            return httpx.Response(200, json={"ok": True, "result": [updates.pop()] if updates else []})

    async def run() -> None:
        pager = TelegramPager(settings, transport=telegram_says)
        staff = Staff(pager, duty.acknowledge, duty.link)
        work = poll(
            settings,
            gateway.receive,
            gateway.set_aside,
            stop,
            gateway,
            staff=staff,
            pause_seconds=0,
            transport=Fetched(),
        )
        await asyncio.wait_for(work, 5)
        await pager.close()

    asyncio.run(run())
    assert duty.linked == [("q83yEjRWeJ", CHAT)]
    assert gateway.taken == []
    assert len(telegram_says.requests) == 1


def test_who_did_not_press_is_shown_who_has_it(settings: Settings) -> None:
    provider = Provider([], TRUE)

    async def run() -> None:
        pager = TelegramPager(settings, transport=provider)
        await pager.follow(page_of(CHAT), "5", News.TAKEN, "Sam has it.")
        await pager.follow(page_of(CHAT), "", News.TAKEN, "Sam has it.")  # a page that was never sent has no message
        await pager.close()

    asyncio.run(run())
    assert [fields_of(request) for request in provider.requests] == [
        {
            "chat_id": CHAT,
            "message_id": "5",
            "text": f"{page_of(CHAT).words}\n\nSam has it.",
            "link_preview_options": {"is_disabled": True},
        }
    ]


def test_a_token_that_is_none_is_named(settings: Settings) -> None:
    with pytest.raises(SettingsError, match="EVENDAY_TELEGRAM_TOKEN"):
        TelegramPager(settings.model_copy(update={"telegram_token": type(settings.telegram_token)("")}))


@examples(max_examples=40, deadline=None)
@given(UPDATES | st.dictionaries(st.text(max_size=4), ANYTHING, max_size=3))
def test_reading_never_raises(update: dict[str, object]) -> None:
    assert isinstance(read(update), Taken | Linking | None)


@examples(max_examples=60, deadline=None)
@given(st.from_regex(r"[A-Za-z0-9_-]{1,60}", fullmatch=True))
def test_a_button_s_token_fits_and_comes_back(token: str) -> None:
    data = f"ack:{token}"
    assert len(data.encode()) <= InlineKeyboardButtonLimit.MAX_CALLBACK_DATA
    known = read({"update_id": 1, "callback_query": {"id": "1", "from": {"id": 7}, "data": data}})
    assert known == Taken("1", token, "7", None, "")


def test_our_limit_is_the_library_s() -> None:
    assert TOAST_LENGTH == CallbackQueryLimit.ANSWER_CALLBACK_QUERY_TEXT_LENGTH
