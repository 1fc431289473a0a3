"""What is due and when: a row per patient and kind, never a future job."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, func, select

from bot.store.database import upsert
from bot.store.tables import due
from bot.store.types import PatientId


def set_at(connection: Connection, patient_id: PatientId, kind: str, at: datetime) -> None:
    """Set when something is due for a patient; a kind is due once at a time."""
    upsert(connection, due, {"patient_id": patient_id, "kind": kind, "at": at}, ["patient_id", "kind"], {"at": at})


def clear(connection: Connection, patient_id: PatientId, kind: str | None = None) -> None:
    """Nothing (of that kind) is due any more."""
    query = delete(due).where(due.c.patient_id == patient_id)
    connection.execute(query if kind is None else query.where(due.c.kind == kind))


def ripe(connection: Connection, now: datetime, limit: int = 200) -> list[tuple[PatientId, str, datetime]]:
    """What is due now: (patient, kind, since when), the longest due first."""
    rows = connection.execute(select(due).where(due.c.at <= now).order_by(due.c.at).limit(limit))
    return [(PatientId(row.patient_id), row.kind, row.at) for row in rows]


def next_at(connection: Connection) -> datetime | None:
    """When the next thing is due."""
    return connection.execute(select(func.min(due.c.at))).scalar_one_or_none()


def of(connection: Connection, patient_id: PatientId) -> dict[str, datetime]:
    """All that is due for one patient, by kind."""
    return {row.kind: row.at for row in connection.execute(select(due).where(due.c.patient_id == patient_id))}
