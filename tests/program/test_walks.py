"""Every conversation in content can be walked to its end: by plain answers, by skips alone, by nonsense alone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from bot.answers import Kind
from bot.content.coach import Coach
from bot.content.skill import Step
from bot.program import advance as program
from bot.program.facts import facts
from bot.program.person import Person
from bot.program.place import Place, from_json, to_json
from bot.program.turn import Outcome, Turn
from tests.program.people import COACH, NEWCOMER, OLD_HAND, TODAY

PLAIN = {
    Kind.PAIN_LEVEL: "5",
    Kind.SCORE: "5",
    Kind.SLEEP_HOURS: "6 hours",
    Kind.MOOD: "low",
    Kind.MINUTES: "5",
    Kind.NUMBERS: "10, 12 and 14",
    Kind.TIME_OF_DAY: "9am",
    Kind.DAYS: "monday and friday",
    Kind.ACTIVITY: "cooking",
    Kind.BODY_PART: "my back",
    Kind.YES_NO: "yes",
    Kind.PARTLY: "partly",
    Kind.DATE: "in two weeks",
    Kind.AGE: "54",
    Kind.LANGUAGE_NAME: "English",
    Kind.NAME: "Ana",
    Kind.COUNTRY: "Spain",
    Kind.ZONE: "Madrid",
    Kind.PHONE: "+34 612 345 678",
    Kind.TEXT: "a few plain words",
}
SKILLS = sorted(COACH.skills)
PEOPLE = {"newcomer": NEWCOMER, "old hand": OLD_HAND}
MOST_TURNS = 80
MOST_BEFORE_A_QUESTION = 3
# A placeholder, or the hole that an empty one leaves.
HOLE = re.compile(r"[{}]|\bNone\b(?! of)|\s[.,;:?!](?:\s|$)|: ?[.,]|:$|\(\)|  ")


def by_example(step: Step) -> str:
    return step.options[0] if step.ask == Kind.CHOICE and step.options else PLAIN.get(step.ask or Kind.TEXT, "1")


def by_the_last_option(step: Step) -> str:
    return {Kind.YES_NO: "no", Kind.PARTLY: "no", Kind.SCORE: "9", Kind.PAIN_LEVEL: "9"}.get(
        step.ask or Kind.TEXT, step.options[-1] if step.options else by_example(step)
    )


WAYS: dict[str, Callable[[Step], str]] = {
    "plain answers": by_example,
    "no and the last option": by_the_last_option,
    "skips": lambda step: "yes" if step.required else "skip",
    "nonsense": lambda step: "yes" if step.required else "zxqv blorp",
}


def looks_well(outcome: Outcome, where: str) -> None:
    """No empty text, no hole, and never a sermon before the next question."""
    silent = 0
    for say in outcome.says:
        assert say.text.strip(), f"{where}: an empty text"
        assert not HOLE.search(say.text), f"{where}: a hole in: {say.text}"
        silent = 0 if say.text.rstrip().endswith("?") or say.buttons else silent + 1
        assert silent <= MOST_BEFORE_A_QUESTION + 1, f"{where}: too much is said on end: {outcome.says}"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("skill_id", SKILLS)
def test_it_can_be_walked_to_its_end(content: Coach, skill_id: str, who: str, way: str) -> None:
    for day in range(3):
        _walk(content, skill_id, PEOPLE[who], WAYS[way], day)


def _walk(content: Coach, skill_id: str, person: Person, answer: Callable[[Step], str], day: int) -> None:
    known = facts(content, person) | {"day": person.day + day, "rotation": ("sleep", "mood", "activity")[day]}
    known |= {"skill": "breathing", "asked": "Shall we?", "unfinished": "no", "unfinished_title": None}
    opened_by = content.skills[skill_id].intents[0] if content.skills[skill_id].intents else "other"
    ahead = {"skill": "breathing", "asked": "Shall we?"} if skill_id == "offer" else {}
    outcome = program.start(content, Place(), skill_id, opened_by, Turn("", today=TODAY, region="ES"), known, ahead)
    place = outcome.place
    for _ in range(MOST_TURNS):
        looks_well(outcome, f"{skill_id} {place.top.step if place.top else 'end'}")
        if place.top is None:
            return
        step = content.skills[place.top.skill].step(place.top.step)
        assert step is not None
        turn = Turn(answer(step), intent="nlu_fallback", confidence=0.9, today=TODAY, region="ES")
        outcome = program.advance(content, place, turn, known)
        place = from_json(to_json(outcome.place))
    raise AssertionError(f"{skill_id} goes round in circles at {place.top}")
