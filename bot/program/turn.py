"""What goes into `advance` and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from bot.program.place import Place


@dataclass(frozen=True)
class Turn:
    """One message of a person, as the dialogue understood it.

    Attributes:
        text: the words.
        choice: number of the pressed button, 1-based, where the press belongs to the open question.
        intent: the model's best guess, "" where it has none.
        confidence: of that guess, 0-1.
        today: the person's date.
        region: ISO country whose way of writing dates and numbers holds.
    """

    text: str
    choice: int | None = None
    intent: str = ""
    confidence: float = 0.0
    today: date | None = None
    region: str = "US"


@dataclass(frozen=True)
class Say:
    """One message of the coach's: its words, the buttons under it, the safety question that it asks."""

    text: str
    buttons: tuple[str, ...] = ()
    asked: str | None = None


@dataclass(frozen=True)
class Effect:
    """Something to be written: `name` is `set`, `record`, `practice`, or a word of `does:`."""

    name: str
    target: str = ""
    value: Any = None
    skill: str = ""


class Result(StrEnum):
    """What a message was to the open question."""

    ANSWER = "answer"
    MOVE = "move"
    INTERRUPTION = "interruption"


@dataclass(frozen=True)
class Outcome:
    """The decision: where the person is now, what is said, what is written."""

    result: Result
    place: Place
    says: tuple[Say, ...] = ()
    effects: tuple[Effect, ...] = ()


INTERRUPTED = Result.INTERRUPTION
Facts = Mapping[str, Any]


@dataclass
class Script:
    """What one turn has said and decided so far; lives for the length of one call.

    Attributes:
        facts: what texts and conditions may name; kept up to date as the turn sets things.
    """

    facts: dict[str, Any]
    says: list[Say] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)

    def outcome(self, result: Result, place: Place) -> Outcome:
        """The finished turn."""
        return Outcome(result, place, tuple(say for say in self.says if say.text), tuple(self.effects))
