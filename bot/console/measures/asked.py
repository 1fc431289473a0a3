"""Which days somebody wants the figures of: the last 7, 30 or 90, or from one day to another, in the console's zone. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.clock import at_local, local

CHOICES = (7, 30, 90)
USUAL = 30
LONGEST = 366  # days
OLDEST_YEAR = 2000  # nothing was stored before


@dataclass(frozen=True)
class Asked:
    """A span of whole days.

    Attributes:
        since: the beginning of the first day.
        until: the end of the last day, not part of it.
        days: the choice, where it was one of them; None for days of their own.
        problem: what was wrong with what was asked, so that the usual days are shown instead.
    """

    first_on: date
    last_on: date
    since: datetime
    until: datetime
    days: int | None
    problem: str = ""

    @property
    def query(self) -> str:
        """The same span as an address says it."""
        return f"days={self.days}" if self.days else f"from={self.first_on}&to={self.last_on}"

    @property
    def name(self) -> str:
        """The same span for a file's name and the audit."""
        return f"{self.first_on} to {self.last_on}"


def read(query: Mapping[str, str], zone: str, now: datetime) -> Asked:
    """What an address asks for; where that is no span, the usual one with the problem in words."""
    today = local(now, zone).date()
    given = query.get("from", ""), query.get("to", "")
    if any(given):
        try:
            first_on, last_on = (date.fromisoformat(text) for text in given)
        except ValueError:
            return _last(USUAL, today, zone, "Give both days as year, month and day, such as 2026-11-24.")
        problem = _problem(first_on, last_on, today)
        if problem:
            return _last(USUAL, today, zone, problem)
        return _span(first_on, min(last_on, today), zone, None)
    asked = query.get("days", str(USUAL))
    if asked not in {str(days) for days in CHOICES}:
        return _last(USUAL, today, zone, "Choose the last 7, 30 or 90 days, or give both days.")
    return _last(int(asked), today, zone)


def _problem(first_on: date, last_on: date, today: date) -> str:
    if last_on < first_on:
        return "The last day is before the first. Change one of them."
    if first_on > today:
        return "Those days are still to come. Give a first day up to today."
    if (last_on - first_on).days >= LONGEST:
        return f"That is too long. Give at most {LONGEST} days."
    return f"Give days from the year {OLDEST_YEAR} on." if first_on.year < OLDEST_YEAR else ""


def _last(days: int, today: date, zone: str, problem: str = "") -> Asked:
    return _span(today - timedelta(days=days - 1), today, zone, days, problem)


def _span(first_on: date, last_on: date, zone: str, days: int | None, problem: str = "") -> Asked:
    since, until = (at_local(day, time(0), zone) for day in (first_on, last_on + timedelta(days=1)))
    return Asked(first_on, last_on, since, until, days, problem)
