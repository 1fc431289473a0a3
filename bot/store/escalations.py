"""Escalations and their history: one per patient and episode, written with the screening that opened it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, case, func, insert, select

from bot.crypto import Vault
from bot.store import made_up
from bot.store.lifecycle import NOBODY_HAS_IT, Stage
from bot.store.tables import escalation_events, escalations, patients
from bot.store.teams import of_teams
from bot.store.types import EscalationId, MessageId, PatientId, StaffId, TeamId

__all__ = ["Escalation", "Event", "Stage", "current", "get", "history", "listed", "of_patient"]

# What machinery adds to a history: nobody was first by it, and no version rises.
BY_ITSELF = frozenset("seen_said nobody_to_page paged_by_memory contact_late hand_over_late no_answer closed".split())
TIER_ORDER = {"none": 0, "watch": 1, "urgent": 2, "emergency": 3}


@dataclass(frozen=True)
class Escalation:
    """One episode. `version` rises with every change by a person or message, so that nobody overwrites another.

    Attributes:
        clock_at: from when its paging steps count: opened, raised or reopened, the start of cover, or earlier where a
            step that reached nobody was cut short.
        page_round: how often paging began anew; `page_step` is where the present round stands.
        next_page_at: when something is due about it: a next page, or a contact that is late.
        contact_due_at: until when a contact must be tried.
        tries: contacts tried without reaching the person, in a row.
        handing_to: to whom it is offered, until they accept.
        snoozed_until: until when its owner wants it out of sight.
        read_due_at: until when a second person must have read the resolution (emergency).
        seen_said_at: when the patient was told that a person has seen it.
        drill: a marked test; not of a person in danger.
        missed: the screen had not flagged it; a person did.
    """

    id: EscalationId
    code: str
    patient_id: PatientId
    tier: str
    kind: str
    state: Stage
    opened_at: datetime
    message_id: MessageId | None
    owner_id: StaffId | None
    resolution: dict[str, Any]
    resolved_at: datetime | None
    version: int
    clock_at: datetime
    page_round: int
    page_step: int
    next_page_at: datetime | None
    paged_at: datetime | None
    acknowledged_at: datetime | None
    contact_due_at: datetime | None
    contacted_at: datetime | None
    tries: int
    review_due_at: datetime | None
    handing_to: StaffId | None
    snoozed_until: datetime | None
    resolved_by: StaffId | None
    read_due_at: datetime | None
    read_by: StaffId | None
    read_at: datetime | None
    seen_said_at: datetime | None
    drill: bool
    missed: bool

    @property
    def is_waiting(self) -> bool:
        """Whether nobody has taken it yet."""
        return self.state in NOBODY_HAS_IT


@dataclass(frozen=True)
class Event:
    """One entry of an escalation's history."""

    at: datetime
    event: str
    staff_id: StaffId | None
    message_id: MessageId | None
    detail: dict[str, Any]


def of_row(row: Row[Any], vault: Vault) -> Escalation:
    """One escalation, opened."""
    sealed = row.resolution_sealed
    return Escalation(
        id=EscalationId(row.id),
        code=row.code,
        patient_id=PatientId(row.patient_id),
        tier=row.tier,
        kind=row.kind,
        state=Stage(row.state),
        opened_at=row.opened_at,
        message_id=row.message_id,
        owner_id=row.owner_id,
        resolution=vault.open_json(sealed, f"escalations.resolution:{row.id}") if sealed else {},
        resolved_at=row.resolved_at,
        version=row.version,
        clock_at=row.clock_at or row.opened_at,
        page_round=row.page_round,
        page_step=row.page_step,
        next_page_at=row.next_page_at,
        paged_at=row.paged_at,
        acknowledged_at=row.acknowledged_at,
        contact_due_at=row.contact_due_at,
        contacted_at=row.contacted_at,
        tries=row.tries,
        review_due_at=row.review_due_at,
        handing_to=row.handing_to,
        snoozed_until=row.snoozed_until,
        resolved_by=row.resolved_by,
        read_due_at=row.read_due_at,
        read_by=row.read_by,
        read_at=row.read_at,
        seen_said_at=row.seen_said_at,
        drill=row.drill,
        missed=row.missed,
    )


def event_place(escalation_id: str, event: str, at: datetime) -> str:
    """Where an event's detail is sealed for: a moved one must not open, and its row's id is not known before."""
    return f"escalation_events.detail:{escalation_id}:{event}:{at.astimezone(UTC).isoformat()}"


def current(connection: Connection, vault: Vault, patient_id: PatientId) -> Escalation | None:
    """The patient's escalation that is not resolved."""
    row = connection.execute(open_of(patient_id)).one_or_none()
    return of_row(row, vault) if row else None


def newest_of(patient_id: PatientId) -> Select[Any]:
    """A query for the patient's newest escalation that is no drill, open or resolved."""
    mine = select(escalations).where(escalations.c.patient_id == patient_id, escalations.c.drill.is_(False))
    return mine.order_by(escalations.c.opened_at.desc()).limit(1)


def open_of(patient_id: PatientId) -> Select[Any]:
    """The same, where it is not resolved."""
    return newest_of(patient_id).where(escalations.c.state != Stage.RESOLVED)


def write_event(
    connection: Connection,
    vault: Vault,
    escalation_id: EscalationId,
    now: datetime,
    event: str,
    *,
    staff_id: StaffId | None = None,
    message_id: MessageId | None = None,
    detail: dict[str, Any] | None = None,
) -> None:
    """Add to an escalation's history."""
    sealed = vault.seal_json(detail, event_place(escalation_id, event, now)) if detail else None
    connection.execute(
        insert(escalation_events).values(
            escalation_id=escalation_id,
            at=now,
            event=event,
            staff_id=staff_id,
            message_id=message_id,
            detail_sealed=sealed,
        )
    )


def get(connection: Connection, vault: Vault, escalation_id: EscalationId) -> Escalation:
    """One escalation.

    Raises:
        KeyError: there is none of that id.
    """
    row = connection.execute(select(escalations).where(escalations.c.id == escalation_id)).one_or_none()
    if row is None:
        raise KeyError(escalation_id)
    return of_row(row, vault)


def history(connection: Connection, vault: Vault, escalation_id: EscalationId) -> list[Event]:
    """All that happened to an escalation, oldest first."""
    rows = connection.execute(
        select(escalation_events)
        .where(escalation_events.c.escalation_id == escalation_id)
        .order_by(escalation_events.c.id)
    )
    return [
        Event(
            at=row.at,
            event=row.event,
            staff_id=row.staff_id,
            message_id=row.message_id,
            detail=vault.open_json(row.detail_sealed, event_place(escalation_id, row.event, row.at))
            if row.detail_sealed
            else {},
        )
        for row in rows
    ]


def listed(
    connection: Connection, vault: Vault, stages: tuple[Stage, ...], limit: int | None = None
) -> list[Escalation]:
    """Escalations in those stages, no drills and of nobody made up: by tier, then the oldest first; None: all of them."""
    rank = case(TIER_ORDER, value=escalations.c.tier, else_=0)
    rows = connection.execute(
        select(escalations)
        .where(escalations.c.state.in_(stages), escalations.c.drill.is_(False))
        .where(made_up.of_real(escalations.c.patient_id))
        .order_by(rank.desc(), escalations.c.opened_at)
        .limit(limit)
    )
    return [of_row(row, vault) for row in rows]


def of_patient(connection: Connection, vault: Vault, patient_id: PatientId) -> list[Escalation]:
    """All escalations of a patient, the newest first."""
    rows = connection.execute(
        select(escalations).where(escalations.c.patient_id == patient_id).order_by(escalations.c.opened_at.desc())
    )
    return [of_row(row, vault) for row in rows]


def until(connection: Connection, vault: Vault, patient_id: PatientId, at: datetime, limit: int) -> list[Escalation]:
    """The last escalations of a patient opened up to an instant, the newest first."""
    rows = connection.execute(
        select(escalations)
        .where(escalations.c.patient_id == patient_id, escalations.c.opened_at <= at)
        .order_by(escalations.c.opened_at.desc(), escalations.c.id.desc())
        .limit(limit)
    )
    return [of_row(row, vault) for row in rows]


def counts(connection: Connection) -> dict[str, int]:
    """How many escalations are in each stage; drills, and those of people who are made up, are none."""
    real = select(escalations.c.state, func.count()).where(
        escalations.c.drill.is_(False), made_up.of_real(escalations.c.patient_id)
    )
    rows = connection.execute(real.group_by(escalations.c.state))
    return {row[0]: row[1] for row in rows}


def resolved_since(
    connection: Connection, vault: Vault, since: datetime, teams: Collection[TeamId] | None = None, limit: int = 50
) -> list[Escalation]:
    """Escalations of real people resolved since an instant, the last resolved first; `teams` as in `of_teams`."""
    rows = connection.execute(
        select(escalations)
        .join(patients, patients.c.id == escalations.c.patient_id)
        .where(of_teams(teams))
        .where(
            escalations.c.state == Stage.RESOLVED, escalations.c.resolved_at >= since, escalations.c.drill.is_(False)
        )
        .where(made_up.of_real(escalations.c.patient_id))
        .order_by(escalations.c.resolved_at.desc())
        .limit(limit)
    )
    return [of_row(row, vault) for row in rows]


def codes(connection: Connection, escalation_ids: Iterable[EscalationId]) -> dict[EscalationId, str]:
    """Codes of escalations, by id."""
    rows = connection.execute(
        select(escalations.c.id, escalations.c.code).where(escalations.c.id.in_(set(escalation_ids)))
    )
    return {EscalationId(row.id): row.code for row in rows}


def ids(connection: Connection, of_codes: Iterable[str]) -> dict[str, EscalationId]:
    """Ids of escalations, by code."""
    rows = connection.execute(select(escalations.c.id, escalations.c.code).where(escalations.c.code.in_(set(of_codes))))
    return {row.code: EscalationId(row.id) for row in rows}


def by_code(connection: Connection, code: str) -> tuple[EscalationId, PatientId] | None:
    """Id and patient of the escalation with that code."""
    row = connection.execute(
        select(escalations.c.id, escalations.c.patient_id).where(escalations.c.code == code)
    ).one_or_none()
    return (EscalationId(row.id), PatientId(row.patient_id)) if row else None
