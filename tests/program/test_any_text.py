"""No text whatever breaks a turn, and a place survives being stored."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.program import advance as program
from bot.program.advance import BREAKS_FREE_TEXT
from bot.program.facts import facts
from bot.program.place import Frame, Place, from_json, to_json
from bot.program.turn import Result, Turn
from tests.program.people import COACH, NEWCOMER, OLD_HAND, TODAY

QUESTIONS = [(skill.id, step.id) for skill in COACH.skills.values() for step in skill.steps if step.ask]
FACTS = [facts(COACH, person) for person in (NEWCOMER, OLD_HAND)]
WORDS = [
    "sorry",
    "6",
    "not",
    "9",
    "skip",
    "back",
    "yes",
    "no",
    "pain",
    "sleep",
    "7",
    "after lunch",
    "🙂",
    "\u200f",
    "½",
    "10/10",
]
texts = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join))
intents = st.sampled_from(["", "affirm", "out_of_scope", "risk_suicide", "report_pain", *sorted(BREAKS_FREE_TEXT)])


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(QUESTIONS), texts, intents, st.floats(0, 1), st.none() | st.integers(-1, 9), st.sampled_from(FACTS)
)
def test_any_message_has_an_outcome(
    question: tuple[str, str], text: str, intent: str, sure: float, choice: int | None, known: dict[str, object]
) -> None:
    skill = COACH.skills[question[0]]
    before = {step.id: "5" if step.ask else None for step in skill.steps[: skill.index(question[1])]}
    place = Place((Frame(*question, before, previous=next(reversed(before), None)),))
    outcome = program.advance(COACH, place, Turn(text, choice, intent, sure, TODAY, "ES"), known)
    assert from_json(to_json(outcome.place)) == outcome.place
    if outcome.result is Result.INTERRUPTION:
        assert outcome.place == place and not outcome.effects and not outcome.says
    else:
        assert outcome.says or not outcome.place.frames
    assert all(say.text.strip() for say in outcome.says)


values = st.one_of(
    st.none(), st.integers(), st.floats(allow_nan=False), st.text(max_size=20), st.lists(st.integers(), max_size=3)
)
frames = st.builds(
    Frame,
    st.text(min_size=1, max_size=10),
    st.text(max_size=10),
    st.dictionaries(st.text(max_size=8), values, max_size=4),
    tries=st.integers(0, 3),
    previous=st.none() | st.text(max_size=8),
    ahead=st.lists(st.text(max_size=8), max_size=3).map(tuple),
    pending=st.booleans(),
)


@given(st.lists(frames, max_size=4).map(tuple), st.booleans())
def test_a_place_round_trips_through_json(stack: tuple[Frame, ...], asleep: bool) -> None:
    place = Place(stack, asleep, "2026-03-11T09:00:00+00:00")
    assert from_json(to_json(place)) == place
