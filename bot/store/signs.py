"""When a person's messages showed risk: for the trend over days."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from bot.store.tables import inbox
from bot.store.types import PatientId


def since(connection: Connection, patient_id: PatientId, at: datetime) -> list[datetime]:
    """Instants of the messages that were judged watch or graver, since `at`, oldest first."""
    rows = connection.execute(
        select(inbox.c.received_at)
        .where(inbox.c.patient_id == patient_id, inbox.c.received_at >= at, inbox.c.tier != "none")
        .order_by(inbox.c.received_at)
    )
    return [row.received_at for row in rows]
