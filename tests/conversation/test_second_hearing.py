"""What the rules let pass is heard out beside the dialogue: nothing is said before, and an alarm waits for nobody."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.coaching.scene import Understood
from bot.conversation.dialogue import Heard
from bot.conversation.receive import Received, Unread
from bot.conversation.second import SecondHearing
from bot.conversation.spool import Spool
from bot.conversation.standby import Standby
from bot.errors import StoreError
from bot.safety.findings import Evidence, Finding, verdict_of
from bot.safety.screen import First, Said, Screen, Verdict
from bot.safety.tiers import Kind, Tier
from bot.store import inbox, positions
from bot.store.tables import inbox as inbox_table
from bot.store.types import MessageId, PatientId
from tests.conftest import MakePatient
from tests.conversation.conftest import BuildHouse
from tests.conversation.test_spool import away
from tests.support.house import House, Provider

VEILED = "the lanterns are all out for me"  # no rule knows it; the encoder of these tests does


class Reader(Screen):
    """A screen whose encoder finds `VEILED` urgent, when it is let."""

    def __init__(self, rules_alone: Screen) -> None:
        vars(self).update(vars(rules_alone))  # to read the rules anew takes a second
        self.may_read, self.read, self.breaks = threading.Event(), list[str](), False
        self.may_read.set()

    def first(self, text: str, before: Sequence[Said] = ()) -> First:
        return replace(super().first(text, before), read=None)

    def full(self, first: First) -> Verdict:
        assert self.may_read.wait(10)
        if self.breaks:
            raise RuntimeError("the encoder broke")
        self.read.append(first.text)
        urgent = Finding(Tier.URGENT, Kind.SUICIDE, (Evidence(0, 3, "opinion", "opinion.urgent"),))
        return verdict_of([*first.findings, *([urgent] if VEILED in first.text else [])])


class Stage:
    """A house whose messages are heard out beside its dialogue."""

    def __init__(self, house: House, folder: Path, screen: Reader) -> None:
        self.house, self.screen, self.raised = house, screen, list[Received]()
        self.direct = Provider("sms")
        spool = Spool(folder, house.store.vault)
        self.standby = Standby(spool, house.reception, {"sms": self.direct}, house.clock, self.raised.append)
        self.start()

    def start(self) -> None:
        """As a fresh process: nothing is known of what was heard out."""
        self.second = SecondHearing(self.house.reception, self.standby, self.house.clock, self.raised.append)
        self.house.worker.is_alarm = self.second.is_alarm

    def receive(self, inbound: Any) -> Received:
        """Take in, and let pass what is to be heard out."""
        return self.house.reception.receive(inbound, beside=True)

    def work(self, received: Received) -> None:
        """Hear it out and work its lane."""

        async def both() -> None:
            self.second.begin(received)
            await self.house.worker.work_lane(PatientId(received.patient_id))

        asyncio.run(both())


@pytest.fixture
def stage(build: BuildHouse, screen: Screen, tmp_path: Path) -> Stage:
    """On SMS."""
    reader = Reader(screen)
    return Stage(build(screen=reader), tmp_path / "spool", reader)


def test_what_is_harmless_is_answered_by_the_dialogue(stage: Stage, a_patient: MakePatient) -> None:
    ana = a_patient()
    received = stage.receive(ana.writes("hello"))
    assert received.waits and received.unheard
    stage.work(received)
    assert stage.screen.read == ["hello"]
    assert [row.message_class for row in stage.house.rows(ana.id)] == ["reply"]
    assert stage.house.escalation(ana.id) is None and stage.raised == []


def test_what_is_grave_is_an_alarm_and_the_dialogue_has_no_say(stage: Stage, a_patient: MakePatient) -> None:
    ana = a_patient()
    received = stage.receive(ana.writes(VEILED))
    assert received.tier is Tier.NONE and stage.house.rows(ana.id) == []
    stage.work(received)
    episode = stage.house.escalation(ana.id)
    assert episode and (episode.tier, episode.message_id) == (Tier.URGENT, received.message_id)
    assert {row.message_class for row in stage.house.rows(ana.id)} == {"safety"}
    assert stage.house.states(ana.id) == [inbox.DONE]
    assert [one.tier for one in stage.raised] == [Tier.URGENT]
    with stage.house.store.read() as connection:
        (evidence,) = inbox.evidence(connection, stage.house.store.vault, episode.message_id)  # type: ignore[arg-type]
    assert evidence["layer"] == "opinion"


def test_an_alarm_does_not_wait_for_a_dialogue_that_hangs(stage: Stage, a_patient: MakePatient) -> None:
    ana = a_patient()

    async def hang(*_: object) -> Heard:
        await asyncio.sleep(3600)
        raise AssertionError

    stage.house.dialogue.say = hang  # type: ignore[assignment,method-assign]
    stage.work(stage.receive(ana.writes(VEILED)))
    assert stage.house.escalation(ana.id) is not None and stage.house.states(ana.id) == [inbox.DONE]


def test_an_alarm_does_not_wait_for_a_free_lane(stage: Stage, a_patient: MakePatient) -> None:
    ana = a_patient()
    received = stage.receive(ana.writes(VEILED))

    async def heard() -> None:
        stage.second.begin(received)
        assert received.message_id is not None and await stage.second.is_alarm(received.message_id)

    asyncio.run(heard())
    assert stage.house.escalation(ana.id) is not None


def test_no_reply_is_queued_before_the_reading_is_done(stage: Stage, a_patient: MakePatient) -> None:
    ana = a_patient()
    received = stage.receive(ana.writes("hello"))
    stage.screen.may_read.clear()

    async def work() -> None:
        stage.second.begin(received)
        lane = asyncio.create_task(stage.house.worker.work_lane(PatientId(ana.id)))
        while not stage.house.dialogue.heard:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        assert stage.house.rows(ana.id) == []  # the dialogue has answered, and it is not said yet
        stage.screen.may_read.set()
        await lane

    asyncio.run(work())
    assert len(stage.house.rows(ana.id)) == 1


def test_what_the_dialogue_does_after_an_alarm_counts_for_nothing(stage: Stage, a_patient: MakePatient) -> None:
    ana = a_patient()
    received = stage.receive(ana.writes(VEILED))
    coaching, offered = stage.house.coaching, dict[str, Any]()

    async def slow(_sender: str, _text: str, metadata: dict[str, Any]) -> Heard:
        offered.update(metadata)
        await asyncio.sleep(3600)
        raise AssertionError

    def act(_alarm: Received) -> None:  # Rasa's call comes between the alarm and the end of the lane's work
        heard = Understood(MessageId(offered["message"]), "start_checkin", 1.0, offered["holder"])
        assert coaching.start_skill(heard)

    stage.house.dialogue.say = slow  # type: ignore[method-assign]
    stage.second.raised = act
    stage.work(received)
    assert {row.message_class for row in stage.house.rows(ana.id)} == {"safety"}
    with stage.house.store.read() as connection:
        assert not positions.get(connection, stage.house.store.vault, PatientId(ana.id))


@pytest.mark.parametrize("rasa", ["up", "down"])
def test_what_a_dead_process_had_not_heard_out_the_next_one_does(
    rasa: str, stage: Stage, a_patient: MakePatient
) -> None:
    ana = a_patient()
    stage.receive(ana.writes(VEILED))  # and the process dies
    stage.start()
    if rasa == "up":
        asyncio.run(stage.house.worker.work_lane(PatientId(ana.id)))
    else:
        asyncio.run(stage.second.look())
        assert stage.house.escalation(ana.id) is None  # another process may be at it
        stage.house.clock.turn(timedelta(seconds=2))
        asyncio.run(stage.second.look())
    assert stage.house.escalation(ana.id) is not None and stage.house.states(ana.id) == [inbox.DONE]


def test_two_processes_that_hear_it_out_raise_one_alarm(stage: Stage, a_patient: MakePatient) -> None:
    ana = a_patient()
    received = stage.receive(ana.writes(VEILED))
    stage.work(received)
    said = len(stage.house.rows(ana.id))
    assert received.unheard
    again = stage.house.reception.alarm(received.unheard, stage.screen.full(received.unheard.first))
    assert again.message_id is None
    assert len(stage.house.rows(ana.id)) == said
    episode = stage.house.escalation(ana.id)
    assert episode and episode.version == 1


def test_verdict_escalation_and_words_are_one_commit(
    stage: Stage, a_patient: MakePatient, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = a_patient()
    received = stage.receive(ana.writes(VEILED))

    def killed(*_: object, **__: object) -> int:
        raise KeyboardInterrupt

    assert received.unheard
    verdict = stage.screen.full(received.unheard.first)
    with monkeypatch.context() as patch:
        patch.setattr("bot.conversation.receive.queue", killed)
        with pytest.raises(KeyboardInterrupt):
            stage.house.reception.alarm(received.unheard, verdict)
    assert stage.house.escalation(ana.id) is None and stage.house.states(ana.id) == [inbox.WAITING]
    stage.start()
    asyncio.run(stage.house.worker.work_lane(PatientId(ana.id)))
    assert stage.house.escalation(ana.id) is not None


def test_a_database_that_goes_away_before_the_alarm_delays_no_answer(stage: Stage, a_patient: MakePatient) -> None:
    ana = a_patient()
    received = stage.receive(ana.writes(VEILED))

    async def heard() -> None:
        with away(stage.house.store):
            stage.second.begin(received)
            assert received.message_id is not None
            assert await stage.second.is_alarm(received.message_id)
        assert stage.direct.texts  # answered from memory
        await stage.standby.replay()

    asyncio.run(heard())
    assert stage.house.escalation(ana.id) is not None
    assert stage.house.count(inbox_table) == 1
    assert [text for text in stage.house.send() if text in stage.direct.texts] == []


def test_neither_database_nor_disk_and_it_is_heard_again(
    stage: Stage, a_patient: MakePatient, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = a_patient()
    received = stage.receive(ana.writes(VEILED))

    async def heard() -> None:
        assert received.message_id is not None

        async def refuse(*_: object) -> None:
            raise StoreError("the disk refused")

        with monkeypatch.context() as patch, away(stage.house.store):
            patch.setattr(stage.standby, "receive", refuse)
            stage.second.begin(received)
            with pytest.raises(StoreError):
                await stage.second.is_alarm(received.message_id)
        assert await stage.second.is_alarm(received.message_id)

    asyncio.run(heard())
    assert stage.house.escalation(ana.id) is not None


def test_an_encoder_that_breaks_counts_as_urgent(stage: Stage, a_patient: MakePatient) -> None:
    ana = a_patient()
    stage.screen.breaks = True
    stage.work(stage.receive(ana.writes("hello")))
    episode = stage.house.escalation(ana.id)
    assert episode and episode.tier == Tier.URGENT


@pytest.mark.parametrize("text", ["HELP", "STOP", VEILED * 200])
def test_what_is_answered_without_the_dialogue_is_read_before(text: str, stage: Stage, a_patient: MakePatient) -> None:
    ana = a_patient()
    with pytest.raises(Unread) as unread:
        stage.receive(ana.writes(text))
    assert stage.house.count(inbox_table) == 0
    assert ana.writes(text).text not in str(unread.value)
    heard = stage.screen.full(unread.value.first)
    received = stage.house.reception.receive(ana.writes(text), beside=True, heard=heard)
    assert received.tier is heard.tier and received.unheard is None
