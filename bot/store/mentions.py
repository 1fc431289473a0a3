"""Who is named in a note about an escalation, until they have opened it. What was written stays in the history, sealed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, insert, select, update

from bot.store.prepared import Prepared
from bot.store.tables import escalations, mentions
from bot.store.types import EscalationId, StaffId


@dataclass(frozen=True)
class Mention:
    """That somebody is named about an escalation: the newest time, by whom, and how often in all."""

    escalation_id: EscalationId
    code: str
    by_id: StaffId
    at: datetime
    times: int


def add(
    connection: Connection, named: Iterable[StaffId], escalation_id: EscalationId, by_id: StaffId, now: datetime
) -> None:
    """These are named about an escalation."""
    rows = [{"staff_id": one, "escalation_id": escalation_id, "by_id": by_id, "at": now} for one in named]
    if rows:
        connection.execute(insert(mentions), rows)


_unseen_of_each = (
    select(func.max(mentions.c.id).label("id"), func.count().label("times"))
    .where(mentions.c.staff_id == bindparam("of"), mentions.c.seen_at.is_(None))
    .group_by(mentions.c.escalation_id)
    .subquery()
)
_unseen = Prepared(
    select(mentions, escalations.c.code, _unseen_of_each.c.times)
    .join(_unseen_of_each, _unseen_of_each.c.id == mentions.c.id)
    .join(escalations, escalations.c.id == mentions.c.escalation_id)
    .order_by(mentions.c.id.desc())
)


def unseen(connection: Connection, staff_id: StaffId) -> list[Mention]:
    """Where somebody is named and has not looked since, the newest first."""
    rows = _unseen(connection, of=staff_id)
    return [Mention(EscalationId(row.escalation_id), row.code, StaffId(row.by_id), row.at, row.times) for row in rows]


def see(connection: Connection, staff_id: StaffId, escalation_id: EscalationId, now: datetime) -> None:
    """They have opened it."""
    connection.execute(
        update(mentions)
        .where(mentions.c.staff_id == staff_id, mentions.c.seen_at.is_(None), mentions.c.escalation_id == escalation_id)
        .values(seen_at=now)
    )
