"""What somebody still has to do: nobody leaves with a case in hand, a chat taken over or a shift ahead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Table, delete, func, or_, select, update

from bot.store import factors, made_up, sessions, staff_links
from bot.store.lifecycle import IN_HAND
from bot.store.staff import NO_PASSWORD, hold_chain
from bot.store.tables import contacts, escalations, memberships, patients, shifts, staff
from bot.store.types import StaffId


@dataclass(frozen=True)
class Left:
    """How much is left to do.

    Attributes:
        cases: escalations that are theirs, or offered to them, and not resolved; drills don't count, nor do made-up people's.
        chats: chats in which they write in the coach's place, with nobody made up.
        shifts: shifts and covers that are not over.
    """

    cases: int
    chats: int
    shifts: int

    @property
    def is_nothing(self) -> bool:
        """Whether they may go."""
        return not (self.cases or self.chats or self.shifts)


def left_of(connection: Connection, staff_id: StaffId, now: datetime) -> Left:
    """What a member of staff still has to do; nobody gives them a case until this transaction ends.

    Whoever takes, offers or accepts one holds the audit's chain, as this does. Sessions come before it, in the order that
    `staff.hold_chain` tells: a request of theirs may hold one.
    """
    sessions.hold_all(connection, staff_id)
    hold_chain(connection)

    def count(table: Table, *conditions: ColumnElement[bool]) -> int:
        return int(connection.execute(select(func.count()).select_from(table).where(*conditions)).scalar_one())

    return Left(
        cases=count(
            escalations,
            or_(escalations.c.owner_id == staff_id, escalations.c.handing_to == staff_id),
            escalations.c.state.in_(IN_HAND),
            escalations.c.drill.is_(False),
            made_up.of_real(escalations.c.patient_id),
        ),
        chats=count(patients, patients.c.taken_over_by == staff_id, patients.c.demo.is_(False)),
        shifts=count(shifts, shifts.c.staff_id == staff_id, shifts.c.ends_at > now),
    )


def close(connection: Connection, staff_id: StaffId, now: datetime) -> None:
    """Somebody left: nothing is kept that opened the console or a patient to them, or by which they were called.

    Every name they signed with stays. The caller has seen that nothing is left for them to do.
    """
    values = {"closed_at": now, "password_hash": NO_PASSWORD}
    connection.execute(update(staff).where(staff.c.id == staff_id).values(**values))
    staff_links.void(connection, staff_id)
    factors.remove_all(connection, staff_id)
    sessions.close_all(connection, staff_id)
    for table in (memberships, contacts):
        connection.execute(delete(table).where(table.c.staff_id == staff_id))


def reopen(connection: Connection, staff_id: StaffId) -> None:
    """Somebody is back: in no team, and called by no way. They have no way in yet: the caller gives them a link."""
    connection.execute(update(staff).where(staff.c.id == staff_id).values(closed_at=None, failed=0, locked_until=None))
