"""Where a person is: a stack of conversations, each at one question. Kept in the store, never in Rasa."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True)
class Frame:
    """One conversation in progress.

    Attributes:
        skill: id of the skill (or check-in, or matter of the account).
        step: id of the open question; with `pending`, of the step to go on with once what lies above has ended.
        answers: step id -> value, as `bot.answers.read` gives it.
        tries: how often the open question was asked again.
        opened_by: intent that opened it, `programme` or `other`.
        previous: step answered last, for corrections.
        ahead: ids answered before they were asked, in a message that held several answers.
        kept: words that came in place of an answer and may be one ("they all leave me messages").
    """

    skill: str
    step: str
    answers: Mapping[str, Any] = field(default_factory=dict)
    tries: int = 0
    opened_by: str = "other"
    previous: str | None = None
    ahead: tuple[str, ...] = ()
    kept: str | None = None
    pending: bool = False

    def with_answer(self, step: str, value: Any) -> Frame:
        """The frame with one answer more."""
        return replace(self, answers={**self.answers, step: value})


@dataclass(frozen=True)
class Place:
    """The stack, the open conversation last.

    Attributes:
        asleep: the person said "later"; nothing is asked until they write.
        touched: when it last changed (ISO 8601, UTC); "" where nobody noted it.
    """

    frames: tuple[Frame, ...] = ()
    asleep: bool = False
    touched: str = field(default="", compare=False)

    @property
    def top(self) -> Frame | None:
        """The open conversation."""
        return self.frames[-1] if self.frames else None

    def push(self, frame: Frame) -> Place:
        """The place with a conversation opened on top."""
        return Place((*self.frames, frame))

    def put(self, frame: Frame) -> Place:
        """The place with the open conversation replaced."""
        return Place((*self.frames[:-1], frame))

    def pop(self) -> Place:
        """The place without the open conversation."""
        return Place(self.frames[:-1])

    def without(self, skills: Container[str]) -> Place:
        """The place without some conversations."""
        return replace(self, frames=tuple(frame for frame in self.frames if frame.skill not in skills))


def to_json(place: Place) -> dict[str, Any]:
    """A place as JSON data."""
    return {"asleep": place.asleep, "touched": place.touched, "frames": [_frame_json(frame) for frame in place.frames]}


def _frame_json(frame: Frame) -> dict[str, Any]:
    return {**frame.__dict__, "answers": dict(frame.answers), "ahead": list(frame.ahead)}


def from_json(data: Mapping[str, Any]) -> Place:
    """The place that `to_json` wrote."""
    frames = tuple(Frame(**{**frame, "ahead": tuple(frame["ahead"])}) for frame in data.get("frames", ()))
    return Place(frames, bool(data.get("asleep")), str(data.get("touched") or ""))
