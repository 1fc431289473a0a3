"""What the coach is and is not is said again each month and after words on danger: by day, once, and never in between."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from bot.clock import TurnedClock
from bot.coaching.effects import CHECKIN, STATEMENT
from bot.content.coach import Coach
from bot.safety.screen import Screen
from bot.scheduler.tick import Scheduler
from bot.store import due, outbox
from bot.store.database import Store
from bot.store.patients import State
from tests.conftest import MakePatient
from tests.support.house import House
from tests.support.people import Person

WISH = "I want to kill myself"
ABUSE = "my husband hits me"
WATCH = "Everything is hopeless, I am a burden to everybody"
HOUR = timedelta(hours=1)


class Site:
    """A house with its scheduler, and a clock that is turned in steps."""

    def __init__(self, house: House) -> None:
        self.house, self.clock, self.store = house, house.clock, house.store
        self.scheduler = Scheduler(house.store, house.coaching, house.clock, lambda: None)

    def later(self, length: timedelta) -> list[str]:
        """Let time go by; what was sent meanwhile."""
        self.clock.turn(length)
        self.scheduler.tick()
        return self.house.send()

    def stated(self, said: list[str]) -> bool:
        """Whether it was said in full, every sentence that was agreed to at the start."""
        text = " ".join(said)
        return all(
            words in text
            for words in ("is not an emergency service", "It can miss them", "not fully private", "write STOP")
        )

    def due_at(self, who: Person) -> datetime | None:
        """When it is due."""
        with self.store.read() as connection:
            return due.of(connection, who.id).get(STATEMENT)

    def set_due(self, who: Person, kind: str, at: datetime) -> None:
        """Make something due."""
        with self.store.write() as connection:
            due.set_at(connection, who.id, kind, at)


BuildSite = Callable[..., Site]


@pytest.fixture
def site(file_store: Store, clock: TurnedClock, coach: Coach, screen: Screen) -> Site:
    """A site on SMS; it is ten in the morning where its people live."""
    return Site(House(file_store, clock, coach, screen))


def test_it_is_due_thirty_days_on_and_not_beside_that_days_check_in(site: Site, a_patient: MakePatient) -> None:
    ana = a_patient(at="09:00")
    checkin_at = site.clock.now() + 23 * HOUR
    site.later(23 * HOUR)
    at = site.due_at(ana)
    assert at is not None
    assert timedelta(0) <= at - (checkin_at + timedelta(days=30) + 3 * HOUR) < timedelta(minutes=1)


def test_it_says_all_that_was_agreed_to_before_the_first_question(site: Site, a_patient: MakePatient) -> None:
    ana = a_patient()
    site.set_due(ana, STATEMENT, site.clock.now() + HOUR)
    said = site.later(HOUR)
    assert site.stated(said) and any("call 911" in text for text in said)
    assert all(len(text) <= 306 for text in said)
    assert site.due_at(ana) is None  # until the next check-in sets it


@pytest.mark.parametrize("words", [WISH, WATCH])
def test_after_a_reply_to_risk_it_comes_behind_the_crisis_words_not_beside_them(
    words: str, site: Site, a_patient: MakePatient
) -> None:
    ana = a_patient()
    crisis = site.house.say(ana.writes(words))
    assert crisis and not site.stated(crisis)
    site.clock.turn(timedelta(minutes=1))
    site.house.say(ana.writes("yes I am safe" if words is WISH else "no"))
    for row in (row for row in site.house.rows(ana.id) if row.asked):
        with site.store.write() as connection:  # all questions are answered
            outbox.set_state(connection, row.id, asked=None)
    assert not site.stated(site.later(HOUR))
    assert site.stated(site.later(timedelta(minutes=62)))


def test_it_waits_while_a_safety_question_is_open(site: Site, a_patient: MakePatient) -> None:
    ana = a_patient()
    site.house.say(ana.writes(WISH))
    for _ in range(5):
        assert not site.stated(site.later(9 * HOUR))
    received = site.house.receive(ana.writes("no"))  # and so this is judged as its answer
    assert received.tier == "emergency"


def test_it_waits_for_the_end_of_quiet_hours(site: Site, a_patient: MakePatient) -> None:
    ana = a_patient(zone="Asia/Tokyo", at="12:00")  # midnight there
    site.set_due(ana, STATEMENT, site.clock.now() + HOUR)
    assert site.later(HOUR) == []
    at = site.due_at(ana)
    assert at is not None and f"{at:%H:%M}" == "00:00"  # nine in the morning there
    assert site.stated(site.later(at - site.clock.now() + timedelta(seconds=1)))


def test_abuse_brings_none_as_somebody_else_may_read_the_phone(site: Site, a_patient: MakePatient) -> None:
    ana = a_patient()
    site.set_due(ana, STATEMENT, site.clock.now() + HOUR)
    site.house.say(ana.writes(ABUSE))
    assert site.house.escalation(ana.id) and site.due_at(ana) is None


def test_stop_ends_it(site: Site, a_patient: MakePatient) -> None:
    ana = a_patient()
    site.house.say(ana.writes(WISH))
    site.house.say(ana.writes("STOP"))
    assert not site.stated(site.later(timedelta(days=3)))


@pytest.mark.parametrize("state", [State.UNKNOWN, State.DECLINED, State.STOPPED])
def test_who_has_not_joined_gets_none(state: State, site: Site, a_patient: MakePatient) -> None:
    ana = a_patient(state=state)
    site.set_due(ana, STATEMENT, site.clock.now() + HOUR)
    assert site.later(HOUR) == []


def test_who_has_fallen_silent_is_left_in_peace(site: Site, a_patient: MakePatient) -> None:
    ana = a_patient(unanswered=9)
    site.set_due(ana, STATEMENT, site.clock.now() + HOUR)
    site.set_due(ana, CHECKIN, site.clock.now() + timedelta(days=2))
    assert site.later(HOUR) == []
