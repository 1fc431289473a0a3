"""Texts whose webhook never came are taken in from Twilio's list, with the webhook's keys."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import httpx
import pytest
from recorders import Gateway, Provider
from twilio.rest.api.v2010.account.message import MessageInstance  # type: ignore[import-untyped]  # no types

from bot.channels.sms import advances, look_up, reconcile
from bot.channels.sms.codes import CODES
from bot.channels.sms.status import RANKS, STATES
from bot.conversation.message import Form, Inbound, Outcome
from bot.errors import SendError, SettingsError, StoreError
from bot.settings import Settings

SINCE = datetime(2026, 11, 22, 12, tzinfo=timezone(timedelta(hours=2)))


def listed(*messages: dict[str, Any], following: str | None = None) -> httpx.Response:
    return httpx.Response(200, json={"messages": list(messages), "next_page_uri": following})


def text(sid: str, body: str | None = "hi", **more: Any) -> dict[str, Any]:
    return {"sid": sid, "from": "+14155550123", "body": body, "num_media": "0", "direction": "inbound"} | more


def run(settings: Settings, gateway: Gateway, provider: Provider) -> int:
    return asyncio.run(reconcile(settings, gateway.receive, SINCE, transport=provider))


def test_inbound_texts_are_handed_over_oldest_first(settings: Settings) -> None:
    gateway = Gateway()
    provider = Provider([listed(text("SM2", "worst flare"), text("SM9", direction="outbound-api"), text("SM1"))])
    assert run(settings, gateway, provider) == 2
    assert gateway.taken == [
        Inbound("sms", "+14155550123", "sms:SM1", Form.TEXT, "hi"),
        Inbound("sms", "+14155550123", "sms:SM2", Form.TEXT, "worst flare"),
    ]
    assert provider.requests[0].url.params["DateSent>"] == "2026-11-22T10:00:00Z"


def test_all_pages_are_read(settings: Settings) -> None:
    gateway = Gateway()
    following = f"/2010-04-01/Accounts/{settings.twilio_account_sid}/Messages.json?Page=1&PageToken=x"
    assert run(settings, gateway, Provider([listed(text("SM2"), following=following), listed(text("SM1"))])) == 2


def test_what_is_no_text_is_passed_over(settings: Settings) -> None:
    gateway = Gateway()
    strange = [text("SM1", **{"from": "whatsapp:+14155550123"}), text("SM2", **{"from": "72444"})]
    assert run(settings, gateway, Provider([listed(*strange, text("SM3", None, num_media="2"))])) == 1
    assert [(inbound.form, inbound.text) for inbound in gateway.taken] == [(Form.FILE, "")]


def test_what_staff_acknowledge_by_is_passed_over(settings: Settings) -> None:
    gateway, asked = Gateway(), []

    async def is_reply(number: str, body: str) -> bool:
        asked.append((number, body))
        return body == "ACK"

    provider = Provider([listed(text("SM2", "worst flare"), text("SM1", "ACK"))])
    handed = asyncio.run(reconcile(settings, gateway.receive, SINCE, is_reply=is_reply, transport=provider))
    assert handed == 1
    assert [inbound.text for inbound in gateway.taken] == ["worst flare"]
    assert asked == [("+14155550123", "ACK"), ("+14155550123", "worst flare")]


def test_a_store_that_is_away_is_told(settings: Settings) -> None:
    with pytest.raises(StoreError):
        run(settings, Gateway(down=True), Provider([listed(text("SM1"))]))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (httpx.Response(401, json={"code": 20003, "message": "no", "status": 401}), "20003 wrong credentials"),
        (httpx.Response(429, json={"code": 20429, "message": "no", "status": 429}), "20429"),
        (httpx.ReadTimeout("late"), "ReadTimeout"),
        (httpx.Response(200, text="<html>"), "unreadable"),
    ],
)
def test_a_list_that_can_not_be_read_says_why(
    settings: Settings, answer: httpx.Response | Exception, said: str
) -> None:
    with pytest.raises(SendError, match=said) as caught:
        run(settings, Gateway(), Provider([answer]))
    assert caught.value.__suppress_context__
    assert "AUTH-TOKEN" not in str(caught.value)


def test_without_an_account_the_setting_is_named(settings: Settings) -> None:
    with pytest.raises(SettingsError, match="EVENDAY_TWILIO_ACCOUNT_SID"):
        run(settings.model_copy(update={"twilio_account_sid": ""}), Gateway(), Provider([]))


@pytest.mark.parametrize(
    ("before", "after", "moves"),
    [
        (None, "sent", True),
        ("sending", "sent", True),
        ("sent", "sent", False),
        ("sent", "delivered", True),
        ("sent", "failed", True),
        ("delivered", "sent", False),
        ("delivered", "failed", False),
        ("failed", "delivered", False),
        ("failed", "sent", False),
        ("sent", "dreaming", False),
    ],
)
def test_states_only_move_on(before: str | None, after: str, moves: bool) -> None:
    assert advances(before, after) is moves


def test_every_outbound_state_of_the_library_is_known() -> None:
    inbound_only = {"receiving", "received"}
    unmapped = {"partially_delivered"}  # group texts, which we never send
    library = {value for name, value in vars(MessageInstance.Status).items() if name.isupper()}
    assert library - inbound_only - unmapped == set(STATES)
    assert set(STATES.values()) == set(RANKS)


def test_every_code_can_be_looked_up_as_a_callback_gives_it() -> None:
    assert all(look_up(str(code)) == row for code, row in CODES.items())
    assert [look_up(code) for code in ("", "x", "99999")] == [None, None, None]
    assert all(row.after_seconds for row in CODES.values() if row.outcome is Outcome.HOLD)


def test_since_may_be_in_any_zone(settings: Settings) -> None:
    provider = Provider([listed()])
    asyncio.run(reconcile(settings, Gateway().receive, datetime(2026, 1, 1, tzinfo=UTC), transport=provider))
    assert provider.requests[0].url.params["DateSent>"] == "2026-01-01T00:00:00Z"
