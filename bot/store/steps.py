"""Before and after each step of a person's: who may, whether it can be taken now, and whether somebody was first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from bot.crypto import Vault
from bot.errors import Conflict
from bot.store.access import Refused
from bot.store.escalations import BY_ITSELF, Escalation, get, write_event
from bot.store.lifecycle import Action, Stage, after, may
from bot.store.tables import escalation_events, escalations, staff
from bot.store.types import EscalationId, MessageId, StaffId


def _role(connection: Connection, staff_id: StaffId) -> str:
    query = select(staff.c.role).where(staff.c.id == staff_id, staff.c.closed_at.is_(None))  # who left may nothing
    return str(connection.execute(query).scalar_one_or_none() or "")


def check_may(connection: Connection, staff_id: StaffId, action: Action) -> None:
    """Make sure that a member of staff may take a step.

    Raises:
        Refused: their role may not.
    """
    if not may(_role(connection, staff_id), action):
        raise Refused(f"your role may not {action.replace('_', ' ')}: ask a supervisor or clinician")


@dataclass(frozen=True)
class Step:
    """One step of a person's on one escalation, in the caller's transaction: where it is taken, who takes it, and when.

    Attributes:
        version: the one that the person saw; None: whatever it is now.
    """

    connection: Connection
    vault: Vault
    escalation_id: EscalationId
    staff_id: StaffId
    now: datetime
    version: int | None = None

    def begin(self, action: Action) -> tuple[Escalation, Stage]:
        """The escalation, and the stage after the step, if it may be taken.

        Raises:
            Conflict: it can't be taken at this stage, or was changed since.
            Refused: the role may not.
        """
        check_may(self.connection, self.staff_id, action)
        found = get(self.connection, self.vault, self.escalation_id)
        then = after(found.state, action)
        if then is None or (self.version is not None and self.version != found.version):
            raise self.conflict(found)
        return found, then

    def write(self, found: Escalation, **values: Any) -> None:
        """Change an escalation as it was found.

        Raises:
            Conflict: it was changed since.
        """
        done = self.connection.execute(
            update(escalations)
            .where(escalations.c.id == found.id, escalations.c.version == found.version)
            .values(version=found.version + 1, **values)
        )
        if not done.rowcount:
            raise self.conflict(found)

    def tell(self, event: str, detail: dict[str, Any] | None = None, message_id: MessageId | None = None) -> None:
        """Add to the escalation's history."""
        write_event(
            self.connection, self.vault, self.escalation_id, self.now, event,
            staff_id=self.staff_id, message_id=message_id, detail=detail,
        )  # fmt: skip

    def conflict(self, found: Escalation) -> Conflict:
        """The error that says who was first, and with what."""
        row = self.connection.execute(
            select(escalation_events.c.event, escalation_events.c.at, staff.c.id, staff.c.name_sealed)
            .join(staff, staff.c.id == escalation_events.c.staff_id, isouter=True)
            .where(escalation_events.c.escalation_id == found.id, escalation_events.c.event.not_in(BY_ITSELF))
            .order_by(escalation_events.c.id.desc())
            .limit(1)
        ).one_or_none()
        what = f"somebody else changed this escalation first: look at {found.code} again, then decide"
        if row is None:
            return Conflict(what)
        who = self.vault.open(row.name_sealed, f"staff.name:{row.id}") if row.id else ""
        return Conflict(what, who=who, event=row.event, at=row.at)
