"""Pages by text and by call: exact requests out, signed requests in, and no text that costs or tells too much."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qs
from xml.etree import ElementTree as ET

import httpx
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from recorders import ADDRESSES, TOKEN, Duty, Gateway, Provider, page_of
from tables import Row, answers_of, assert_requests, inbound, post, rows, signed, words

from bot.channels import sms
from bot.channels.sms import CallPager, SmsPager, StaffTexts
from bot.channels.sms.call import EVENTS, STATES, aloud, spelled
from bot.channels.sms.pager import text_of
from bot.channels.sms.status import RANKS
from bot.channels.sms.status import STATES as TEXT_STATES
from bot.content.gsm import count
from bot.errors import SettingsError
from bot.paging.route import PageResult, Way
from bot.settings import Settings
from bot.store.types import CODE_LETTERS

NUMBER = ADDRESSES[1]
ACCOUNT = "https://api.twilio.com/2010-04-01/Accounts/AC" + "0" * 32


def page(pager: SmsPager | CallPager, row: Row) -> PageResult:
    async def run() -> PageResult:
        try:
            return await pager.page(page_of(**{"to": NUMBER, **words(row.get("page", {}))}))
        finally:
            await pager.close()

    return asyncio.run(run())


def assert_page(result: PageResult, row: Row) -> None:
    assert result.outcome.value == row.get("outcome", "accepted")
    assert result.provider_id == row.get("id")
    assert result.why == row.get("why", "")


@pytest.mark.parametrize("row", rows("sms_pages.yml"))
def test_pages_by_text(row: Row, settings: Settings) -> None:
    provider = Provider(answers_of(row), httpx.Response(201, json={"sid": "SM5", "status": "accepted"}))
    if "public_url" in row:
        settings = settings.model_copy(update={"public_url": row["public_url"]})
    assert_page(page(SmsPager(settings, transport=provider), row), row)
    assert {str(request.url) for request in provider.requests} <= {f"{ACCOUNT}/Messages.json"}
    usual = {
        "To": NUMBER,
        "MessagingServiceSid": "MG" + "0" * 32,
        "StatusCallback": "https://coach.example/twilio/page/sms/7",
    }
    assert_requests(provider, row, usual)


@pytest.mark.parametrize("row", rows("call_pages.yml"))
def test_pages_by_call(row: Row, settings: Settings) -> None:
    provider = Provider(answers_of(row), httpx.Response(201, json={"sid": "CA5", "status": "queued"}))
    assert_page(page(CallPager(settings, transport=provider), row), row)
    assert {str(request.url) for request in provider.requests} <= {f"{ACCOUNT}/Calls.json"}
    usual = {
        "To": [NUMBER],
        "From": ["+14155550100"],
        "StatusCallback": ["https://coach.example/twilio/page/call/7"],
        "StatusCallbackEvent": list(EVENTS),
        "Timeout": ["30"],
        "TimeLimit": ["120"],
        "MachineDetection": ["Enable"],
        "AsyncAmd": ["true"],
        "AsyncAmdStatusCallback": ["https://coach.example/twilio/page/call/7"],
    }
    got = [parse_qs(request.content.decode(), strict_parsing=True) for request in provider.requests]
    if "requests" in row:
        assert got == [usual | {name: [value] for name, value in one.items()} for one in row["requests"]]
    assert len(got) == row.get("calls", 1)


@pytest.mark.parametrize("row", rows("pages_in.yml"))
def test_pages_in(row: Row, settings: Settings) -> None:
    row = words(row)
    duty = Duty(down=row.get("store") == "down")
    routes = [*sms.page_routes(settings, duty.report), *sms.call_routes(settings, duty.acknowledge, duty.report)]
    url, body, headers = signed(row, settings)
    answer = asyncio.run(post(routes, url, body, headers | row.get("headers", {})))
    assert answer.status_code == row.get("status", 204)
    assert answer.headers.get("retry-after") == row.get("retry_after")
    assert duty.reports == ([tuple(row["reports"])] if "reports" in row else [])
    assert duty.acknowledged == ([(row["acknowledged"], Way.CALL)] if "acknowledged" in row else [])
    if answer.status_code != 200:
        assert answer.content == b"" or answer.status_code == 404
        return
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    twiml = ET.fromstring(answer.content)
    assert [say.text for say in twiml.iter("Say")] == row["says"]
    asked = [gather.attrib for gather in twiml.iter("Gather")]
    assert [gather["action"] for gather in asked] == ([row["asks"]] if "asks" in row else [])
    assert all((gather["numDigits"], gather["method"], gather["input"]) == ("1", "POST", "dtmf") for gather in asked)


@pytest.mark.parametrize("row", rows("acknowledge_in.yml"))
def test_acknowledging_by_text(row: Row, settings: Settings) -> None:
    gateway, duty = Gateway(down=row.get("store") == "down"), Duty(down=row.get("staff") == "down")
    staff = StaffTexts(duty.acknowledge_reply, duty.say)
    url, body, headers = signed(row, settings)
    routes = sms.routes(settings, gateway.receive, gateway.set_aside, gateway.report, staff)
    answer = asyncio.run(post(routes, url, body, headers))
    assert answer.status_code == row.get("status", 204)
    assert answer.content == b""  # any text would be sent as a message
    assert answer.headers.get("retry-after") == row.get("retry_after")
    sender = row.get("form", {}).get("From", NUMBER)
    assert duty.asked == ([(sender, row["asked"])] if "asked" in row else [])
    assert duty.said == ([(sender, row["answered"])] if "answered" in row else [])
    defaults = {"address": NUMBER, "provider_key": "sms:SM1", "form": "text"}
    assert gateway.taken == ([inbound("sms", row["takes"], defaults)] if "takes" in row else [])
    assert gateway.aside == ([("sms", row["aside"], body)] if "aside" in row else [])


def test_an_acknowledgement_that_twilio_offers_twice_is_answered_twice_and_taken_by_nobody(settings: Settings) -> None:
    gateway, duty = Gateway(), Duty()
    routes = sms.routes(
        settings, gateway.receive, gateway.set_aside, gateway.report, StaffTexts(duty.acknowledge_reply, duty.say)
    )
    url, body, headers = signed({"form": {"Body": "ACK K7QXM"}}, settings)
    for _ in range(2):
        assert asyncio.run(post(routes, url, body, headers)).status_code == 204
    assert duty.said == [(NUMBER, "You have K7QXM.")] * 2
    assert gateway.taken == []


def test_a_key_pressed_twice_is_the_same_acknowledgement(settings: Settings) -> None:
    duty = Duty()
    routes = sms.call_routes(settings, duty.acknowledge, duty.report)
    url, body, headers = signed({"path": f"/twilio/page/key/{TOKEN}", "form": {"Digits": 1}}, settings)
    answers = [asyncio.run(post(routes, url, body, headers)) for _ in range(2)]
    assert answers[0].content == answers[1].content
    assert duty.acknowledged == [(TOKEN, Way.CALL)] * 2


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_nothing_is_acknowledged_by_looking(settings: Settings, method: str) -> None:
    async def look() -> int:
        from starlette.applications import Starlette

        transport = httpx.ASGITransport(Starlette(routes=sms.call_routes(settings, Duty().acknowledge, Duty().report)))
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
            return (await client.request(method, f"/twilio/page/key/{TOKEN}")).status_code

    assert asyncio.run(look()) == 405


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(201, json={"sid": "SM5"}),
        httpx.Response(400, json={"code": 21610, "message": f"{NUMBER} no", "status": 400}),
        httpx.ReadTimeout("late"),
    ],
    ids=["sent", "stopped", "late"],
)
def test_an_answer_to_staff_never_raises(settings: Settings, answer: httpx.Response | Exception) -> None:
    provider = Provider([answer])

    async def run() -> None:
        pager = SmsPager(settings, transport=provider)
        await pager.say(NUMBER, "You have K7QXM.")
        await pager.close()

    asyncio.run(run())
    sent = {"To": [NUMBER], "MessagingServiceSid": ["MG" + "0" * 32], "Body": ["You have K7QXM."]}
    assert [parse_qs(request.content.decode()) for request in provider.requests] == [sent]


@pytest.mark.parametrize(
    ("missing", "pager"),
    [
        ("twilio_messaging_service_sid", SmsPager),
        ("twilio_account_sid", SmsPager),
        ("twilio_account_sid", CallPager),
        ("twilio_call_from", CallPager),
        ("public_url", CallPager),
    ],
)
def test_what_is_missing_is_named(settings: Settings, missing: str, pager: type[SmsPager | CallPager]) -> None:
    with pytest.raises(SettingsError, match=f"EVENDAY_{missing.upper()}"):
        pager(settings.model_copy(update={missing: ""}))


@examples(max_examples=200, deadline=None)
@given(
    code=st.text(CODE_LETTERS, min_size=4, max_size=8),
    tier=st.sampled_from(["emergency", "urgent", "watch"]),
    again=st.integers(0, 500),
    is_drill=st.booleans(),
    host=st.from_regex(r"[a-z0-9-]{1,60}(\.[a-z0-9-]{1,60}){0,3}", fullmatch=True) | st.text(max_size=90),
)
def test_every_page_by_text_is_one_segment_that_can_be_acknowledged(
    code: str, tier: str, again: int, is_drill: bool, host: str
) -> None:
    link = f"https://{host}/page/{TOKEN}"
    text = text_of(page_of(NUMBER, code=code, tier=tier, again=again, is_drill=is_drill, link=link))
    segments = count(text)
    assert (segments.parts, segments.encoding) == (1, "GSM-7")
    assert code in text
    assert link in text or f"ACK {code}" in text
    rest = text.replace(link, "").replace(code, "").replace(tier, "").replace(str(again + 1), "")
    assert set(rest.split()) <= set("DRILL, not real. Evenday: , code (again, ). . Or Reply reply ACK".split())


@examples(max_examples=60, deadline=None)
@given(st.text(CODE_LETTERS, min_size=4, max_size=8))
def test_a_code_is_spoken_sign_by_sign(code: str) -> None:
    spoken = spelled(code).split(", ")
    assert len(spoken) == len(code)
    assert all(len(word) == 1 or word.isalpha() for word in spoken)


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("K7QXM is yours now. Open it: https://coach.example/console/K7QXM", "K, seven, Q, X, M is yours now."),
        ("Sam has K7QXM since 10:02.", "Sam has K, seven, Q, X, M since 10:02."),
        ("Drill K7QXM acknowledged. See http://coach.example/x", "Drill K, seven, Q, X, M acknowledged. See"),
    ],
)
def test_no_address_is_read_aloud(said: str, heard: str) -> None:
    assert aloud(said, "K7QXM") == heard


def test_every_state_of_the_library_is_known() -> None:
    from twilio.rest.api.v2010.account.call import CallInstance  # type: ignore[import-untyped]  # no types

    library = {value for name, value in vars(CallInstance.Status).items() if name.isupper()}
    assert library | {"initiated"} == set(STATES)
    assert set(TEXT_STATES.values()) == set(RANKS)
