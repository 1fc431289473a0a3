"""The made-up people whom a first try-out is given to look at: whether there are any, their cases, and their removal."""

from __future__ import annotations

from sqlalchemy import Connection, Select, case, delete, exists, select

from bot.crypto import Vault
from bot.store import made_up
from bot.store.diary import OPEN, REQUEST, Request
from bot.store.escalations import TIER_ORDER, Escalation, of_row
from bot.store.lifecycle import IN_HAND, NOBODY_HAS_IT
from bot.store.tables import addresses, escalations, exercises, patients, staff
from bot.store.types import PatientId, StaffId

COLLEAGUE = "demo."  # how the logins of made-up colleagues begin
CHANNELS = ("sms", "telegram", "web")  # the patient of drills, who is made up as well, is reached by none of them
MOST_LISTED = 50


def _ids() -> Select[tuple[str]]:
    reached = exists().where(addresses.c.patient_id == patients.c.id, addresses.c.channel.in_(CHANNELS))
    return select(patients.c.id).where(patients.c.demo, reached)


def ids(connection: Connection) -> list[PatientId]:
    """Who is made up, for somebody to look at; the patient of drills is none of them."""
    return [PatientId(row.id) for row in connection.execute(_ids().order_by(patients.c.created_at))]


def any_exist(connection: Connection) -> bool:
    """Whether there are any."""
    return connection.execute(_ids().limit(1)).first() is not None


def is_untouched(connection: Connection) -> bool:
    """Whether nobody, real or not, was ever stored."""
    return connection.execute(select(patients.c.id).limit(1)).first() is None


def cases(connection: Connection, vault: Vault) -> list[Escalation]:
    """Their escalations: open, in hand, then resolved; the gravest first, and the newest."""
    stage = case((escalations.c.state.in_(NOBODY_HAS_IT), 0), (escalations.c.state.in_(IN_HAND), 1), else_=2)
    rank = case(TIER_ORDER, value=escalations.c.tier, else_=0)
    rows = connection.execute(
        select(escalations)
        .where(escalations.c.patient_id.in_(_ids()), escalations.c.drill.is_(False))
        .order_by(stage, rank.desc(), escalations.c.opened_at.desc())
        .limit(MOST_LISTED)
    )
    return [of_row(row, vault) for row in rows]


def requests(connection: Connection) -> list[Request]:
    """What they asked staff for, and nobody has done, the oldest first."""
    rows = connection.execute(
        select(exercises.c.id, patients.c.code, exercises.c.skill, exercises.c.created_at)
        .join(patients, patients.c.id == exercises.c.patient_id)
        .where(exercises.c.kind == REQUEST, exercises.c.state == OPEN, patients.c.id.in_(_ids()))
        .order_by(exercises.c.created_at)
    )
    return [Request(row.id, row.code, row.skill, row.created_at) for row in rows]


def colleagues(connection: Connection) -> list[StaffId]:
    """Made-up staff, who did what their histories tell."""
    rows = connection.execute(
        select(staff.c.id).where(staff.c.login.startswith(COLLEAGUE), staff.c.role == made_up.ROLE)
    )
    return [StaffId(row.id) for row in rows]


def remove(connection: Connection) -> int:
    """Take all of them out, with every row that is theirs, and their colleagues; tells how many patients that were.

    What staff did with them stays in the audit, as all does.
    """
    gone = connection.execute(delete(patients).where(patients.c.id.in_(ids(connection))))
    connection.execute(delete(staff).where(staff.c.id.in_(colleagues(connection))))
    return int(gone.rowcount)
