"""The dead man's switch: what would keep a person in danger from being heard is told to the operator, once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from ward import EMERGENCY, FAILED, BuildWard, Ward

from bot.errors import StoreError
from bot.paging.drill import Drills
from bot.paging.operator import Operator
from bot.paging.route import Way
from bot.store import drills, due, rounds, troubles
from bot.store.database import Store
from bot.store.rota import Post
from tests.conftest import MakePatient


class Mailbox:
    """What the operator was told."""

    def __init__(self) -> None:
        self.got: list[str] = []
        self.works = True

    def __call__(self, title: str, text: str) -> bool:
        """Take a message."""
        if self.works:
            self.got.append(f"{title}: {text}")
        return self.works


def an_operator(ward: Ward, tell: Mailbox, **given: object) -> Operator:
    drills = Drills(
        ward.store,
        ward.coach,
        ward.cover,
        ward.clock,
        "UTC",
        str(given.pop("drill", "")),
        str(given.pop("test_page", "")),
    )
    beats = given.pop("beats", dict)
    return Operator(ward.store, ward.coach, ward.cover, ward.clock, tell, beats, drills, **given)  # type: ignore[arg-type]


Cause = Callable[[Ward, MakePatient], None]


def no_contact(ward: Ward, _: MakePatient) -> None:
    with ward.store.write() as connection:
        from bot.store import contacts

        for contact in contacts.listed(connection):
            contacts.remove(connection, contact.id)


def unheard(ward: Ward, a_patient: MakePatient) -> None:
    for route in ward.routes.values():
        route.always = FAILED
    ward.writes(a_patient(), EMERGENCY)
    ward.page()


def late_page(ward: Ward, a_patient: MakePatient) -> None:
    ward.writes(a_patient(), EMERGENCY)
    ward.minutes(1.1)


def late_reply(ward: Ward, a_patient: MakePatient) -> None:
    ward.writes(a_patient(), EMERGENCY)
    ward.page()
    ward.minutes(1.1)


def late_check_in(ward: Ward, a_patient: MakePatient) -> None:
    who = a_patient()
    with ward.store.write() as connection:
        due.set_at(connection, who.id, "checkin", ward.clock.now() - timedelta(minutes=6))


def late_lane(ward: Ward, a_patient: MakePatient) -> None:
    ward.writes(a_patient(), "my back hurts")
    ward.minutes(5.1)


def a_gap(ward: Ward, _: MakePatient) -> None:
    with ward.store.write() as connection:
        from bot.store import rota

        rota.replace(
            connection,
            ward.clock.now() - timedelta(days=1),
            ward.clock.now() + timedelta(days=60),
            [],
            ward.clock.now(),
        )
    ward.shift(ward.staff("eve"), Post.ON_CALL, timedelta(hours=-1), timedelta(days=2))


def old_numbers(ward: Ward, _: MakePatient) -> None:
    ward.clock.turn(timedelta(days=400))


def silence(ward: Ward, _: MakePatient) -> None:
    ward.minutes(6 * 60 + 1)


CAUSES: dict[str, tuple[Cause, str]] = {
    "nobody": (no_contact, "no member of staff can be paged"),
    "unheard": (unheard, "a person is in danger, and no page has reached anybody"),
    "pages": (late_page, "a page has waited"),
    "safety_reply": (late_reply, "a reply to a person in danger has waited"),
    "scheduler": (late_check_in, "has not been sent for five minutes"),
    "engine": (late_lane, "messages have waited"),
    "rota_gap": (a_gap, "nobody is on call from Wed 25 Nov 15:00"),
    "numbers": (old_numbers, "crisis numbers were confirmed too long ago"),
    "silence": (silence, "no message has come for 6 hours"),
}


@pytest.mark.parametrize("kind", CAUSES)
def test_each_trouble_is_told_once(ward: Ward, a_patient: MakePatient, kind: str) -> None:
    cause, words = CAUSES[kind]
    ward.team()
    box = Mailbox()
    operator = an_operator(ward, box, silence=timedelta(hours=6))
    assert operator.look() == {}
    cause(ward, a_patient)
    found = operator.look()
    assert [one for one in found if one.startswith(kind)], found
    operator.look()
    told = [text for text in box.got if words in text]
    assert len(told) == 1, box.got
    with ward.store.read() as connection:
        assert [one for one in troubles.listed(connection) if one.kind.startswith(kind) and one.told_at]


def test_what_is_over_is_told_too_and_told_again_when_it_comes_back(ward: Ward) -> None:
    box = Mailbox()
    operator = an_operator(ward, box)
    operator.look()
    ward.staff("ana", Way.SMS)
    operator.look()
    assert box.got[-1] == "Evenday: over: nobody"
    no_contact(ward, lambda: None)  # type: ignore[arg-type, return-value]
    operator.look()
    assert box.got[-1].startswith("Evenday: trouble: no member")


def test_an_operator_who_can_not_be_reached_is_told_later(ward: Ward) -> None:
    box = Mailbox()
    box.works = False
    operator = an_operator(ward, box)
    operator.look()
    box.works = True
    operator.look()
    assert len(box.got) == 1


def test_two_gateways_tell_of_a_trouble_and_its_end_once(ward: Ward) -> None:
    box = Mailbox()
    one, other = an_operator(ward, box), an_operator(ward, box)
    one.look(), other.look(), one.look()
    assert len(box.got) == 1 and box.got[0].startswith("Evenday: trouble")
    ward.staff("ana", Way.SMS)
    other.look(), one.look()
    assert box.got[1:] == ["Evenday: over: nobody"]


def test_while_one_gateway_is_telling_the_other_does_not(ward: Ward) -> None:
    box = Mailbox()
    one, other = an_operator(ward, box), an_operator(ward, box)
    one.tell = lambda title, text: bool(other.look()) and box(title, text)  # the other looks in the middle of it
    one.look()
    assert len(box.got) == 1


def test_what_a_gateway_claimed_and_died_over_is_told_by_the_other(ward: Ward) -> None:
    box = Mailbox()
    one, other = an_operator(ward, box), an_operator(ward, box)

    class Killed(Exception):
        """In the middle of telling."""

    def killed(title: str, text: str) -> bool:
        raise Killed

    one.tell = killed
    with pytest.raises(Killed):
        one.look()
    other.look()
    assert box.got == []
    ward.minutes(2.1)
    other.look()
    assert len(box.got) == 1


def test_a_loop_of_one_gateway_is_not_over_because_another_goes_round(ward: Ward) -> None:
    ward.team()
    box, still = Mailbox(), ward.clock.now()
    one, other = an_operator(ward, box, beats=lambda: {"pager": still}), an_operator(ward, box)
    one.look(), other.look()
    ward.minutes(1.1)
    for _ in range(2):
        one.look(), other.look()
    assert [text for text in box.got if "pager" in text] == box.got and len(box.got) == 1
    still = ward.clock.now()
    one.look()
    assert box.got[1:] == ["Evenday: over: loop.pager"]


def test_a_silence_is_not_over_because_a_gateway_has_just_begun(ward: Ward) -> None:
    ward.team()
    box = Mailbox()
    one = an_operator(ward, box, silence=timedelta(hours=6))
    silence(ward, lambda: None)  # type: ignore[arg-type, return-value]
    one.look()
    an_operator(ward, box, silence=timedelta(hours=6)).look()
    assert not [text for text in box.got if "over" in text]


def test_a_loop_that_stands_still_is_told(ward: Ward) -> None:
    ward.team()
    box, beat = Mailbox(), {"pager": ward.clock.now()}
    operator = an_operator(ward, box, beats=lambda: beat)
    ward.minutes(0.9)
    assert operator.look() == {}
    ward.minutes(0.2)
    assert list(operator.look()) == ["loop.pager"]
    beat["pager"] = ward.clock.now()
    assert operator.look() == {}


class Away:
    """A store whose database is gone."""

    def read(self) -> object:
        raise StoreError("away")

    write = read


def test_the_database_away_is_told_once_from_memory(ward: Ward) -> None:
    box = Mailbox()
    operator = an_operator(ward, box)
    operator.store = operator.drills.store = Away()  # type: ignore[assignment]
    for _ in range(3):
        assert list(operator.look()) == ["database"]
    assert len(box.got) == 1


def test_health_says_nobody_while_no_page_can_reach_anybody(ward: Ward, a_patient: MakePatient) -> None:
    operator = an_operator(ward, Mailbox())
    operator.look()
    assert operator.paging == "nobody"
    ward.team()
    operator.look()
    assert operator.paging == "ok"
    unheard(ward, a_patient)
    operator.look()
    assert operator.paging == "nobody"


@pytest.fixture
def switch() -> object:
    """A dead man's switch service on this machine."""
    beats: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            beats.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/beat", beats
    server.shutdown()
    server.server_close()


def test_a_heartbeat_goes_out_each_minute_and_stops_with_a_loop(file_ward: Ward, switch: tuple[str, list[str]]) -> None:
    url, heard = switch
    beat: dict[str, datetime] = {"pager": file_ward.clock.now()}
    operator = an_operator(file_ward, Mailbox(), beats=lambda: beat, heartbeat_url=url)
    asyncio.run(operator.tick())
    asyncio.run(operator.tick())
    assert heard == ["/beat"]
    file_ward.minutes(1.1)
    beat["pager"] = file_ward.clock.now()
    asyncio.run(operator.tick())
    assert len(heard) == 2
    file_ward.minutes(2)
    asyncio.run(operator.tick())
    assert len(heard) == 2


class TestDrills:
    def test_the_weekly_drill_pages_every_way_of_everybody_on_duty_marked(self, ward: Ward) -> None:
        ward.team()  # Monday, three in the afternoon
        operator = an_operator(ward, Mailbox(), drill="Mon 14:00")
        operator.look()
        operator.look()
        assert ward.page() == [
            "ana:call", "ana:sms", "ana:apprise", "ben:sms", "ben:telegram", "lea:call", "lea:sms",
        ]  # fmt: skip
        assert all(page.is_drill and page.words.startswith("DRILL, not real. ") for page in ward.journal)

    def test_it_is_nobodys_escalation(self, ward: Ward) -> None:
        from bot.store import escalations
        from bot.store.lifecycle import Stage

        ward.team()
        an_operator(ward, Mailbox(), drill="Mon 14:00").look()
        with ward.store.read() as connection:
            assert escalations.listed(connection, ward.store.vault, tuple(Stage)) == []
            assert escalations.counts(connection) == {}
            assert rounds.unheard(connection) == []
            assert len(drills.listed(connection, ward.store.vault)) == 1

    def test_a_way_that_fails_is_told(self, ward: Ward) -> None:
        ward.team()
        ward.routes[Way.TELEGRAM].always = FAILED
        box = Mailbox()
        operator = an_operator(ward, box, drill="Mon 14:00")
        operator.look()
        ward.page()
        operator.look()
        assert box.got[-1].endswith("failed by: telegram")

    def test_a_drill_that_nobody_answers_is_told_and_closed(self, ward: Ward) -> None:
        ward.team()
        box = Mailbox()
        operator = an_operator(ward, box, drill="Mon 14:00")
        operator.look()
        ward.page()
        ward.minutes(61)
        operator.look()
        operator.look()
        assert "nobody acknowledged the last drill" in box.got[-1]

    def test_a_drill_is_acknowledged_like_any_page(self, ward: Ward) -> None:
        ward.team()
        operator = an_operator(ward, Mailbox(), drill="Mon 14:00")
        operator.look()
        ward.page()
        assert "Thank you: nobody is in danger." in ward.acknowledge("ana:sms")
        ward.minutes(61)
        assert operator.look() == {}

    def test_the_daily_test_page_goes_to_whoever_is_on_call_by_the_first_way(self, ward: Ward) -> None:
        ward.team()
        operator = an_operator(ward, Mailbox(), test_page="Mon-Sun 10:00")
        operator.look()
        assert ward.page() == ["ana:call"]
        ward.clock.turn(timedelta(days=1))
        operator.look()
        assert ward.page() == ["ana:call"]

    def test_a_drill_missed_by_hours_is_left_out(self, ward: Ward) -> None:
        ward.team()
        an_operator(ward, Mailbox(), drill="Mon 08:00").look()
        assert ward.page() == []


def test_a_site_without_a_rota_has_no_gap(store: Store, build: BuildWard) -> None:
    ward = build(store)
    ward.staff("ana", Way.SMS)
    assert an_operator(ward, Mailbox()).look() == {}
