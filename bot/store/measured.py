"""What the safety figures are made of: escalations with their steps, replies and pages, in a handful of queries.

Drills and made-up patients are never among them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, case, func, or_, select

from bot.crypto import Vault
from bot.store import made_up
from bot.store.escalations import Stage, event_place
from bot.store.tables import escalation_events, escalations, inbox, outbox, pages, patients, shifts
from bot.store.types import EscalationId, MessageId, PatientId, StaffId

OPENED, JOINED, RAISED, REOPENED, MISSED = "opened", "joined", "raised", "reopened", "missed"
ACKNOWLEDGED, CONTACT, RESOLVED = "acknowledged", "contact", "resolved"
STARTS = (OPENED, RAISED, REOPENED, MISSED)
STEPS = (*STARTS, ACKNOWLEDGED, CONTACT, RESOLVED)
SAFETY_RANK = 0  # of class safety in the outbox: alone in it, so that one index finds all of a span
OUT_STATES = ("waiting", "sending", "sent", "delivered", "failed", "unknown", "dropped")
MOVED = timedelta(days=2)  # a reply that is tried again stands later in the index than it was written


class Touched(NamedTuple):
    """An escalation that something may have happened to.

    Attributes:
        version: rises with each step of its history.
        is_settled: whether it was resolved before the instant that was asked for.
    """

    id: EscalationId
    version: int
    is_settled: int


@dataclass(frozen=True)
class Case:
    """An escalation, as it is now."""

    id: EscalationId
    patient_id: PatientId
    tier: str
    kind: str


@dataclass(frozen=True)
class Step:
    """One entry of a history that counts, its detail opened.

    Attributes:
        received_at: of the message that made it; None where there was none, or it was deleted.
    """

    escalation_id: EscalationId
    at: datetime
    event: str
    staff_id: StaffId | None
    received_at: datetime | None
    detail: dict[str, Any]
    message_id: MessageId | None = None


@dataclass(frozen=True)
class Reply:
    """A crisis reply: when it was written, and when it was handed over, if it was."""

    patient_id: PatientId
    created_at: datetime
    sent_at: datetime | None
    state: str


@dataclass(frozen=True)
class Handed:
    """A page that was handed over, and when."""

    escalation_id: EscalationId
    at: datetime


def touched(connection: Connection, since: datetime, settled_before: datetime) -> list[Touched]:
    """Every escalation that something may have happened to since an instant: open still, or resolved later than that."""
    is_resolved, resolved_at = escalations.c.state == Stage.RESOLVED, escalations.c.resolved_at
    is_settled = case((and_(is_resolved, resolved_at < settled_before), 1), else_=0)
    is_real = made_up.of_real(escalations.c.patient_id)
    rows = connection.execute(
        select(escalations.c.id, escalations.c.version, is_settled).where(
            or_(~is_resolved, resolved_at >= since), escalations.c.drill.is_(False), is_real
        )
    )
    return [Touched._make(row) for row in rows]


def cases(connection: Connection, ids: Collection[EscalationId]) -> list[Case]:
    """Some escalations."""
    columns = (escalations.c.id, escalations.c.patient_id, escalations.c.tier, escalations.c.kind)
    rows = connection.execute(select(*columns).where(escalations.c.id.in_(ids)))
    return [Case(EscalationId(row.id), PatientId(row.patient_id), row.tier, row.kind) for row in rows]


def steps(connection: Connection, vault: Vault, ids: Collection[EscalationId]) -> list[Step]:
    """Their histories, whole, each together and in order.

    The detail of what began an escalation is opened only where it began more than once: else the escalation itself tells
    its tier and kind.
    """
    events = escalation_events.c
    message = and_(inbox.c.id == events.message_id, events.event.in_(STARTS))
    rows = connection.execute(
        select(
            events.escalation_id,
            events.at,
            events.event,
            events.staff_id,
            events.detail_sealed,
            events.message_id,
            inbox.c.received_at,
        )
        .select_from(escalation_events.outerjoin(inbox, message))
        .where(events.escalation_id.in_(ids), events.event.in_(STEPS))
        .order_by(events.escalation_id, events.id)
    ).all()
    starts = Counter(row.escalation_id for row in rows if row.event in STARTS)
    found = []
    for one, at, event, staff_id, sealed, message_id, received_at in rows:
        is_needed = event not in STARTS or starts[one] > 1
        detail = vault.open_json(sealed, event_place(one, event, at)) if sealed and is_needed else {}
        found.append(Step(one, at, event, staff_id, received_at, detail, message_id))
    return found


def replies(connection: Connection, since: datetime, until: datetime, whose: Collection[PatientId]) -> list[Reply]:
    """Crisis replies to some people written in a span, the first ones first."""
    rows = connection.execute(
        select(outbox.c.patient_id, outbox.c.created_at, outbox.c.sent_at, outbox.c.state)
        .where(
            outbox.c.state.in_(OUT_STATES),
            outbox.c.rank == SAFETY_RANK,
            outbox.c.not_before >= since,
            outbox.c.not_before < until + MOVED,
            outbox.c.created_at >= since,
            outbox.c.created_at < until,
            outbox.c.patient_id.in_(whose),
        )
        .order_by(outbox.c.created_at, outbox.c.id)
    )
    return [Reply(*row) for row in rows]


def handed_pages(connection: Connection, ids: Collection[EscalationId]) -> list[Handed]:
    """The first page of each round that was handed over, for some escalations, the first ones first.

    Whatever starts the clocks begins a new round, so no course's first page is missing.
    """
    kind = pages.c.accepted_at.type
    at = func.min(func.coalesce(pages.c.accepted_at, pages.c.delivered_at, type_=kind), type_=kind)
    rows = connection.execute(
        select(pages.c.escalation_id, at)
        .where(
            pages.c.escalation_id.in_(ids),
            or_(pages.c.accepted_at.isnot(None), pages.c.delivered_at.isnot(None)),
        )
        .group_by(pages.c.escalation_id, pages.c.round)
        .order_by(at)
    )
    return [Handed(*row) for row in rows]


def messages(connection: Connection, since: datetime, until: datetime) -> int:
    """How many messages of real people came in a span."""
    within = and_(inbox.c.received_at >= since, inbox.c.received_at < until)
    every = select(func.count()).select_from(inbox).where(within)  # of an index alone; whose they are, it does not tell
    theirs = every.where(inbox.c.patient_id.in_(select(patients.c.id).where(patients.c.demo)))
    return int(connection.execute(every).scalar_one() - connection.execute(theirs).scalar_one())


def rota_since(connection: Connection) -> datetime | None:
    """When the oldest shift that is kept began; None where the site keeps no rota."""
    return connection.execute(select(func.min(shifts.c.starts_at))).scalar_one_or_none()
