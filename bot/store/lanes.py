"""A lane per patient: it gives order, and lets one worker at a time through."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, case, or_, select, update

from bot.errors import LeaseLost
from bot.store.database import upsert
from bot.store.tables import inbox, lanes
from bot.store.types import PatientId

# Longer than one message may take in Rasa, and renewed with each; what a dead process held is free after it.
LEASE = timedelta(seconds=20)
WAITING = "waiting"


def put(connection: Connection, patient_id: PatientId, ready_at: datetime) -> None:
    """Mark a lane as having work from `ready_at` on.

    Must come before the row that it announces: the lane's row lock makes ids commit in order within a patient.
    """
    earlier = case((or_(lanes.c.ready_at.is_(None), lanes.c.ready_at > ready_at), ready_at), else_=lanes.c.ready_at)
    upsert(connection, lanes, {"patient_id": patient_id, "ready_at": ready_at}, ["patient_id"], {"ready_at": earlier})


def ready(connection: Connection, now: datetime, limit: int = 64) -> list[PatientId]:
    """Lanes that have work and that nobody holds, the longest waiting first."""
    rows = connection.execute(
        select(lanes.c.patient_id)
        .where(lanes.c.ready_at.isnot(None), lanes.c.ready_at <= now, _free(now))
        .order_by(lanes.c.ready_at)
        .limit(limit)
    )
    return [PatientId(row.patient_id) for row in rows]


def _free(now: datetime) -> ColumnElement[bool]:
    return or_(lanes.c.lease_until.is_(None), lanes.c.lease_until < now)


def claim(connection: Connection, patient_id: PatientId, holder: str, now: datetime) -> bool:
    """Take a lane for `LEASE`, if it is free or already ours."""
    mine = or_(lanes.c.holder == holder, lanes.c.lease_until.is_(None), lanes.c.lease_until < now)
    done = connection.execute(
        update(lanes).where(lanes.c.patient_id == patient_id, mine).values(holder=holder, lease_until=now + LEASE)
    )
    return bool(done.rowcount)


def hold(connection: Connection, patient_id: PatientId, holder: str, now: datetime | None = None) -> None:
    """Make sure that the lane is still ours, locking it for the rest of the transaction.

    Args:
        now: renews the lease from there, if it is given.

    Raises:
        LeaseLost: somebody else has it.
    """
    mine = (lanes.c.patient_id == patient_id, lanes.c.holder == holder)
    if now is None:  # a look is enough: it writes nothing (SQLite's write transaction locks everything as it is)
        held = connection.execute(select(lanes.c.patient_id).where(*mine).with_for_update()).first() is not None
    else:
        held = bool(connection.execute(update(lanes).where(*mine).values(lease_until=now + LEASE)).rowcount)
    if not held:
        raise LeaseLost("another worker holds this lane now: this one stops")


def release(connection: Connection, patient_id: PatientId, holder: str) -> datetime | None:
    """Give a lane back; it is ready again when its earliest waiting message is, which is told."""
    next_at = (
        select(inbox.c.not_before)
        .where(inbox.c.patient_id == patient_id, inbox.c.state == WAITING)
        .order_by(inbox.c.id)
        .limit(1)
        .scalar_subquery()
    )
    released = connection.execute(
        update(lanes)
        .where(lanes.c.patient_id == patient_id, lanes.c.holder == holder)
        .values(holder=None, lease_until=None, ready_at=next_at)
        .returning(lanes.c.ready_at)
    )
    return released.scalar_one_or_none()


def free_all(connection: Connection) -> None:
    """At the start of the only process (embedded): leases of a process that died are void."""
    connection.execute(update(lanes).where(lanes.c.holder.isnot(None)).values(holder=None, lease_until=None))


def sweep(connection: Connection, now: datetime) -> int:
    """Mark every lane that has waiting messages and no mark; tells how many were found (there should be none)."""
    waiting = select(inbox.c.patient_id).where(inbox.c.state == WAITING)
    done = connection.execute(
        update(lanes).where(and_(lanes.c.ready_at.is_(None), lanes.c.patient_id.in_(waiting))).values(ready_at=now)
    )
    return int(done.rowcount)
