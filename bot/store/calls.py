"""Whom a page's link, or a reply to one, speaks for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from bot.store.lifecycle import Stage
from bot.store.pages import ACCEPTED, DELIVERED, SENDING, UNKNOWN
from bot.store.tables import escalations, pages
from bot.store.types import EscalationId, StaffId, token_hash


@dataclass(frozen=True)
class Called:
    """Whom a token or a reply speaks for: the page by which they were called, and of which escalation."""

    page_id: int
    escalation_id: EscalationId
    staff_id: StaffId
    contact_id: str | None
    code: str
    tier: str
    since: datetime
    drill: bool


_called = (
    pages.c.id,
    pages.c.escalation_id,
    pages.c.staff_id,
    pages.c.contact_id,
    escalations.c.code,
    escalations.c.tier,
    escalations.c.opened_at,
    escalations.c.drill,
)


def _call(row: Any) -> Called:
    return Called(
        row.id, EscalationId(row.escalation_id), StaffId(row.staff_id), row.contact_id, row.code, row.tier,
        row.opened_at, row.drill,
    )  # fmt: skip


def by_token(connection: Connection, token: str, now: datetime) -> Called | None:
    """Whom a link's secret speaks for; None where it is wrong, too old, or its escalation is resolved."""
    row = connection.execute(
        select(*_called)
        .join(escalations, escalations.c.id == pages.c.escalation_id)
        .where(
            pages.c.token_hash == token_hash(token),
            pages.c.expires_at > now,
            pages.c.staff_id.isnot(None),
            escalations.c.state != Stage.RESOLVED,
        )
    ).one_or_none()
    return _call(row) if row else None


def open_for(connection: Connection, contact_ids: Collection[str], now: datetime) -> list[Called]:
    """Escalations, not resolved, for which pages went by these ways: one entry each, the newest page first."""
    rows = connection.execute(
        select(*_called)
        .join(escalations, escalations.c.id == pages.c.escalation_id)
        .where(
            pages.c.contact_id.in_(contact_ids),
            pages.c.state.in_((SENDING, ACCEPTED, DELIVERED, UNKNOWN)),
            pages.c.expires_at > now,
            pages.c.staff_id.isnot(None),
            escalations.c.state != Stage.RESOLVED,
        )
        .order_by(pages.c.id.desc())
    )
    found: dict[EscalationId, Called] = {}
    for row in rows:
        found.setdefault(EscalationId(row.escalation_id), _call(row))
    return list(found.values())


def was_told(connection: Connection, contact_ids: Collection[str], code: str) -> bool:
    """Whether a page of that code ever went by one of these ways."""
    found = (
        select(pages.c.id)
        .join(escalations, escalations.c.id == pages.c.escalation_id)
        .where(pages.c.contact_id.in_(contact_ids), escalations.c.code == code)
    )
    return connection.execute(found.limit(1)).first() is not None
