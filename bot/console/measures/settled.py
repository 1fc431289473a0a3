"""What the figures are made of, read once for all that lies so far back that it does not change any more.

A year of two thousand escalations takes half a second to read, to cut into courses and to hold beside its limits, and
nothing of most of them has changed since somebody looked last. What is kept is asked for by id and version, which rises
with each step of a history: one that was opened again, or deleted, is never taken from here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.clock import at_local
from bot.crypto import Vault
from bot.safety.courses import courses
from bot.safety.measures import Judged, Limits, judge
from bot.store import measured
from bot.store.access import Connection
from bot.store.measured import Step, Touched
from bot.store.types import EscalationId

SPOOLED = timedelta(days=7)  # how long before it was stored a message may have been received and answered
# So long after an escalation was resolved its replies and pages are what they will ever be: none is tried for longer.
SETTLES = timedelta(days=7)
PIECE = 5_000  # escalations read at once
MOST, MOST_OPEN = 50_000, 5_000  # escalations kept: some 50 MB and 20; then it begins anew
COUNTED_FOR = timedelta(hours=6)  # messages are counted again then: somebody's may have been deleted

Key = tuple[EscalationId, int]  # id and version


@dataclass(frozen=True)
class History:
    """The courses of one escalation, and the entries by which people marked messages as missed."""

    courses: tuple[Judged, ...]
    marks: tuple[Step, ...]


class Kept:
    """Histories of escalations, judged by the same limits."""

    def __init__(self, mark: object, limits: Limits) -> None:
        self.mark, self.limits = mark, limits
        self._settled: dict[Key, History] = {}
        self._steps: dict[
            Key, tuple[Step, ...]
        ] = {}  # of the others: replies and pages may come, with time and courses

    def since(self, connection: Connection, vault: Vault, since: datetime, now: datetime) -> list[History]:
        """Histories of all escalations that something may have happened to since an instant."""
        every, known = measured.touched(connection, since, now - SETTLES), self._settled
        keys = [one[:2] for one in every]
        found = [known[key] for key in keys if key in known]
        new = [one for one, key in zip(every, keys, strict=True) if key not in known]
        for start in range(0, len(new), PIECE):
            piece = new[start : start + PIECE]
            read = histories(connection, self._steps_of(connection, vault, piece), now, self.limits)
            known |= {one[:2]: read[one.id] for one in piece if one.id in read and one.is_settled}
            found += read.values()
        if len(known) > MOST:
            self._settled = {}
        return found

    def _steps_of(self, connection: Connection, vault: Vault, new: Sequence[Touched]) -> list[Step]:
        """Their steps, each history together and in order: of a version, they stay as they are."""
        before = self._steps
        unread = [one.id for one in new if one[:2] not in before]
        read: dict[EscalationId, list[Step]] = {one: [] for one in unread}
        for step in measured.steps(connection, vault, unread) if unread else ():
            read[step.escalation_id].append(step)
        steps = {one[:2]: tuple(read[one.id]) if one.id in read else before[one[:2]] for one in new}
        self._steps = before | {one[:2]: steps[one[:2]] for one in new if not one.is_settled}
        if len(self._steps) > MOST_OPEN:
            self._steps = {}
        return [step for each in steps.values() for step in each]


class Settled:
    """What does not change any more; one for all who ask."""

    def __init__(self) -> None:
        self._kept: Kept | None = None
        self._counts: dict[tuple[str, date], int] = {}
        self._counted_at: datetime | None = None

    def beside(self, mark: object, limits: Callable[[], Limits]) -> Kept:
        """The histories judged by some limits; where those are new (their mark is another one), all are judged anew."""
        kept = self._kept
        if kept is None or kept.mark != mark:
            self._kept = kept = Kept(mark, limits())
        return kept

    def messages(self, connection: Connection, first_on: date, last_on: date, zone: str, now: datetime) -> int:
        """How many messages came on some days of a zone; those of which none can come any more are counted once."""
        if self._counted_at is None or not timedelta(0) <= now - self._counted_at < COUNTED_FOR:
            self._counts, self._counted_at = {}, now
        counts, on, total = self._counts, first_on, 0
        while on <= last_on and (until := _midnight(on + timedelta(days=1), zone)) <= now - SPOOLED:
            if (zone, on) not in counts:
                counts[zone, on] = measured.messages(connection, _midnight(on, zone), until)
            total, on = total + counts[zone, on], on + timedelta(days=1)
        if on <= last_on:
            total += measured.messages(connection, _midnight(on, zone), _midnight(last_on + timedelta(days=1), zone))
        return total


def _midnight(on: date, zone: str) -> datetime:
    return at_local(on, time(0), zone)


def histories(
    connection: Connection, steps: Sequence[Step], now: datetime, limits: Limits
) -> dict[EscalationId, History]:
    """Histories of the escalations that some steps are of, by id."""
    ids = list(dict.fromkeys(step.escalation_id for step in steps))
    cases = measured.cases(connection, ids)
    first = min((step.at for step in steps), default=now) - SPOOLED
    replies = measured.replies(connection, first, now, {case.patient_id for case in cases})
    cut: dict[EscalationId, list[Judged]] = {}
    for course in courses(cases, steps, replies, measured.handed_pages(connection, ids), now):
        cut.setdefault(course.escalation_id, []).append(judge(course, limits))
    marks: dict[EscalationId, list[Step]] = {}
    for step in steps:
        if step.event == measured.MISSED:
            marks.setdefault(step.escalation_id, []).append(step)
    return {one: History(tuple(found), tuple(marks.get(one, ()))) for one, found in cut.items()}
