"""Who writes to a patient in the coach's place, and since when: while somebody does, the coach says nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from bot.store.tables import inbox, lanes, patients
from bot.store.types import PatientId, StaffId

LIFE = timedelta(minutes=60)  # safety.md §5: without a message for so long, it ends


@dataclass(frozen=True)
class Takeover:
    """One that lasts. `last_at`: the last message of either side."""

    patient_id: PatientId
    staff_id: StaffId
    since: datetime
    last_at: datetime


def of(connection: Connection, patient_id: PatientId) -> Takeover | None:
    """Who has taken over a patient's chat, if somebody has."""
    row = connection.execute(select(patients).where(patients.c.id == patient_id)).one_or_none()
    if row is None or row.taken_over_by is None:
        return None
    return Takeover(patient_id, StaffId(row.taken_over_by), row.taken_over_at, row.taken_over_last_at)


def begin(connection: Connection, patient_id: PatientId, staff_id: StaffId, now: datetime) -> bool:
    """Take a chat over; False where somebody has it.

    A worker that is at one of the patient's messages loses the lane, so that nothing it was told is said any more; what
    waits for the coach is done with: staff see it.
    """
    done = connection.execute(
        update(patients)
        .where(patients.c.id == patient_id, patients.c.taken_over_by.is_(None))
        .values(taken_over_by=staff_id, taken_over_at=now, taken_over_last_at=now)
    )
    if not done.rowcount:
        return False
    connection.execute(
        update(lanes).where(lanes.c.patient_id == patient_id).values(holder=None, lease_until=None, ready_at=None)
    )
    connection.execute(
        update(inbox)
        .where(inbox.c.patient_id == patient_id, inbox.c.state == "waiting")
        .values(state="done", done_at=now)
    )
    return True


def touch(connection: Connection, patient_id: PatientId, now: datetime) -> None:
    """A message of either side: it lasts for another hour."""
    connection.execute(
        update(patients)
        .where(patients.c.id == patient_id, patients.c.taken_over_by.isnot(None))
        .values(taken_over_last_at=now)
    )


def end(connection: Connection, patient_id: PatientId) -> bool:
    """The coach may speak again; False where it could already."""
    done = connection.execute(
        update(patients)
        .where(patients.c.id == patient_id, patients.c.taken_over_by.isnot(None))
        .values(taken_over_by=None, taken_over_at=None, taken_over_last_at=None)
    )
    return bool(done.rowcount)


def listed(connection: Connection) -> list[Takeover]:
    """All that last, the oldest first."""
    rows = connection.execute(
        select(patients).where(patients.c.taken_over_by.isnot(None)).order_by(patients.c.taken_over_at)
    )
    return [
        Takeover(PatientId(row.id), StaffId(row.taken_over_by), row.taken_over_at, row.taken_over_last_at)
        for row in rows
    ]
