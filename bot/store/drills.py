"""Drills: escalations of nobody, by which routes and people are tried; the one kind that no person has to resolve."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select, update

from bot.crypto import Vault
from bot.store.escalations import Escalation, of_row, write_event
from bot.store.lifecycle import Stage
from bot.store.tables import escalations
from bot.store.types import EscalationId


def last(connection: Connection, vault: Vault, kind: str) -> Escalation | None:
    """The newest drill of a kind (`drill`, `test_page`)."""
    row = connection.execute(
        select(escalations)
        .where(escalations.c.drill.is_(True), escalations.c.kind == kind)
        .order_by(escalations.c.opened_at.desc())
        .limit(1)
    ).one_or_none()
    return of_row(row, vault) if row else None


def listed(connection: Connection, vault: Vault, limit: int = 20) -> list[Escalation]:
    """The last drills, the newest first."""
    rows = connection.execute(
        select(escalations).where(escalations.c.drill.is_(True)).order_by(escalations.c.opened_at.desc()).limit(limit)
    )
    return [of_row(row, vault) for row in rows]


def close(connection: Connection, vault: Vault, opened_before: datetime, now: datetime) -> int:
    """Close drills that are over: the one kind of escalation that no person has to resolve."""
    rows = connection.execute(
        update(escalations)
        .where(
            escalations.c.drill.is_(True),
            escalations.c.state != Stage.RESOLVED,
            escalations.c.opened_at <= opened_before,
        )
        .values(state=Stage.RESOLVED, resolved_at=now, next_page_at=None)
        .returning(escalations.c.id)
    ).all()
    for row in rows:
        write_event(connection, vault, EscalationId(row.id), now, "closed")
    return len(rows)
