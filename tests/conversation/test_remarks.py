"""What people say of our own verdicts: a danger that we missed opens at once; an alarm that was none lowers nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.safety.tiers import Tier
from bot.store import escalations, evaluation
from bot.store.escalations import Event
from bot.store.evaluation import Verdict
from bot.store.patients import State
from tests.conftest import MakePatient
from tests.support.house import House
from tests.support.people import Person

VEILED = "I gave the dog to my sister for good"
WISH = "I want to kill myself"


def wrote(house: House, who: Person, text: str) -> int | None:
    """They write, and a minute goes by."""
    received = house.receive(who.writes(text))
    house.clock.turn(timedelta(minutes=1))
    return received.message_id


def lines(house: House) -> list[Verdict]:
    """The local evaluation set."""
    with house.store.read() as connection:
        return evaluation.verdicts(connection, house.store.vault)


def history(house: House, who: Person) -> list[Event]:
    """Of the person's newest escalation."""
    with house.store.read() as connection:
        (newest, *_) = escalations.of_patient(connection, house.store.vault, who.id)
        return escalations.history(connection, house.store.vault, newest.id)


@pytest.mark.parametrize(
    ("words", "tier"),
    [
        ("you missed that", "watch"),
        ("that was a cry for help", "urgent"),
        ("I was in danger yesterday and you did not notice", "urgent"),
    ],
)
def test_what_a_person_says_was_missed_opens_at_once_and_joins_the_evaluation_set(
    words: str, tier: str, house: House, a_patient: MakePatient
) -> None:
    ana = a_patient()
    veiled = wrote(house, ana, VEILED)
    wrote(house, ana, "7")  # the answer to a question is not what they mean
    received = house.receive(ana.writes(words))
    found = house.escalation(ana.id)
    assert found and (found.tier, found.missed, found.message_id) == (tier, True, veiled)
    assert [event.event for event in history(house, ana) if event.event != "nobody_to_page"] == ["missed", "joined"]
    (line,) = lines(house)
    assert (line.text, line.verdict, line.screened, line.tier) == (VEILED, "missed", "none", tier)
    assert received.tier == tier and any("988" in text for text in house.send())


@pytest.mark.parametrize("state", list(State))
def test_it_is_heard_whatever_state_the_person_is_in(state: State, house: House, a_patient: MakePatient) -> None:
    ana = a_patient(state=state)
    assert house.receive(ana.writes("that was a cry for help")).tier is Tier.URGENT
    assert house.escalation(ana.id) is not None


def test_the_remark_opens_by_itself_where_nothing_was_let_pass_lately(house: House, a_patient: MakePatient) -> None:
    ana = a_patient()
    wrote(house, ana, VEILED)
    house.clock.turn(timedelta(days=4))
    received = house.receive(ana.writes("that was a cry for help"))
    found = house.escalation(ana.id)
    assert found and found.message_id == received.message_id and lines(house) == []


def test_danger_in_the_same_words_is_judged_by_itself(house: House, a_patient: MakePatient) -> None:
    ana = a_patient()
    wrote(house, ana, VEILED)
    wrote(house, ana, f"that was a cry for help. {WISH} tonight")
    found = house.escalation(ana.id)
    assert found and (found.tier, found.kind) == ("emergency", "suicide")
    assert [line.tier for line in lines(house)] == ["emergency"]


def test_a_joke_lowers_nothing_and_is_shown_as_the_persons_view(house: House, a_patient: MakePatient) -> None:
    ana = a_patient()
    wrote(house, ana, WISH)
    house.send()
    before = house.escalation(ana.id)
    house.clock.turn(timedelta(hours=49))  # the question is not open any more
    (said,) = house.say(ana.writes("that was a joke, you got me wrong"))
    after = house.escalation(ana.id)
    assert before and after and after.tier == before.tier and after.is_waiting
    assert after.version > before.version
    assert history(house, ana)[-1].event == "disputed" and history(house, ana)[-1].message_id
    assert "team" in said and ana.now().rests_since
    assert lines(house) == []  # a verdict is one of staff's


def test_a_joke_in_answer_to_a_safety_question_is_no_clear_no(house: House, a_patient: MakePatient) -> None:
    ana = a_patient()
    wrote(house, ana, WISH)
    received = house.receive(ana.writes("only joking"))
    assert received.tier.rank >= Tier.URGENT.rank
    assert "disputed" in [event.event for event in history(house, ana)]


def test_without_an_alarm_a_misunderstanding_is_the_dialogues(house: House, a_patient: MakePatient) -> None:
    ana = a_patient()
    assert house.receive(ana.writes("you misunderstood me")).waits
    assert house.escalation(ana.id) is None
