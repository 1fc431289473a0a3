"""What a message is to the open question: a table a case."""

from __future__ import annotations

from typing import Any

import pytest

from bot.content.coach import Coach
from bot.program import advance as program
from bot.program.advance import CLOSED_QUESTION, FREE_TEXT, RISK, RISK_IN_ANSWER, RISK_IN_FEW_WORDS
from bot.program.place import Frame, Place
from bot.program.turn import Outcome, Result, Turn

ORDER = ("cups", "milk", "kind", "why", "ready", "sure")
GIVEN: dict[str, Any] = {"cups": 4, "pot": 2, "milk": "yes", "kind": "green", "why": "warmth", "ready": "ok"}
FACTS = {"day": 3, "turn": 7, "checked_in_today": "no"}


def at(step: str, **more: Any) -> Place:
    """The person at a question of the small skill, all before it answered."""
    before = ORDER[: ORDER.index(step)]
    known = {name: GIVEN[name] for name in (*before, *(["pot"] if "cups" in before else []))}
    previous = before[-1] if before else None
    return Place((Frame("tea", step, known, previous=previous, **more),))


def offered(
    coach: Coach, place: Place, text: str, intent: str = "", confidence: float = 0.0, choice: int | None = None
) -> Outcome:
    return program.advance(coach, place, Turn(text, choice, intent, confidence), FACTS)


ANSWERS = [
    # label, open, text, answer, next
    ("a digit", "cups", "6", 6, "milk"),
    ("a number word", "cups", "six", 6, "milk"),
    ("yes in words", "milk", "yes please", "yes", "kind"),
    ("a number under a button is the button", "milk", "2", "no", "kind"),
    ("a label", "kind", "herbs", "herbs", "why"),
    ("a number of a choice", "kind", "1", "green", "why"),
    ("free words, trimmed", "why", "  it is cold ", "it is cold", "ready"),
    ("anything, where any reply will do", "ready", "phew", "phew", "sure"),
]


@pytest.mark.parametrize(
    ("step", "text", "value", "following"), [row[1:] for row in ANSWERS], ids=[row[0] for row in ANSWERS]
)
def test_an_answer_is_taken(coach: Coach, step: str, text: str, value: Any, following: str) -> None:
    outcome = offered(coach, at(step), text)
    assert outcome.result is Result.ANSWER
    assert outcome.place.top and outcome.place.top.step == following
    assert outcome.place.top.answers[step] == value


def test_a_button_is_its_value(coach: Coach) -> None:
    outcome = offered(coach, at("kind"), "Herbs", choice=3)
    assert outcome.place.top and outcome.place.top.answers["kind"] == "herbs"


MOVES = [
    ("skip takes the default", "kind", "skip", "why", "black"),
    ("nothing to say is no answer", "why", "no idea", "ready", None),
    ("a skip by the model's word", "cups", "let's move past that", "milk", None),
]


@pytest.mark.parametrize(
    ("step", "text", "following", "value"), [row[1:] for row in MOVES], ids=[row[0] for row in MOVES]
)
def test_a_question_is_passed_over(coach: Coach, step: str, text: str, following: str, value: Any) -> None:
    outcome = offered(coach, at(step), text, "skip_question", 0.9)
    assert outcome.result is Result.MOVE
    assert outcome.place.top and outcome.place.top.step == following
    assert outcome.place.top.answers[step] == value


def test_back_asks_the_question_before_with_its_answers_in_place(coach: Coach) -> None:
    outcome = offered(coach, at("kind"), "back")
    assert outcome.place.top and outcome.place.top.step == "milk"
    assert [say.text for say in outcome.says] == ["Milk?"]


def test_back_at_the_first_question_asks_it_again(coach: Coach) -> None:
    outcome = offered(coach, at("cups"), "back")
    assert outcome.place.top and outcome.place.top.step == "cups"
    assert [say.text for say in outcome.says] == ["How many cups, 0-10?"]


def test_back_after_a_skip_goes_to_what_was_skipped(coach: Coach) -> None:
    skipped = offered(coach, at("cups"), "skip")
    back = offered(coach, skipped.place, "back")
    assert back.place.top and back.place.top.step == "cups"


def test_later_asks_nothing_and_one_word_brings_the_question_back(coach: Coach) -> None:
    slept = offered(coach, at("milk"), "not now")
    assert slept.place.asleep and "?" not in slept.says[0].text
    for word in ("ok", "yes", "I'm back", "hi"):
        back = offered(coach, slept.place, word)
        assert not back.place.asleep and back.says[-1].text.endswith("Milk?")
    answered = offered(coach, slept.place, "no milk")
    assert answered.place.top and answered.place.top.answers["milk"] == "no"


def test_a_required_question_is_not_passed_over(coach: Coach) -> None:
    outcome = offered(coach, at("sure"), "skip")
    assert outcome.place.top and outcome.place.top.step == "sure"
    assert outcome.says[0].text == "Yes or no, please."


def test_nonsense_is_asked_again_twice_in_other_words_and_then_passed_over(coach: Coach) -> None:
    place = at("cups")
    said: list[str] = []
    for _ in range(3):
        outcome = offered(coach, place, "the sea is wide", "nlu_fallback", 0.9)
        place, said = outcome.place, [*said, outcome.says[0].text]
    assert said == ["A number of cups.", "0 to 10 cups?", "No cups then."]
    assert place.top and place.top.step == "milk"


def test_several_answers_in_one_message_are_all_taken(coach: Coach) -> None:
    outcome = offered(coach, at("cups"), "3, no milk")
    assert outcome.place.top and outcome.place.top.step == "kind"
    assert (outcome.place.top.answers["cups"], outcome.place.top.answers["milk"]) == (3, "no")


def test_a_later_answer_alone_is_kept_and_the_open_question_asked_again(coach: Coach) -> None:
    outcome = offered(coach, at("cups"), "with milk please")
    assert outcome.place.top and outcome.place.top.step == "cups"
    after = offered(coach, outcome.place, "2")
    assert after.place.top and after.place.top.step == "kind" and after.place.top.answers["milk"] == "yes"


CORRECTIONS = [
    ("sorry, 6 not 4", {"cups": 6, "pot": 3}),
    ("6 not 4", {"cups": 6, "pot": 3}),
    ("actually cups 2", {"cups": 2, "pot": 1}),
    ("oops, no milk", {"milk": "no"}),
    ("i meant no", {"milk": "no"}),
]


@pytest.mark.parametrize(("text", "mended"), CORRECTIONS, ids=[row[0] for row in CORRECTIONS])
def test_a_correction_mends_the_answer_and_what_was_worked_out_of_it(
    coach: Coach, text: str, mended: dict[str, Any]
) -> None:
    outcome = offered(coach, at("kind"), text)
    assert outcome.place.top and outcome.place.top.step == "kind"
    assert {name: outcome.place.top.answers[name] for name in mended} == mended
    assert outcome.says[-1].text.endswith("Which tea?")


@pytest.mark.parametrize("text", ["not really", "no wait", "sorry", "actually", "i mean it"])
def test_what_mends_nothing_is_no_correction(coach: Coach, text: str) -> None:
    outcome = offered(coach, at("kind"), text)
    assert outcome.place.top and outcome.place.top.answers["cups"] == 4 and outcome.place.top.answers["milk"] == "yes"


INTERRUPTIONS = [
    # label, open, text, intent, confidence, interrupts
    ("a question to a closed one", "cups", "are you a robot?", "ask_bot_identity", CLOSED_QUESTION, True),
    ("not sure enough", "cups", "are you a robot?", "ask_bot_identity", CLOSED_QUESTION - 0.01, False),
    ("an answer goes first", "milk", "yes, are you a robot?", "affirm", 0.99, False),
    ("words of the skill itself", "cups", "I overdid it", "ask_pacing", 0.99, False),
    ("free words are the answer", "why", "I feel so sad", "express_sadness", 0.99, False),
    ("the account breaks into free words", "why", "delete all my data", "delete_my_data", FREE_TEXT, True),
    ("but not unsurely", "why", "delete all my data", "delete_my_data", FREE_TEXT - 0.01, False),
    ("a long message is the answer", "why", "delete " * 20, "delete_my_data", 0.99, False),
    ("a moment of the day is no 'not now'", "why", "after lunch", "not_now", 0.99, False),
    ("nonsense breaks nothing", "cups", "blorp", "out_of_scope", 0.99, False),
    ("a question about something else", "cups", "what is the capital of France?", "out_of_scope", 0.95, True),
    ("a press breaks nothing", "kind", "Green", "ask_bot_identity", 0.99, False),
]


@pytest.mark.parametrize(
    ("step", "text", "intent", "sure", "breaks"),
    [row[1:] for row in INTERRUPTIONS],
    ids=[row[0] for row in INTERRUPTIONS],
)
def test_an_interruption(coach: Coach, step: str, text: str, intent: str, sure: float, breaks: bool) -> None:
    outcome = offered(coach, at(step), text, intent, sure, choice=1 if text == "Green" else None)
    assert (outcome.result is Result.INTERRUPTION) is breaks
    if breaks:
        assert outcome.place == at(step) and not outcome.effects


RISKS = [
    ("surely meant", "why", "I do not want to be here any more", RISK, True),
    ("hardly meant", "why", "I do not want to be here any more", RISK - 0.01, False),
    ("few words", "why", "my daughter", RISK_IN_FEW_WORDS - 0.01, False),
    ("few words, surely", "why", "kill me", RISK_IN_FEW_WORDS, True),
    ("read as the answer", "milk", "yes I live with milk", RISK_IN_ANSWER - 0.01, False),
    ("read as the answer, surely", "milk", "yes I want to die", RISK_IN_ANSWER, True),
    ("a digit", "cups", "3", 1.0, False),
]


@pytest.mark.parametrize(("step", "text", "sure", "breaks"), [row[1:] for row in RISKS], ids=[row[0] for row in RISKS])
def test_the_models_own_risk_intents(coach: Coach, step: str, text: str, sure: float, breaks: bool) -> None:
    outcome = offered(coach, at(step), text, "risk_suicide", sure)
    assert (outcome.result is Result.INTERRUPTION) is breaks


def test_the_end_keeps_what_was_said_and_agreed(coach: Coach) -> None:
    outcome = offered(coach, at("sure"), "yes")
    kept = {effect.name: effect.value for effect in outcome.effects}
    assert outcome.place == Place()
    assert kept["record"] == {"cups": 4, "pot": 2, "milk": "yes", "kind": "green", "why": "warmth"}
    assert kept["practice"]["what"] == "green tea" and kept["practice"]["when"] == "warmth"
    assert outcome.says[-1].text == "Enjoy your green tea."


def test_leaving_keeps_no_record(coach: Coach) -> None:
    outcome = offered(coach, at("sure"), "no")
    assert outcome.place == Place()
    assert [(effect.name, effect.target) for effect in outcome.effects] == [("delivered", "left")]


def test_a_skill_on_top_of_another_ends_and_the_lower_one_is_asked_again(coach: Coach) -> None:
    opened = program.start(coach, at("kind"), "flare_card", "other", Turn(""), {**FACTS, "flare_card": "no"})
    assert [frame.skill for frame in opened.place.frames] == ["tea", "flare_card"]
    place = opened.place
    for _ in range(6):
        outcome = offered(coach, place, "skip")
        place = outcome.place
        if place.top and place.top.skill == "tea":
            break
    assert place == at("kind")
    assert outcome.says[-1].text.endswith("Which tea?")


def test_a_skill_that_lies_below_is_gone_back_to_with_its_answers(coach: Coach) -> None:
    both = Place((*at("kind").frames, Frame("flare_card", "eases")))
    outcome = program.start(coach, both, "tea", "ask_pacing", Turn("tea"), FACTS)
    assert [frame.skill for frame in outcome.place.frames] == ["flare_card", "tea"]
    assert outcome.place.top and outcome.place.top.answers["cups"] == 4


def test_a_place_whose_step_is_gone_from_content_interrupts(coach: Coach) -> None:
    assert offered(coach, Place((Frame("tea", "biscuits"),)), "5").result is Result.INTERRUPTION
    assert offered(coach, Place((Frame("no_such", "x"),)), "5").result is Result.INTERRUPTION
