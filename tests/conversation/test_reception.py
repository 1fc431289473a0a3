"""A message is stored once and screened whatever state the person is in; danger is answered in the same commit."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.clock import TurnedClock
from bot.conversation.message import Form
from bot.safety.tiers import Tier
from bot.store import inbox, invitations, outbox, patients, roster
from bot.store.database import Store
from bot.store.patients import State
from bot.store.tables import addresses as address_table
from bot.store.tables import inbox as inbox_table
from bot.store.tables import outbox as outbox_table
from bot.store.tables import patients as patient_table
from tests.conftest import MakePatient
from tests.conversation.conftest import BuildHouse
from tests.support.house import House
from tests.support.people import delivery, number_for

CRY = "I want to kill myself tonight"


def test_a_repeat_by_the_providers_key_changes_nothing(house: House, a_patient: MakePatient) -> None:
    ana = a_patient()
    first = house.receive(ana.writes("hello", key="sms:1"))
    again = house.receive(ana.writes("hello", key="sms:1"))
    assert first.message_id and again.message_id is None
    assert house.count(inbox_table) == 1


def test_a_repeated_cry_is_answered_once(house: House, a_patient: MakePatient) -> None:
    ana = a_patient()
    for _ in range(3):
        house.receive(ana.writes(CRY, key="sms:1"))
    rows = [row for row in house.rows(ana.id) if row.message_class == "safety"]
    assert len(rows) == len({row.dedupe_key for row in rows}) <= 2
    assert house.count(inbox_table) == 1


@pytest.mark.parametrize("form", [form for form in Form if form is not Form.LEFT])
def test_every_form_with_words_is_screened(form: Form, house: House, a_patient: MakePatient) -> None:
    received = house.receive(a_patient().writes(CRY, form))
    assert received.tier is not Tier.NONE


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("mode", ["unguided", "guided"])
def test_every_state_is_screened_and_answered(state: State, mode: str, house: House, a_patient: MakePatient) -> None:
    ana = a_patient(state=state, mode=mode)
    received = house.receive(ana.writes(CRY))
    assert received.tier.rank >= Tier.URGENT.rank and not received.waits
    assert house.escalation(ana.id) is not None
    said = house.send()
    assert any("988" in text for text in said), said
    assert ana.now().rests_since is not None


def test_an_address_that_nobody_knows_is_screened_and_answered(house: House) -> None:
    number = number_for("sms")
    received = house.receive(delivery("sms", number, CRY))
    assert received.tier.rank >= Tier.URGENT.rank
    assert house.escalation(received.patient_id) is not None
    assert any("988" in text for text in house.send())


def test_somebody_who_opted_out_is_answered_in_danger(house: House, a_patient: MakePatient) -> None:
    ana = a_patient()
    house.say(ana.writes("STOP"))
    assert house.say(ana.writes("hello again")) == []
    assert any("988" in text for text in house.say(ana.writes(CRY)))


def test_a_stop_with_danger_in_it_stops_and_answers(house: House, a_patient: MakePatient) -> None:
    ana = a_patient()
    said = house.say(ana.writes(f"stop. {CRY}"))
    assert any("988" in text for text in said)


@pytest.mark.parametrize("rests", [True, False])
def test_a_screen_that_raises_is_an_alarm(
    rests: bool, build: BuildHouse, a_patient: MakePatient, clock: TurnedClock
) -> None:
    class Broken:
        def first(self, text: str, before: object = ()) -> Any:
            raise RuntimeError(text)

    house = build(screen=Broken())
    ana = a_patient(rests_since=clock.now() if rests else None)
    received = house.receive(ana.writes("my knee is a bit better"))
    assert received.tier is Tier.URGENT
    assert house.escalation(ana.id) is not None
    assert house.send()


def test_danger_drops_what_waits_and_the_open_question(house: House, a_patient: MakePatient) -> None:
    ana = a_patient()
    house.dialogue.hears["check in"] = "start_checkin"
    received = house.receive(ana.writes("check in"))
    house.work(received.patient_id)
    house.receive(ana.writes(CRY))
    assert {row.state for row in house.rows(ana.id) if row.message_class == "reply"} == {outbox.DROPPED}
    assert all("988" in text or "safe" in text.lower() for text in house.send())


STOPS = [
    *("stop", "STOP", " Stop. ", "STOPALL", "stop all", "/stop", "unsubscribe", "cancel", "END", "quit", "revoke"),
    *("opt out", "optout", "Opt-Out"),
]
NOT_STOPS = ["please stop the pain", "I can't stop crying", "the end of the week", "I quit my job", "don't stop"]


@pytest.mark.parametrize("word", STOPS)
def test_stop_words_silence_at_once(word: str, house: House, a_patient: MakePatient) -> None:
    ana = a_patient()
    received = house.receive(ana.writes(word))
    assert not received.waits
    assert ana.now().state is State.STOPPED
    with house.store.read() as connection:
        assert patients.address(connection, ana.address.id).opted_out_at
        assert patients.reachable(connection, ana.id) is None
    assert len(house.send()) == 1  # the confirmation, which the provider gives itself where it says so
    assert house.say(ana.writes(word)) == []


@pytest.mark.parametrize("text", NOT_STOPS)
def test_a_stop_within_a_sentence_is_none(text: str, house: House, a_patient: MakePatient) -> None:
    ana = a_patient()
    house.receive(ana.writes(text))
    assert ana.now().state is State.ACTIVE


def test_a_provider_that_confirms_stop_is_left_to_it(build: BuildHouse, a_patient: MakePatient) -> None:
    house, ana = build(sms_provider_confirms_stop=True), a_patient()
    assert house.say(ana.writes("STOP")) == []


@pytest.mark.parametrize("word", ["help", "HELP", "info", "/help", "Help!"])
@pytest.mark.parametrize("stopped", [True, False])
def test_help_words_are_answered_even_after_stop(
    word: str, stopped: bool, house: House, a_patient: MakePatient
) -> None:
    ana = a_patient()
    if stopped:
        house.say(ana.writes("STOP"))
    said = house.say(ana.writes(word))
    assert len(said) == 1 and "STOP" in said[0]


@pytest.mark.parametrize("word", ["start", "START", "unstop", "resume", "/start", "opt in"])
def test_start_words_bring_messages_back(word: str, house: House, a_patient: MakePatient) -> None:
    ana = a_patient()
    house.say(ana.writes("STOP"))
    assert len(house.say(ana.writes(word))) == 1
    assert ana.now().state is State.ACTIVE
    with house.store.read() as connection:
        assert patients.reachable(connection, ana.id)


def test_who_blocks_the_bot_is_stopped_and_closed(house: House, a_patient: MakePatient) -> None:
    ana = a_patient()
    house.receive(ana.writes("", Form.LEFT))
    with house.store.read() as connection:
        where = patients.address(connection, ana.address.id)
    assert where.closed_at and where.opted_out_at and ana.now().state is State.STOPPED
    house.receive(ana.writes("START"))
    with house.store.read() as connection:
        where = patients.address(connection, ana.address.id)
    assert not where.closed_at and not where.opted_out_at


def test_a_stranger_gets_one_polite_answer_a_day(house: House, clock: TurnedClock) -> None:
    number = number_for("sms")
    said = [len(house.say(delivery("sms", number, text))) for text in ("hello", "who is this", "?")]
    assert said == [1, 0, 0]
    clock.turn(timedelta(hours=25))
    assert len(house.say(delivery("sms", number, "hello"))) == 1
    assert house.count(inbox_table) == 4


@pytest.mark.parametrize("word", ["JOIN", "sign up", "start", "enroll"])
def test_a_stranger_who_asks_to_join_is_enrolled_step_by_step(word: str, house: House) -> None:
    number = number_for("sms")
    house.say(delivery("sms", number, "hello"))
    said = house.say(delivery("sms", number, word))
    assert said and "STOP" in " ".join(said)
    with house.store.read() as connection:
        (who,) = roster.page(connection, house.store.vault).patients
    assert who.state is State.ENROLLING


class TestInvited:
    """Where only the invited may join."""

    @pytest.fixture
    def closed(self, build: BuildHouse) -> House:
        """A house with a door."""
        return build(enrolment="invited")

    def code(self, house: House) -> str:
        with house.store.write() as connection:
            return invitations.create(connection, house.clock.now())

    def test_join_alone_does_not_open_it(self, closed: House) -> None:
        received = closed.receive(delivery("sms", number_for("sms"), "JOIN"))
        assert self.state(closed, received.patient_id) is State.UNKNOWN
        assert len(closed.send()) == 1

    def test_a_code_opens_it_once(self, closed: House) -> None:
        code = self.code(closed)
        ana, ben = number_for("sms"), number_for("sms")
        first = closed.receive(delivery("sms", ana, f"JOIN {code}", start_code=code))
        second = closed.receive(delivery("sms", ben, f"JOIN {code}", start_code=code))
        assert self.state(closed, first.patient_id) is State.ENROLLING
        assert self.state(closed, second.patient_id) is State.UNKNOWN

    def test_a_made_up_or_old_code_does_not_open_it(self, closed: House, clock: TurnedClock) -> None:
        old = self.code(closed)
        clock.turn(timedelta(days=31))
        for code in ("NOSUCHCODE", old):
            received = closed.receive(delivery("telegram", number_for("telegram"), f"/start {code}", start_code=code))
            assert self.state(closed, received.patient_id) is State.UNKNOWN

    def state(self, house: House, patient_id: str) -> State:
        from bot.store.types import PatientId

        with house.store.read() as connection:
            return patients.get(connection, house.store.vault, PatientId(patient_id)).state


UNREADABLE = [Form.VOICE, Form.PHOTO, Form.STICKER, Form.LOCATION, Form.CONTACT, Form.FILE]


@pytest.mark.parametrize("form", UNREADABLE)
def test_what_cant_be_read_is_said_kindly_at_once(form: Form, house: House, a_patient: MakePatient) -> None:
    ana = a_patient()
    assert len(house.say(ana.writes("", form))) == 1
    assert house.dialogue.heard == []


def only_words(house: House, said: list[str]) -> bool:
    """Whether it is said that what came with the words was not seen."""
    return any(variant in text for text in said for variant in house.coach.phrases["only_words_read"])


@pytest.mark.parametrize("form", UNREADABLE)
def test_words_that_come_with_a_picture_are_answered_and_the_picture_is_said_to_be_unseen(
    form: Form, house: House, a_patient: MakePatient
) -> None:
    ana = a_patient()
    said = house.say(ana.writes("this is my knee today", form))
    assert house.dialogue.heard == ["this is my knee today"]
    assert only_words(house, said[:1]) and len(said) > 1


def test_of_a_picture_nothing_is_said_beside_crisis_words_to_strangers_and_after_stop(
    house: House, a_patient: MakePatient
) -> None:
    ana, stranger, gone = a_patient(), a_patient(state=State.UNKNOWN), a_patient(state=State.STOPPED)
    cry = house.say(ana.writes(CRY, Form.PHOTO))
    assert any("988" in text for text in cry) and not only_words(house, cry)
    assert not only_words(house, house.say(stranger.writes("hello", Form.PHOTO)))
    assert house.say(gone.writes("my knee", Form.PHOTO)) == []


ODD = {
    "ten thousand characters": ("ache " * 2000, False),
    "spaces": ("  \n ", False),
    "invisible": ("\u200b\u200d\ufeff", False),
    "emoji": ("😀😀", True),
    "arabic": ("ظهري يؤلمني كثيرا اليوم", False),
    "hebrew": ("הגב שלי כואב מאוד", False),
    "nul": ("six\ufffd", True),
    "zero width in a word": ("he\u200bllo", True),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_texts_are_kept_and_answered(name: str, house: House, a_patient: MakePatient) -> None:
    text, to_dialogue = ODD[name]
    ana = a_patient()
    received = house.receive(ana.writes(text))
    assert received.waits is to_dialogue
    with house.store.read() as connection:
        assert received.message_id is not None
        assert inbox.get(connection, house.store.vault, received.message_id).text == text
    if not to_dialogue:
        assert len(house.send()) == 1


def test_danger_at_the_end_of_ten_thousand_characters_is_seen(house: House, a_patient: MakePatient) -> None:
    received = house.receive(a_patient().writes("My knee hurts. " * 700 + CRY))
    assert received.tier is not Tier.NONE


def test_an_old_button_is_told_and_the_newest_works(build: BuildHouse, a_patient: MakePatient) -> None:
    house = build(channel="telegram")
    ana = a_patient(on="telegram")
    for key in ("old", "new"):
        with house.store.write() as connection:
            outbox.put(
                connection, house.store.vault, patient_id=ana.id, address_id=ana.address.id, dedupe_key=key,
                message_class="reply", rank=1, text=key, buttons=("Yes", "No"), now=house.clock.now(),
            )  # fmt: skip
    old, new = (row.id for row in house.rows(ana.id))
    assert not house.receive(ana.writes("Yes", Form.BUTTON, prompt=old, choice=1)).waits
    assert house.receive(ana.writes("Yes", Form.BUTTON, prompt=new, choice=1)).waits


def test_nothing_is_stored_when_the_commit_fails(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("bot.conversation.receive.queue", fail)
    with pytest.raises(RuntimeError):
        house.receive(delivery("sms", number_for("sms"), CRY))
    for table in (inbox_table, outbox_table, address_table, patient_table):
        assert house.count(table) == 0


def test_two_people_on_two_channels_are_two(house: House, file_store: Store) -> None:
    one = house.receive(delivery("sms", "+12125550199", "hello"))
    two = house.receive(delivery("telegram", "+12125550199", "hello"))
    assert one.patient_id != two.patient_id


def test_rows_to_send_are_told_where_there_are_any(house: House, a_patient: MakePatient) -> None:
    ana = a_patient()
    assert not house.receive(ana.writes("hello")).queued  # the dialogue answers
    assert house.receive(ana.writes("HELP")).queued
    assert house.receive(ana.writes(CRY)).queued
