"""Every module of queries, on both databases: what is put in comes out, in order, and repeats change nothing."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from bot.clock import TurnedClock
from bot.errors import Conflict
from bot.store import (
    access,
    agreements,
    diary,
    due,
    escalations,
    handling,
    invitations,
    judging,
    opening,
    patients,
    positions,
    record,
    roster,
    sessions,
    staff,
)
from bot.store.database import Store
from bot.store.patients import State
from bot.store.steps import Step
from bot.store.types import PatientId
from tests.conftest import MakePatient
from tests.store.rows import put_in, put_out
from tests.store.whole_life import WORDS, live
from tests.support.people import Person

DAY = timedelta(days=1)


class TestPatients:
    def test_an_address_is_found_whole_and_alone(self, store: Store, a_patient: MakePatient) -> None:
        ana, ben = a_patient(on="sms"), a_patient(on="telegram")
        with store.read() as connection:
            for person in (ana, ben):
                found = patients.find(connection, store.vault, person.channel, person.number)
                assert found and found.patient_id == person.id
                assert patients.open_address(connection, store.vault, found.id) == person.number
            assert patients.find(connection, store.vault, "telegram", ana.number) is None
            assert patients.find(connection, store.vault, "sms", ana.number[:-1]) is None

    def test_two_first_messages_at_once_make_one_person(self, store: Store, clock: TurnedClock) -> None:
        given: dict[str, Any] = {"country": "US", "zone": "UTC"}
        with store.write() as connection:
            one = patients.create(connection, store.vault, "sms", "+12125550001", clock.now(), **given)
            two = patients.create(connection, store.vault, "sms", "+12125550001", clock.now(), **given)
            assert two == one
            assert len(patients.codes(connection, [one.patient_id])) == 1

    def test_names_are_changed_sealed(self, store: Store, a_patient: MakePatient) -> None:
        ana = a_patient(name="Ana")
        with store.write() as connection:
            patients.change(connection, store.vault, ana.id, first_name="José 🙂", coach="Kim", unanswered=3)
        assert (ana.now().first_name, ana.now().coach, ana.now().unanswered) == ("José 🙂", "Kim", 3)

    def test_an_opt_out_holds_on_every_channel(self, store: Store, a_patient: MakePatient, clock: TurnedClock) -> None:
        ana = a_patient()
        with store.write() as connection:
            assert patients.reachable(connection, ana.id) == patients.address(connection, ana.address.id)
            patients.change_address(connection, ana.address.id, closed_at=clock.now())
            assert patients.reachable(connection, ana.id) is None
            patients.change_address(connection, ana.address.id, closed_at=None, opted_out_at=clock.now())
            assert patients.reachable(connection, ana.id) is None

    def test_consent_is_kept_and_taken_back(self, store: Store, a_patient: MakePatient, clock: TurnedClock) -> None:
        ana = a_patient()
        with store.write() as connection:
            assert patients.consent(connection, ana.id) is None
            patients.give_consent(connection, ana.id, "v1", clock.now())
            patients.withdraw_consent(connection, ana.id, clock.now() + DAY)
            patients.give_consent(connection, ana.id, "v2", clock.now() + 2 * DAY)
            last = patients.consent(connection, ana.id)
        assert last and (last.version, last.withdrawn_at) == ("v2", None)

    def test_lists_and_codes(self, store: Store, a_patient: MakePatient) -> None:
        ana, stranger = a_patient(), a_patient(state=State.UNKNOWN)
        with store.read() as connection:
            assert [one.id for one in roster.page(connection, store.vault).patients] == [ana.id]
            code = patients.codes(connection, [ana.id, stranger.id])[ana.id]
            assert patients.by_code(connection, f" {code.lower()} ") == ana.id
            assert patients.by_code(connection, "NOBODY") is None
            with pytest.raises(KeyError):
                patients.get(connection, store.vault, PatientId("nobody"))

    def test_told_today_is_a_day_long(self, store: Store, a_patient: MakePatient, clock: TurnedClock) -> None:
        ana = a_patient()
        put_out(store, ana, clock, "stranger:1")
        with store.read() as connection:
            for later, told in ((timedelta(), True), (timedelta(hours=23), True), (timedelta(hours=25), False)):
                assert patients.was_told_today(connection, ana.id, "stranger:", clock.now() + later) is told
            assert not patients.was_told_today(connection, ana.id, "other:", clock.now())


class TestDiary:
    def test_one_checkin_a_day(self, store: Store, a_patient: MakePatient, clock: TurnedClock) -> None:
        ana, monday = a_patient(), date(2026, 11, 23)
        with store.write() as connection:
            made = diary.checkin(connection, store.vault, ana.id, monday, clock.now())
            assert diary.checkin(connection, store.vault, ana.id, monday, clock.now() + DAY) == made
            diary.tell(connection, store.vault, made, "pain", 6.5, "six and a half")
            diary.tell(connection, store.vault, made, "pain", 6, "sorry, 6")
            diary.tell(connection, store.vault, made, "worry", None, "work")
            diary.complete(connection, made, clock.now())
            diary.complete(connection, made, clock.now() + DAY)
            (day,) = diary.checkins_of(connection, store.vault, ana.id, monday)
        assert (day.pain, day.sleep) == (6.0, None)
        assert day.detail == {"pain": "sorry, 6", "worry": "work", "earlier": [["pain", "six and a half"]]}
        assert day.completed_at and day.completed_at - day.started_at < DAY

    def test_exercises_change(self, store: Store, a_patient: MakePatient, clock: TurnedClock) -> None:
        ana = a_patient()
        with store.write() as connection:
            made = diary.keep(connection, store.vault, ana.id, "plan", "pacing", "kept", {"minutes": 15}, clock.now())
            diary.revise(connection, store.vault, made, clock.now() + DAY, state="done", partly="half")
            (one,) = diary.exercises_of(connection, store.vault, ana.id)
        assert (one.state, one.data) == ("done", {"minutes": 15, "partly": "half"})
        assert one.updated_at - one.created_at >= timedelta(hours=23)

    def test_a_page_of_the_past_is_the_newest_up_to_an_instant(
        self, store: Store, a_patient: MakePatient, clock: TurnedClock
    ) -> None:
        ana, vault, now = a_patient(), store.vault, clock.now()
        with store.write() as connection:
            for back in (3, 1, 2, 0):  # in no order
                at = now - back * DAY
                diary.checkin(connection, vault, ana.id, at.date(), at)
                diary.keep(connection, vault, ana.id, "plan", f"skill {back}", "kept", {}, at)
            days = diary.checkins_until(connection, vault, ana.id, now - DAY, 2)
            kept = diary.exercises_until(connection, vault, ana.id, now - DAY, 2)
        assert [day.started_at for day in days] == [now - 2 * DAY, now - DAY]
        assert [one.skill for one in kept] == ["skill 2", "skill 1"]

    def test_requests_are_open_until_done(self, store: Store, a_patient: MakePatient, clock: TurnedClock) -> None:
        ana, ben = a_patient(), a_patient()
        with store.write() as connection:
            made = diary.keep(
                connection, store.vault, ana.id, diary.REQUEST, "export_data", diary.OPEN, {}, clock.now()
            )
            assert [(one.id, one.what) for one in diary.open_requests(connection)] == [(made, "export_data")]
            assert [one.id for one in diary.open_requests_of(connection, store.vault, ana.id)] == [made]
            assert diary.open_requests_of(connection, store.vault, ben.id) == []
            assert not diary.close_request(connection, ben.id, made, clock.now())
            assert diary.close_request(connection, ana.id, made, clock.now())
            assert not diary.close_request(connection, ana.id, made, clock.now())
            assert diary.open_requests(connection) == []
            assert diary.open_requests_of(connection, store.vault, ana.id) == []


class TestPositions:
    def test_a_place_is_kept(self, store: Store, a_patient: MakePatient, clock: TurnedClock) -> None:
        ana = a_patient()
        with store.write() as connection:
            assert positions.get(connection, store.vault, ana.id) == {}
            places: list[dict[str, Any]] = [{"frames": [1]}, {"frames": []}]
            for place in places:
                positions.put(connection, store.vault, ana.id, place, clock.now())
                assert positions.get(connection, store.vault, ana.id) == place

    def test_a_conversation_ends_by_turns_and_by_silence(
        self, store: Store, a_patient: MakePatient, clock: TurnedClock
    ) -> None:
        ana = a_patient()
        with store.write() as connection:
            ids = [positions.conversation(connection, ana.id, clock.now()) for _ in range(13)]
            assert [ids.count(one) for one in dict.fromkeys(ids)] == [12, 1]
            later = clock.now() + timedelta(hours=3)
            assert positions.conversation(connection, ana.id, later) not in ids

    def test_a_turn_is_kept_once(self, store: Store, a_patient: MakePatient, clock: TurnedClock) -> None:
        ana = a_patient()
        message = put_in(store, ana, clock, "k")
        assert message is not None
        with store.write() as connection:
            vault, say = store.vault, list[Any]([["Hello", [], None, "reply"]])
            assert positions.kept_turn(connection, vault, message, "action_reply") is None
            assert positions.keep_turn(connection, vault, ana.id, message, "action_reply", "said", say)
            assert not positions.keep_turn(connection, vault, ana.id, message, "action_reply", "said", [])
            assert positions.kept_turn(connection, vault, message, "action_reply") == ("said", say)
            assert positions.all_turns(connection, vault, message) == [("action_reply", "said", say)]


class TestStaff:
    def test_a_session_lasts_while_it_is_used_but_not_for_ever(self, store: Store, clock: TurnedClock) -> None:
        now, vault = clock.now(), store.vault
        with store.write() as connection:
            ana = staff.create(connection, vault, "ana", "Ana", "supervisor", "hash", now)
            sessions.begin(connection, ana, "token", now)
            for hours in (7, 14, 21):
                found = sessions.whose(connection, vault, "token", now + timedelta(hours=hours))
                assert found and found.id == ana
                sessions.touch(connection, "token", now + timedelta(hours=hours))
            assert sessions.whose(connection, vault, "token", now + timedelta(hours=24)) is None
            assert sessions.whose(connection, vault, "other", now) is None

    def test_sessions_end(self, store: Store, clock: TurnedClock) -> None:
        with store.write() as connection:
            vault, now = store.vault, clock.now()
            ana = staff.create(connection, vault, "ana", "Ana", "supervisor", "hash", now)
            for token in ("one", "two", "three"):
                sessions.begin(connection, ana, token, now)
            sessions.close(connection, "one")
            assert sessions.whose(connection, vault, "one", now) is None
            assert sessions.whose(connection, vault, "two", now) is not None
            sessions.close_all(connection, ana)
            assert sessions.whose(connection, vault, "three", now) is None

    def test_members_are_found_and_changed(self, store: Store, clock: TurnedClock) -> None:
        with store.write() as connection:
            assert not staff.any_exists(connection)
            ben = staff.create(connection, store.vault, "ben", "Ben", "clinician", "hash", clock.now())
            staff.create(connection, store.vault, "ana", "Ana", "supervisor", "hash", clock.now())
            staff.change(connection, ben, failed=3, locked_until=clock.now())
            found = staff.by_login(connection, store.vault, "ben")
            assert found and (found.failed, found.locked_until is not None) == (3, True)
            assert staff.by_login(connection, store.vault, "nobody") is None
            assert [one.login for one in staff.listed(connection, store.vault)] == ["ana", "ben"]
            assert set(staff.names(connection, store.vault).values()) == {"Ana", "Ben"}
            assert staff.any_exists(connection)


class TestEscalations:
    def note(self, store: Store, who: Person, clock: TurnedClock, key: str, tier: str) -> escalations.Escalation:
        message = put_in(store, who, clock, key)
        assert message is not None
        with store.write() as connection:
            return opening.note(connection, store.vault, who.id, message, tier, "suicide", clock.now())

    def test_one_for_an_episode_never_lowered(self, store: Store, a_patient: MakePatient, clock: TurnedClock) -> None:
        ana = a_patient()
        first = self.note(store, ana, clock, "1", "urgent")
        again = self.note(store, ana, clock, "2", "watch")
        raised = self.note(store, ana, clock, "3", "emergency")
        assert first.id == again.id == raised.id
        assert [one.tier for one in (first, again, raised)] == ["urgent", "urgent", "emergency"]
        with store.read() as connection:
            events = [one.event for one in escalations.history(connection, store.vault, first.id)]
            assert events == ["opened", "joined", "raised"]
            assert escalations.current(connection, store.vault, ana.id) == raised

    def test_a_resolved_one_reopens_within_a_week(
        self, store: Store, a_patient: MakePatient, clock: TurnedClock
    ) -> None:
        ana = a_patient()
        first = self.note(store, ana, clock, "1", "emergency")
        with store.write() as connection:
            who = staff.create(connection, store.vault, "ana", "Ana", "supervisor", "hash", clock.now())
            handling.acknowledge(Step(connection, store.vault, first.id, who, clock.now(), first.version))
            now = escalations.get(connection, store.vault, first.id)
            judging.resolve(Step(connection, store.vault, first.id, who, clock.now(), now.version), {"outcome": "fine"})
            assert escalations.current(connection, store.vault, ana.id) is None
            assert len(escalations.resolved_since(connection, store.vault, clock.now() - DAY)) == 1
        clock.turn(6 * DAY)
        again = self.note(store, ana, clock, "2", "watch")
        assert (again.id, again.tier, again.state, again.owner_id) == (first.id, "watch", "open", None)
        with store.write() as connection:
            handling.acknowledge(Step(connection, store.vault, again.id, who, clock.now(), again.version))
            judging.resolve(Step(connection, store.vault, again.id, who, clock.now()), {"outcome": "fine"})
        clock.turn(8 * DAY)
        assert self.note(store, ana, clock, "3", "watch").id != first.id
        with store.read() as connection:
            assert escalations.counts(connection) == {"resolved": 1, "open": 1}

    def test_two_people_never_overwrite_each_other(
        self, store: Store, a_patient: MakePatient, clock: TurnedClock
    ) -> None:
        first = self.note(store, a_patient(), clock, "1", "urgent")
        with store.write() as connection:
            who = staff.create(connection, store.vault, "ana", "Ana", "supervisor", "hash", clock.now())
            handling.acknowledge(Step(connection, store.vault, first.id, who, clock.now(), first.version))
        with pytest.raises(Conflict), store.write() as connection:
            handling.acknowledge(Step(connection, store.vault, first.id, who, clock.now(), first.version))

    def test_the_gravest_are_first_then_the_oldest(
        self, store: Store, a_patient: MakePatient, clock: TurnedClock
    ) -> None:
        made = []
        for n, tier in enumerate(("watch", "urgent", "emergency", "urgent")):
            made.append(self.note(store, a_patient(), clock, str(n), tier).id)
            clock.turn(timedelta(minutes=1))
        with store.read() as connection:
            found = escalations.listed(connection, store.vault, (escalations.Stage.OPEN,))
        assert [one.id for one in found] == [made[2], made[1], made[3], made[0]]


class TestTheRest:
    def test_due_is_one_a_kind(self, store: Store, a_patient: MakePatient, clock: TurnedClock) -> None:
        ana, ben = a_patient(), a_patient()
        with store.write() as connection:
            due.clear(connection, ana.id)
            due.clear(connection, ben.id)
            due.set_at(connection, ana.id, "checkin", clock.now() + DAY)
            due.set_at(connection, ana.id, "checkin", clock.now())
            due.set_at(connection, ben.id, "reminder", clock.now() - DAY)
            assert [(one, kind) for one, kind, _ in due.ripe(connection, clock.now() + timedelta(seconds=1))] == [
                (ben.id, "reminder"), (ana.id, "checkin"),
            ]  # fmt: skip
            due.clear(connection, ben.id, "checkin")
            assert set(due.of(connection, ben.id)) == {"reminder"}
            due.clear(connection, ben.id)
            assert due.next_at(connection) == due.of(connection, ana.id)["checkin"]

    def test_an_invitation_is_spent_once(self, store: Store, a_patient: MakePatient, clock: TurnedClock) -> None:
        ana, ben = a_patient(), a_patient()
        with store.write() as connection:
            code, late = (invitations.create(connection, clock.now()) for _ in range(2))
            assert invitations.use(connection, f" {code.lower()}", ana.id, clock.now())
            assert not invitations.use(connection, code, ben.id, clock.now())
            assert not invitations.use(connection, late, ben.id, clock.now() + 31 * DAY)
            assert not invitations.use(connection, "NOSUCHCODE", ben.id, clock.now())

    def test_a_record_holds_all_and_only_of_one_person(self, store: Store, clock: TurnedClock) -> None:
        ana, _ben = live(store, clock)
        with store.write() as connection:
            who, plan = staff.listed(connection, store.vault)[0].id, agreements.Kind.SAFETY_PLAN
            agreements.keep(connection, store.vault, ana.id, plan, {"signs": "new"}, 1, who, clock.now())
            told = record.of(connection, store.vault, ana.id)
        for part in (
            "addresses", "consents", "messages_in", "messages_out", "checkins", "exercises", "escalations", "vigils",
        ):  # fmt: skip
            assert told[part], part
        assert [(one["version"], one["data"]["signs"]) for one in told["agreements"]] == [(1, WORDS), (2, "new")]
        assert told["patient"]["id"] == ana.id
        assert {one["patient_id"] for one in told["messages_in"]} == {ana.id}

    def test_staff_read_only_through_the_door(self, store: Store, a_patient: MakePatient, clock: TurnedClock) -> None:
        ana = a_patient()
        with store.write() as connection:
            vault, now = store.vault, clock.now()
            for role in ("supervisor", "researcher"):
                staff.create(connection, vault, role, role, role, "hash", now)
            reader, other = (staff.by_login(connection, vault, role) for role in ("supervisor", "researcher"))
            assert reader and other
            assert access.patient(connection, vault, reader, ana.id, "patient.view", now).id == ana.id
            with pytest.raises(access.Refused):
                access.patient(connection, vault, other, ana.id, "patient.view", now)
            with pytest.raises(access.Refused):
                access.codes(connection, other, [ana.id])
            assert len(access.listed(connection, vault, reader, "patients.view", now).patients) == 1
            assert [(one.action, one.subject) for one in staff.entries(connection)] == [
                ("patients.view", "patients"), ("patient.view", ana.id),
            ]  # fmt: skip
