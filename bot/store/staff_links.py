"""Links by which somebody chooses their own password: an invitation, or a new start. Each is good once, for 72 hours."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from bot.store.tables import staff, staff_links
from bot.store.types import StaffId, token_hash

LIFE = timedelta(hours=72)


def make(connection: Connection, staff_id: StaffId, made_by: StaffId | None, now: datetime) -> str:
    """The secret of a new link, of which only the hash is kept; older ones of theirs are void."""
    void(connection, staff_id)
    token = secrets.token_urlsafe(32)
    connection.execute(
        insert(staff_links).values(
            link_hash=token_hash(token), staff_id=staff_id, made_by=made_by, made_at=now, expires_at=now + LIFE
        )
    )
    return token


def _is_good(token: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    works = select(staff.c.id).where(staff.c.closed_at.is_(None))
    return (
        staff_links.c.link_hash == token_hash(token),
        staff_links.c.used_at.is_(None),
        staff_links.c.expires_at > now,
        staff_links.c.staff_id.in_(works),
    )


def whose(connection: Connection, token: str, now: datetime) -> StaffId | None:
    """Whom a link is for; None where it is unknown, used or too old. Looking takes nothing."""
    found = connection.execute(select(staff_links.c.staff_id).where(*_is_good(token, now))).scalar_one_or_none()
    return StaffId(found) if found else None


def spend(connection: Connection, token: str, now: datetime) -> bool:
    """Use a link up; False where it is unknown, used or too old."""
    done = connection.execute(update(staff_links).where(*_is_good(token, now)).values(used_at=now))
    return bool(done.rowcount)


def void(connection: Connection, staff_id: StaffId) -> None:
    """What was not used of a member's links opens nothing any more."""
    connection.execute(delete(staff_links).where(staff_links.c.staff_id == staff_id, staff_links.c.used_at.is_(None)))
