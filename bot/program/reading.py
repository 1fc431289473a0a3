"""Reads what a person wrote as an answer to the open question, to an earlier one, or to several at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot import answers
from bot.answers import Kind
from bot.content.skill import Skill, Step
from bot.program.place import Frame
from bot.program.turn import Turn

_CLAUSE = re.compile(r"[,;.\n!]+(?!\d)|\s+(?:and|but|n|&|plus)\s+", re.IGNORECASE)
_CORRECTS = re.compile(
    r"^\W*(?:sorry|oops|whoops|i mean|i meant|i ment|meant|actually|no wait|wait|correction|scratch that|scrap that|my mistake|typo)\b[\s,:.-]*",
    re.IGNORECASE,
)
_NOT = re.compile(r"\bnot\s+(?:a\s+)?([\w.]+)", re.IGNORECASE)
BUTTONS: Mapping[Kind, tuple[str, ...]] = {Kind.YES_NO: ("Yes", "No"), Kind.PARTLY: ("Yes", "Partly", "No")}
FREE = frozenset({Kind.TEXT, Kind.ACTIVITY})


def buttons(step: Step, facts: Mapping[str, Any]) -> tuple[str, ...]:
    """Labels under a question, in order; none where it is answered in words or numbers."""
    if step.options_from:
        return tuple(facts.get(step.options_from, ()))
    return tuple(step.options) or (BUTTONS.get(step.ask, ()) if step.ask else ())


def _values(step: Step, facts: Mapping[str, Any]) -> tuple[Any, ...]:
    if step.options_from:
        return tuple(facts.get(f"{step.options_from}_values", ()))
    if step.values:
        return step.values
    if step.ask == Kind.PARTLY:
        return ("yes", "partly", "no")
    return ("yes", "no") if step.ask == Kind.YES_NO else tuple(range(1, len(step.options) + 1))


def _chosen(step: Step, number: int, facts: Mapping[str, Any]) -> Any:
    values = _values(step, facts)
    return values[number - 1] if 1 <= number <= len(values) else None


def read(step: Step, text: str, turn: Turn, facts: Mapping[str, Any]) -> Any:
    """The value of `text` as an answer to `step`, or None.

    A number that stands under a button is that button; only then is it read as the kind says.
    """
    if step.ask is None:
        return None
    labels = buttons(step, facts)
    bare = text.strip().rstrip(".)")
    if labels and bare.isdigit():
        chosen = _chosen(step, int(bare), facts)
        if chosen is not None:
            return chosen
    if labels and step.ask not in (Kind.YES_NO, Kind.PARTLY):
        picked = answers.read(answers.Question(Kind.CHOICE, options=labels), text)
        if isinstance(picked, int):
            return _chosen(step, picked, facts)
        if step.ask == Kind.CHOICE:
            return None
    question = answers.Question(
        step.ask, options=labels, today=turn.today, region=turn.region, part_of_day=step.part_of_day or None
    )
    return answers.read(question, text)


def answer(skill: Skill, step: Step, frame: Frame, turn: Turn, facts: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The answer to the open question, and those to later ones that the same message holds.

    Returns:
        (value or None, step id -> value for later questions).
    """
    if turn.choice is not None:
        return _chosen(step, turn.choice, facts), {}
    if step.ask in FREE:
        return read(step, turn.text, turn, facts), {}
    later = [other for other in skill.steps[skill.index(step.id) + 1 :] if other.ask and other.cues]
    ahead: dict[str, Any] = {}
    own: list[str] = []
    for clause in _clauses(turn.text):
        owner = None if _cued(step, clause) else next((other for other in later if _cued(other, clause)), None)
        value = read(owner, clause, turn, facts) if owner else None
        if owner and value is not None:
            ahead[owner.id] = value
        else:
            own.append(clause)
    if not ahead:
        return read(step, turn.text, turn, facts), {}
    return read(step, ", ".join(own), turn, facts) if own else None, ahead


def ahead(skill: Skill, text: str, turn: Turn, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Answers that a message holds for any labelled question of a skill that it opens."""
    found: dict[str, Any] = {}
    for clause in _clauses(text):
        for step in skill.steps:
            if step.ask and step.ask not in FREE and step.id not in found and _cued(step, clause):
                value = read(step, clause, turn, facts)
                if value is not None:
                    found[step.id] = value
                    break
    return found


def correction(skill: Skill, frame: Frame, turn: Turn, facts: Mapping[str, Any]) -> tuple[Step, Any] | None:
    """The earlier answer that a message mends ("sorry, 6 not 9"), if it is that."""
    step = skill.step(frame.previous) if frame.previous else None
    if step is None or step.ask in FREE or turn.choice is not None:
        return None
    old = frame.answers.get(step.id)
    lead = _CORRECTS.match(turn.text)
    denied = _NOT.search(turn.text)
    if not lead and not (denied and _same(read(step, denied.group(1), turn, facts), old)):
        return None
    value = read(step, _CORRECTS.sub("", turn.text), turn, facts)
    return None if value is None or value == old else (step, value)


def _same(value: Any, old: Any) -> bool:
    return value is not None and value == old


def _clauses(text: str) -> Iterator[str]:
    for clause in _CLAUSE.split(text[:2000]):
        if clause.strip():
            yield clause.strip()


def _cued(step: Step, clause: str) -> bool:
    return any(re.search(rf"\b{re.escape(cue)}", clause, re.IGNORECASE) for cue in step.cues)
