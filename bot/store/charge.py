"""Whom somebody is called to: whoever has a case, was offered it, or was paged for it may see whose it is."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Connection, exists, or_, select

from bot.store.tables import escalations, pages
from bot.store.types import PatientId, StaffId

AFTER = timedelta(days=1)  # once it is resolved: for what is written down later


def called_to(
    connection: Connection, staff_id: StaffId, patient_ids: Collection[PatientId], now: datetime
) -> frozenset[PatientId]:
    """Which of some patients have a case that this person is called to, not resolved for longer than a day."""
    paged = exists().where(
        pages.c.escalation_id == escalations.c.id, pages.c.staff_id == staff_id
    )  # by the first's index
    query = select(escalations.c.patient_id).where(
        escalations.c.patient_id.in_(patient_ids),
        or_(escalations.c.resolved_at.is_(None), escalations.c.resolved_at > now - AFTER),
        or_(escalations.c.owner_id == staff_id, escalations.c.handing_to == staff_id, paged),
    )
    return frozenset(PatientId(row.patient_id) for row in connection.execute(query))
