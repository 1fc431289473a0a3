"""Pages by webhook: exact events out, an outcome for whatever comes back, and a signature that nobody can reuse."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from bot.paging.delivery import within
from bot.paging.route import Follows, News, Page, PageOutcome, PageResult
from bot.paging.webhook_route import SIGNATURE_HEADER, Action, WebhookRoute, dedup_key, redact, split_address
from bot.settings import Settings, load
from bot.store.types import CODE_LETTERS

Row = dict[str, Any]
ROWS = yaml.safe_load((Path(__file__).parent / "webhook_out.yml").read_text("utf-8"))
ENQUEUE = "https://events.pagerduty.com/v2/enqueue"
ROUTING_KEY = "R" * 32
TOKEN = "q83yEjRWeJASNFZ4kBI0Vg"
KEY = dedup_key("https://coach.example", "K7QXM")


class StoppedClock:
    def now(self) -> datetime:
        return datetime(2026, 11, 27, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def settings() -> Settings:
    return load(public_url="https://coach.example/", webhook_secret="THE-NEW-SECRET, THE-OLD-SECRET")


def page_of(**given: Any) -> Page:
    fields = {
        "id": 7,
        "to": f"{ENQUEUE}#{ROUTING_KEY}",
        "tier": "emergency",
        "code": "K7QXM",
        "link": f"https://coach.example/page/{TOKEN}",
        "token": TOKEN,
    }
    return Page(**{**fields, **given})


def tell(
    settings: Settings, answer: Callable[[httpx.Request], httpx.Response], page: Page, action: Action = Action.TRIGGER
) -> PageResult:
    async def run() -> PageResult:
        route = WebhookRoute(settings, StoppedClock(), transport=httpx.MockTransport(answer))
        try:
            return await (route.page(page) if action is Action.TRIGGER else route.tell(page, action))
        finally:
            await route.close()

    return asyncio.run(run())


@pytest.mark.parametrize("row", [pytest.param(row, id=row["about"]) for row in ROWS])
def test_webhook_out(row: Row, settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    requests: list[httpx.Request] = []
    said = row.get("answer", {"status": 202})

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        if "raises" in said:
            raise getattr(httpx, said["raises"])(f"lost on the way to {ENQUEUE}#{ROUTING_KEY}")
        return httpx.Response(said["status"], headers=said.get("headers"), text=said.get("text", ""))

    with caplog.at_level(logging.DEBUG):
        page = page_of(**row.get("page", {}))
        result = tell(settings, answer, page, Action(row.get("action", "trigger")))
    outcome = PageOutcome(row.get("outcome", "accepted"))
    accepted = outcome is PageOutcome.ACCEPTED
    assert result == PageResult(outcome, KEY if accepted else None, row.get("why", ""))
    assert len(requests) == row.get("calls", 1)
    for request in requests:
        assert str(request.url) == row.get("url", ENQUEUE)
        if "event" in row:
            routing_key = row.get("routing_key", ROUTING_KEY)
            assert json.loads(request.content) == {"routing_key": routing_key, "dedup_key": KEY} | row["event"]
    told = caplog.text + repr(result)
    assert all(value not in told for value in (*redact(settings), ROUTING_KEY, TOKEN, "events.pagerduty.com"))


def test_the_signature_covers_time_and_body_with_every_secret(settings: Settings) -> None:
    requests: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(202)

    tell(settings, answer, page_of())
    at = "1795748645"
    made = [
        hmac.new(secret, at.encode() + b"." + requests[0].content, hashlib.sha256).hexdigest()
        for secret in (b"THE-NEW-SECRET", b"THE-OLD-SECRET")
    ]
    assert requests[0].headers[SIGNATURE_HEADER] == f"t={at},v1={made[0]},v1={made[1]}"


@pytest.mark.parametrize(("news", "action"), [(News.TAKEN, "acknowledge"), (News.OVER, "resolve")])
def test_what_became_of_a_page_is_told_as_the_services_own_event(settings: Settings, news: News, action: str) -> None:
    requests: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(202)

    async def run() -> PageResult:
        route = WebhookRoute(settings, StoppedClock(), transport=httpx.MockTransport(answer))
        assert isinstance(route, Follows)
        try:
            return await route.follow(page_of(), KEY, news, "Sam has it.")
        finally:
            await route.close()

    assert asyncio.run(run()).outcome is PageOutcome.ACCEPTED
    sent = json.loads(requests[0].content)
    assert (sent["event_action"], sent["dedup_key"]) == (action, KEY) and "Sam" not in str(sent)


def test_without_a_secret_nothing_is_signed() -> None:
    requests: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(202)

    assert tell(load(public_url="https://coach.example"), answer, page_of()).outcome is PageOutcome.ACCEPTED
    assert SIGNATURE_HEADER not in requests[0].headers


def test_an_answer_that_never_ends_is_unknown() -> None:
    async def never() -> PageResult:
        await asyncio.Event().wait()
        raise AssertionError

    assert asyncio.run(within(0.01, never())) == PageResult(PageOutcome.UNKNOWN, why="no answer in time")


def test_one_escalation_is_one_alert_and_sites_do_not_meet() -> None:
    assert dedup_key("https://coach.example", "K7QXM") == KEY
    others = {dedup_key("https://coach.example", "K7QXN"), dedup_key("https://other.example", "K7QXM")}
    assert len({KEY, *others}) == 3
    assert "K7QXM" not in KEY
    assert len(KEY) <= 255  # PagerDuty, "Send an Alert Event"


@examples(max_examples=60, deadline=None)
@given(
    st.text(CODE_LETTERS, min_size=5, max_size=8),
    st.sampled_from(["emergency", "urgent", "watch"]),
    st.integers(0, 500),
    st.booleans(),
)
def test_every_event_is_one_that_pagerduty_describes(code: str, tier: str, again: int, is_drill: bool) -> None:
    events: list[Row] = []

    def answer(request: httpx.Request) -> httpx.Response:
        events.append(json.loads(request.content))
        return httpx.Response(202)

    page = page_of(code=code, tier=tier, again=again, is_drill=is_drill)
    tell(load(public_url="https://coach.example"), answer, page)
    payload = events[0]["payload"]
    assert set(payload["custom_details"]) == {"code", "tier", "again", "drill", "link"}  # nothing of a patient's
    assert payload["severity"] in ("critical", "error", "warning", "info")
    assert TOKEN not in payload["summary"]  # titles are seen by more people than alerts are
    assert code in payload["summary"]
    assert 0 < len(payload["summary"]) <= 1024


@examples(max_examples=100, deadline=None)
@given(st.text(max_size=40) | st.from_regex(r"https?://[^/]*(/.*)?", fullmatch=True))
def test_no_address_raises_and_none_but_https_is_called(to: str) -> None:
    address, _ = split_address(to)
    assert address == "" or address.lower().startswith(
        ("https://", "http://127.0.0.1", "http://localhost", "http://[::1]")
    )
