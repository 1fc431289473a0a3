"""The columns of the rows that leave the console, with what each means: the file and its code book are made from them.

No name, code, word or address is among them. What is counted in place of ids holds within one file only.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.clock import local
from bot.console import words
from bot.safety.courses import Began, Course, Ended, Milestone
from bot.safety.measures import LIMITED, Limits
from bot.safety.tiers import Kind

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # a spreadsheet would run what begins so (OWASP, CSV injection)
OTHER = "other"
Cell = str | int | float | None


@dataclass(frozen=True)
class Row:
    """One course, as a line of the file is made of it.

    Attributes:
        escalation: its number within the file; `person` likewise.
    """

    course: Course
    escalation: int
    person: int
    limits: Limits
    zone: str


@dataclass(frozen=True)
class Column:
    """One column: its name, what it means, what may stand in it, and how it is told."""

    name: str
    meaning: str
    values: str
    tell: Callable[[Row], Cell]


def _known(value: str, names: Iterable[str]) -> str:
    """A stored name, where it is one of ours: nothing that somebody typed leaves by this way."""
    return value if value in set(names) else OTHER


def _seconds(milestone: Milestone) -> Callable[[Row], Cell]:
    def tell(row: Row) -> Cell:
        at = row.course.reached.get(milestone)
        return None if at is None else round(max(0.0, (at - row.course.since).total_seconds()), 3)

    return tell


def _kept(milestone: Milestone) -> Callable[[Row], Cell]:
    def tell(row: Row) -> Cell:
        kept = row.limits.kept(row.course, milestone)
        return None if kept is None else "yes" if kept else "no"

    return tell


def _week_on(row: Row) -> str:
    day = local(row.course.began_at, row.zone).date()
    return (day - timedelta(days=day.weekday())).isoformat()


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


TOLD: Mapping[Milestone, str] = {
    Milestone.REPLY: "the crisis reply was handed to the channel's provider",
    Milestone.PAGE: "the first page to staff was handed over",
    Milestone.ACKNOWLEDGED: "a named person took it",
    Milestone.TRIED: "a contact with the person was first tried",
    Milestone.REACHED: "the person was first reached",
    Milestone.RESOLVED: "it was resolved",
}
OUTCOMES = tuple(words.OUTCOMES)
KINDS = tuple(kind.value for kind in Kind)
SECONDS = "seconds, to the thousandth; empty: not reached, or none belongs to it"
YES_NO = "`yes`, `no`; empty: no limit, still to be kept, or ended before it was due"

COLUMNS: tuple[Column, ...] = (
    Column("escalation", "which escalation, counted within this file", "1, 2, 3 …", lambda row: row.escalation),
    Column(
        "course",
        "which course of it: the clocks start anew when it is raised or opened again",
        "1, 2, 3 …",
        lambda row: row.course.number,
    ),
    Column(
        "person",
        "whose it is, counted within this file: the same person has another number in the next file",
        "1, 2, 3 …",
        lambda row: row.person,
    ),
    Column(
        "week_on",
        "Monday of the week in which it began, in the console's zone",
        "year-month-day",
        _week_on,
    ),
    Column(
        "hour",
        "hour of the day of the message's receipt, in the console's zone",
        "0 to 23",
        lambda row: local(row.course.since, row.zone).hour,
    ),
    Column(
        "on_duty",
        "whether somebody was on duty at that instant: within cover hours and, where a rota is kept, on a shift",
        "`yes`, `no`",
        lambda row: "yes" if row.limits.on_duty(row.course.since) else "no",
    ),
    Column("began", "what started the clocks", _listed(Began), lambda row: row.course.began.value),
    Column("tier", "how grave", "`emergency`, `urgent`, `watch`", lambda row: row.course.tier.value),
    Column("kind", "what the risk was about", _listed(KINDS), lambda row: _known(row.course.kind, KINDS)),
    Column(
        "ended",
        "how the course ended: `raised` into the next course, or `open` when the file was made",
        _listed(Ended),
        lambda row: row.course.ended.value,
    ),
    *(
        Column(f"{milestone.value}_seconds", f"from the beginning until {TOLD[milestone]}", SECONDS, _seconds(milestone))
        for milestone in Milestone
    ),
    *(
        Column(f"{milestone.value}_in_time", f"whether the limit was kept until {TOLD[milestone]}", YES_NO, _kept(milestone))
        for milestone in LIMITED
    ),
    Column(
        "lasted_seconds",
        "from the beginning until the end, or until the file was made",
        "seconds, to the thousandth",
        lambda row: round(max(0.0, (row.course.until - row.course.since).total_seconds()), 3),
    ),
    Column(
        "resolution",
        "what it was resolved with",
        f"{_listed(OUTCOMES)}, `{OTHER}`; empty: not resolved",
        lambda row: _known(row.course.outcome, OUTCOMES) if row.course.outcome else None,
    ),
)  # fmt: skip


def rows(courses: Sequence[Course], limits: Limits, zone: str) -> list[Row]:
    """One row a course; escalations and people are numbered by when they first come."""
    escalations: dict[str, int] = {}
    people: dict[str, int] = {}
    return [
        Row(
            course,
            escalations.setdefault(course.escalation_id, len(escalations) + 1),
            people.setdefault(course.patient_id, len(people) + 1),
            limits,
            zone,
        )
        for course in courses
    ]


def defused(cell: Cell) -> Cell:
    """A cell that no spreadsheet takes for a formula; numbers stay numbers."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


def written(found: Iterable[Row]) -> str:
    """The file: comma-separated, a header first (RFC 4180)."""
    out = io.StringIO(newline="")
    lines = csv.writer(out)
    lines.writerow([column.name for column in COLUMNS])
    for row in found:
        lines.writerow([_shown(defused(column.tell(row))) for column in COLUMNS])
    return out.getvalue()


def _shown(cell: Cell) -> Cell:
    return "" if cell is None else f"{cell:.3f}".rstrip("0").rstrip(".") if isinstance(cell, float) else cell
