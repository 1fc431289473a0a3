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
    r"^\W*(?:sorry|oops|whoops|i mean|i meant|i ment|meant|actually|no wait|wait|correction|scratch that|scrap that|"
    r"my mistake|typo)\b[\s,:.-]*",
    re.IGNORECASE,
)
_NOTHING = re.compile(
    r"^\W*(?:(?:um+|er+m?|well|sorry|hm+)\W+)?(?:no|nope|nah|none|nothing(?: really| much| comes to mind)?|nobody|no ?one|"
    r"n/?a|idk|dunno|(?:i )?(?:do not|don'?t|dont) (?:really )?know|not sure|no idea|no clue|can'?t think of (?:any|one)"
    r"(?:thing)?|(?:i )?can'?t say|no thanks?|no thank you|not really)\W*$",
    re.IGNORECASE,
)
_BACK = re.compile(
    r"^\W*(?:(?:hi|hello|hey|ok(?:ay)?|yes|yep|yeah|right|well|so|now|good|fine)\W*)*"
    r"(?:(?:i'?m|i am|im) (?:back|here|ready)(?: again| now)?|back(?: again| now)?|ready(?: now)?|"
    r"(?:let'?s |we can |i can )?(?:continue|go on|carry on|resume)(?: now| then)?)?\W*$",
    re.IGNORECASE,
)
_WHEN = re.compile(
    r"^\W*(?:(?:maybe|probably|i think|right|just|perhaps|about|around|some time|sometime)\W+)*(?:after|before|at|when(?:ever)?|"
    r"during|while|once|as soon|in the|every|each|on|tomorrow|tonight|today|this|next|mornings?|evenings?|noon|lunch|dinner|"
    r"breakfast|bedtime|by)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"^\D{0,2}(10|\d(?:[.,]5)?)(?:\s*(?:/|out of|of)\s*10)?\W*$")
_NOT = re.compile(r"\bnot\s+(?:a\s+)?([\w.]+)", re.IGNORECASE)
_ORDINAL = re.compile(
    r"\d|\b(?:first|second|third|fourth|fifth|last|other) (?:one|option|choice|answer)\b", re.IGNORECASE
)
SHORT_CHOICE_WORDS = 4
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
    bare = text.strip().rstrip(".)!")
    if bare.casefold() in step.words:
        return step.words[bare.casefold()]
    if labels and bare.isdecimal():
        chosen = _chosen(step, int(bare), facts)
        if chosen is not None:
            return chosen
    picked = _picked(step, labels, text, facts) if labels else None
    if step.ask == Kind.CHOICE:
        return picked
    question = answers.Question(
        step.ask, options=labels, today=turn.today, region=turn.region, part_of_day=step.part_of_day or None
    )
    # "Northern Ireland" is not the button "Ireland": what the kind itself can read goes before a button's words.
    value = answers.read(question, text)
    return picked if value is None and step.ask not in (Kind.YES_NO, Kind.PARTLY) else value


def _picked(step: Step, labels: tuple[str, ...], text: str, facts: Mapping[str, Any]) -> Any:
    number = answers.read(answers.Question(Kind.CHOICE, options=labels), text)
    meant = isinstance(number, int) and _names_option(text, labels)
    return _chosen(step, number, facts) if meant and isinstance(number, int) else None


def _names_option(text: str, labels: tuple[str, ...]) -> bool:
    """Whether a choice was meant: in a longer message "first" may be no more than a word ("I need to rest first")."""
    words = set(re.findall(r"\w{4,}", text.casefold()))
    named = any(words & set(re.findall(r"\w{4,}", label.casefold())) for label in labels)
    return named or len(text.split()) <= SHORT_CHOICE_WORDS or bool(_ORDINAL.search(text))


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
    """The earlier answer that a message mends ("sorry, 6 not 9"), if it is that.

    It is the one that the message names ("sorry, sleep was 4"), or whose value it denies, or else the last.
    """
    lead, denied = _CORRECTS.match(turn.text), _NOT.search(turn.text)
    if turn.choice is not None or not (lead or denied):
        return None
    words = _CORRECTS.sub("", turn.text)
    earlier = [step for step in _answered(skill, frame) if step.ask not in FREE]
    named = [step for step in earlier if _cued(step, words)]
    wrong = [step for step in earlier if denied and _same(read(step, denied.group(1), turn, facts), frame, step)]
    last = [step for step in earlier if lead and step.id == frame.previous]
    for step in [*(step for step in named if lead or step in wrong), *wrong, *last]:
        value = read(step, words, turn, facts)
        if value is not None and value != frame.answers.get(step.id):
            return step, value
    return None


def _answered(skill: Skill, frame: Frame) -> list[Step]:
    """Questions before the open one that have an answer, the last first."""
    before = skill.steps[: max(0, skill.index(frame.step))]
    known = [step for step in reversed(before) if step.ask and frame.answers.get(step.id) is not None]
    return sorted(known, key=lambda step: step.id != frame.previous)


def _same(value: Any, frame: Frame, step: Step) -> bool:
    return value is not None and value == frame.answers.get(step.id)


def shown(step: Step, value: Any, facts: Mapping[str, Any]) -> Any:
    """An answer as the person knows it: the button's label where there was one."""
    values, labels = _values(step, facts), buttons(step, facts)
    return labels[values.index(value)].lower() if value in values and labels else value


def says_nothing(text: str) -> bool:
    """Whether the whole message says that there is nothing to say: the answer to a question in free words is then none."""
    return bool(_NOTHING.match(text))


def is_back(text: str) -> bool:
    """Whether the message says no more than that the person is there again ("ok", "I'm back", "hello")."""
    return bool(text.strip()) and bool(_BACK.match(text))


def tells_when(text: str) -> bool:
    """Whether the message begins as a moment of the day does: "after lunch" is no "not now"."""
    return bool(_WHEN.match(text))


def bare_number(text: str) -> float | None:
    """The 0-10 that the whole message is ("7", "7/10", "7."), or None."""
    found = _NUMBER.match(text.strip())
    return float(found.group(1).replace(",", ".")) if found else None


def _clauses(text: str) -> Iterator[str]:
    for clause in _CLAUSE.split(text[:2000]):
        if clause.strip():
            yield clause.strip()


def _cued(step: Step, clause: str) -> bool:
    return any(re.search(rf"\b{re.escape(cue)}", clause, re.IGNORECASE) for cue in step.cues)
