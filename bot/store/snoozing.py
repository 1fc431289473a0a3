"""Out of sight until a time: whoever has a case puts it there, with a reason. No clock stops, and no page is held for it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, update

from bot.errors import Incomplete
from bot.store.escalations import Escalation
from bot.store.lifecycle import Action
from bot.store.steps import Step
from bot.store.tables import escalations
from bot.store.types import PatientId, StaffId

LONGEST = timedelta(hours=72)


def latest(found: Escalation, now: datetime) -> datetime:
    """Until when it may be out of sight at most: until the contact is due, and never for longer than 72 hours."""
    return min(now + LONGEST, found.contact_due_at or now + LONGEST)


def snooze(step: Step, until: datetime, why: str) -> None:
    """The owner puts an escalation out of sight. It is back at that time, or as soon as anybody else does anything about it.

    Raises:
        Conflict: it was changed since, isn't theirs, or is offered to somebody.
        Refused: the role may not.
        Incomplete: no reason, or a time that is past or too late.
    """
    found, then = step.begin(Action.SNOOZE)
    if found.owner_id != step.staff_id or found.handing_to:
        raise step.conflict(found)
    if not why.strip():
        raise Incomplete("snooze_why", "write why it can wait")
    if not step.now < until <= latest(found, step.now):
        raise Incomplete("snooze_until", "give a time to come, before the contact is due and within 72 hours")
    step.write(found, state=then, snoozed_until=until)
    step.tell("snoozed", {"until": until.isoformat(), "why": why})


def show_again(step: Step) -> bool:
    """Somebody wants to see it again at once; False where it is in sight already.

    Raises:
        Conflict: it was changed since, or nobody has it.
        Refused: the role may not.
    """
    found, then = step.begin(Action.SHOW_AGAIN)
    if not is_snoozed(found, step.now):
        return False
    step.write(found, state=then, snoozed_until=None)
    step.tell("shown_again")
    return True


def is_snoozed(found: Escalation, now: datetime) -> bool:
    """Whether its owner wants it out of sight now; what is overdue is shown all the same."""
    return found.snoozed_until is not None and found.snoozed_until > now


def end_by(step: Step) -> None:
    """Something was done about it: unless that was its owner's, it comes in sight again. No version rises."""
    connection, which = step.connection, escalations.c.id == step.escalation_id
    connection.execute(
        update(escalations).where(which, escalations.c.owner_id != step.staff_id).values(snoozed_until=None)
    )


def end_for_another(connection: Connection, patient_id: PatientId, staff_id: StaffId) -> None:
    """Somebody is at work on a patient's case: unless it is its owner, it comes in sight again."""
    connection.execute(
        update(escalations)
        .where(escalations.c.patient_id == patient_id, escalations.c.owner_id != staff_id)
        .values(snoozed_until=None)
    )
