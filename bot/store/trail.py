"""Finds entries of the audit: by who, what, about whom and when, the newest first, page by page.

There is an index on (subject, id) alone. So a time becomes a span of ids by halving, and where neither that nor a
subject narrows the search, one page looks at `REACH` entries at most and says how far back it came.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, bindparam, func, or_, select

from bot.store import staff
from bot.store.prepared import Prepared
from bot.store.staff import Entry
from bot.store.tables import audit

REACH = 100_000  # entries that one page looks at: some 25 ms
# Entries stand in the order in which they were committed, so their times are in order but for the length of a
# transaction, and for a machine whose clock was set. By so much a span of ids is wider than its times.
SLACK = timedelta(hours=1)
NOBODY = ""  # as `Wanted.who`: entries of no member of staff


@dataclass(frozen=True)
class Wanted:
    """Which entries somebody wants to see; the conditions that are not None must all hold.

    Attributes:
        who: id of a member of staff, or `NOBODY`.
        actions: names of actions.
        subjects: what it is about: ids of patients, escalations, staff.
        code: an escalation's code; of its patient's entries only those that name it.
        since: not before.
        until: before.
    """

    who: str | None = None
    actions: frozenset[str] | None = None
    subjects: frozenset[str] | None = None
    code: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Found:
    """One page of entries, the newest first.

    Attributes:
        entries: the entries.
        before: where the next page goes on (see `page`); None where there is nothing older.
        looked_back_to: when the oldest entry was written that was looked at, where that is why the page ends here.
    """

    entries: list[Entry] = field(default_factory=list)
    before: int | None = None
    looked_back_to: datetime | None = None


def page(connection: Connection, wanted: Wanted, limit: int, before: int | None = None, reach: int = REACH) -> Found:
    """The newest entries that are wanted.

    Args:
        connection: an open transaction.
        wanted: which.
        limit: how many at most.
        before: only entries with a smaller id, as the page before told.
        reach: how many entries are looked at, where no subject narrows the search.
    """
    low, high = _span(connection, wanted)
    high = high if before is None else min(high, before - 1)
    floor = low if wanted.subjects is not None else max(low, high - reach + 1)
    query = select(audit).where(audit.c.id.between(floor, high), *_conditions(wanted))
    rows = connection.execute(query.order_by(audit.c.id.desc()).limit(limit + 1)).all()
    entries = [staff.entry(row) for row in rows[:limit]]
    if len(rows) > limit:
        return Found(entries, entries[-1].id)
    if floor <= low:
        return Found(entries)
    at = connection.execute(select(audit.c.at).where(audit.c.id >= floor).order_by(audit.c.id).limit(1))
    return Found(entries, floor, at.scalar_one_or_none())


def count(connection: Connection, wanted: Wanted) -> tuple[int, int]:
    """How many entries are wanted now, and the largest id among all there are: none that comes later is counted."""
    top = _edge(connection, func.max(audit.c.id))
    low, high = _span(connection, wanted)
    inside = audit.c.id.between(low, min(high, top))
    query = select(func.count()).select_from(audit).where(inside, *_conditions(wanted))
    return int(connection.execute(query).scalar_one()), top


def piece(connection: Connection, wanted: Wanted, limit: int, before: int) -> list[Entry]:
    """The newest wanted entries with a smaller id, however far back they are."""
    low, high = _span(connection, wanted)
    query = select(audit).where(audit.c.id.between(low, min(high, before - 1)), *_conditions(wanted))
    return [staff.entry(row) for row in connection.execute(query.order_by(audit.c.id.desc()).limit(limit))]


def about(
    connection: Connection,
    subject: str,
    until: datetime,
    limit: int,
    *,
    only: Collection[str] | None = None,
    without: Collection[str] = (),
    after: datetime | None = None,
) -> list[Entry]:
    """The last entries about one subject up to an instant, the newest first.

    Args:
        connection: an open transaction.
        subject: whom or what they are about.
        until: not later.
        limit: how many at most.
        only: of these actions; None: of all.
        without: but of none of these.
        after: only later ones.
    """
    wanted = [audit.c.subject == subject, audit.c.at <= until, audit.c.action.not_in(without)]
    wanted += [] if only is None else [audit.c.action.in_(only)]
    wanted += [] if after is None else [audit.c.at > after]
    query = select(audit).where(*wanted).order_by(audit.c.at.desc(), audit.c.id.desc()).limit(limit)
    return [staff.entry(row) for row in connection.execute(query)]


_of_id = Prepared(select(audit).where(audit.c.id == bindparam("of")))


def by_id(connection: Connection, entry_id: int) -> Entry | None:
    """One entry; None where there is none of that number."""
    row = _of_id(connection, of=entry_id).one_or_none()
    return staff.entry(row) if row else None


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.who is not None:
        found.append(audit.c.staff_id.is_(None) if wanted.who == NOBODY else audit.c.staff_id == wanted.who)
    if wanted.actions is not None:
        found.append(audit.c.action.in_(wanted.actions))
    if wanted.subjects is not None:
        found.append(audit.c.subject.in_(wanted.subjects))
    if wanted.code is not None:
        found.append(or_(audit.c.detail == wanted.code, audit.c.detail.startswith(f"{wanted.code} ", autoescape=True)))
    if wanted.since is not None:
        found.append(audit.c.at >= wanted.since)
    if wanted.until is not None:
        found.append(audit.c.at < wanted.until)
    return found


def _span(connection: Connection, wanted: Wanted) -> tuple[int, int]:
    """The ids between which all wanted entries are, as far as their times tell."""
    low, high = _edge(connection, func.min(audit.c.id)), _edge(connection, func.max(audit.c.id))
    first = _first_at(connection, wanted.since - SLACK, low, high) if wanted.since else low
    after = _first_at(connection, wanted.until + SLACK, low, high) if wanted.until else high + 1
    return first, after - 1


def _edge(connection: Connection, of: ColumnElement[int]) -> int:
    return int(connection.execute(select(of)).scalar_one() or 0)


def _first_at(connection: Connection, at: datetime, low: int, high: int) -> int:
    """The first id of an entry not before an instant, found by halving; `high` + 1 where all are before."""
    below, above = low, high + 1
    while below < above:
        middle = (below + above) // 2
        row = connection.execute(
            select(audit.c.id, audit.c.at).where(audit.c.id >= middle, audit.c.id < above).order_by(audit.c.id).limit(1)
        ).one_or_none()
        if row is None or row.at >= at:  # none from the middle on: they were taken out
            above = middle
        else:
            below = row.id + 1
    return below
