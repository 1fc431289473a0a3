"""What people do with an escalation, on both databases: who may, what is needed, and who was first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.clock import TurnedClock
from bot.errors import Conflict, Incomplete
from bot.store import escalations, handling, judging, opening, snoozing, staff
from bot.store.access import Refused
from bot.store.database import Store
from bot.store.escalations import Escalation
from bot.store.lifecycle import Role, Stage
from bot.store.steps import Step
from bot.store.types import StaffId
from tests.conftest import MakePatient
from tests.store.rows import put_in

HOUR = timedelta(hours=1)


class Case:
    """One emergency and the people around it."""

    def __init__(self, store: Store, clock: TurnedClock, a_patient: MakePatient, tier: str = "emergency") -> None:
        self.store, self.clock, self.who = store, clock, a_patient()
        message = put_in(store, self.who, clock, "1")
        assert message is not None
        self.message = message
        with store.write() as connection:
            self.ana, self.ben, self.eve = (
                staff.create(connection, store.vault, name, name.title(), role, "hash", clock.now())
                for name, role in (("ana", "clinician"), ("ben", "supervisor"), ("eve", "administrator"))
            )
            self.id = opening.note(connection, store.vault, self.who.id, message, tier, "suicide", clock.now()).id

    def do(
        self, take: Callable[..., Any], who: StaffId, *arguments: Any, version: int | None = None, **more: Any
    ) -> Any:
        """Somebody takes a step now."""
        with self.store.write() as connection:
            step = Step(connection, self.store.vault, self.id, who, self.clock.now(), version)
            return take(step, *arguments, **more)

    def take(self, who: StaffId | None = None) -> None:
        """Acknowledge."""
        self.do(handling.acknowledge, who or self.ana, contact_within=timedelta(minutes=15))

    def reach(self) -> None:
        """Log a contact that reached the person."""
        self.do(handling.log_contact, self.ana, how="phone", reached=True)

    def resolve(self, who: StaffId | None = None, outcome: str = "safe_plan") -> None:
        """Resolve."""
        self.do(judging.resolve, who or self.ana, {"outcome": outcome})

    @property
    def now(self) -> Escalation:
        """As it stands."""
        with self.store.read() as connection:
            return escalations.get(connection, self.store.vault, self.id)

    @property
    def events(self) -> list[str]:
        """Its history."""
        with self.store.read() as connection:
            return [one.event for one in escalations.history(connection, self.store.vault, self.id)]


@pytest.fixture
def case(store: Store, clock: TurnedClock, a_patient: MakePatient) -> Case:
    """An emergency that nobody has."""
    return Case(store, clock, a_patient)


STEPS: dict[str, Callable[[Case, StaffId], Any]] = {
    "acknowledge": lambda case, who: case.do(handling.acknowledge, who),
    "hand_over": lambda case, who: case.do(handling.hand_over, who, case.ben),
    "accept": lambda case, who: case.do(handling.accept, who),
    "log_contact": lambda case, who: case.do(handling.log_contact, who, how="phone", reached=True),
    "resolve": lambda case, who: case.do(judging.resolve, who, {"outcome": "referred"}),
    "mark_false_alarm": lambda case, who: case.do(judging.mark_false_alarm, who, "a film"),
    "second_read": lambda case, who: case.do(judging.second_read, who),
    "snooze": lambda case, who: case.do(snoozing.snooze, who, case.clock.now() + HOUR, "she sleeps"),
    "show_again": lambda case, who: case.do(snoozing.show_again, who),
    "reopen": lambda case, who: case.do(judging.reopen, who, "she wrote again"),
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.RESEARCHER])
def test_a_role_that_may_not_is_refused_and_nothing_is_written(case: Case, step: str, role: Role) -> None:
    with case.store.write() as connection:
        staff.change(connection, case.eve, role=role)
    before = case.now
    with pytest.raises(Refused):
        STEPS[step](case, case.eve)
    assert case.now == before and case.events == ["opened"]


def test_a_note_is_for_those_who_care(case: Case) -> None:
    with pytest.raises(Refused), case.store.write() as connection:
        handling.note(Step(connection, case.store.vault, case.id, case.eve, case.clock.now()), {"note": "x"})


@pytest.mark.parametrize(
    "step",
    [
        "hand_over",
        "accept",
        "log_contact",
        "resolve",
        "mark_false_alarm",
        "second_read",
        "snooze",
        "show_again",
        "reopen",
    ],
)
def test_what_nobody_has_taken_can_only_be_taken(case: Case, step: str) -> None:
    with pytest.raises(Conflict):
        STEPS[step](case, case.ana)
    assert case.now.state is Stage.OPEN


@pytest.mark.parametrize(
    "step",
    ["acknowledge", "hand_over", "accept", "log_contact", "resolve", "mark_false_alarm", "snooze", "show_again"],
)
def test_what_is_resolved_stays_so_but_for_reading_and_reopening(case: Case, step: str) -> None:
    case.take()
    case.resolve()
    with pytest.raises(Conflict):
        STEPS[step](case, case.ana)
    assert case.now.state is Stage.RESOLVED


def test_the_way_from_opened_to_resolved(case: Case) -> None:
    assert case.now.next_page_at == case.now.opened_at
    case.take()
    assert (case.now.state, case.now.owner_id, case.now.contact_due_at) == (
        Stage.ACKNOWLEDGED, case.ana, case.now.acknowledged_at + timedelta(minutes=15),  # type: ignore[operator]
    )  # fmt: skip
    case.reach()
    assert (case.now.state, case.now.contact_due_at, case.now.next_page_at) == (Stage.CONTACTED, None, None)
    case.resolve()
    assert case.now.state is Stage.RESOLVED and case.now.resolved_by == case.ana
    assert case.events == ["opened", "acknowledged", "contact", "resolved"]


def test_the_second_of_two_is_told_who_and_what(case: Case) -> None:
    seen = case.now.version
    case.do(handling.acknowledge, case.ben, version=seen)
    with pytest.raises(Conflict) as caught:
        case.do(handling.acknowledge, case.ana, version=seen)
    assert (caught.value.who, caught.value.event) == ("Ben", "acknowledged")
    assert caught.value.at is not None
    assert "Ben" not in str(caught.value)  # it may be logged


def test_a_version_that_is_old_overwrites_nothing(case: Case) -> None:
    case.take()
    old = case.now.version
    case.reach()
    with pytest.raises(Conflict):
        case.do(judging.resolve, case.ana, {"outcome": "referred"}, version=old)
    assert case.now.state is Stage.CONTACTED


class TestHandOver:
    def test_it_is_the_owners_until_the_other_accepts(self, case: Case) -> None:
        case.take()
        case.do(handling.hand_over, case.ana, case.ben, accept_within=timedelta(minutes=5))
        assert (case.now.owner_id, case.now.handing_to) == (case.ana, case.ben)
        case.do(handling.accept, case.ben)
        assert (case.now.owner_id, case.now.handing_to) == (case.ben, None)
        assert case.now.next_page_at == case.now.contact_due_at  # the clock to contact goes on

    def test_only_the_owner_hands_over_and_only_the_other_accepts(self, case: Case) -> None:
        case.take()
        with pytest.raises(Conflict):
            case.do(handling.hand_over, case.ben, case.ana)
        case.do(handling.hand_over, case.ana, case.ben)
        with pytest.raises(Conflict):
            case.do(handling.accept, case.ana)

    def test_not_to_oneself_and_not_to_who_may_not(self, case: Case) -> None:
        case.take()
        with pytest.raises(Incomplete):
            case.do(handling.hand_over, case.ana, case.ana)
        with pytest.raises(Refused):
            case.do(handling.hand_over, case.ana, case.eve)


class TestContact:
    def not_reached(self, case: Case, plan: str = "") -> None:
        now = case.clock.now()
        case.do(handling.log_contact, case.ana, how="phone", reached=False, next_try_at=now + HOUR, plan=plan)

    def test_not_reached_needs_the_time_of_the_next_try(self, case: Case) -> None:
        case.take()
        for at in (None, case.clock.now() - HOUR):
            with pytest.raises(Incomplete) as caught:
                case.do(handling.log_contact, case.ana, how="phone", reached=False, next_try_at=at)
            assert caught.value.field == "next_try"
        self.not_reached(case)
        assert case.now.state is Stage.ACKNOWLEDGED and case.now.next_page_at == case.now.contact_due_at

    def test_three_tries_call_for_a_plan_in_writing(self, case: Case) -> None:
        case.take()
        self.not_reached(case)
        self.not_reached(case)
        with pytest.raises(Incomplete) as caught:
            self.not_reached(case)
        assert caught.value.field == "plan"
        self.not_reached(case, "emergency contact called, welfare check asked for")
        assert case.now.tries == 3
        case.reach()
        assert case.now.tries == 0


class TestSnooze:
    def snooze(self, case: Case, hours: float = 1, who: StaffId | None = None, why: str = "she sleeps") -> None:
        until = case.clock.now() + timedelta(hours=hours)
        case.do(snoozing.snooze, who or case.ana, until, why, version=case.now.version)

    def is_snoozed(self, case: Case) -> bool:
        return snoozing.is_snoozed(case.now, case.clock.now())

    def test_it_is_back_by_itself_and_no_clock_stood_still(self, case: Case) -> None:
        case.take()
        before = case.now
        self.snooze(case, 0.2)
        now = case.now
        assert self.is_snoozed(case) and (now.state, now.owner_id) == (Stage.ACKNOWLEDGED, case.ana)
        assert (now.contact_due_at, now.next_page_at) == (before.contact_due_at, before.next_page_at)
        case.clock.turn(timedelta(minutes=12))
        assert not self.is_snoozed(case) and case.events == ["opened", "acknowledged", "snoozed"]

    def test_not_beyond_the_time_of_contact_nor_for_longer_than_three_days(self, case: Case) -> None:
        case.take()  # the contact is due in 15 minutes
        for hours in (0.26, 0, -1):
            with pytest.raises(Incomplete) as caught:
                self.snooze(case, hours)
            assert caught.value.field == "snooze_until"
        case.reach()  # no limit runs
        with pytest.raises(Incomplete):
            self.snooze(case, 72.01)
        self.snooze(case, 71.99)
        assert self.is_snoozed(case)

    def test_it_needs_a_reason(self, case: Case) -> None:
        case.take()
        with pytest.raises(Incomplete) as caught:
            self.snooze(case, 0.1, why="  ")
        assert caught.value.field == "snooze_why" and case.now.snoozed_until is None

    def test_only_the_owners_and_not_while_it_is_offered(self, case: Case) -> None:
        case.take()
        with pytest.raises(Conflict):
            self.snooze(case, 0.1, who=case.ben)
        case.do(handling.hand_over, case.ana, case.ben)
        with pytest.raises(Conflict):
            self.snooze(case, 0.1)

    @pytest.mark.parametrize("tier", ["watch", "emergency"])
    def test_whatever_shows_risk_brings_it_back(
        self, store: Store, clock: TurnedClock, a_patient: MakePatient, tier: str
    ) -> None:
        case = Case(store, clock, a_patient, "urgent")
        case.take()
        self.snooze(case, 0.1)
        message = put_in(store, case.who, clock, "2")
        assert message is not None
        with store.write() as connection:
            opening.note(connection, store.vault, case.who.id, message, tier, "suicide", clock.now())
        assert not self.is_snoozed(case)

    def test_so_does_their_leaving_a_hand_over_and_anybody_who_wants_to_see_it(self, case: Case) -> None:
        case.take()
        brings = {
            "opted_out": lambda: self.they_leave(case),
            "handed_over": lambda: case.do(handling.hand_over, case.ana, case.ben),
        }
        for event, bring in brings.items():
            self.snooze(case, 0.1)
            bring()
            assert not self.is_snoozed(case), event
        case.do(handling.accept, case.ben)
        self.snooze(case, 0.1, who=case.ben)
        assert case.do(snoozing.show_again, case.ana) is True
        assert case.do(snoozing.show_again, case.ana) is False  # it is there already: nothing is written twice
        assert not self.is_snoozed(case) and case.events.count("shown_again") == 1

    def they_leave(self, case: Case) -> None:
        with case.store.write() as connection:
            opening.add(connection, case.store.vault, case.who.id, case.message, "opted_out", case.clock.now())

    def test_a_colleague_who_takes_the_chat_brings_it_back_and_its_owner_does_not(self, case: Case) -> None:
        case.take()
        for who, stays in ((case.ana, True), (case.ben, False)):
            self.snooze(case, 0.1)
            with case.store.write() as connection:
                snoozing.end_for_another(connection, case.who.id, who)
            assert self.is_snoozed(case) is stays


class TestSecondReading:
    def test_an_emergency_is_read_by_a_second_person_within_a_day(self, case: Case) -> None:
        case.take()
        case.resolve()
        assert case.now.read_due_at == case.now.resolved_at + timedelta(days=1)  # type: ignore[operator]
        with case.store.read() as connection:
            assert [one.id for one in judging.unread(connection, case.store.vault)] == [case.id]
        with pytest.raises(Refused, match="second person"):
            case.do(judging.second_read, case.ana)
        case.do(judging.second_read, case.ben, words="agreed")
        assert (case.now.read_by, case.now.read_at is not None) == (case.ben, True)
        with pytest.raises(Conflict):
            case.do(judging.second_read, case.ben)

    def test_an_urgent_one_needs_none(self, store: Store, clock: TurnedClock, a_patient: MakePatient) -> None:
        case = Case(store, clock, a_patient, "urgent")
        case.take()
        case.resolve()
        assert case.now.read_due_at is None
        with pytest.raises(Conflict):
            case.do(judging.second_read, case.ben)


class TestReopening:
    def test_staff_reopen_however_old_and_the_clocks_start(self, case: Case) -> None:
        case.take()
        case.resolve()
        case.clock.turn(timedelta(days=30))
        with pytest.raises(Incomplete):
            case.do(judging.reopen, case.ben, " ")
        case.do(judging.reopen, case.ben, "the family called")
        now = case.now
        assert (now.state, now.owner_id, now.resolved_by, now.read_due_at) == (Stage.OPEN, None, None, None)
        assert now.next_page_at is not None and now.page_round == 2

    def test_a_new_sign_within_seven_days_reopens_and_pages(self, case: Case) -> None:
        case.take()
        case.resolve()
        case.clock.turn(timedelta(days=6))
        message = put_in(case.store, case.who, case.clock, "2")
        assert message is not None
        with case.store.write() as connection:
            again = opening.note(
                connection, case.store.vault, case.who.id, message, "urgent", "suicide", case.clock.now()
            )
        assert (again.id, again.state, again.tier) == (case.id, Stage.OPEN, "urgent")
        assert again.next_page_at is not None

    def test_not_beside_another_open_one(self, case: Case) -> None:
        case.take()
        case.resolve()
        case.clock.turn(timedelta(days=8))
        message = put_in(case.store, case.who, case.clock, "2")
        assert message is not None
        with case.store.write() as connection:
            other = opening.note(
                connection, case.store.vault, case.who.id, message, "watch", "suicide", case.clock.now()
            )
        assert other.id != case.id
        with pytest.raises(Conflict, match=other.code):
            case.do(judging.reopen, case.ben, "again")


class TestVerdicts:
    def test_a_false_alarm_is_a_verdict_in_words_and_deletes_nothing(self, case: Case) -> None:
        case.take()
        with pytest.raises(Incomplete):
            case.do(judging.mark_false_alarm, case.ana, "")
        case.do(judging.mark_false_alarm, case.ana, "the title of a film")
        assert case.now.resolution == {"outcome": "false_alarm", "risk": "the title of a film"}
        assert case.now.message_id == case.message

    @pytest.mark.parametrize("by", ["staff", "patient", "administrator"])
    def test_a_missed_risk_opens_an_escalation_at_once(
        self, store: Store, clock: TurnedClock, a_patient: MakePatient, by: str
    ) -> None:
        case = Case(store, clock, a_patient, "watch")
        other = a_patient()
        message = put_in(store, other, clock, "3", "I have the rope")
        assert message is not None
        who = {"staff": case.ana, "patient": None, "administrator": case.eve}[by]
        with store.write() as connection:
            made = judging.mark_missed(
                connection, store.vault, other.id, message, "emergency", "suicide", clock.now(), staff_id=who
            )
            (event,) = escalations.history(connection, store.vault, made.id)
        assert (made.missed, made.state, made.message_id) == (True, Stage.OPEN, message)
        assert made.next_page_at is not None
        assert (event.event, event.staff_id) == ("missed", who)

    def test_a_missed_risk_needs_a_tier_and_a_role(self, case: Case) -> None:
        vault, now = case.store.vault, case.clock.now()
        with pytest.raises(Incomplete), case.store.write() as connection:
            judging.mark_missed(connection, vault, case.who.id, case.message, "none", "none", now, staff_id=case.ana)
        with case.store.write() as connection:
            staff.change(connection, case.eve, role="researcher")
        with pytest.raises(Refused), case.store.write() as connection:
            judging.mark_missed(connection, vault, case.who.id, case.message, "urgent", "none", now, staff_id=case.eve)


def test_nothing_resolves_many_or_by_itself() -> None:
    import inspect

    every = [*inspect.getmembers(handling, inspect.isfunction), *inspect.getmembers(judging, inspect.isfunction)]
    resolving = [function for name, function in every if "resolve" in name]
    assert resolving
    for function in resolving:  # of one escalation, by one person
        assert inspect.signature(function).parameters["step"].annotation == "Step", function.__name__
