"""What the page is shown: messages of both sides, and a mark of how far it has read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

_CURSOR = re.compile(r"(\d{1,18})\.(\d{1,18})")


class Side(StrEnum):
    """Who said it."""

    PERSON = "you"
    COACH = "coach"


@dataclass(frozen=True)
class Shown:
    """One message on the page.

    Attributes:
        side: who said it.
        number: id of the inbox row, or of the outbox row; the two count apart.
        text: the words, plain.
        at: when it was said, UTC.
        buttons: labels, on the newest prompt only, and only until the person has answered.
        has_image: a PNG goes with it; `WebView.image` has it.
    """

    side: Side
    number: int
    text: str
    at: datetime
    buttons: tuple[str, ...] = ()
    has_image: bool = False


@dataclass(frozen=True)
class Cursor:
    """How far a page has read: the last number of either side. As text: `<person>.<coach>`."""

    person: int = 0
    coach: int = 0

    @classmethod
    def parse(cls, text: str) -> Cursor | None:
        """The cursor that was written so; "" is the beginning; None where it is no cursor."""
        match = _CURSOR.fullmatch(text)
        if match is None:
            return None if text else cls()
        return cls(int(match[1]), int(match[2]))

    def past(self, shown: Iterable[Shown]) -> Cursor:
        """The cursor after these were shown, too."""
        person, coach = self.person, self.coach
        for message in shown:
            if message.side is Side.PERSON:
                person = max(person, message.number)
            else:
                coach = max(coach, message.number)
        return Cursor(person, coach)

    def __str__(self) -> str:
        return f"{self.person}.{self.coach}"


class WebView(Protocol):
    """Where the page's data come from. All methods block, and may raise StoreError."""

    def since(self, address: str, after: Cursor) -> list[Shown]:
        """What both sides said after the cursor, in order; of a long conversation its last part."""
        ...

    def is_writing(self, address: str) -> bool:
        """Whether the coach is about to answer."""
        ...

    def image(self, address: str, number: int) -> bytes | None:
        """PNG of a message to that address; None where it has none, or is not theirs."""
        ...
