"""The weekly blind read: messages that nothing flagged, chosen by chance, read by people who don't know whose (safety.md §9)."""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from bot.store.prepared import insert_new
from bot.store.tables import blind_lines, blind_marks, blind_reads, escalation_events, inbox, patients
from bot.store.types import MessageId, StaffId

SIZE = 100  # safety.md §9
WORDED = ("text", "edit")  # forms of a message in which somebody wrote words of their own


class Verdict(StrEnum):
    """What a reader says of a message."""

    FINE = "fine"
    MISSED = "missed"


@dataclass(frozen=True)
class BlindRead:
    """One week's read.

    Attributes:
        week_on: its Monday, in the console's zone.
        seed: chooses the messages from the pool, and their order: with it the choice can be made again.
        pool: how many messages of the week nothing had flagged.
    """

    week_on: date
    seed: str
    pool: int
    drawn_at: datetime


@dataclass(frozen=True)
class Line:
    """One message of a read, and what was said of it, by reader. `message_id` is None where it was deleted since."""

    place: int
    message_id: MessageId | None
    marks: Mapping[StaffId, Verdict]


def chosen(ids: Iterable[int], seed: str, size: int) -> list[int]:
    """`size` ids by chance, in the order in which they are read: the same for the same seed, whatever the machine."""
    return heapq.nsmallest(size, ids, key=lambda one: hashlib.sha256(f"{seed}:{one}".encode()).digest())


def pool(connection: Connection, since: datetime, until: datetime) -> list[int]:
    """Ids of all messages with words, received in a span, that nothing flagged: no tier, and in no escalation's history."""
    flagged = select(escalation_events.c.message_id).where(escalation_events.c.message_id.isnot(None))
    rows = connection.execute(
        select(inbox.c.id)
        .join(patients, patients.c.id == inbox.c.patient_id)
        .where(
            inbox.c.received_at >= since,
            inbox.c.received_at < until,
            inbox.c.tier == "none",
            inbox.c.form.in_(WORDED),
            patients.c.demo.is_(False),
            inbox.c.id.not_in(flagged),
        )
    )
    return [row.id for row in rows]


def draw(
    connection: Connection,
    week_on: date,
    since: datetime,
    until: datetime,
    seed: str,
    now: datetime,
    staff_id: StaffId | None,
    size: int = SIZE,
) -> BlindRead:
    """Choose a week's messages; where that was done before, what was chosen stands.

    Args:
        since: when the week begins; `until` is its end, and not part of it.
        size: how many, or all where there are fewer.
    """
    found = pool(connection, since, until)
    values = {"week_on": week_on, "seed": seed, "pool": len(found), "drawn_at": now, "drawn_by": staff_id}
    if insert_new(connection, blind_reads, values, ["week_on"]) is not None:
        picked = chosen(found, seed, size)
        rows = [{"week_on": week_on, "place": n, "message_id": one} for n, one in enumerate(picked, start=1)]
        if rows:
            connection.execute(insert(blind_lines), rows)
    standing = get(connection, week_on)
    assert standing is not None
    return standing


def _read(row: Row[Any]) -> BlindRead:
    return BlindRead(row.week_on, row.seed, row.pool, row.drawn_at)


def get(connection: Connection, week_on: date) -> BlindRead | None:
    """The read of a week."""
    row = connection.execute(select(blind_reads).where(blind_reads.c.week_on == week_on)).one_or_none()
    return _read(row) if row else None


def drawn(connection: Connection, limit: int) -> list[BlindRead]:
    """The last reads, the newest week first."""
    rows = connection.execute(select(blind_reads).order_by(blind_reads.c.week_on.desc()).limit(limit))
    return [_read(row) for row in rows]


def lines(connection: Connection, week_on: date) -> list[Line]:
    """The lines of a week's read in their order."""
    return lines_of(connection, [week_on])[week_on]


def lines_of(connection: Connection, weeks: Collection[date]) -> dict[date, list[Line]]:
    """The lines of the reads of some weeks, each in their order."""
    marks: dict[tuple[date, int], dict[StaffId, Verdict]] = {}
    columns = (blind_marks.c.week_on, blind_marks.c.place, blind_marks.c.staff_id, blind_marks.c.verdict)
    said = {verdict.value: verdict for verdict in Verdict}  # making each by its name took half the time
    for week_on, place, who, verdict in connection.execute(select(*columns).where(blind_marks.c.week_on.in_(weeks))):
        marks.setdefault((week_on, place), {})[StaffId(who)] = said[verdict]
    found: dict[date, list[Line]] = {week_on: [] for week_on in weeks}
    every = select(blind_lines.c.week_on, blind_lines.c.place, blind_lines.c.message_id)
    ordered = every.where(blind_lines.c.week_on.in_(weeks)).order_by(blind_lines.c.week_on, blind_lines.c.place)
    for week_on, place, message_id in connection.execute(ordered):
        found[week_on].append(Line(place, message_id, marks.get((week_on, place), {})))
    return found


def mark(connection: Connection, week_on: date, place: int, staff_id: StaffId, verdict: Verdict, now: datetime) -> bool:
    """Keep what a reader says of a line; False where they had said something of it before, which stands."""
    values = {"week_on": week_on, "place": place, "staff_id": staff_id, "verdict": verdict, "at": now}
    return insert_new(connection, blind_marks, values, ["week_on", "place", "staff_id"]) is not None
