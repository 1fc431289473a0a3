"""`evenday contacts` and `evenday drill`: how staff are reached, and whether that works, tried by real ways."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from bot.errors import InputError
from bot.store import calls, contacts, escalations, handling, staff
from bot.store.database import Store
from bot.store.steps import Step
from bot.store.types import StaffId
from tests.cli.conftest import Evenday

NUMBER = "+12125550123"


@pytest.fixture
def ana(site: Store) -> StaffId:
    """A member of staff."""
    with site.write() as connection:
        return staff.create(connection, site.vault, "ana", "Ana", "clinician", "hash", datetime.now(UTC))


class Service:
    """What takes pages by webhook on this machine: answers with `status`, and does `then` with each event."""

    def __init__(self) -> None:
        self.status = 202
        self.got: list[dict[str, Any]] = []
        self.then: Callable[[dict[str, Any]], None] = lambda event: None
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                service.got.append(event)
                service.then(event)
                self.send_response(service.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *arguments: object) -> None:
                """Say nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/events"


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """A service that is up; a webhook has no later word on delivery, so none is waited for."""
    monkeypatch.setattr("bot.cli.drilling.DELIVERED_WITHIN_SECONDS", 0)
    made = Service()
    thread = Thread(target=made.server.serve_forever, args=(0.05,))
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


def refused(told: Any) -> str:
    """What a verb said that could not do it."""
    assert told.exit_code == 1 and isinstance(told.exception, InputError)
    return str(told.exception)


def test_nobody_can_be_paged_at_first_and_the_list_says_what_to_do(evenday: Evenday) -> None:
    assert "evenday contacts add LOGIN WAY ADDRESS" in evenday("contacts", "list").output


def test_ways_are_listed_in_order_and_no_address_is_shown(evenday: Evenday, site: Store, ana: StaffId) -> None:
    added = evenday("contacts", "add", "Ana", "call", NUMBER)
    assert added.exit_code == 0 and "contacts test" in added.output
    evenday("contacts", "add", "ana", "sms", NUMBER)
    first, second = evenday("contacts", "list").output.splitlines()
    assert "1. call" in first and "2. sms" in second and first.endswith("never paged")
    assert NUMBER not in first + second
    with site.read() as connection:
        assert [entry.detail for entry in staff.entries(connection) if entry.action == "contact.add"] == ["sms", "call"]


def test_a_chat_is_linked_by_a_code_that_its_owner_sends(evenday: Evenday, site: Store, ana: StaffId) -> None:
    told = evenday("contacts", "add", "ana", "telegram").output
    assert "/start staff_" in told
    assert evenday("contacts", "list").output.rstrip().endswith("waits for its link")
    with site.read() as connection:
        assert contacts.usable(connection) == []


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("eve", "sms", NUMBER), "there is no eve"),
        (("ana", "sms", "0212 5550123"), "with + and country code"),
        (("ana", "pigeon", "x"), "use one of call, sms"),
        (("ana", "webhook", "http://elsewhere.example"), "https"),
    ],
)
def test_what_can_reach_nobody_is_refused_and_not_kept(
    evenday: Evenday, site: Store, ana: StaffId, words: tuple[str, ...], why: str
) -> None:
    assert why in refused(evenday("contacts", "add", *words))
    with site.read() as connection:
        assert contacts.listed(connection) == []


def test_a_way_is_removed_by_the_beginning_of_its_id(evenday: Evenday, site: Store, ana: StaffId) -> None:
    evenday("contacts", "add", "ana", "sms", NUMBER)
    shown = evenday("contacts", "list").output.split()[0]
    assert "write more of the id" in refused(evenday("contacts", "remove", shown[:3]))
    assert "names 0 contacts" in refused(evenday("contacts", "remove", "nosuchid"))
    assert evenday("contacts", "remove", shown).output == "it is gone\n"
    with site.read() as connection:
        assert contacts.listed(connection) == []


def test_a_drill_goes_out_marked_by_every_way_and_prints_its_times(
    evenday: Evenday, site: Store, ana: StaffId, service: Service
) -> None:
    for place in ("one", "two"):
        evenday("contacts", "add", "ana", "webhook", f"{service.address}/{place}")
    told = evenday("drill")
    assert told.exit_code == 0, told.output
    assert "2 pages, marked as a drill" in told.output and "every way took its page" in told.output
    assert "handed over" in told.output
    assert len(service.got) == 2 and all("DRILL, not real" in event["payload"]["summary"] for event in service.got)
    with site.read() as connection:
        assert escalations.counts(connection) == {}  # it is nobody's case
        assert staff.entries(connection)[0].action == "drill"


def test_a_way_that_fails_ends_a_drill_with_status_1(evenday: Evenday, ana: StaffId, service: Service) -> None:
    service.status = 404
    evenday("contacts", "add", "ana", "webhook", service.address)
    told = evenday("drill")
    assert told.exit_code == 1 and "1 of 1 failed" in told.output and "HTTP 404" in told.output
    assert "failed" in evenday("contacts", "list").output


def test_a_drill_that_waits_tells_when_it_was_acknowledged(
    evenday: Evenday, site: Store, ana: StaffId, service: Service
) -> None:
    def taken(event: dict[str, Any]) -> None:
        token = event["payload"]["custom_details"]["link"].rpartition("/")[2]
        with site.write() as connection:
            called = calls.by_token(connection, token, datetime.now(UTC))
            assert called is not None
            handling.acknowledge(Step(connection, site.vault, called.escalation_id, ana, datetime.now(UTC)))

    service.then = taken
    evenday("contacts", "add", "ana", "webhook", service.address)
    told = evenday("drill", "--wait", "30")
    assert told.exit_code == 0 and "acknowledged after" in told.output, told.output


def test_a_drill_that_nobody_acknowledges_in_time_ends_with_status_1(
    evenday: Evenday, ana: StaffId, service: Service
) -> None:
    evenday("contacts", "add", "ana", "webhook", service.address)
    assert evenday("drill", "--wait", "1").exit_code == 1


def test_a_test_page_goes_to_one_person_alone(evenday: Evenday, site: Store, ana: StaffId, service: Service) -> None:
    with site.write() as connection:
        staff.create(connection, site.vault, "ben", "Ben", "clinician", "hash", datetime.now(UTC))
    evenday("contacts", "add", "ana", "webhook", f"{service.address}/ana")
    evenday("contacts", "add", "ben", "webhook", f"{service.address}/ben")
    assert evenday("contacts", "test", "ben").exit_code == 0
    assert len(service.got) == 1
    assert "there is no eve" in refused(evenday("contacts", "test", "eve"))
