"""What must not be forgotten about a person in danger, one row a person and kind. STOP clears none of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select

from bot.store import made_up
from bot.store.prepared import Prepared, upsert
from bot.store.tables import vigils
from bot.store.types import PatientId

SILENCE = "silence"  # a safety question has no answer yet
CHECK_IN = "check_in"  # the day after an alarm
TAKEOVER = "takeover"  # somebody of the staff writes in the coach's place

_end = Prepared(delete(vigils).where(vigils.c.patient_id == bindparam("of"), vigils.c.kind == bindparam("what")))


@dataclass(frozen=True)
class Vigil:
    """One thing that is due for a person; `tier` is that of the question or alarm."""

    patient_id: PatientId
    kind: str
    at: datetime
    tier: str


def keep(connection: Connection, patient_id: PatientId, kind: str, at: datetime, tier: str = "none") -> None:
    """Keep one, in place of an older one of its kind; for somebody made up none but the end of a takeover, which is staff's."""
    if kind != TAKEOVER and made_up.is_made_up(connection, patient_id):
        return
    values = {"patient_id": patient_id, "kind": kind, "at": at, "tier": tier}
    upsert(connection, vigils, values, ["patient_id", "kind"], {"at": at, "tier": tier})


def end(connection: Connection, patient_id: PatientId, kind: str) -> None:
    """It is not needed any more."""
    _end(connection, of=patient_id, what=kind)


def ripe(connection: Connection, now: datetime, limit: int = 200) -> list[Vigil]:
    """What is due now, the longest due first."""
    rows = connection.execute(select(vigils).where(vigils.c.at <= now).order_by(vigils.c.at).limit(limit))
    return [Vigil(PatientId(row.patient_id), row.kind, row.at, row.tier) for row in rows]


def of(connection: Connection, patient_id: PatientId) -> dict[str, Vigil]:
    """All that is kept for one person, by kind."""
    rows = connection.execute(select(vigils).where(vigils.c.patient_id == patient_id))
    return {row.kind: Vigil(patient_id, row.kind, row.at, row.tier) for row in rows}


def claim(connection: Connection, vigil: Vigil) -> bool:
    """Take one that is due out of the table, if it still stands as it was read: one process alone acts on it."""
    done = connection.execute(
        delete(vigils).where(
            vigils.c.patient_id == vigil.patient_id, vigils.c.kind == vigil.kind, vigils.c.at == vigil.at
        )
    )
    return bool(done.rowcount)
