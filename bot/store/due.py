"""What is due and when: a row per patient and kind, never a future job."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, func, select

from bot.store import made_up
from bot.store.prepared import Prepared, upsert
from bot.store.tables import due
from bot.store.types import PatientId

_of = due.c.patient_id == bindparam("of")
_clear_all = Prepared(delete(due).where(_of))
_clear = Prepared(delete(due).where(_of, due.c.kind == bindparam("what")))
_ripe = Prepared(select(due).where(due.c.at <= bindparam("now")).order_by(due.c.at).limit(bindparam("most")))
_next_at = Prepared(select(func.min(due.c.at)))
_all = Prepared(select(due).where(_of))


def set_at(connection: Connection, patient_id: PatientId, kind: str, at: datetime) -> None:
    """Set when something is due for a patient; a kind is due once at a time, and nothing ever for somebody made up."""
    if made_up.is_made_up(connection, patient_id):
        return
    upsert(connection, due, {"patient_id": patient_id, "kind": kind, "at": at}, ["patient_id", "kind"], ["at"])


def clear(connection: Connection, patient_id: PatientId, kind: str | None = None) -> None:
    """Nothing (of that kind) is due any more."""
    if kind is None:
        _clear_all(connection, of=patient_id)
    else:
        _clear(connection, of=patient_id, what=kind)


def ripe(connection: Connection, now: datetime, limit: int = 200) -> list[tuple[PatientId, str, datetime]]:
    """What is due now: (patient, kind, since when), the longest due first."""
    return [(PatientId(row.patient_id), row.kind, row.at) for row in _ripe(connection, now=now, most=limit)]


def next_at(connection: Connection) -> datetime | None:
    """When the next thing is due."""
    at: datetime | None = _next_at(connection).scalar_one_or_none()
    return at


def of(connection: Connection, patient_id: PatientId) -> dict[str, datetime]:
    """All that is due for one patient, by kind."""
    return {row.kind: row.at for row in _all(connection, of=patient_id)}
