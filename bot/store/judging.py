"""What people judge of an escalation: how it ended, that it was none, that one was missed, and that it is not over.

As in `handling`: in the caller's transaction, with its history; the audit entry is the caller's.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from bot.crypto import Vault
from bot.errors import Conflict, Incomplete
from bot.store import made_up
from bot.store.access import Refused
from bot.store.escalations import Escalation, of_row
from bot.store.lifecycle import Action, Stage
from bot.store.opening import fresh, note
from bot.store.steps import Step, check_may
from bot.store.tables import escalations
from bot.store.types import MessageId, PatientId, StaffId

# safety.md §5: an emergency's resolution is read by a second person within a day
SECOND_READ_WITHIN = timedelta(days=1)
FALSE_ALARM = "false_alarm"


def resolve(step: Step, resolution: dict[str, Any]) -> None:
    """A person closes the escalation, with what was done. Nothing closes one by itself, and no function closes many.

    Raises:
        Conflict: it was changed since it was seen, or nobody has acknowledged it.
        Refused: the role may not.
    """
    false_alarm = resolution.get("outcome") == FALSE_ALARM
    found, then = step.begin(Action.MARK_FALSE_ALARM if false_alarm else Action.RESOLVE)
    step.write(
        found,
        state=then,
        owner_id=step.staff_id,
        resolution_sealed=step.vault.seal_json(resolution, f"escalations.resolution:{found.id}"),
        resolved_at=step.now,
        resolved_by=step.staff_id,
        read_due_at=step.now + SECOND_READ_WITHIN if found.tier == "emergency" and not found.drill else None,
        read_by=None,
        read_at=None,
        next_page_at=None,
        contact_due_at=None,
        handing_to=None,
        snoozed_until=None,
    )
    about = found.message_id if false_alarm else None  # the verdict is one on this message, whatever comes later
    step.tell("resolved", {"outcome": resolution.get("outcome")}, about)


def mark_false_alarm(step: Step, why: str) -> None:
    """A verdict about the message, in words; it deletes nothing. Closes the escalation, as `resolve` does.

    Raises:
        Incomplete: no words.
        Conflict, Refused: as `resolve`.
    """
    if not why.strip():
        raise Incomplete("risk", "write in a few words why this was a false alarm")
    resolve(step, {"outcome": FALSE_ALARM, "risk": why})


def second_read(step: Step, words: str = "") -> None:
    """A second person has read how an emergency was resolved.

    Raises:
        Conflict: it was changed since, needs no reading, or has been read.
        Refused: the role may not, or it is the person who resolved it.
    """
    found, then = step.begin(Action.SECOND_READ)
    if found.read_due_at is None or found.read_at is not None:
        raise step.conflict(found)
    if found.resolved_by == step.staff_id:
        raise Refused("a second person must read it: you resolved it yourself")
    step.write(found, state=then, read_by=step.staff_id, read_at=step.now)
    step.tell("second_read", {"note": words} if words else None)


def reopen(step: Step, why: str) -> None:
    """Staff open a resolved escalation again, however old: its clocks and paging start anew.

    Raises:
        Conflict: it was changed since, is not resolved, or the patient has another one open.
        Refused: the role may not.
        Incomplete: no words.
    """
    found, _ = step.begin(Action.REOPEN)
    if not why.strip():
        raise Incomplete("why", "write why it is opened again")
    other = step.connection.execute(
        select(escalations.c.code).where(
            escalations.c.patient_id == found.patient_id,
            escalations.c.state != Stage.RESOLVED,
            escalations.c.drill.is_(False),
        )
    ).scalar()
    if other:
        raise Conflict(f"{other} is open for the same patient: go on there")
    values = fresh(step.now, found.page_round, found.tier) | {
        "opened_at": step.now, "resolved_at": None, "resolved_by": None, "read_due_at": None, "read_by": None,
        "read_at": None, "seen_said_at": None,
    }  # fmt: skip
    step.write(found, **values)
    step.tell("reopened", {"why": why})


def mark_missed(
    connection: Connection,
    vault: Vault,
    patient_id: PatientId,
    message_id: MessageId,
    tier: str,
    kind: str,
    now: datetime,
    *,
    staff_id: StaffId | None = None,
    why: str = "",
) -> Escalation:
    """A person found risk in a message that the screen let pass: an escalation opens, or is raised, at once.

    Args:
        tier: as that person judges it; at least `watch`.
        staff_id: who says so; None: the patient.

    Raises:
        Refused: the role may not.
        Incomplete: the tier is none.
    """
    if staff_id is not None:
        check_may(connection, staff_id, Action.MARK_MISSED)
    if tier not in {"watch", "urgent", "emergency"}:
        raise Incomplete("tier", "choose how grave it is")
    detail = {"why": why} if why else None
    return note(
        connection, vault, patient_id, message_id, tier, kind, now, staff_id=staff_id, event="missed", detail=detail
    )


def unread(connection: Connection, vault: Vault) -> list[Escalation]:
    """Resolved emergencies that wait for their second reading, of nobody made up, the first due first."""
    rows = connection.execute(
        select(escalations)
        .where(escalations.c.read_due_at.isnot(None), escalations.c.read_at.is_(None))
        .where(made_up.of_real(escalations.c.patient_id))
        .order_by(escalations.c.read_due_at)
    )
    return [of_row(row, vault) for row in rows]
