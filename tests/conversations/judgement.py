"""Judges what the coach did by what a conversation file wants: one small function an assertion."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.content.coach import Coach
from bot.content.gsm import count, plain
from bot.conversation.message import Outgoing
from bot.program.place import Place

NO_EXERCISE = ("practice", "declined")


@dataclass(frozen=True)
class Heard:
    """What came since the person's last word.

    Attributes:
        shown: each message as the person sees it.
        place: where the person is now.
    """

    coach: Coach
    channel: str
    batch: list[Outgoing]
    shown: list[str]
    place: Place

    @property
    def words(self) -> str:
        """All of it, without buttons."""
        return "\n".join(sent.reply.text for sent in self.batch)


@dataclass(frozen=True)
class Kept:
    """All that is stored of the person at the end.

    Attributes:
        since: when the conversation began, ISO 8601.
    """

    record: Mapping[str, Any]
    alarms: list[dict[str, str]]
    place: Place
    since: str

    def rows(self, kind: str, at: str) -> list[dict[str, Any]]:
        """Rows of one kind that the conversation made."""
        return [row for row in self.record[kind] if row[at] >= self.since]


def judge(heard: Heard, wanted: Mapping[str, Any]) -> None:
    """Check a `coach:` line.

    Raises:
        AssertionError: says what was otherwise.
    """
    for name, value in wanted.items():
        SAID[name](heard, value)


def judge_after(kept: Kept, wanted: Mapping[str, Any]) -> None:
    """Check `after:`.

    Raises:
        AssertionError: says what was otherwise.
    """
    for name, value in wanted.items():
        STORED[name](kept, value)


def _nothing(heard: Heard, wanted: bool) -> None:
    assert bool(heard.batch) is not wanted, f"nothing was to be said, but: {heard.words}"


def _messages(heard: Heard, wanted: int) -> None:
    assert len(heard.batch) == wanted, f"{len(heard.batch)} messages, not {wanted}"


def _open(heard: Heard | Kept, wanted: str) -> None:
    top = heard.place.top
    found = f"{top.skill}/{top.step}" if top else "nothing"
    assert found == wanted, f"{found} is open, not {wanted}"


def _asks(heard: Heard, wanted: str) -> None:
    _open(heard, wanted)
    skill_id, _, step_id = wanted.partition("/")
    step = heard.coach.skills[skill_id].step(step_id)
    assert step is not None, f"there is no {wanted}"
    asked = _found([*step.say, *step.again, *step.resumed], heard.words)
    assert asked, f"{wanted} is open, but was not asked: {heard.words}"


def _gives(heard: Heard, wanted: Any) -> None:
    for one in _listed(wanted):
        assert _found(_texts(heard.coach, one), heard.words), f"{one} was not given: {heard.words}"


def _texts(coach: Coach, wanted: str) -> Iterable[str]:
    """All variants of `phrase/name`, `reply/intent`, `skill/opens`, `skill/done` or `skill/step`."""
    owner, _, name = wanted.partition("/")
    if owner == "phrase":
        return coach.phrases[name]
    if owner == "reply":
        return [*coach.replies[name].say, *coach.replies[name].instead]
    skill = coach.skills[owner]
    if name in ("opens", "done"):
        return skill.done if name == "done" else [text for texts in skill.opens.values() for text in texts]
    step = skill.step(name)
    assert step is not None, f"there is no {wanted}"
    return [*step.say, *step.again, *step.passed, *(text for branch in step.reply for text in branch.say)]


def _says(heard: Heard, wanted: Any) -> None:
    for one in _listed(wanted):
        assert one in heard.words, f'"{one}" was not said: {heard.words}'


def _contains(heard: Heard, wanted: Any) -> None:
    for one in _listed(wanted):
        assert one.casefold() in heard.words.casefold(), f'"{one}" was not said: {heard.words}'


def _never(heard: Heard, wanted: Any) -> None:
    for one in _listed(wanted):
        assert one.casefold() not in heard.words.casefold(), f'"{one}" was said: {heard.words}'


def _segments(heard: Heard, wanted: int) -> None:
    sizes = [count(plain(text)).parts for text in heard.shown]
    assert heard.channel != "sms" or max(sizes, default=0) <= wanted, f"segments: {sizes}"


def _buttons(heard: Heard, wanted: Any) -> None:
    labels = list(heard.batch[-1].reply.buttons) if heard.batch else []
    assert wanted in (labels, len(labels)), f"buttons are {labels}"


def _safety(heard: Heard, wanted: bool) -> None:
    classes = {str(sent.message_class) for sent in heard.batch}
    assert ("safety" in classes) is wanted, f"classes of what was sent: {classes}"


SAID: Mapping[str, Callable[[Heard, Any], None]] = {
    "nothing": _nothing,
    "messages": _messages,
    "open": _open,
    "asks": _asks,
    "gives": _gives,
    "says": _says,
    "contains": _contains,
    "never": _never,
    "segments": _segments,
    "buttons": _buttons,
    "safety": _safety,
}


def _state(kept: Kept, wanted: str) -> None:
    found = kept.record["patient"]["state"]
    assert found == wanted, f"state is {found}"


def _patient(kept: Kept, wanted: dict[str, Any]) -> None:
    _same_parts("patient", [kept.record["patient"]], [wanted])


def _checkins(kept: Kept, wanted: list[dict[str, Any]]) -> None:
    rows = kept.rows("checkins", "started_at")
    _same_parts("checkins", [row | {"complete": bool(row["completed_at"])} for row in rows], wanted)


def _exercises(kept: Kept, wanted: list[dict[str, Any]]) -> None:
    rows = [row for row in kept.rows("exercises", "created_at") if row["kind"] not in NO_EXERCISE]
    _same_parts("exercises", [row["data"] | row for row in rows], wanted)


def _practice(kept: Kept, wanted: dict[str, Any] | None) -> None:
    rows = [row for row in kept.record["exercises"] if row["kind"] == "practice"]
    _same_parts("practice", [row["data"] | row for row in rows][-1:], [wanted] if wanted else [])


def _escalations(kept: Kept, wanted: list[dict[str, Any]]) -> None:
    _same_parts("escalations", list(kept.alarms), wanted)


def _due(kept: Kept, wanted: dict[str, str]) -> None:
    zone = ZoneInfo(kept.record["patient"]["zone"])
    due = {kind: f"{datetime.fromisoformat(at).astimezone(zone):%a %H:%M}" for kind, at in kept.record["due"].items()}
    wanted = {
        "statement": due.get("statement"),
        **(wanted or {}),
    }  # the monthly one is always ahead: named where it matters
    assert due == {kind: at for kind, at in wanted.items() if at}, f"due is {due}"


def _consent(kept: Kept, wanted: bool) -> None:
    given = kept.record["consents"]
    assert (bool(given) and given[-1]["withdrawn_at"] is None) is wanted, f"consents are {given}"


STORED: Mapping[str, Callable[[Kept, Any], None]] = {
    "state": _state,
    "patient": _patient,
    "checkins": _checkins,
    "exercises": _exercises,
    "practice": _practice,
    "escalations": _escalations,
    "due": _due,
    "open": _open,
    "consent": _consent,
}


def _listed(value: Any) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]


def _found(templates: Iterable[str], words: str) -> bool:
    """Whether one of the variants stands in the words, whatever its placeholders were filled with."""
    return any(re.search(_pattern(text), words, re.DOTALL) for text in templates)


def _pattern(template: str) -> str:
    pieces = re.split(r"\{\w+\}", template)
    if not any(piece.strip() for piece in pieces):
        return r"\S"
    return ".*?".join(re.escape(piece) for piece in pieces).strip()


def _same_parts(what: str, rows: list[Any], wanted: list[dict[str, Any]]) -> None:
    """Every row holds what is wanted of it, and there are as many."""
    wanted = wanted or []
    assert len(rows) == len(wanted), f"{what}: {len(rows)} kept, {len(wanted)} wanted: {rows}"
    for row, parts in zip(rows, wanted, strict=True):
        for name, value in parts.items():
            assert row.get(name) == value, f"{what}: {name} is {row.get(name)!r}, not {value!r}"
