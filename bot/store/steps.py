"""Before and after each step of a person's: who may, whether it can be taken now, and whether somebody was first."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select, update

from bot.crypto import Vault
from bot.errors import Conflict
from bot.store.access import Refused
from bot.store.escalations import BY_ITSELF, Escalation, get
from bot.store.lifecycle import Action, Stage, after, may
from bot.store.tables import escalation_events, escalations, staff
from bot.store.types import EscalationId, StaffId


def _role(connection: Connection, staff_id: StaffId) -> str:
    return str(connection.execute(select(staff.c.role).where(staff.c.id == staff_id)).scalar_one_or_none() or "")


def check_may(connection: Connection, staff_id: StaffId, action: Action) -> None:
    """Make sure that a member of staff may take a step.

    Raises:
        Refused: their role may not.
    """
    if not may(_role(connection, staff_id), action):
        raise Refused(f"your role may not {action.replace('_', ' ')}: ask a supervisor or clinician")


def conflict(connection: Connection, vault: Vault, found: Escalation) -> Conflict:
    """The error that says who was first, and with what."""
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


def begin(
    connection: Connection,
    vault: Vault,
    escalation_id: EscalationId,
    version: int | None,
    staff_id: StaffId,
    action: Action,
) -> tuple[Escalation, Stage]:
    """The escalation, and the stage after the step, if it may be taken.

    Args:
        version: the one that the person saw; None: whatever it is now.

    Raises:
        Conflict: it can't be taken at this stage, or was changed since.
        Refused: the role may not.
    """
    check_may(connection, staff_id, action)
    found = get(connection, vault, escalation_id)
    then = after(found.state, action)
    if then is None or (version is not None and version != found.version):
        raise conflict(connection, vault, found)
    return found, then


def write(connection: Connection, vault: Vault, found: Escalation, **values: Any) -> None:
    """Change an escalation as it was found.

    Raises:
        Conflict: it was changed since.
    """
    done = connection.execute(
        update(escalations)
        .where(escalations.c.id == found.id, escalations.c.version == found.version)
        .values(version=found.version + 1, **values)
    )
    if not done.rowcount:
        raise conflict(connection, vault, found)
