"""A lane is worked in order, a message that fails is tried again, and nobody is answered twice."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from bot.coaching.scene import Understood
from bot.conversation.dialogue import Heard
from bot.conversation.engine import Engine
from bot.conversation.work import RETRY_SECONDS
from bot.errors import DialogueDown, StoreError
from bot.store import inbox, lanes
from bot.store.types import MessageId, PatientId
from tests.conftest import MakePatient
from tests.support.house import House


def test_messages_are_worked_in_the_order_they_came(house: House, a_patient: MakePatient) -> None:
    ana = a_patient()
    for text in ("one", "two", "three"):
        house.receive(ana.writes(text))
    house.work(ana.id)
    assert house.dialogue.heard == ["one", "two", "three"]
    assert house.states(ana.id) == [inbox.DONE] * 3
    keys = [row.dedupe_key.split(":")[1] for row in house.rows(ana.id)]
    assert keys == sorted(keys)


def test_a_failed_message_keeps_those_after_it_waiting(house: House, a_patient: MakePatient) -> None:
    ana = a_patient()
    house.dialogue.fails = 2
    for text in ("one", "two"):
        house.receive(ana.writes(text))
    house.work(ana.id)
    assert house.states(ana.id) == [inbox.WAITING] * 2
    assert house.dialogue.heard == []
    house.work(ana.id)  # too early: nothing is offered
    assert house.dialogue.fails == 1
    house.work(ana.id, 1)
    house.work(ana.id, 2)
    assert house.dialogue.heard == ["one", "two"]
    assert house.states(ana.id) == [inbox.DONE] * 2


def test_a_dialogue_that_dies_after_it_answered_answers_once(house: House, a_patient: MakePatient) -> None:
    ana = a_patient()
    house.dialogue.hears["check in"] = "start_checkin"
    house.dialogue.dies = 1
    house.receive(ana.writes("check in"))
    house.work(ana.id)
    assert house.rows(ana.id) == []
    house.work(ana.id, 1)
    assert house.dialogue.heard == ["check in"]  # what was decided is not asked again: a question is open by now
    rows = house.rows(ana.id)
    assert rows and {row.dedupe_key.split(":")[0] for row in rows} == {"reply"}


def test_the_answer_that_opened_a_question_is_not_its_answer(house: House, a_patient: MakePatient) -> None:
    ana = a_patient()
    house.dialogue.hears["6"] = "start_checkin"
    house.dialogue.dies = 1
    house.receive(ana.writes("6"))
    house.work(ana.id)
    house.work(ana.id, 1)
    from bot.store import diary

    with house.store.read() as connection:
        days = diary.checkins_of(connection, house.store.vault, ana.id)
    assert [day.pain for day in days if day.pain is not None] in ([], [6.0])
    replies = [row for row in house.rows(ana.id) if row.dedupe_key.startswith("reply:")]
    assert len(replies) == len({row.text for row in replies})


def test_an_apology_is_said_once_and_filled(house: House, a_patient: MakePatient) -> None:
    ana = a_patient()
    house.dialogue.fails = 7
    house.receive(ana.writes("hello"))
    for _ in range(12):
        house.work(ana.id, 20)
    said = [row.text for row in house.rows(ana.id)]
    late = [row for row in house.rows(ana.id) if row.dedupe_key.startswith("slow:")]
    assert len(late) == 1
    assert "{" not in "".join(said)
    assert "911" in late[0].text
    assert house.states(ana.id) == [inbox.DONE]


def test_no_apology_for_what_is_quick_again(house: House, a_patient: MakePatient) -> None:
    ana = a_patient()
    house.dialogue.fails = 2
    house.receive(ana.writes("hello"))
    for _ in range(3):
        house.work(ana.id, 1.5)
    assert [row for row in house.rows(ana.id) if row.dedupe_key.startswith("slow:")] == []


def test_a_message_without_any_answer_is_parked_and_the_next_goes_on(house: House, a_patient: MakePatient) -> None:
    ana = a_patient()
    house.dialogue.fails = len(RETRY_SECONDS) + 1
    for text in ("poison", "hello"):
        house.receive(ana.writes(text))
    for _ in range(len(RETRY_SECONDS) + 3):
        house.work(ana.id, 130)
    assert house.states(ana.id) == [inbox.PARKED, inbox.DONE]
    assert house.dialogue.heard == ["hello"]
    with house.store.write() as connection:  # a supervisor lets it try again
        lanes.put(connection, ana.id, house.clock.now())
        inbox.unpark(connection, ana.id, house.clock.now())
    house.work(ana.id)
    assert house.states(ana.id) == [inbox.DONE, inbox.DONE]


def test_a_fault_of_ours_is_tried_again_and_parked_too(house: House, a_patient: MakePatient) -> None:
    ana = a_patient()

    async def broken(*_: object) -> object:
        raise ValueError("a bug")

    house.dialogue.say = broken  # type: ignore[assignment,method-assign]
    house.receive(ana.writes("hello"))
    for _ in range(len(RETRY_SECONDS) + 1):
        house.work(ana.id, 130)
    assert house.states(ana.id) == [inbox.PARKED]


def test_a_worker_that_lost_its_lane_writes_nothing(house: House, a_patient: MakePatient) -> None:
    ana = a_patient()
    house.receive(ana.writes("hello"))
    real = house.dialogue.say

    async def slow(sender: str, text: str, metadata: dict[str, object]) -> object:
        heard = await real(sender, text, metadata)
        house.clock.turn(timedelta(minutes=5))
        with house.store.write() as connection:
            assert lanes.claim(connection, ana.id, "another", house.clock.now())
        return heard

    house.dialogue.say = slow  # type: ignore[assignment,method-assign]
    house.work(ana.id)
    assert house.rows(ana.id) == []
    assert house.states(ana.id) == [inbox.WAITING]
    house.dialogue.say = real  # type: ignore[method-assign]
    house.work(ana.id, 60)
    assert house.states(ana.id) == [inbox.DONE]
    assert len({row.dedupe_key for row in house.rows(ana.id)}) == len(house.rows(ana.id)) > 0


def test_a_store_that_went_away_in_the_middle_is_taken_up_at_once(house: House, a_patient: MakePatient) -> None:
    ana = a_patient()
    house.receive(ana.writes("hello"))
    finish, calls = house.worker._finish, []

    def fail_once(*arguments: object) -> object:
        calls.append(arguments)
        if len(calls) == 1:
            raise StoreError("away")
        return finish(*arguments)  # type: ignore[arg-type]

    house.worker._finish = fail_once  # type: ignore[method-assign,assignment]
    again_at = house.work(ana.id)
    assert again_at is not None and again_at - house.clock.now() <= timedelta(seconds=1)
    house.work(ana.id, 1)  # well before the lease is out: the same worker may take it again
    assert house.states(ana.id) == [inbox.DONE]


def test_a_reply_wakes_its_channel_and_an_alarm_the_pager_too(house: House, a_patient: MakePatient) -> None:
    ana, told = a_patient(), list[str]()
    house.worker.sent = told.append
    house.say(ana.writes("hello"))

    async def alarmed(_sender: str, _text: str, metadata: dict[str, Any]) -> Heard:
        heard = Understood(MessageId(int(metadata["message"])), "risk_suicide", 0.99, metadata["holder"])
        assert house.coaching.risk(heard)
        return Heard(heard.intent)

    house.dialogue.say = alarmed  # type: ignore[assignment,method-assign]
    house.say(ana.writes("they would all do fine if that was it"))
    assert house.escalation(ana.id) is not None
    assert told == ["sms", ""]


def test_rasa_sees_a_pseudonym_that_changes(house: House, a_patient: MakePatient) -> None:
    ana, senders = a_patient(), []
    real = house.dialogue.say

    async def listen(sender: str, text: str, metadata: dict[str, object]) -> object:
        senders.append(sender)
        assert set(metadata) == {"message", "holder", "open"}
        return await real(sender, text, metadata)

    house.dialogue.say = listen  # type: ignore[assignment,method-assign]
    for text in ("one", "two"):
        house.say(ana.writes(text))
    house.clock.turn(timedelta(hours=3))
    house.say(ana.writes("three"))
    assert senders[0] == senders[1] != senders[2]
    assert ana.number not in "".join(senders)
    assert all(sender.startswith(ana.id[:12]) for sender in senders)


@pytest.mark.parametrize("waiting", [1, 12])
def test_the_engine_works_all_lanes_and_tries_again_by_itself(
    waiting: int, house: House, a_patient: MakePatient
) -> None:
    people = [a_patient(name=f"P{n}") for n in range(waiting)]
    house.dialogue.fails = 1

    async def until_done() -> None:
        engine = Engine(house.store, house.worker, house.clock)
        loop = asyncio.create_task(engine.run())
        for person in people:
            received = house.receive(person.writes("hello"))
            engine.wake(PatientId(received.patient_id))
        async with asyncio.timeout(10):
            while any(house.states(person.id) != [inbox.DONE] for person in people):
                await asyncio.sleep(0.02)
                house.clock.turn(timedelta(seconds=0.02))
        loop.cancel()
        await asyncio.gather(loop, return_exceptions=True)

    asyncio.run(until_done())


def test_patients_never_wait_for_each_other(house: House, a_patient: MakePatient) -> None:
    ana, ben = a_patient(name="Ana"), a_patient(name="Ben")
    real = house.dialogue.say

    async def slow_for_ana(sender: str, text: str, metadata: dict[str, object]) -> object:
        if sender.startswith(ana.id[:12]):
            await asyncio.sleep(30)
            raise DialogueDown("late")
        return await real(sender, text, metadata)

    house.dialogue.say = slow_for_ana  # type: ignore[assignment,method-assign]

    async def until_done() -> None:
        engine = Engine(house.store, house.worker, house.clock)
        loop = asyncio.create_task(engine.run())
        for person in (ana, ben):
            engine.wake(PatientId(house.receive(person.writes("hello")).patient_id))
        async with asyncio.timeout(5):
            while house.states(ben.id) != [inbox.DONE]:
                await asyncio.sleep(0.02)
        assert house.states(ana.id) == [inbox.WAITING]
        loop.cancel()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        await asyncio.gather(loop, return_exceptions=True)

    asyncio.run(until_done())
