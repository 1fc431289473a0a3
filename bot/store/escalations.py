"""Escalations and their history: one per patient and episode, written with the screening that opened it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, case, func, insert, select, update

from bot.crypto import Vault
from bot.errors import Conflict
from bot.store.tables import escalation_events, escalations
from bot.store.types import EscalationId, MessageId, PatientId, StaffId, new_code, new_id

REOPENS_WITHIN = timedelta(days=7)  # safety.md §5: a new sign within 7 days reopens
TIER_ORDER = {"none": 0, "watch": 1, "urgent": 2, "emergency": 3}


class Stage(StrEnum):
    """Where an escalation is in its life."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


@dataclass(frozen=True)
class Escalation:
    """One episode. `version` rises with every change, so that two people never overwrite each other."""

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


@dataclass(frozen=True)
class Event:
    """One entry of an escalation's history."""

    at: datetime
    event: str
    staff_id: StaffId | None
    message_id: MessageId | None
    detail: dict[str, Any]


def _escalation(row: Row[Any], vault: Vault) -> Escalation:
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
    )


def event_place(escalation_id: str, event: str, at: datetime) -> str:
    """Where an event's detail is sealed for: a moved one must not open, and its row's id is not known before."""
    return f"escalation_events.detail:{escalation_id}:{event}:{at.astimezone(UTC).isoformat()}"


def current(connection: Connection, vault: Vault, patient_id: PatientId) -> Escalation | None:
    """The patient's escalation that is not resolved."""
    row = connection.execute(
        select(escalations)
        .where(escalations.c.patient_id == patient_id, escalations.c.state != Stage.RESOLVED)
        .order_by(escalations.c.opened_at.desc())
        .limit(1)
    ).one_or_none()
    return _escalation(row, vault) if row else None


def note(
    connection: Connection,
    vault: Vault,
    patient_id: PatientId,
    message_id: MessageId,
    tier: str,
    kind: str,
    now: datetime,
) -> Escalation:
    """A message showed risk: open an escalation, join the open one (never lowering it), or reopen a recent one."""
    last = _last(connection, vault, patient_id)
    if last is None or (last.state is Stage.RESOLVED and now - (last.resolved_at or now) > REOPENS_WITHIN):
        made = _insert(connection, patient_id, message_id, tier, kind, now)
        _event(connection, vault, made, now, "opened", message_id=message_id, detail={"tier": tier, "kind": kind})
        return get(connection, vault, made)
    raised = TIER_ORDER[tier] > TIER_ORDER[last.tier]
    values: dict[str, Any] = {"version": escalations.c.version + 1}
    event = "joined"
    if last.state is Stage.RESOLVED:
        values |= {
            "state": Stage.OPEN,
            "owner_id": None,
            "tier": tier,
            "kind": kind,
            "message_id": message_id,
            "opened_at": now,
        }
        event = "reopened"
    elif raised:
        # A higher tier starts the clocks again: what was acknowledged was less than this.
        values |= {"tier": tier, "kind": kind, "state": Stage.OPEN, "message_id": message_id}
        event = "raised"
    connection.execute(update(escalations).where(escalations.c.id == last.id).values(**values))
    _event(connection, vault, last.id, now, event, message_id=message_id, detail={"tier": tier, "kind": kind})
    return get(connection, vault, last.id)


def _last(connection: Connection, vault: Vault, patient_id: PatientId) -> Escalation | None:
    row = connection.execute(
        select(escalations)
        .where(escalations.c.patient_id == patient_id)
        .order_by(escalations.c.opened_at.desc())
        .limit(1)
    ).one_or_none()
    return _escalation(row, vault) if row else None


def _insert(
    connection: Connection, patient_id: PatientId, message_id: MessageId, tier: str, kind: str, now: datetime
) -> EscalationId:
    made = EscalationId(new_id())
    connection.execute(
        insert(escalations).values(
            id=made,
            code=new_code(5),
            patient_id=patient_id,
            tier=tier,
            kind=kind,
            state=Stage.OPEN,
            opened_at=now,
            message_id=message_id,
            version=1,
        )
    )
    return made


def _event(
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
    return _escalation(row, vault)


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


def listed(connection: Connection, vault: Vault, stages: tuple[Stage, ...], limit: int = 200) -> list[Escalation]:
    """Escalations in those stages: by tier, then the oldest first."""
    rank = case(TIER_ORDER, value=escalations.c.tier, else_=0)
    rows = connection.execute(
        select(escalations)
        .where(escalations.c.state.in_(stages))
        .order_by(rank.desc(), escalations.c.opened_at)
        .limit(limit)
    )
    return [_escalation(row, vault) for row in rows]


def of_patient(connection: Connection, vault: Vault, patient_id: PatientId) -> list[Escalation]:
    """All escalations of a patient, the newest first."""
    rows = connection.execute(
        select(escalations).where(escalations.c.patient_id == patient_id).order_by(escalations.c.opened_at.desc())
    )
    return [_escalation(row, vault) for row in rows]


def _change(connection: Connection, escalation_id: EscalationId, version: int, **values: Any) -> None:
    done = connection.execute(
        update(escalations)
        .where(escalations.c.id == escalation_id, escalations.c.version == version)
        .values(version=version + 1, **values)
    )
    if not done.rowcount:
        raise Conflict("somebody else changed this escalation first: look at it again, then decide")


def acknowledge(
    connection: Connection, vault: Vault, escalation_id: EscalationId, version: int, staff_id: StaffId, now: datetime
) -> None:
    """A named person takes the escalation.

    Raises:
        Conflict: it was changed since `version` was read.
    """
    _change(connection, escalation_id, version, state=Stage.ACKNOWLEDGED, owner_id=staff_id)
    _event(connection, vault, escalation_id, now, "acknowledged", staff_id=staff_id)


def remark(
    connection: Connection,
    vault: Vault,
    escalation_id: EscalationId,
    staff_id: StaffId,
    event: str,
    words: dict[str, Any],
    now: datetime,
) -> None:
    """Add to the history what a person did or saw: `note`, `contact`."""
    _event(connection, vault, escalation_id, now, event, staff_id=staff_id, detail=words)


def resolve(
    connection: Connection,
    vault: Vault,
    escalation_id: EscalationId,
    version: int,
    staff_id: StaffId,
    resolution: dict[str, Any],
    now: datetime,
) -> None:
    """A person closes the escalation, with what was done.

    Raises:
        Conflict: it was changed since `version` was read.
    """
    sealed = vault.seal_json(resolution, f"escalations.resolution:{escalation_id}")
    _change(
        connection,
        escalation_id,
        version,
        state=Stage.RESOLVED,
        owner_id=staff_id,
        resolution_sealed=sealed,
        resolved_at=now,
    )
    _event(
        connection,
        vault,
        escalation_id,
        now,
        "resolved",
        staff_id=staff_id,
        detail={"outcome": resolution.get("outcome")},
    )


def counts(connection: Connection) -> dict[str, int]:
    """How many escalations are in each stage."""
    rows = connection.execute(select(escalations.c.state, func.count()).group_by(escalations.c.state))
    return {row[0]: row[1] for row in rows}


def resolved_since(connection: Connection, vault: Vault, since: datetime, limit: int = 50) -> list[Escalation]:
    """Escalations resolved since an instant, the last resolved first."""
    rows = connection.execute(
        select(escalations)
        .where(escalations.c.state == Stage.RESOLVED, escalations.c.resolved_at >= since)
        .order_by(escalations.c.resolved_at.desc())
        .limit(limit)
    )
    return [_escalation(row, vault) for row in rows]
