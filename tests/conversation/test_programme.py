"""What staff do with a programme: the scheduler keeps to it, danger is heard all the same, and START is enough to come back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from bot.coaching.effects import CHECKIN
from bot.conversation import programme
from bot.conversation.programme import Ward
from bot.errors import Conflict, Incomplete
from bot.scheduler.tick import Scheduler
from bot.store import due, escalations, patients, positions
from bot.store.care import Care, Closing, Mode
from bot.store.patients import Patient, State
from tests.conftest import MakePatient
from tests.support.house import House
from tests.support.people import Person

DAY = timedelta(days=1)


@pytest.fixture
def agreed(house: House, a_patient: MakePatient) -> Person:
    """Somebody active who has agreed to take part; it is Monday, ten in the morning, and their check-in is at nine."""
    ana = a_patient()
    with house.store.write() as connection:
        patients.give_consent(connection, ana.id, "v1", house.clock.now())
    return ana


def step(house: House, who: Person, take: Callable[[Ward, Patient], None]) -> None:
    with house.store.write() as connection:
        patient = patients.locked(connection, house.store.vault, who.id)
        take(Ward(connection, house.store.vault, house.coach, house.settings, house.cover, house.clock.now()), patient)


def closed(ward: Ward, patient: Patient) -> None:
    programme.close(ward, patient, Closing.FINISHED)


def days_of_check_ins(house: House, days: int) -> list[int]:
    """On which of the next days something was sent, the clock turned by the hour."""
    scheduler = Scheduler(house.store, house.coaching, house.clock, lambda: None)
    found = set()
    for hour in range(days * 24):
        house.clock.turn(timedelta(hours=1))
        scheduler.tick()
        if house.send():
            found.add((hour + 1 + 10) // 24)
    return sorted(found)


def test_no_check_in_comes_before_the_day_and_the_next_one_comes_on_it(house: House, agreed: Person) -> None:
    step(house, agreed, lambda ward, patient: programme.pause(ward, patient, date(2026, 11, 26)))
    assert len(house.send()) == 1
    assert days_of_check_ins(house, 4)[0] == 3
    assert agreed.now().state is State.ACTIVE


@pytest.mark.parametrize("on", [date(2026, 11, 23), date(2026, 11, 22), date(2027, 11, 24), date(1, 1, 1), date.max])
def test_a_pause_ends_within_a_year_and_not_before_tomorrow(house: House, agreed: Person, on: date) -> None:
    with pytest.raises(Incomplete):
        step(house, agreed, lambda ward, patient: programme.pause(ward, patient, on))
    assert agreed.now().state is State.ACTIVE


def test_after_closing_nothing_is_sent_any_more(house: House, agreed: Person) -> None:
    with house.store.write() as connection:
        due.set_at(connection, agreed.id, CHECKIN, house.clock.now())
        positions.put(connection, house.store.vault, agreed.id, {"frames": ["x"]}, house.clock.now())
    step(house, agreed, closed)
    assert house.send() == ["You will get no more messages from Evenday. Reply START to return. In danger, call 911."]
    assert days_of_check_ins(house, 3) == []
    with house.store.read() as connection:
        assert positions.get(connection, house.store.vault, agreed.id) == {}


@pytest.mark.parametrize("why", Closing)
def test_the_phone_of_somebody_who_died_gets_nothing(house: House, agreed: Person, why: Closing) -> None:
    step(house, agreed, lambda ward, patient: programme.close(ward, patient, why))
    assert len(house.send()) == (why is not Closing.DIED)


def test_danger_is_heard_after_closing_as_from_anybody(house: House, agreed: Person) -> None:
    step(house, agreed, closed)
    house.send()
    said = house.say(agreed.writes("I want to kill myself"))
    assert "988" in " ".join(said)
    with house.store.read() as connection:
        assert escalations.current(connection, house.store.vault, agreed.id)
    with pytest.raises(Conflict, match="Resolve it first"):
        step(house, agreed, lambda ward, patient: programme.check(ward, patient, Care.REOPEN))


@pytest.mark.parametrize("word", ["START", "resume"])
def test_start_is_enough_to_come_back(house: House, agreed: Person, word: str) -> None:
    step(house, agreed, closed)
    house.send()
    (said,) = house.say(agreed.writes(word))
    assert said.startswith("Welcome back") and agreed.now().state is State.ACTIVE
    assert days_of_check_ins(house, 2) != []


def test_whoever_had_all_erased_does_not_come_back_by_one_word(house: House, agreed: Person) -> None:
    with house.store.write() as connection:
        patients.change(connection, house.store.vault, agreed.id, state=State.STOPPED)
        patients.withdraw_consent(connection, agreed.id, house.clock.now())
    received = house.receive(agreed.writes("START"))
    assert received.waits and agreed.now().state is State.STOPPED


def test_stop_wins_over_what_staff_say(house: House, agreed: Person) -> None:
    step(house, agreed, lambda ward, patient: programme.pause(ward, patient, date(2026, 11, 26)))
    house.receive(agreed.writes("STOP"))
    assert not any("care team" in text for text in house.send())
    assert agreed.now().state is State.STOPPED


@pytest.mark.parametrize(("mode", "told"), [(Mode.GUIDED, True), (Mode.UNGUIDED, False)])
def test_a_low_mood_is_answered_by_the_mode(house: House, agreed: Person, mode: Mode, told: bool) -> None:
    step(house, agreed, lambda ward, patient: programme.set_mode(ward, patient, mode))
    said = house.say(agreed.writes("Everything is hopeless, I am a burden to everybody"))
    assert ("Your coach will see this." in " ".join(said)) == told
