"""Pages to staff: rows written with their cause, offered by the pager, kept with person, way, time and outcome."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, insert, or_, select, update

from bot.crypto import Vault
from bot.store import made_up
from bot.store.contacts import Contact
from bot.store.tables import contacts, escalations, pages
from bot.store.types import EscalationId, PatientId, StaffId, token_hash

WAITING, SENDING, ACCEPTED, DELIVERED = "waiting", "sending", "accepted", "delivered"
FAILED, UNKNOWN, CANCELLED = "failed", "unknown", "cancelled"
ARRIVED = (ACCEPTED, DELIVERED)
TOKEN_BYTES = 16  # 128 bits
LIFE = timedelta(hours=48)  # of a token; resolving ends it before
LEASE = timedelta(seconds=30)  # longer than any route may take: what is `sending` for longer was a process that died
NOBODY = "none"  # the way of a row that says that there was nobody to page


@dataclass(frozen=True)
class PageRow:
    """One page, without its address."""

    id: int
    escalation_id: EscalationId
    round: int
    step: int
    reason: str
    staff_id: StaffId | None
    contact_id: str | None
    way: str
    tier: str
    again: int
    state: str
    not_before: datetime
    attempts: int
    attempted_at: datetime | None
    provider_id: str | None
    why: str | None
    created_at: datetime
    accepted_at: datetime | None
    delivered_at: datetime | None
    expires_at: datetime
    drill: bool


def of_row(row: Row[Any]) -> PageRow:
    """A page of its row."""
    return PageRow(
        id=row.id,
        escalation_id=EscalationId(row.escalation_id),
        round=row.round,
        step=row.step,
        reason=row.reason,
        staff_id=row.staff_id,
        contact_id=row.contact_id,
        way=row.way,
        tier=row.tier,
        again=row.again,
        state=row.state,
        not_before=row.not_before,
        attempts=row.attempts,
        attempted_at=row.attempted_at,
        provider_id=row.provider_id,
        why=row.why,
        created_at=row.created_at,
        accepted_at=row.accepted_at,
        delivered_at=row.delivered_at,
        expires_at=row.expires_at,
        drill=row.drill,
    )


def new_token() -> str:
    """A link's secret: random, 128 bits."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def put(
    connection: Connection,
    vault: Vault,
    *,
    escalation_id: EscalationId,
    page_round: int,
    step: int,
    reason: str,
    tier: str,
    contact: Contact | None,
    now: datetime,
    again: int = 0,
    drill: bool = False,
    why: str = "",
    token: str = "",
    sent_at: datetime | None = None,
) -> int | None:
    """Queue one page; None where this way was used in this step already, or the patient is made up and it is no drill.

    Args:
        contact: whom, and by which way; None: there is nobody, and the row says so (`failed`).
        token: the link's secret, where it has been given out already (see `paging.memory`).
        sent_at: it went out by then, and is only kept.
    """
    if not drill and _is_made_up(connection, escalation_id):
        return None
    if contact is not None:
        standing = select(pages.c.id).where(
            pages.c.escalation_id == escalation_id,
            pages.c.round == page_round,
            pages.c.step == step,
            pages.c.contact_id == contact.id,
        )
        if connection.execute(standing).first() is not None:
            return None
    token = token or new_token()
    hashed = token_hash(token)
    state = FAILED if contact is None else ACCEPTED if sent_at else WAITING
    made = connection.execute(
        insert(pages)
        .values(
            escalation_id=escalation_id,
            round=page_round,
            step=step,
            reason=reason,
            staff_id=contact.staff_id if contact else None,
            contact_id=contact.id if contact else None,
            way=contact.way if contact else NOBODY,
            tier=tier,
            again=again,
            token_hash=hashed,
            token_sealed=vault.seal(token, f"pages.token:{hashed}"),
            expires_at=now + LIFE,
            created_at=now,
            state=state,
            not_before=now,
            attempts=1 if sent_at else 0,
            accepted_at=sent_at,
            why=why or None,
            drill=drill,
        )
        .returning(pages.c.id)
    )
    return int(made.scalar_one())


def _is_made_up(connection: Connection, escalation_id: EscalationId) -> bool:
    whose = select(escalations.c.patient_id).where(escalations.c.id == escalation_id)
    return made_up.is_made_up(connection, PatientId(connection.execute(whose).scalar_one()))


def _due(now: datetime) -> ColumnElement[bool]:
    waits = and_(pages.c.state == WAITING, pages.c.not_before <= now)
    orphaned = and_(pages.c.state == SENDING, pages.c.attempted_at < now - LEASE)
    return or_(waits, orphaned)


def ready(connection: Connection, now: datetime, limit: int = 32, only: EscalationId | None = None) -> list[int]:
    """Ids of pages that may go now, the gravest and oldest first; what a process left half-sent is among them."""
    grave = (pages.c.tier != "emergency", pages.c.drill, pages.c.id)
    query = select(pages.c.id).where(_due(now)).order_by(*grave).limit(limit)
    if only is not None:
        query = query.where(pages.c.escalation_id == only)
    return [row.id for row in connection.execute(query)]


def next_at(connection: Connection) -> datetime | None:
    """When the next waiting page may go."""
    return connection.execute(select(func.min(pages.c.not_before)).where(pages.c.state == WAITING)).scalar_one_or_none()


def claim(connection: Connection, page_id: int, now: datetime) -> PageRow | None:
    """Mark a page as on its way, committed before the route is called; None where another process was first."""
    row = connection.execute(
        update(pages)
        .where(pages.c.id == page_id, _due(now))
        .values(state=SENDING, attempts=pages.c.attempts + 1, attempted_at=now)
        .returning(pages)
    ).one_or_none()
    return of_row(row) if row else None


def free_all(connection: Connection) -> int:
    """At the start of the only process (embedded): what was half-sent goes again at once; tells how many."""
    done = connection.execute(update(pages).where(pages.c.state == SENDING).values(state=WAITING))
    return int(done.rowcount)


def set_state(connection: Connection, page_id: int, **values: Any) -> None:
    """Change columns of a page."""
    connection.execute(update(pages).where(pages.c.id == page_id).values(**values))


def reported(connection: Connection, page_id: int, state: str, why: str, now: datetime) -> PageRow | None:
    """Take a provider's later word: `delivered` or `failed`; the page, if that changed it.

    Reports come in any order: delivered is never taken back, nor is a page that was answered or cancelled.
    """
    before = (SENDING, ACCEPTED, UNKNOWN, WAITING) if state == FAILED else (SENDING, ACCEPTED, UNKNOWN, WAITING, FAILED)
    values: dict[str, Any] = {"state": state, "why": why[:80] or None}
    if state == DELIVERED:
        values["delivered_at"] = now
    row = connection.execute(
        update(pages).where(pages.c.id == page_id, pages.c.state.in_(before)).values(**values).returning(pages)
    ).one_or_none()
    return of_row(row) if row else None


def get(connection: Connection, page_id: int) -> PageRow | None:
    """One page."""
    row = connection.execute(select(pages).where(pages.c.id == page_id)).one_or_none()
    return of_row(row) if row else None


def open_token(connection: Connection, vault: Vault, page_id: int) -> str:
    """The link's secret, for a route's eyes only."""
    row = connection.execute(select(pages.c.token_sealed, pages.c.token_hash).where(pages.c.id == page_id)).one()
    return vault.open(row.token_sealed, f"pages.token:{row.token_hash}")


def of_escalation(connection: Connection, escalation_id: EscalationId) -> list[PageRow]:
    """All pages of an escalation, oldest first: for its history."""
    rows = connection.execute(select(pages).where(pages.c.escalation_id == escalation_id).order_by(pages.c.id))
    return [of_row(row) for row in rows]


def cancel(connection: Connection, escalation_id: EscalationId, why: str) -> None:
    """What has not gone yet need not go: somebody took it."""
    connection.execute(
        update(pages)
        .where(pages.c.escalation_id == escalation_id, pages.c.state == WAITING)
        .values(state=CANCELLED, why=why)
    )


def oldest_waiting(connection: Connection, now: datetime) -> datetime | None:
    """Since when the page that waits longest should have gone; None where none is late."""
    return connection.execute(select(func.min(pages.c.not_before)).where(_due(now))).scalar_one_or_none()


def counts(connection: Connection, since: datetime | None = None) -> dict[str, int]:
    """How many pages are in each state, of those written since an instant; None: of all."""
    query = select(pages.c.state, func.count()).group_by(pages.c.state)
    rows = connection.execute(query if since is None else query.where(pages.c.created_at >= since))
    return {row[0]: row[1] for row in rows}


def can_page_anybody(connection: Connection) -> bool:
    """Whether any member of staff has a way that can be used."""
    usable = select(contacts.c.id).where(contacts.c.address_sealed.isnot(None))
    return connection.execute(usable.limit(1)).first() is not None
