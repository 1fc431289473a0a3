"""One patient's time line: what both sides wrote, check-ins, exercises, escalations and what staff did, the newest first.

Each kind is read no further than one page needs, so that years of a talk cost what its last week does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from bot.console import audit_words, lines, words
from bot.console.lines import Line
from bot.console.visit import Visit
from bot.store import diary, escalations, trail
from bot.store.access import may_audit
from bot.store.diary import CheckIn, Exercise
from bot.store.escalations import Escalation
from bot.store.patients import Patient
from bot.store.staff import Entry

PER_PAGE = 60
MOST_AT_ONCE = 1000  # moments of one instant that a place in the line can tell apart
MOST_LOOKS = 1000
TELLING = frozenset({"patient.pause", "patient.set_mode", "patient.close"})  # whose detail says something to a reader
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Kind(StrEnum):
    """What the line can be cut to."""

    MESSAGES = "messages"
    CHECKINS = "checkins"
    EXERCISES = "exercises"
    ESCALATIONS = "escalations"
    STAFF = "staff"


@dataclass(frozen=True)
class Act:
    """Something that one of the staff did."""

    who: str
    what: str
    more: str = ""


@dataclass(frozen=True)
class Looks:
    """Who looked, between one moment of the line and the next, and how often; whoever looked last comes first."""

    times: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Moment:
    """One entry of the line; `order` tells it from others of the same instant."""

    at: datetime
    kind: Kind
    order: tuple[int, str]
    it: Line | CheckIn | Exercise | Escalation | Act | Looks


@dataclass(frozen=True)
class Place:
    """Where a page begins: at an instant, after so many of its moments. Its text stands in addresses and holds no more."""

    at: datetime
    skip: int = 0

    def __str__(self) -> str:
        return f"{(self.at - EPOCH) // MICROSECOND}-{self.skip}"


@dataclass(frozen=True)
class TimeLine:
    """One page of the line.

    Attributes:
        moments: the newest first.
        next: where the next page begins; None where nothing is older.
        cut_looks: whether more looks fell into this stretch than are counted.
    """

    moments: Sequence[Moment]
    next: Place | None
    cut_looks: bool


def read_place(text: str, now: datetime) -> Place:
    """The place that an address names; the present where it names none."""
    at, dash, skip = text.partition("-")
    if not dash or not (at.isascii() and at.isdecimal() and skip.isascii() and skip.isdecimal()):
        return Place(now)
    try:
        return Place(EPOCH + int(at[:18]) * MICROSECOND, min(int(skip[:6]), MOST_AT_ONCE))
    except OverflowError:
        return Place(now)


def time_line(visit: Visit, patient: Patient, only: Kind | None, place: Place) -> TimeLine:
    """One page of a patient's line, of all kinds or of one."""
    limit = place.skip + PER_PAGE + 1
    found: list[Moment] = []
    for kind, read in READERS.items():
        if only in (None, kind):
            found += read(visit, patient, place.at, limit)
    found.sort(key=lambda moment: (moment.at, moment.order), reverse=True)
    rest = found[place.skip :]
    shown, more = rest[:PER_PAGE], len(rest) > PER_PAGE
    looks = _looks(visit, patient, place.at, shown[-1].at if more else EPOCH) if only in (None, Kind.STAFF) else []
    return TimeLine(
        with_looks(shown, looks[:MOST_LOOKS]), _next(place, shown) if more else None, len(looks) > MOST_LOOKS
    )


def _next(place: Place, shown: Sequence[Moment]) -> Place:
    at = shown[-1].at
    count = sum(1 for moment in shown if moment.at == at)
    return Place(at, count + (place.skip if at == place.at else 0))


def _messages(visit: Visit, patient: Patient, at: datetime, limit: int) -> list[Moment]:
    # At one instant the patient's message comes first: ours answers it.
    found = lines.last(visit, patient.id, at, limit)
    return [Moment(line.at, Kind.MESSAGES, (0 if line.is_patients else 1, f"{line.id:020}"), line) for line in found]


def _checkins(visit: Visit, patient: Patient, at: datetime, limit: int) -> list[Moment]:
    found = diary.checkins_until(visit.connection, visit.vault, patient.id, at, limit)
    return [Moment(row.started_at, Kind.CHECKINS, (2, row.id), row) for row in found]


def _exercises(visit: Visit, patient: Patient, at: datetime, limit: int) -> list[Moment]:
    found = diary.exercises_until(visit.connection, visit.vault, patient.id, at, limit)
    return [Moment(row.created_at, Kind.EXERCISES, (3, row.id), row) for row in found]


def _escalations(visit: Visit, patient: Patient, at: datetime, limit: int) -> list[Moment]:
    found = escalations.until(visit.connection, visit.vault, patient.id, at, limit)
    return [Moment(row.opened_at, Kind.ESCALATIONS, (4, row.id), row) for row in found]


def _acts(visit: Visit, patient: Patient, at: datetime, limit: int) -> list[Moment]:
    names = visit.names
    found = trail.about(visit.connection, patient.id, at, limit, without=audit_words.LOOKS)
    return [Moment(row.at, Kind.STAFF, (5, f"{row.id:020}"), _act(row, names)) for row in found]


def _act(row: Entry, names: dict[str, str]) -> Act:
    who, what = names.get(row.staff_id or "", "Somebody who is not listed"), words.said(audit_words.ACTIONS, row.action)
    return Act(who, what, words.said(words.CLOSINGS, row.detail) if row.action in TELLING else "")


READERS = {
    Kind.MESSAGES: _messages,
    Kind.CHECKINS: _checkins,
    Kind.EXERCISES: _exercises,
    Kind.ESCALATIONS: _escalations,
    Kind.STAFF: _acts,
}


def _looks(visit: Visit, patient: Patient, until: datetime, since: datetime) -> list[tuple[datetime, str]]:
    """When who looked, the newest first, for those who may see the audit; this very view is left out."""
    if not may_audit(visit.staff):
        return []
    names = visit.names
    found = trail.about(visit.connection, patient.id, until, MOST_LOOKS + 1, only=audit_words.LOOKS, after=since)
    others = (row for row in found if (row.at, row.staff_id) != (visit.now, visit.staff.id))
    return [(row.at, names.get(row.staff_id or "", "Somebody who is not listed")) for row in others]


def with_looks(moments: Sequence[Moment], looks: Sequence[tuple[datetime, str]]) -> list[Moment]:
    """The line with what was looked at between its moments, counted by person; pure. Both are the newest first.

    Whoever does something looks at it in the same instant, which needs no line of its own.
    """
    out: list[Moment] = []
    acts = {(moment.at, moment.it.who) for moment in moments if isinstance(moment.it, Act)}
    waiting = [look for look in reversed(looks) if look not in acts]
    for moment in moments:
        out += _counted(waiting, moment.at)
        out.append(moment)
    return out + _counted(waiting, EPOCH)


def _counted(waiting: list[tuple[datetime, str]], until: datetime) -> list[Moment]:
    """Takes the looks after an instant off the end of `waiting`, as one moment; none where there are none."""
    taken: list[tuple[datetime, str]] = []
    while waiting and waiting[-1][0] > until:
        taken.append(waiting.pop())
    if not taken:
        return []
    counts = Counter(who for _, who in taken)
    return [Moment(taken[0][0], Kind.STAFF, (6, ""), Looks(tuple(counts.items())))]
