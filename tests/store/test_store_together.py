"""Mentions, who looks at what, and ready replies, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.clock import TurnedClock
from bot.store import invitations, mentions, opening, patients, presences, replies, staff, teams
from bot.store.database import Store
from bot.store.types import EscalationId, StaffId
from tests.conftest import MakePatient
from tests.store.rows import put_in

MINUTE = timedelta(minutes=1)


class Ward:
    """Two cases, and two of the staff."""

    def __init__(self, store: Store, clock: TurnedClock, a_patient: MakePatient) -> None:
        self.store, self.clock = store, clock
        made = []
        for n in range(2):
            who = a_patient()
            message = put_in(store, who, clock, str(n))
            assert message is not None
            with store.write() as connection:
                one = opening.note(connection, store.vault, who.id, message, "urgent", "suicide", clock.now())
            made.append(one.id)
        self.first, self.second = made
        with store.write() as connection:
            self.ana, self.ben = (
                staff.create(connection, store.vault, login, login.title(), "supervisor", "hash", clock.now())
                for login in ("ana", "ben")
            )

    def looking(self) -> dict[EscalationId, tuple[StaffId, ...]]:
        """Who looks at what now."""
        with self.store.read() as connection:
            return dict(presences.looking(connection, self.clock.now()))

    def unseen(self, who: StaffId) -> list[tuple[EscalationId, int]]:
        """Where somebody is named, and how often."""
        with self.store.read() as connection:
            return [(one.escalation_id, one.times) for one in mentions.unseen(connection, who)]


@pytest.fixture
def ward(store: Store, clock: TurnedClock, a_patient: MakePatient) -> Ward:
    """Two cases, and two of the staff."""
    return Ward(store, clock, a_patient)


def test_the_newest_mention_of_each_case_comes_first_until_it_is_seen(ward: Ward) -> None:
    for case in (ward.first, ward.second, ward.first):
        with ward.store.write() as connection:
            mentions.add(connection, [ward.ben], case, ward.ana, ward.clock.now())
        ward.clock.turn(MINUTE)
    assert ward.unseen(ward.ben) == [(ward.first, 2), (ward.second, 1)] and ward.unseen(ward.ana) == []
    with ward.store.write() as connection:
        mentions.see(connection, ward.ben, ward.first, ward.clock.now())
        mentions.see(connection, ward.ana, ward.second, ward.clock.now())  # somebody else's look is not theirs
        mentions.add(connection, [], ward.second, ward.ana, ward.clock.now())
    assert ward.unseen(ward.ben) == [(ward.second, 1)]


def test_somebody_looks_until_they_go_or_are_not_heard_of(ward: Ward) -> None:
    with ward.store.write() as connection:
        for case, who in ((ward.first, ward.ana), (ward.first, ward.ben), (ward.second, ward.ben)):
            presences.come(connection, case, who, ward.clock.now())
    assert ward.looking() == {ward.first: tuple(sorted((ward.ana, ward.ben))), ward.second: (ward.ben,)}
    with ward.store.write() as connection:
        presences.go(connection, ward.second, ward.ben, ward.clock.now())
    ward.clock.turn(MINUTE / 2)
    with ward.store.write() as connection:
        assert presences.stay(connection, ward.first, ward.ana, ward.clock.now())
    ward.clock.turn(MINUTE / 2)
    assert ward.looking() == {ward.first: (ward.ana,)}
    with ward.store.write() as connection:
        presences.come(connection, ward.first, ward.ana, ward.clock.now())  # twice: one row
        assert presences.stay(connection, ward.second, ward.ben, ward.clock.now())  # a tab that is seen again
        assert not presences.stay(connection, ward.second, ward.ana, ward.clock.now())  # never opened
    assert ward.looking() == {ward.first: (ward.ana,), ward.second: (ward.ben,)}


def test_a_ready_reply_is_changed_and_taken_away_as_it_was_seen_or_not_at_all(ward: Ward) -> None:
    vault = ward.store.vault
    with ward.store.write() as connection:
        north = teams.add(connection, "North", "Day", ward.clock.now())
        assert north is not None
        made = replies.add(connection, vault, None, "B", "for all", ward.ana, ward.clock.now())
        replies.add(connection, vault, north, "A", "for North", ward.ben, ward.clock.now())
        seen = replies.get(connection, vault, made)
        assert seen is not None
        assert [one.text for one in replies.listed(connection, vault, [])] == ["for all"]
        assert [one.text for one in replies.listed(connection, vault, [north])] == ["for North", "for all"]
    ward.clock.turn(MINUTE)
    with ward.store.write() as connection:
        now = ward.clock.now()
        assert replies.change(connection, vault, seen, "B", "changed", ward.ben, now)
        assert not replies.change(connection, vault, seen, "B", "lost", ward.ana, now)
        assert not replies.remove(connection, seen)
        standing = replies.get(connection, vault, made)
        assert standing is not None and (standing.text, standing.made_by) == ("changed", ward.ben)
        assert replies.remove(connection, standing)
        assert replies.get(connection, vault, made) is None


def test_a_team_is_taken_away_once_it_has_no_patient_made_up_or_not(
    store: Store, clock: TurnedClock, a_patient: MakePatient
) -> None:
    person = a_patient()
    with store.write() as connection:
        north = teams.add(connection, "North", "Day", clock.now())
        assert north is not None
        patients.change(connection, store.vault, person.id, demo=True)
        teams.move(connection, person.id, north)
        assert not teams.remove(connection, north)
        teams.move(connection, person.id, None)
        code = invitations.create(connection, clock.now(), north)
        assert teams.remove(connection, north)
        assert invitations.use(connection, code, person.id, clock.now())
    with pytest.raises(KeyError), store.write() as connection:
        teams.move(connection, person.id, north)
    with store.read() as connection:
        assert patients.get(connection, store.vault, person.id).team_id is None
