"""Staff write in the chat as a named human: the coach is silent but for screening and the emergency text."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from ward import EMERGENCY, URGENT, Ward

from bot.conversation import takeover
from bot.conversation.message import Form
from bot.conversation.work import Worker
from bot.errors import Conflict, Incomplete
from bot.scheduler.tick import Scheduler
from bot.store import due, inbox, lanes, takeovers
from bot.store.access import Refused
from bot.store.patients import State
from bot.store.types import StaffId
from tests.conftest import MakePatient
from tests.support.house import ScriptedDialogue, heard_out
from tests.support.people import Person

BEGINS = "This is Ana, a person from the team."
ENDS = "Ana has left this chat."


def begin(ward: Ward, who: Person, by: StaffId) -> None:
    with ward.store.write() as connection:
        takeover.begin(connection, ward.store.vault, ward.coach, who.id, by, ward.clock.now())


def says(ward: Ward, who: Person, by: StaffId, text: str, key: str = "1") -> bool:
    with ward.store.write() as connection:
        return takeover.say(connection, ward.store.vault, who.id, by, key, text, ward.clock.now())


def test_the_patient_is_told_who_writes_and_nothing_else_is_said(ward: Ward, a_patient: MakePatient) -> None:
    who, ana = a_patient(), ward.staff("ana")
    begin(ward, who, ana)
    received = ward.writes(who, "what shall I do about my back?")
    assert not received.waits
    assert says(ward, who, ana, "Hello, I read your message.")
    assert [text.split(".")[0] + "." for text in ward.told(who.id)] == [BEGINS, "Hello, I read your message."]


def test_words_sent_twice_by_one_form_go_once(ward: Ward, a_patient: MakePatient) -> None:
    who, ana = a_patient(), ward.staff("ana")
    begin(ward, who, ana)
    assert [says(ward, who, ana, "Hello", "form 1"), says(ward, who, ana, "Hello", "form 1")] == [True, False]


@pytest.mark.parametrize("form", [Form.VOICE, Form.PHOTO, Form.EDIT])
def test_what_can_not_be_read_is_staffs_to_answer(ward: Ward, a_patient: MakePatient, form: Form) -> None:
    who = a_patient()
    begin(ward, who, ward.staff("ana"))
    ward.reception.receive(who.writes("", form))
    assert len(ward.told(who.id)) == 1


def test_an_emergency_is_answered_and_paged_all_the_same(ward: Ward, a_patient: MakePatient) -> None:
    team = ward.team()
    who = a_patient()
    begin(ward, who, team["ana"])
    says(ward, who, team["ana"], "I am here.")
    ward.writes(who, EMERGENCY)
    texts = ward.told(who.id)
    assert texts[1] == "I am here." and texts[2].startswith("Call 911 now.")
    assert ward.escalation(who).tier == "emergency"
    assert ward.page() == ["ana:call", "ana:sms"]


def test_an_urgent_sign_is_screened_and_paged_and_a_person_answers(ward: Ward, a_patient: MakePatient) -> None:
    team = ward.team()
    who = a_patient()
    begin(ward, who, team["ana"])
    ward.writes(who, URGENT)
    assert len(ward.told(who.id)) == 1
    assert ward.escalation(who).tier == "urgent"
    assert ward.page() == ["ana:call"]


def test_stop_is_final_in_a_takeover_too(ward: Ward, a_patient: MakePatient) -> None:
    who, ana = a_patient(), ward.staff("ana")
    begin(ward, who, ana)
    ward.writes(who, "STOP")
    with pytest.raises(Incomplete, match="call them"):
        says(ward, who, ana, "please")


def test_it_ends_after_an_hour_without_a_message_and_both_are_told(ward: Ward, a_patient: MakePatient) -> None:
    team = ward.team()
    who = a_patient()
    ward.writes(who, URGENT)
    begin(ward, who, team["ana"])
    ward.minutes(59)
    ward.writes(who, "are you there?")
    ward.minutes(59)
    ward.vigils.tick()
    with ward.store.read() as connection:
        assert takeovers.of(connection, who.id) is not None
    ward.minutes(1.1)
    ward.vigils.tick()
    assert ward.told(who.id)[-1].startswith(ENDS)
    assert "handed_back" in ward.events(who)
    assert ward.writes(who, "my back hurts").waits


def test_staff_hand_back(ward: Ward, a_patient: MakePatient) -> None:
    who, ana = a_patient(), ward.staff("ana")
    begin(ward, who, ana)
    for ended in (True, False):
        with ward.store.write() as connection:
            done = takeover.end(connection, ward.store.vault, ward.coach, who.now(), ward.clock.now(), staff_id=ana)
        assert (done is not None) is ended
    assert [text for text in ward.told(who.id) if text.startswith(ENDS)] == [ward.told(who.id)[-1]]


def test_one_at_a_time_and_the_second_is_told_who(ward: Ward, a_patient: MakePatient) -> None:
    who, ana, ben = a_patient(), ward.staff("ana"), ward.staff("ben")
    begin(ward, who, ana)
    with pytest.raises(Conflict) as caught:
        begin(ward, who, ben)
    assert (caught.value.who, caught.value.event) == ("Ana", "taken_over")
    with pytest.raises(Conflict):
        says(ward, who, ben, "hello")


@pytest.mark.parametrize("role", ["administrator", "researcher"])
def test_who_may_not(ward: Ward, a_patient: MakePatient, role: str) -> None:
    with pytest.raises(Refused):
        begin(ward, a_patient(), ward.staff("eve", role=role))


def test_who_said_stop_can_not_be_written_to(ward: Ward, a_patient: MakePatient) -> None:
    with pytest.raises(Incomplete, match="call them"):
        begin(ward, a_patient(state=State.STOPPED), ward.staff("ana"))


def test_an_answer_that_the_coach_was_at_is_not_said_any_more(ward: Ward, a_patient: MakePatient) -> None:
    who, ana = a_patient(), ward.staff("ana")

    class Interrupted(ScriptedDialogue):
        async def say(self, sender, text, metadata):  # type: ignore[no-untyped-def]
            heard = await super().say(sender, text, metadata)
            begin(ward, who, ana)  # while Rasa thinks
            return heard

    worker = Worker(ward.store, Interrupted(ward.coaching), ward.coaching.phrase, ward.clock, heard_out, 6.0)  # type: ignore[arg-type]
    received = ward.writes(who, "what is pacing?")
    assert received.waits
    asyncio.run(worker.work_lane(who.id))
    assert len(ward.told(who.id)) == 1
    with ward.store.read() as connection:
        assert inbox.next_waiting(connection, ward.store.vault, who.id) is None


def test_no_check_in_breaks_in(ward: Ward, a_patient: MakePatient) -> None:
    who = a_patient()
    begin(ward, who, ward.staff("ana"))
    with ward.store.write() as connection:
        due.set_at(connection, who.id, "checkin", ward.clock.now())
        lanes.put(connection, who.id, ward.clock.now())
    Scheduler(ward.store, ward.coaching, ward.clock, lambda: None).tick()
    assert len(ward.told(who.id)) == 1
    with ward.store.read() as connection:
        assert due.of(connection, who.id)["checkin"] > ward.clock.now() + timedelta(minutes=10)
