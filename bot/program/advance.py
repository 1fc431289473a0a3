"""The one pure function that decides what a message is to the open question, and what comes next.

Digits go before moves, moves before words: "skip this one" is not 1. A correction goes before the open question, since
both may be numbers. What fits nothing is asked again twice, in other words, and then passed over.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.answers import Kind
from bot.answers.wording import is_question, plain
from bot.content.coach import Coach
from bot.content.skill import Skill, Step
from bot.program import reading, steps
from bot.program.move import INTENTS, Move, move
from bot.program.place import Frame, Place
from bot.program.turn import INTERRUPTED, Outcome, Result, Say, Script, Turn
from bot.program.wording import fill, variant

TRIES = 2  # asked again twice, then passed over

# How sure the model must be before a message breaks into an open question. A closed question was already offered the
# message and could not read it, so little is needed; in free text most messages are the answer (tests/program/
# test_interruptions.py holds the lines that chose these).
CLOSED_QUESTION = 0.35
FREE_TEXT = 0.70
RISK, RISK_IN_FEW_WORDS, RISK_IN_ANSWER, FEW_WORDS = 0.5, 0.9, 0.97, 3
ELSEWHERE = 0.9
FREE_TEXT_WORDS = 14  # longer messages in a free-text step are the answer, whatever they look like
# In free text only these break in: what changes the account, safety, and a wish for something else. Thoughts and
# feelings are what such a step asks for.
BREAKS_FREE_TEXT = frozenset(
    "stop_messages talk_to_human delete_my_data export_my_data pause_checkins change_checkin_time ask_privacy"
    " ask_bot_identity ask_menu repeat_that misunderstood not_now skip_question ask_medication ask_medical_advice".split()
)
NEVER_BREAKS = frozenset({"affirm", "deny", "out_of_scope", "nlu_fallback", ""})


def advance(coach: Coach, place: Place, turn: Turn, facts: Mapping[str, Any]) -> Outcome:
    """Offer a message to the open question.

    Args:
        coach: all content.
        place: where the person is.
        turn: the message, as understood.
        facts: what texts and conditions may name (data/coach/README.md).

    Returns:
        An answer or move with the new place, what is said and what is to be written; or an interruption with the
        place unchanged, for the dialogue's rules to answer.
    """
    slept, place = place.asleep, replace(place, asleep=False)
    frame, skill, step = _open(coach, place)
    if frame is None or skill is None or step is None:
        return Outcome(INTERRUPTED, place)
    script = Script(dict(facts))
    if slept and reading.is_back(turn.text):
        return Outcome(Result.MOVE, place, ask_again(coach, place, facts))
    told = _told(coach, place, frame, skill, turn, script)
    if step.ask in reading.FREE:
        return told or _words(coach, place, frame, skill, step, turn, script)
    value, ahead = reading.answer(skill, step, frame, turn, facts)
    if is_alarm(turn, is_answer=value is not None):
        return Outcome(INTERRUPTED, place)
    if told:
        return told
    if value is not None or ahead:
        return _answered(coach, place, skill, step, value, ahead, turn, script)
    if _breaks(coach, skill, step, turn):
        return _interrupted(coach, place, frame, turn, script)
    return _again(coach, place, frame, skill, step, turn, script)


def _told(coach: Coach, place: Place, frame: Frame, skill: Skill, turn: Turn, script: Script) -> Outcome | None:
    """What goes before any answer: a move, a correction, and "nothing" where that is one."""
    step = skill.step(frame.step)
    if step is None or is_alarm(turn) or turn.choice is not None or turn.text.strip().isdecimal():
        return None
    asked = move(turn.text)
    if asked:
        return _moved(coach, place, asked, turn, script)
    mended = reading.correction(skill, frame, turn, script.facts)
    if mended:
        return _corrected(coach, place, *mended, turn, script)
    if _may_be_none(step) and reading.says_nothing(turn.text):
        return _moved(coach, place, Move.SKIP, turn, script)
    return None


def _words(coach: Coach, place: Place, frame: Frame, skill: Skill, step: Step, turn: Turn, script: Script) -> Outcome:
    """A message to a question in free words: most are the answer."""
    if is_alarm(turn):
        return Outcome(INTERRUPTED, place)
    if _breaks(coach, skill, step, turn):
        return _interrupted(coach, place, frame, turn, script)
    value = turn.text if step.look else reading.answer(skill, step, frame, turn, script.facts)[0]
    if value is None:
        return _again(coach, place, frame, skill, step, turn, script)
    return _answered(coach, place, skill, step, value, {}, turn, script)


def is_alarm(turn: Turn, *, is_answer: bool = False) -> bool:
    """Whether the model's own risk intent is to be believed: the screen has judged the words before, and saw less.

    Args:
        is_answer: the open question reads the message as its answer ("I live in Spain").
    """
    if not turn.intent.startswith("risk_") or turn.choice is not None or not re.search(r"[^\W\d_]", turn.text):
        return False
    few = len(turn.text.split()) <= FEW_WORDS
    return turn.confidence >= (RISK_IN_ANSWER if is_answer else RISK_IN_FEW_WORDS if few else RISK)


def _open(coach: Coach, place: Place) -> tuple[Frame | None, Skill | None, Step | None]:
    frame = place.top
    skill = coach.skills.get(frame.skill) if frame else None
    return frame, skill, skill.step(frame.step) if frame and skill else None


def _may_be_none(step: Step) -> bool:
    """Whether "nothing" and "I don't know" are an answer to that question: there is none."""
    return step.optional or (step.ask == Kind.TEXT and not step.look and not step.required)


def _breaks(coach: Coach, skill: Skill, step: Step, turn: Turn) -> bool:
    if turn.choice is not None or coach.by_intent.get(turn.intent) == skill.id:
        return False
    if turn.intent in NEVER_BREAKS:
        return _asks_elsewhere(step, turn)
    if step.ask in reading.FREE:
        short = len(turn.text.split()) <= FREE_TEXT_WORDS
        told_when = turn.intent == "not_now" and reading.tells_when(turn.text)
        return turn.intent in BREAKS_FREE_TEXT and turn.confidence >= FREE_TEXT and short and not told_when
    return turn.confidence >= CLOSED_QUESTION


def _asks_elsewhere(step: Step, turn: Turn) -> bool:
    """Whether the message is surely a question about something else; nonsense is none, and is asked again."""
    asks = "?" in turn.text or is_question(plain(turn.text))
    return asks and turn.intent == "out_of_scope" and turn.confidence >= ELSEWHERE and step.ask not in reading.FREE


def _interrupted(coach: Coach, place: Place, frame: Frame, turn: Turn, script: Script) -> Outcome:
    told = INTENTS.get(turn.intent)
    if told:
        return _moved(coach, place, told, turn, script)
    return Outcome(INTERRUPTED, place)


def _moved(coach: Coach, place: Place, told: Move, turn: Turn, script: Script) -> Outcome:
    frame, skill, step = _open(coach, place)
    assert frame and skill and step  # _open was looked at by advance
    if told is Move.LATER:
        script.says.append(_phrase(coach, "later_ok", script))
        return script.outcome(Result.MOVE, replace(place, asleep=True))
    earlier = skill.step(frame.previous) if told is Move.BACK and frame.previous else None
    if earlier:
        frame = replace(frame, step=earlier.id, previous=None, tries=0, ahead=())
        steps.ask(skill, earlier, script, frame)
        return script.outcome(Result.MOVE, place.put(frame))
    if told is not Move.SKIP:
        steps.ask(skill, step, script, frame)
        return script.outcome(Result.MOVE, place)
    if step.required:
        return _again(coach, place, frame, skill, step, turn, script)
    return script.outcome(Result.MOVE, _passed(coach, place, frame, skill, step, script))


def _passed(coach: Coach, place: Place, frame: Frame, skill: Skill, step: Step, script: Script) -> Place:
    said = variant(step.passed, f"{skill.id}.{step.id}.passed", script.facts.get("day", 0))
    script.says.append(Say(fill(said, {**script.facts, **frame.answers})) if said else _phrase(coach, "passed", script))
    passed = replace(frame.with_answer(step.id, step.default), previous=step.id, tries=0)
    return steps.settle(coach, place.put(passed), skill, step, script, passed=True)


def _again(coach: Coach, place: Place, frame: Frame, skill: Skill, step: Step, turn: Turn, script: Script) -> Outcome:
    if frame.tries >= TRIES and not step.required:
        return script.outcome(Result.ANSWER, _passed(coach, place, frame, skill, step, script))
    text = step.again[min(frame.tries, len(step.again) - 1)] if step.again else step.say[0]
    labels = reading.buttons(step, script.facts)
    script.says.append(Say(fill(text, {**script.facts, **frame.answers}), labels, skill.asked(step)))
    return script.outcome(Result.ANSWER, place.put(replace(frame, tries=frame.tries + 1)))


def _corrected(coach: Coach, place: Place, step: Step, value: Any, turn: Turn, script: Script) -> Outcome:
    frame, skill, _ = _open(coach, place)
    assert frame and skill  # _open was looked at by advance
    was_last = step.id == frame.previous
    frame = frame.with_answer(step.id, value)
    steps.write(coach, skill, step, value, script)
    script.says.append(_phrase(coach, "corrected", script, value=reading.shown(step, value, script.facts)))
    if was_last:  # what follows may be another question now
        return script.outcome(Result.ANSWER, steps.settle(coach, place.put(frame), skill, step, script))
    place = steps.recalculated(place.put(frame), skill, script)
    current = skill.step(frame.step)
    if current:
        steps.ask(skill, current, script, place.top)
    return script.outcome(Result.ANSWER, place)


def _answered(
    coach: Coach,
    place: Place,
    skill: Skill,
    step: Step,
    value: Any,
    ahead: Mapping[str, Any],
    turn: Turn,
    script: Script,
) -> Outcome:
    frame = place.top
    assert frame  # advance looked
    answers = {**frame.answers, **ahead}
    if value is None:  # only later questions were answered: keep those, and ask this one again
        frame = replace(frame, answers=answers, ahead=(*frame.ahead, *ahead))
        script.says.append(_phrase(coach, "noted", script))
        steps.ask(skill, step, script, frame)
        return script.outcome(Result.ANSWER, place.put(frame))
    frame = replace(
        frame, answers={**answers, step.id: value}, ahead=(*frame.ahead, *ahead), previous=step.id, tries=0, kept=None
    )
    steps.write(coach, skill, step, value, script)
    return script.outcome(Result.ANSWER, steps.settle(coach, place.put(frame), skill, step, script))


def ask_again(coach: Coach, place: Place, facts: Mapping[str, Any]) -> tuple[Say, ...]:
    """The open question once more, after something else was answered; nothing where none is open."""
    frame, skill, step = _open(coach, place)
    if frame is None or skill is None or step is None or place.asleep:
        return ()
    script = Script(dict(facts))
    steps.ask(skill, step, script, frame, bridge=_phrase(coach, "resume", script).text)
    return tuple(script.says)


def start(
    coach: Coach,
    place: Place,
    skill_id: str,
    opened_by: str,
    turn: Turn,
    facts: Mapping[str, Any],
    known: Mapping[str, Any] | None = None,
) -> Outcome:
    """Open a conversation on top of what is open; one that is open already is gone back to, its question asked again.

    Args:
        known: answers that are known already, by step.
    """
    script = Script(dict(facts))
    frames = tuple(frame for frame in place.frames if frame.skill != skill_id)
    left = next((frame for frame in place.frames if frame.skill == skill_id and not frame.pending), None)
    if left is not None:
        place = Place((*frames, left))
        return Outcome(Result.MOVE, place, ask_again(coach, place, facts))
    skill = coach.skills[skill_id]
    told = {skill.takes[opened_by]: turn.text.strip()} if opened_by in skill.takes and turn.text.strip() else {}
    ahead = {**reading.ahead(skill, turn.text, turn, facts), **told, **(known or {})}
    return script.outcome(Result.MOVE, steps.begin(coach, Place(frames), skill, opened_by, ahead, script))


def _phrase(coach: Coach, name: str, script: Script, **more: Any) -> Say:
    text = variant(coach.phrases.get(name, ()), name, int(script.facts.get("turn") or script.facts.get("day") or 0))
    return Say(fill(text, {**script.facts, **more}))
