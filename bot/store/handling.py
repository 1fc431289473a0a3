"""What people do with an escalation: each step checks who may, whether it can be done now, and whether somebody was first.

Every function runs in the caller's transaction and writes the history; the audit entry (who looked, who did) is the
caller's, who knows by which door the person came. `version` is the one that the person saw; None: whatever it is now.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select, update

from bot.crypto import Vault
from bot.errors import Conflict, Incomplete
from bot.store.access import Refused
from bot.store.escalations import BY_ITSELF, Escalation, fresh, get, note, write_event
from bot.store.lifecycle import Action, Stage, after, may
from bot.store.tables import escalation_events, escalations, staff
from bot.store.types import EscalationId, MessageId, PatientId, StaffId

SECOND_READ_WITHIN = timedelta(
    days=1
)  # safety.md §5: an emergency's resolution is read by a second person within a day
PLAN_AFTER_TRIES = 3  # safety.md §5: three tries without reaching the person call for a plan in writing
FALSE_ALARM = "false_alarm"


def _role(connection: Connection, staff_id: StaffId) -> str:
    return str(connection.execute(select(staff.c.role).where(staff.c.id == staff_id)).scalar_one_or_none() or "")


def check_may(connection: Connection, staff_id: StaffId, action: Action) -> None:
    """Make sure that a member of staff may take a step.

    Raises:
        Refused: their role may not.
    """
    if not may(_role(connection, staff_id), action):
        raise Refused(f"your role may not {action.replace('_', ' ')}: ask a supervisor or clinician")


def _conflict(connection: Connection, vault: Vault, found: Escalation) -> Conflict:
    """Who was first, and with what."""
    row = connection.execute(
        select(escalation_events.c.event, escalation_events.c.at, staff.c.id, staff.c.name_sealed)
        .join(staff, staff.c.id == escalation_events.c.staff_id, isouter=True)
        .where(escalation_events.c.escalation_id == found.id, escalation_events.c.event.not_in(BY_ITSELF))
        .order_by(escalation_events.c.id.desc())
        .limit(1)
    ).one_or_none()
    what = f"somebody else changed this escalation first: look at {found.code} again, then decide"
    if row is None:
        return Conflict(what)
    who = vault.open(row.name_sealed, f"staff.name:{row.id}") if row.id else ""
    return Conflict(what, who=who, event=row.event, at=row.at)


def _begin(
    connection: Connection,
    vault: Vault,
    escalation_id: EscalationId,
    version: int | None,
    staff_id: StaffId,
    action: Action,
) -> tuple[Escalation, Stage]:
    """The escalation, and the stage after the step, if it may be taken."""
    check_may(connection, staff_id, action)
    found = get(connection, vault, escalation_id)
    then = after(found.state, action)
    if then is None or (version is not None and version != found.version):
        raise _conflict(connection, vault, found)
    return found, then


def _write(connection: Connection, vault: Vault, found: Escalation, **values: Any) -> None:
    done = connection.execute(
        update(escalations)
        .where(escalations.c.id == found.id, escalations.c.version == found.version)
        .values(version=found.version + 1, **values)
    )
    if not done.rowcount:
        raise _conflict(connection, vault, found)


def acknowledge(
    connection: Connection,
    vault: Vault,
    escalation_id: EscalationId,
    version: int | None,
    staff_id: StaffId,
    now: datetime,
    *,
    contact_within: timedelta | None = None,
) -> None:
    """A named person takes the escalation; the clock to contact starts (an acknowledgement is no contact).

    Args:
        contact_within: until when a contact must be tried; a page goes to them and the lead if it is not.

    Raises:
        Conflict: somebody has it, or (with a version) it was changed since.
        Refused: the role may not.
    """
    found, then = _begin(connection, vault, escalation_id, version, staff_id, Action.ACKNOWLEDGE)
    due_at = now + contact_within if contact_within else None
    _write(
        connection, vault, found, state=then, owner_id=staff_id, acknowledged_at=now, contact_due_at=due_at,
        next_page_at=due_at, handing_to=None,
    )  # fmt: skip
    write_event(connection, vault, escalation_id, now, "acknowledged", staff_id=staff_id)


def hand_over(
    connection: Connection,
    vault: Vault,
    escalation_id: EscalationId,
    version: int | None,
    staff_id: StaffId,
    to: StaffId,
    now: datetime,
    *,
    accept_within: timedelta | None = None,
) -> None:
    """The owner offers the escalation to somebody; it stays the owner's until the other accepts.

    Args:
        accept_within: if it is not accepted by then, both are paged again.

    Raises:
        Conflict: it was changed since, or isn't theirs.
        Refused: the role may not, or the other's may not accept.
        Incomplete: it is offered to the owner.
    """
    found, then = _begin(connection, vault, escalation_id, version, staff_id, Action.HAND_OVER)
    if found.owner_id != staff_id:
        raise _conflict(connection, vault, found)
    if to == staff_id:
        raise Incomplete("to", "choose somebody else: it is yours already")
    check_may(connection, to, Action.ACCEPT)
    accept_by = now + accept_within if accept_within else None
    again = [at for at in (found.contact_due_at, accept_by) if at]
    _write(connection, vault, found, state=then, handing_to=to, next_page_at=min(again) if again else None)
    write_event(connection, vault, escalation_id, now, "handed_over", staff_id=staff_id, detail={"to": to})


def accept(
    connection: Connection, vault: Vault, escalation_id: EscalationId, version: int | None, staff_id: StaffId,
    now: datetime,
) -> None:  # fmt: skip
    """Whoever it was offered to takes it.

    Raises:
        Conflict: it was changed since, or is not offered to them.
        Refused: the role may not.
    """
    found, then = _begin(connection, vault, escalation_id, version, staff_id, Action.ACCEPT)
    if found.handing_to != staff_id:
        raise _conflict(connection, vault, found)
    _write(connection, vault, found, state=then, owner_id=staff_id, handing_to=None, next_page_at=found.contact_due_at)
    write_event(connection, vault, escalation_id, now, "accepted", staff_id=staff_id)


def remark(
    connection: Connection,
    vault: Vault,
    escalation_id: EscalationId,
    staff_id: StaffId,
    event: str,
    words: dict[str, Any],
    now: datetime,
) -> None:
    """Add words of a person's to the history: `note`. Nothing else changes.

    Raises:
        Refused: the role may not.
    """
    check_may(connection, staff_id, Action.NOTE)
    write_event(connection, vault, escalation_id, now, event, staff_id=staff_id, detail=words)


def log_contact(
    connection: Connection,
    vault: Vault,
    escalation_id: EscalationId,
    version: int | None,
    staff_id: StaffId,
    now: datetime,
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
        tried_at: when, where that was before `now`.
        next_try_at: when it is tried again; needed where the person was not reached, and paged for when it has passed.
        plan: what is done now (emergency contact, welfare check, by the site's protocol); needed from the third try on.

    Raises:
        Conflict: it was changed since `version` was read, or nobody has acknowledged it.
        Refused: the role may not.
        Incomplete: names the field that is missing.
    """
    found, then = _begin(connection, vault, escalation_id, version, staff_id, Action.LOG_CONTACT)
    at = tried_at or now
    detail: dict[str, Any] = {"how": how, "tried_at": at.isoformat(), "reached": reached, "note": words}
    if reached:
        values: dict[str, Any] = {
            "state": then, "contacted_at": at, "tries": 0, "contact_due_at": None, "next_page_at": None,
        }  # fmt: skip
    else:
        if next_try_at is None or next_try_at <= now:
            raise Incomplete("next_try", "give the time of the next try: the person was not reached")
        if found.tries + 1 >= PLAN_AFTER_TRIES and not plan.strip():
            raise Incomplete("plan", "write the plan: three tries have not reached the person")
        detail |= {"next_try_at": next_try_at.isoformat()} | ({"plan": plan} if plan.strip() else {})
        values = {"tries": found.tries + 1, "contact_due_at": next_try_at, "next_page_at": next_try_at}
    _write(connection, vault, found, **values)
    write_event(connection, vault, escalation_id, now, "contact", staff_id=staff_id, detail=detail)


def resolve(
    connection: Connection,
    vault: Vault,
    escalation_id: EscalationId,
    version: int | None,
    staff_id: StaffId,
    resolution: dict[str, Any],
    now: datetime,
) -> None:
    """A person closes the escalation, with what was done. Nothing closes one by itself, and no function closes many.

    Raises:
        Conflict: it was changed since `version` was read, or nobody has acknowledged it.
        Refused: the role may not.
    """
    false_alarm = resolution.get("outcome") == FALSE_ALARM
    action = Action.MARK_FALSE_ALARM if false_alarm else Action.RESOLVE
    found, then = _begin(connection, vault, escalation_id, version, staff_id, action)
    _write(
        connection,
        vault,
        found,
        state=then,
        owner_id=staff_id,
        resolution_sealed=vault.seal_json(resolution, f"escalations.resolution:{escalation_id}"),
        resolved_at=now,
        resolved_by=staff_id,
        read_due_at=now + SECOND_READ_WITHIN if found.tier == "emergency" and not found.drill else None,
        read_by=None,
        read_at=None,
        next_page_at=None,
        contact_due_at=None,
        handing_to=None,
    )
    detail = {"outcome": resolution.get("outcome")}
    about = found.message_id if false_alarm else None  # the verdict is one on this message, whatever comes later
    write_event(connection, vault, escalation_id, now, "resolved", staff_id=staff_id, message_id=about, detail=detail)


def mark_false_alarm(
    connection: Connection,
    vault: Vault,
    escalation_id: EscalationId,
    version: int | None,
    staff_id: StaffId,
    why: str,
    now: datetime,
) -> None:
    """A verdict about the message, in words; it deletes nothing. Closes the escalation, as `resolve` does.

    Raises:
        Incomplete: no words.
        Conflict, Refused: as `resolve`.
    """
    if not why.strip():
        raise Incomplete("risk", "write in a few words why this was a false alarm")
    resolution = {"outcome": FALSE_ALARM, "risk": why}
    resolve(connection, vault, escalation_id, version, staff_id, resolution, now)


def second_read(
    connection: Connection,
    vault: Vault,
    escalation_id: EscalationId,
    version: int | None,
    staff_id: StaffId,
    now: datetime,
    words: str = "",
) -> None:
    """A second person has read how an emergency was resolved.

    Raises:
        Conflict: it was changed since, needs no reading, or has been read.
        Refused: the role may not, or it is the person who resolved it.
    """
    found, then = _begin(connection, vault, escalation_id, version, staff_id, Action.SECOND_READ)
    if found.read_due_at is None or found.read_at is not None:
        raise _conflict(connection, vault, found)
    if found.resolved_by == staff_id:
        raise Refused("a second person must read it: you resolved it yourself")
    _write(connection, vault, found, state=then, read_by=staff_id, read_at=now)
    detail = {"note": words} if words else None
    write_event(connection, vault, escalation_id, now, "second_read", staff_id=staff_id, detail=detail)


def reopen(
    connection: Connection,
    vault: Vault,
    escalation_id: EscalationId,
    version: int | None,
    staff_id: StaffId,
    why: str,
    now: datetime,
) -> None:
    """Staff open a resolved escalation again, however old: its clocks and paging start anew.

    Raises:
        Conflict: it was changed since, is not resolved, or the patient has another one open.
        Refused: the role may not.
        Incomplete: no words.
    """
    found, _ = _begin(connection, vault, escalation_id, version, staff_id, Action.REOPEN)
    if not why.strip():
        raise Incomplete("why", "write why it is opened again")
    other = connection.execute(
        select(escalations.c.code).where(
            escalations.c.patient_id == found.patient_id,
            escalations.c.state != Stage.RESOLVED,
            escalations.c.drill.is_(False),
        )
    ).scalar()
    if other:
        raise Conflict(f"{other} is open for the same patient: go on there")
    values = fresh(now, found.page_round, found.tier) | {
        "opened_at": now, "resolved_at": None, "resolved_by": None, "read_due_at": None, "read_by": None,
        "read_at": None, "seen_said_at": None,
    }  # fmt: skip
    _write(connection, vault, found, **values)
    write_event(connection, vault, escalation_id, now, "reopened", staff_id=staff_id, detail={"why": why})


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
    """Resolved emergencies that wait for their second reading, the first due first."""
    rows = connection.execute(
        select(escalations.c.id)
        .where(escalations.c.read_due_at.isnot(None), escalations.c.read_at.is_(None))
        .order_by(escalations.c.read_due_at)
    ).all()
    return [get(connection, vault, EscalationId(row.id)) for row in rows]


def offered_to(connection: Connection, vault: Vault, staff_id: StaffId) -> list[Escalation]:
    """Escalations that somebody wants to hand over to this person."""
    rows = connection.execute(select(escalations.c.id).where(escalations.c.handing_to == staff_id)).all()
    return [get(connection, vault, EscalationId(row.id)) for row in rows]


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
