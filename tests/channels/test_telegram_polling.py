"""Fetching updates: nothing is confirmed before it is stored, and every failure is waited out."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest
from recorders import Gateway, Provider

from bot.channels.telegram import poll
from bot.conversation.message import Inbound
from bot.errors import SendError, SettingsError, StoreError
from bot.settings import Settings

CHAT = {"id": 700700700, "type": "private"}


def said(number: int, text: str = "hi") -> dict[str, Any]:
    return {"update_id": number, "message": {"message_id": 1, "date": 0, "chat": CHAT, "text": text}}


def updates(*found: object) -> httpx.Response:
    return httpx.Response(200, json={"ok": True, "result": list(found)})


class Until(Gateway):
    """A gateway that stops the poller after so many calls of `receive`, and may fail some of them."""

    def __init__(self, calls: int, failing: tuple[int, ...] = ()) -> None:
        super().__init__()
        self.stop, self.calls, self.failing, self.seen = asyncio.Event(), calls, failing, 0

    async def receive(self, inbound: Inbound) -> None:
        self.seen += 1
        if self.seen == self.calls:
            self.stop.set()
        if self.seen in self.failing:
            raise StoreError("the database is away")
        await super().receive(inbound)


def run(settings: Settings, gateway: Until, provider: Provider) -> list[int]:
    """Poll until the gateway stops it; the offsets that were asked for."""

    async def polling() -> None:
        work = poll(
            settings,
            gateway.receive,
            gateway.set_aside,
            gateway.stop,
            gateway,
            pause_seconds=0,
            first_wait_seconds=0.001,
            transport=provider,
        )
        await asyncio.wait_for(work, 5)

    asyncio.run(polling())
    return [json.loads(request.content)["offset"] for request in provider.requests]


def test_the_offset_follows_what_is_stored(settings: Settings) -> None:
    gateway = Until(3)
    provider = Provider([updates(said(5), said(6)), updates(), updates(said(9))])
    assert run(settings, gateway, provider) == [0, 7, 7]
    assert [inbound.provider_key for inbound in gateway.taken] == ["telegram:42:5", "telegram:42:6", "telegram:42:9"]
    asked = json.loads(provider.requests[0].content)
    assert asked["allowed_updates"] == ["message", "edited_message", "callback_query", "my_chat_member"]


def test_what_could_not_be_stored_is_fetched_again(settings: Settings) -> None:
    gateway = Until(4, failing=(2,))
    provider = Provider([updates(said(5), said(6), said(7)), updates(said(6), said(7))])
    assert run(settings, gateway, provider) == [0, 6]
    assert [inbound.provider_key for inbound in gateway.taken] == ["telegram:42:5", "telegram:42:6", "telegram:42:7"]


@pytest.mark.parametrize(
    "trouble",
    [
        httpx.ConnectError("away"),
        httpx.ReadTimeout("late"),
        httpx.Response(502, text="<html>"),
        httpx.Response(500, json={"ok": False}),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={"ok": True, "result": 3}),
        httpx.Response(429, json={"ok": False, "parameters": {"retry_after": 0.01}}),
    ],
    ids=["refused", "late", "proxy", "500", "list", "no list", "429"],
)
def test_trouble_is_waited_out(settings: Settings, trouble: httpx.Response | Exception) -> None:
    gateway = Until(1)
    assert run(settings, gateway, Provider([trouble, trouble, updates(said(5))])) == [0, 0, 0]
    assert len(gateway.taken) == 1


@pytest.mark.parametrize("status", [401, 404])
def test_a_refused_token_ends_it(settings: Settings, status: int) -> None:
    provider = Provider([httpx.Response(status, json={"ok": False, "description": "Unauthorized"})])
    with pytest.raises(SendError, match="EVENDAY_TELEGRAM_TOKEN") as caught:
        run(settings, Until(1), provider)
    assert "THE-BOTS-TOKEN" not in str(caught.value)


def test_a_token_that_is_none_is_named_by_its_setting(settings: Settings) -> None:
    secret = type(settings.telegram_token)
    with pytest.raises(SettingsError, match="EVENDAY_TELEGRAM_TOKEN"):
        run(settings.model_copy(update={"telegram_token": secret("token")}), Until(1), Provider([]))


def test_what_is_not_understood_is_set_aside_and_passed(settings: Settings) -> None:
    gateway = Until(1)
    strange = {"update_id": 5, "hologram": {}}
    assert run(settings, gateway, Provider([updates(strange, "no update", said(6))])) == [0]
    assert gateway.aside == [("telegram", "unknown update", json.dumps(strange).encode())]


def test_a_press_is_answered(settings: Settings) -> None:
    gateway = Until(1)
    press = {"id": "77", "from": {"id": 700700700}, "data": "v1:31:1"}
    run(settings, gateway, Provider([updates({"update_id": 5, "callback_query": press})]))
    assert gateway.manners == {"press": "77"}


def test_stop_ends_a_long_poll_at_once(settings: Settings) -> None:
    class Hanging(Provider):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            gateway.stop.set()
            await asyncio.sleep(3600)
            raise AssertionError

    gateway = Until(1)
    run(settings, gateway, Hanging([]))


def test_stop_ends_a_wait_at_once(settings: Settings) -> None:
    class Stopping(Provider):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            asyncio.get_running_loop().call_later(0.01, gateway.stop.set)
            return httpx.Response(429, json={"ok": False, "parameters": {"retry_after": 3600}})

    gateway = Until(1)
    run(settings, gateway, Stopping([]))


def test_a_conflict_is_waited_out_long(settings: Settings) -> None:
    class Stopping(Provider):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            self.requests.append(request)
            asyncio.get_running_loop().call_later(0.05, gateway.stop.set)
            return httpx.Response(409, json={"ok": False, "description": "Conflict"})

    gateway = Until(1)
    provider = Stopping([])

    async def polling() -> None:
        await asyncio.wait_for(poll(settings, gateway.receive, gateway.set_aside, gateway.stop, transport=provider), 5)

    asyncio.run(polling())
    assert len(provider.requests) == 1
