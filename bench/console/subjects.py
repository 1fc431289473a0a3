"""Of whom pages are asked for: drawn by chance from what is stored."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select

from bench.console.plan import NOW, SEED
from bot.console.desk import Console
from bot.store import staff_links, tables
from bot.store.lifecycle import NOBODY_HAS_IT, Stage
from bot.store.types import StaffId

EACH = 40
OTHER = "staff1"  # the login of a supervisor of some teams alone


@dataclass(frozen=True)
class Subjects:
    """What addresses name, drawn by chance from what is stored.

    Attributes:
        escalations: ids, open ones and resolved ones; `waiting` are those that nobody has.
        patients: codes; the first ones wrote for a year.
        strangers: codes of patients of whom `OTHER` is in no team.
        messages: of patients, as (code, number of one of their messages).
        rows: ids of patients, with whom a page of the list ends.
        link: the secret of somebody's invitation.
    """

    escalations: Sequence[str]
    waiting: Sequence[str]
    cases: Sequence[str]
    patients: Sequence[str]
    strangers: Sequence[str]
    messages: Sequence[tuple[str, int]]
    rows: Sequence[str]
    shifts: Sequence[str]
    staff: Sequence[str]
    replies: Sequence[str]
    weeks: Sequence[str]
    link: str


def subjects(console: Console) -> Subjects:
    """Draw them."""
    escalation, patient, chance = tables.escalations.c, tables.patients.c, random.Random(SEED)
    real = select(escalation.id).where(escalation.drill.is_(False)).order_by(escalation.id)
    heavy = select(patient.code).order_by(patient.created_at, patient.id).limit(10)
    shifts = select(tables.shifts.c.id).where(tables.shifts.c.ends_at > NOW).order_by(tables.shifts.c.starts_at)
    with console.store.write() as connection:
        anybody = StaffId(connection.scalars(select(tables.staff.c.id).limit(1)).one())
        link = staff_links.make(connection, anybody, None, console.clock.now())
    with console.store.read() as connection:

        def drawn(query: Select[Any], most: int = EACH) -> list[str]:
            found = [str(one) for one in connection.scalars(query)]
            return chance.sample(found, min(most, len(found)))

        resolved = drawn(real.where(escalation.state == Stage.RESOLVED))
        unresolved = drawn(real.where(escalation.state != Stage.RESOLVED))
        in_danger = select(patient.code).join(tables.escalations, escalation.patient_id == patient.id).distinct()
        codes = [*connection.scalars(heavy), *drawn(in_danger), *drawn(select(patient.code).limit(5_000))]
        theirs = (
            select(tables.memberships.c.team_id)
            .join(tables.staff, tables.staff.c.id == tables.memberships.c.staff_id)
            .where(tables.staff.c.login == OTHER)
        )
        said = (
            select(patient.code, tables.inbox.c.id)
            .join(tables.inbox, tables.inbox.c.patient_id == patient.id)
            .where(patient.code.in_(codes))
        )
        return Subjects(
            [one for pair in zip(unresolved, resolved, strict=False) for one in pair],
            drawn(real.where(escalation.state.in_(NOBODY_HAS_IT))),
            drawn(select(escalation.code).where(escalation.drill.is_(False))),
            codes,
            drawn(select(patient.code).where(patient.team_id.not_in(theirs)).limit(5_000)),
            chance.sample([(row.code, row.id) for row in connection.execute(said)], EACH),
            drawn(select(patient.id).limit(5_000)),
            drawn(shifts),
            drawn(select(tables.staff.c.id)),
            drawn(select(tables.canned_replies.c.id)),
            [str(week) for week in connection.scalars(select(tables.blind_reads.c.week_on))],
            link,
        )
