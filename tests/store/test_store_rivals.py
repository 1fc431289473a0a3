"""What two transactions write at once on PostgreSQL, where neither sees what the other has not committed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Connection

from bot.clock import TurnedClock
from bot.store import escalations, handling, judging, opening, patients, staff, teams
from bot.store.database import Store
from bot.store.escalations import Escalation, Stage
from bot.store.steps import Step
from bot.store.types import MessageId, StaffId, TeamId
from tests.store.rows import put_in
from tests.support.people import Person, make_patient
from tests.support.rivals import second


class Case:
    """A case that Ana has, and what two can do about it."""

    def __init__(self, server: Store, clock: TurnedClock) -> None:
        self.store, self.clock = server, clock
        self.person: Person = make_patient(server, clock)
        self.message, self.later = self._message("1"), self._message("2")
        with server.write() as connection:
            self.ana, self.ben = (
                staff.create(connection, server.vault, login, login.title(), "supervisor", "hash", clock.now())
                for login in ("ana", "ben")
            )
            self.id = self.danger(connection, self.message).id
            handling.acknowledge(self.step(connection, self.ana))
        clock.turn(timedelta(minutes=1))

    def _message(self, key: str) -> MessageId:
        made = put_in(self.store, self.person, self.clock, key)
        assert made is not None
        return made

    def step(self, connection: Connection, who: StaffId) -> Step:
        """Somebody's step on it."""
        return Step(connection, self.store.vault, self.id, who, self.clock.now())

    def later_danger(self) -> Escalation:
        """Another message shows danger, in a transaction of its own."""
        with self.store.write() as connection:
            return self.danger(connection, self.later)

    def danger(self, connection: Connection, message: MessageId) -> Escalation:
        """A message shows danger."""
        vault, now = self.store.vault, self.clock.now()
        return opening.note(connection, vault, self.person.id, message, "urgent", "suicide", now)

    def resolve(self, connection: Connection) -> None:
        """Ana resolves it."""
        judging.resolve(self.step(connection, self.ana), {"outcome": "reached"})

    def standing(self) -> Escalation:
        """How it stands."""
        with self.store.read() as connection:
            return escalations.get(connection, self.store.vault, self.id)


@pytest.fixture
def case(server: Store, clock: TurnedClock) -> Case:
    """A case that Ana has."""
    return Case(server, clock)


def test_danger_while_the_case_is_being_resolved_opens_it_again(case: Case) -> None:
    second(case.store, case.resolve, case.later_danger)
    now = case.standing()
    assert (now.state, now.message_id, now.owner_id) == (Stage.OPEN, case.later, None)
    assert now.next_page_at is not None and now.resolved_at is None


def test_a_message_while_the_case_is_being_resolved_is_not_added_to_what_is_over(case: Case) -> None:
    def stop() -> Escalation | None:
        now, vault = case.clock.now(), case.store.vault
        with case.store.write() as connection:
            return opening.add(connection, vault, case.person.id, case.later, "opted_out", now)

    assert second(case.store, case.resolve, stop) is None
    with case.store.read() as connection:
        assert [one.event for one in escalations.history(connection, case.store.vault, case.id)][-1] == "resolved"


class TestTeams:
    @pytest.fixture
    def team(self, case: Case) -> TeamId:
        """A team without patients."""
        with case.store.write() as connection:
            made = teams.add(connection, "North", "Day team", case.clock.now())
        assert made is not None
        return made

    def remove(self, case: Case, team: TeamId) -> bool:
        """Take it away."""
        with case.store.write() as connection:
            return teams.remove(connection, team)

    def test_a_team_that_a_patient_is_being_given_to_stays(self, case: Case, team: TeamId) -> None:
        assert not second(
            case.store,
            lambda connection: teams.move(connection, case.person.id, team),
            lambda: self.remove(case, team),
        )

    def test_nobody_is_given_to_a_team_that_was_being_taken_away(self, case: Case, team: TeamId) -> None:
        def give() -> bool:
            with case.store.write() as connection:
                return teams.give(connection, case.person.id, team)

        assert not second(case.store, lambda connection: teams.remove(connection, team), give)
        with case.store.read() as connection:
            assert patients.get(connection, case.store.vault, case.person.id).team_id is None
