"""Sessions of staff: what a browser's cookie opens, for how long, and until when a code is awaited."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from bot.crypto import Vault
from bot.store.prepared import Prepared
from bot.store.staff import Staff, of_row
from bot.store.tables import memberships, sessions, staff
from bot.store.types import StaffId, TeamId, token_hash

IDLE = timedelta(hours=8)
LIFE = timedelta(hours=24)  # however busy: after that, log in again
CODE_WITHIN = timedelta(minutes=10)
HANDLE = 16  # letters of a token's hash that name a session on a page: they open none
_memberships = Prepared(select(memberships.c.team_id).where(memberships.c.staff_id == bindparam("of")))


@dataclass(frozen=True)
class Session:
    """One session of a member. `handle` names it on a page; `browser` is what the browser calls itself."""

    handle: str
    created_at: datetime
    seen_at: datetime
    browser: str


def begin(
    connection: Connection,
    staff_id: StaffId,
    token: str,
    now: datetime,
    *,
    awaits_code: bool = False,
    browser: str = "",
) -> None:
    """Start a session.

    Args:
        awaits_code: the second factor is yet to come: for ten minutes, and good for nothing else.
        browser: what the browser calls itself, for the member's own list of sessions.
    """
    connection.execute(
        insert(sessions).values(
            token_hash=token_hash(token),
            staff_id=staff_id,
            created_at=now,
            seen_at=now,
            expires_at=now + (CODE_WITHIN if awaits_code else IDLE),
            awaits_code=awaits_code,
            browser=browser[:80],
        )
    )


def whose(
    connection: Connection, vault: Vault, token: str, now: datetime, *, awaits_code: bool = False
) -> Staff | None:
    """Who a session belongs to, while it lasts; one that awaits its code is none, unless such a one is asked for."""
    row = connection.execute(
        select(staff)
        .join(sessions, sessions.c.staff_id == staff.c.id)
        .where(
            sessions.c.token_hash == token_hash(token),
            sessions.c.expires_at > now,
            sessions.c.awaits_code.is_(awaits_code),
            staff.c.closed_at.is_(None),
        )
    ).one_or_none()
    return replace(of_row(row, vault), teams=_teams_of(connection, StaffId(row.id))) if row else None


def _teams_of(connection: Connection, staff_id: StaffId) -> frozenset[TeamId]:
    return frozenset(row.team_id for row in _memberships(connection, of=staff_id))


def of(connection: Connection, staff_id: StaffId, now: datetime) -> list[Session]:
    """A member's sessions that last, the newest first."""
    query = (
        select(sessions)
        .where(sessions.c.staff_id == staff_id, sessions.c.expires_at > now, sessions.c.awaits_code.is_(False))
        .order_by(sessions.c.created_at.desc(), sessions.c.token_hash)
    )
    return [
        Session(row.token_hash[:HANDLE], row.created_at, row.seen_at, row.browser) for row in connection.execute(query)
    ]


def end(connection: Connection, staff_id: StaffId, handle: str) -> bool:
    """End one of a member's own sessions, named by its handle; False where there is none."""
    if len(handle) != HANDLE or not handle.isalnum():
        return False
    ended = connection.execute(
        delete(sessions).where(sessions.c.staff_id == staff_id, sessions.c.token_hash.startswith(handle))
    )
    return bool(ended.rowcount)


def touch(connection: Connection, token: str, now: datetime) -> None:
    """A session was used: it lasts for another idle time, but never beyond its life."""
    row = connection.execute(
        select(sessions.c.created_at).where(sessions.c.token_hash == token_hash(token))
    ).one_or_none()
    if row is not None:
        values = {"seen_at": now, "expires_at": min(now + IDLE, row.created_at + LIFE)}
        connection.execute(update(sessions).where(sessions.c.token_hash == token_hash(token)).values(**values))


def hold_all(connection: Connection, staff_id: StaffId) -> None:
    """Wait for requests of a member's sessions that are at work, and keep others waiting (see `staff.hold_chain`)."""
    connection.execute(select(sessions.c.token_hash).where(sessions.c.staff_id == staff_id).with_for_update())


def close_all(connection: Connection, staff_id: StaffId, but: str = "") -> None:
    """End all sessions of a member, as when the password is changed; `but` is the handle of one that goes on."""
    query = delete(sessions).where(sessions.c.staff_id == staff_id)
    connection.execute(query.where(sessions.c.token_hash.not_like(f"{but}%")) if but else query)


def close(connection: Connection, token: str) -> None:
    """End a session."""
    connection.execute(delete(sessions).where(sessions.c.token_hash == token_hash(token)))
