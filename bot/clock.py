"""One source of time and of chance, so that tests can turn the first and seed the second."""

from __future__ import annotations

import random
import secrets
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

Item = TypeVar("Item")


class Clock(Protocol):
    """Tells the present instant, aware and in UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present instant, UTC."""
        return datetime.now(UTC)


class TurnedClock:
    """A clock that runs like the machine's but starts where it is set and can be turned forward."""

    def __init__(self, start: datetime) -> None:
        self._offset = start.astimezone(UTC) - datetime.now(UTC)

    def now(self) -> datetime:
        """The turned instant, UTC."""
        return datetime.now(UTC) + self._offset

    def turn(self, by: timedelta) -> None:
        """Move forward by `by`."""
        self._offset += by


class Chance:
    """Chooses among variants; seeded in tests, from the system's entropy otherwise."""

    def __init__(self, seed: int | None = None) -> None:
        self._random = random.Random(seed if seed is not None else secrets.randbits(64))  # nosec B311  # variants of wording are no secret

    def choice(self, items: Sequence[Item]) -> Item:
        """One of `items`.

        Raises:
            IndexError: `items` is empty.
        """
        return self._random.choice(items)


def local(instant: datetime, zone: str) -> datetime:
    """`instant` in an IANA zone."""
    return instant.astimezone(ZoneInfo(zone))


def at_local(day: date, clock_time: time, zone: str) -> datetime:
    """The instant (UTC) of a wall-clock time in a zone.

    A time that a spring change skips moves on by the length of the gap (02:30 becomes 03:30); one that autumn
    repeats is the first of the two (PEP 495, fold=0).
    """
    wall = datetime.combine(day, clock_time, ZoneInfo(zone))
    return wall.astimezone(UTC)
