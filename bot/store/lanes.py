"""A lane per patient: it gives order, and lets one worker at a time through."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Executable, and_, bindparam, case, or_, select, update

from bot.errors import LeaseLost
from bot.store.prepared import Prepared
from bot.store.tables import inbox, lanes
from bot.store.types import MessageId, PatientId

# Longer than one message may take in Rasa, and renewed with each; what a dead process held is free after it.
LEASE = timedelta(seconds=20)
WAITING = "waiting"
_free = or_(lanes.c.lease_until.is_(None), lanes.c.lease_until < bindparam("now"))
_of = lanes.c.patient_id == bindparam("of")
_mine = and_(_of, lanes.c.holder == bindparam("me"))


def _marking(insert: Any) -> Executable:
    new = insert(lanes)
    is_earlier = or_(lanes.c.ready_at.is_(None), lanes.c.ready_at > new.excluded.ready_at)
    earlier = case((is_earlier, new.excluded.ready_at), else_=lanes.c.ready_at)
    return new.on_conflict_do_update(index_elements=["patient_id"], set_={"ready_at": earlier})  # type: ignore[no-any-return]


_mark = Prepared(_marking)
_ready = Prepared(
    select(lanes.c.patient_id)
    .where(lanes.c.ready_at.isnot(None), lanes.c.ready_at <= bindparam("now"), _free)
    .order_by(lanes.c.ready_at)
    .limit(bindparam("most"))
)
_waiting = Prepared(
    select(inbox.c.id)
    .join(lanes, lanes.c.patient_id == inbox.c.patient_id)
    .where(lanes.c.ready_at.isnot(None), inbox.c.state == WAITING, inbox.c.received_at <= bindparam("at"))
    .order_by(inbox.c.id)
)
_claim = Prepared(update(lanes).where(_of, or_(lanes.c.holder == bindparam("me"), _free)))
_look = Prepared(select(lanes.c.patient_id).where(_mine).with_for_update())
_renew = Prepared(update(lanes).where(_mine))
_next_at = (
    select(inbox.c.not_before)
    .where(inbox.c.patient_id == bindparam("of"), inbox.c.state == WAITING)
    .order_by(inbox.c.id)
    .limit(1)
    .scalar_subquery()
)
_release = Prepared(
    update(lanes).where(_mine).values(holder=None, lease_until=None, ready_at=_next_at).returning(lanes.c.ready_at)
)


def put(connection: Connection, patient_id: PatientId, ready_at: datetime) -> None:
    """Mark a lane as having work from `ready_at` on.

    Must come before the row that it announces: the lane's row lock makes ids commit in order within a patient.
    """
    _mark(connection, patient_id=patient_id, ready_at=ready_at)


def ready(connection: Connection, now: datetime, limit: int = 64) -> list[PatientId]:
    """Lanes that have work and that nobody holds, the longest waiting first."""
    return [PatientId(row.patient_id) for row in _ready(connection, now=now, most=limit)]


def waiting(connection: Connection, since: datetime) -> list[MessageId]:
    """Messages that have waited for an answer since an instant or longer, the oldest first."""
    return [MessageId(row.id) for row in _waiting(connection, at=since)]


def claim(connection: Connection, patient_id: PatientId, holder: str, now: datetime) -> bool:
    """Take a lane for `LEASE`, if it is free or already ours."""
    return bool(_claim(connection, of=patient_id, me=holder, now=now, holder=holder, lease_until=now + LEASE).rowcount)


def hold(connection: Connection, patient_id: PatientId, holder: str, now: datetime | None = None) -> None:
    """Make sure that the lane is still ours, locking it for the rest of the transaction.

    Args:
        now: renews the lease from there, if it is given.

    Raises:
        LeaseLost: somebody else has it.
    """
    if now is None:  # a look is enough: it writes nothing (SQLite's write transaction locks everything as it is)
        held = _look(connection, of=patient_id, me=holder).first() is not None
    else:
        held = bool(_renew(connection, of=patient_id, me=holder, lease_until=now + LEASE).rowcount)
    if not held:
        raise LeaseLost("another worker holds this lane now: this one stops")


def release(connection: Connection, patient_id: PatientId, holder: str) -> datetime | None:
    """Give a lane back; it is ready again when its earliest waiting message is, which is told."""
    at: datetime | None = _release(connection, of=patient_id, me=holder).scalar_one_or_none()
    return at


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
