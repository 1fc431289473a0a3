"""Who is on duty when: shifts by person and role, and covers that stand in for part of a shift."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select

from bot.store.tables import shifts
from bot.store.types import StaffId, new_id


class Post(StrEnum):
    """What somebody is on a shift, in the order in which they are paged."""

    ON_CALL = "on_call"
    SECOND = "second"
    LEAD = "lead"


@dataclass(frozen=True)
class Shift:
    """One person's duty. `ends_at` is not part of it. A cover names the shift that it stands in for."""

    id: str
    staff_id: StaffId
    post: Post
    starts_at: datetime
    ends_at: datetime
    instead_of: str | None = None


def _shift(row: Row[Any]) -> Shift:
    return Shift(row.id, StaffId(row.staff_id), Post(row.role), row.starts_at, row.ends_at, row.instead_of)


def is_kept(connection: Connection) -> bool:
    """Whether this site keeps a rota at all."""
    return connection.execute(select(shifts.c.id).limit(1)).first() is not None


def add(
    connection: Connection,
    staff_id: StaffId,
    post: Post,
    starts_at: datetime,
    ends_at: datetime,
    now: datetime,
    *,
    made_by: StaffId | None = None,
    instead_of: str | None = None,
) -> str:
    """A new shift, or a cover of one; its id.

    Raises:
        ValueError: it ends before it begins.
    """
    if ends_at <= starts_at:
        raise ValueError("a shift must end after it begins")
    made = new_id()
    connection.execute(
        insert(shifts).values(
            id=made,
            staff_id=staff_id,
            role=post,
            starts_at=starts_at,
            ends_at=ends_at,
            instead_of=instead_of,
            made_by=made_by,
            made_at=now,
        )
    )
    return made


def cover(
    connection: Connection,
    shift: Shift,
    staff_id: StaffId,
    starts_at: datetime,
    ends_at: datetime,
    now: datetime,
    made_by: StaffId | None = None,
) -> str:
    """Somebody stands in for part of a shift, or all of it; its id.

    Raises:
        ValueError: the time is not within the shift.
    """
    if not shift.starts_at <= starts_at < ends_at <= shift.ends_at:
        raise ValueError("a cover must lie within its shift")
    return add(connection, staff_id, shift.post, starts_at, ends_at, now, made_by=made_by, instead_of=shift.id)


def replace(connection: Connection, since: datetime, until: datetime, new: Iterable[tuple[StaffId, Post, datetime, datetime]], now: datetime, made_by: StaffId | None = None) -> int:  # noqa: E501  # fmt: skip
    """Put new shifts in place of all that begin within a span; tells how many there are now."""
    connection.execute(delete(shifts).where(shifts.c.starts_at >= since, shifts.c.starts_at < until))
    count = 0
    for staff_id, post, starts_at, ends_at in new:
        add(connection, staff_id, post, starts_at, ends_at, now, made_by=made_by)
        count += 1
    return count


def remove(connection: Connection, shift_id: str) -> None:
    """A shift is off, and its covers with it."""
    connection.execute(delete(shifts).where(shifts.c.id == shift_id))


def get(connection: Connection, shift_id: str) -> Shift | None:
    """One shift."""
    row = connection.execute(select(shifts).where(shifts.c.id == shift_id)).one_or_none()
    return _shift(row) if row else None


def between(connection: Connection, since: datetime, until: datetime) -> list[Shift]:
    """Shifts and covers that touch a span, the first to begin first."""
    rows = connection.execute(
        select(shifts)
        .where(shifts.c.ends_at > since, shifts.c.starts_at < until)
        .order_by(shifts.c.starts_at, shifts.c.role)
    )
    return [_shift(row) for row in rows]


def mark(connection: Connection) -> tuple[int, datetime | None]:
    """Changes whenever a shift or a cover is added or removed."""
    query = select(func.count(), func.max(shifts.c.made_at, type_=shifts.c.made_at.type))
    count, newest = connection.execute(query).one()
    return count, newest
