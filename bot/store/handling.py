"""What people do with an escalation that is open: take it, hand it on, contact the person, write a note.

Every function runs in the caller's transaction and writes the history; the audit entry (who looked, who did) is the
caller's, who knows by which door the person came.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, update

from bot.errors import Incomplete
from bot.store import mentions, snoozing
from bot.store.lifecycle import Action, Stage
from bot.store.steps import Step, check_may
from bot.store.tables import escalations
from bot.store.types import EscalationId, StaffId

PLAN_AFTER_TRIES = 3  # safety.md §5: three tries without reaching the person call for a plan in writing


def acknowledge(step: Step, *, contact_within: timedelta | None = None) -> None:
    """A named person takes the escalation; the clock to contact starts (an acknowledgement is no contact).

    Args:
        contact_within: until when a contact must be tried; a page goes to them and the lead if it is not.

    Raises:
        Conflict: somebody has it, or (with a version) it was changed since.
        Refused: the role may not.
    """
    found, then = step.begin(Action.ACKNOWLEDGE)
    due_at = step.now + contact_within if contact_within else None
    step.write(
        found, state=then, owner_id=step.staff_id, acknowledged_at=step.now, contact_due_at=due_at,
        next_page_at=due_at, handing_to=None,
    )  # fmt: skip
    step.tell("acknowledged")


def hand_over(step: Step, to: StaffId, *, accept_within: timedelta | None = None) -> None:
    """The owner offers the escalation to somebody; it stays the owner's until the other accepts.

    Args:
        accept_within: if it is not accepted by then, both are paged again.

    Raises:
        Conflict: it was changed since, or isn't theirs.
        Refused: the role may not, or the other's may not accept.
        Incomplete: it is offered to the owner.
    """
    found, then = step.begin(Action.HAND_OVER)
    if found.owner_id != step.staff_id:
        raise step.conflict(found)
    if to == step.staff_id:
        raise Incomplete("to", "choose somebody else: it is yours already")
    check_may(step.connection, to, Action.ACCEPT)
    accept_by = step.now + accept_within if accept_within else None
    again = [at for at in (found.contact_due_at, accept_by) if at]
    at = min(again) if again else None
    step.write(found, state=then, handing_to=to, next_page_at=at, snoozed_until=None)
    step.tell("handed_over", {"to": to})


def accept(step: Step) -> None:
    """Whoever it was offered to takes it.

    Raises:
        Conflict: it was changed since, or is not offered to them.
        Refused: the role may not.
    """
    found, then = step.begin(Action.ACCEPT)
    if found.handing_to != step.staff_id:
        raise step.conflict(found)
    step.write(found, state=then, owner_id=step.staff_id, handing_to=None, next_page_at=found.contact_due_at)
    step.tell("accepted")


def note(step: Step, words: dict[str, Any], named: Iterable[StaffId] = ()) -> None:
    """Add a person's words to the history, for those who are `named` above all, and for an owner who had it out of sight.

    Raises:
        Refused: the role may not.
    """
    check_may(step.connection, step.staff_id, Action.NOTE)
    step.tell("note", words)
    snoozing.end_by(step)
    mentions.add(step.connection, named, step.escalation_id, step.staff_id, step.now)


def log_contact(
    step: Step,
    *,
    how: str,
    reached: bool,
    tried_at: datetime | None = None,
    words: str = "",
    next_try_at: datetime | None = None,
    plan: str = "",
) -> None:
    """A contact was tried: how, when, reached or not.

    Args:
        how: `phone`, `sms`, `in_person`, `other`.
        tried_at: when, where that was before now.
        next_try_at: when it is tried again; needed where the person was not reached, and paged for when it has passed.
        plan: what is done now (emergency contact, welfare check, by the site's protocol); needed from the third try on.

    Raises:
        Conflict: it was changed since it was seen, or nobody has acknowledged it.
        Refused: the role may not.
        Incomplete: names the field that is missing.
    """
    found, then = step.begin(Action.LOG_CONTACT)
    at = tried_at or step.now
    detail: dict[str, Any] = {"how": how, "tried_at": at.isoformat(), "reached": reached, "note": words}
    if reached:
        values: dict[str, Any] = {
            "state": then, "contacted_at": at, "tries": 0, "contact_due_at": None, "next_page_at": None,
        }  # fmt: skip
    else:
        if next_try_at is None or next_try_at <= step.now:
            raise Incomplete("next_try", "give the time of the next try: the person was not reached")
        if found.tries + 1 >= PLAN_AFTER_TRIES and not plan.strip():
            raise Incomplete("plan", "write the plan: three tries have not reached the person")
        detail |= {"next_try_at": next_try_at.isoformat()} | ({"plan": plan} if plan.strip() else {})
        values = {"tries": found.tries + 1, "contact_due_at": next_try_at, "next_page_at": next_try_at}
    step.write(found, **values)
    step.tell("contact", detail)
    snoozing.end_by(step)


def set_times(connection: Connection, escalation_id: EscalationId, **values: Any) -> None:
    """Set what machinery knows of an escalation (paging, limits): no version rises, so it gets in nobody's way."""
    known: Collection[str] = MACHINE_COLUMNS
    assert set(values) <= set(known), set(values) - set(known)
    connection.execute(update(escalations).where(escalations.c.id == escalation_id).values(**values))


MACHINE_COLUMNS = ("clock_at", "next_page_at", "page_step", "page_round", "paged_at", "review_due_at", "seen_said_at")


def was_paged(connection: Connection, escalation_id: EscalationId, now: datetime) -> None:
    """A page was handed over: `open` becomes `paged`."""
    connection.execute(
        update(escalations)
        .where(escalations.c.id == escalation_id, escalations.c.state == Stage.OPEN)
        .values(state=Stage.PAGED, paged_at=now)
    )
