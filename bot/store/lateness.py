"""Since when the oldest thing of each kind waits that should have been done: how a loop that stands still is noticed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from bot.store import made_up
from bot.store.tables import due, inbox, lanes, outbox


@dataclass(frozen=True)
class Lateness:
    """Instants, None where nothing waits. What is not due yet is not waiting: compare with the present."""

    safety_reply: datetime | None
    due: datetime | None
    lane: datetime | None
    last_message: datetime | None


def of(connection: Connection) -> Lateness:
    """How late everything is."""
    safety = select(func.min(outbox.c.created_at)).where(
        outbox.c.state.in_(("waiting", "sending")), outbox.c.message_class == "safety"
    )
    ready = select(func.min(lanes.c.ready_at)).where(lanes.c.ready_at.isnot(None), lanes.c.holder.is_(None))
    queries = (
        safety,
        select(func.min(due.c.at)),
        ready,
        select(inbox.c.received_at)
        .where(made_up.of_real(inbox.c.patient_id))
        .order_by(inbox.c.received_at.desc())
        .limit(1),
    )
    return Lateness(*(connection.execute(query).scalar_one_or_none() for query in queries))
