"""Colleagues at one case in the same instant, on PostgreSQL: by a page's link and by the console."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection
from ward import EMERGENCY, Ward

from bot.clock import TurnedClock
from bot.content.coach import Coach
from bot.paging.acknowledge import take
from bot.paging.route import Way
from bot.safety.screen import Screen
from bot.store import leaving, staff
from bot.store.database import Store
from bot.store.steps import Step
from bot.store.types import StaffId
from tests.support.people import Person, make_patient
from tests.support.rivals import second


class Paged:
    """Somebody in danger, for whom a team was paged."""

    def __init__(self, ward: Ward, person: Person) -> None:
        self.ward, self.person, self.team = ward, person, ward.team()
        ward.writes(person, EMERGENCY)
        ward.page()
        self.id = ward.escalation(person).id

    def step(self, connection: Connection, who: StaffId) -> Step:
        """Somebody's step by the console, which has written down by then that they look."""
        return Step(connection, self.ward.store.vault, self.id, who, self.ward.clock.now())

    def look(self, connection: Connection) -> None:
        """Max has opened the case in the console."""
        vault, now = self.ward.store.vault, self.ward.clock.now()
        staff.record(connection, vault, now, self.team["max"], "escalation.view", self.person.id)


@pytest.fixture
def paged(server: Store, clock: TurnedClock, coach: Coach, screen: Screen) -> Paged:
    """A case for which a team was paged."""
    return Paged(Ward(server, clock, coach, screen), make_patient(server, clock))


def test_by_link_and_by_console_at_once_one_has_it_and_the_other_is_told(paged: Paged) -> None:
    ward = paged.ward
    token = ward.token_of("ana:call")
    words = second(
        ward.store,
        paged.look,
        lambda: ward.desk.take_by_token(token, Way.LINK),
        lambda connection: take(paged.step(connection, paged.team["max"]), ward.coach),
    )
    assert words.startswith("Max has ") and ward.escalation(paged.person).owner_id == paged.team["max"]


def test_who_is_being_closed_is_given_no_case_meanwhile(paged: Paged) -> None:
    ward, ana = paged.ward, paged.team["ana"]
    token, now = ward.token_of("ana:call"), ward.clock.now()
    words = second(
        ward.store,
        lambda connection: leaving.left_of(connection, ana, now),
        lambda: ward.desk.take_by_token(token, Way.LINK),
        lambda connection: leaving.close(connection, ana, now),
    )
    assert "may not" in words and ward.escalation(paged.person).owner_id is None
