"""Which addresses are asked for of each page, each time of somebody else; a page that is not here is missed loudly."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from sqlalchemy import Select, select
from starlette.routing import Mount, Route

from bench.console.house import LEAD
from bench.console.plan import NOW, SEED
from bot.console.app import routes
from bot.console.desk import Console
from bot.store import tables
from bot.store.lifecycle import NOBODY_HAS_IT, Stage

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
    """

    escalations: Sequence[str]
    waiting: Sequence[str]
    cases: Sequence[str]
    patients: Sequence[str]
    strangers: Sequence[str]
    messages: Sequence[tuple[str, int]]
    shifts: Sequence[str]
    staff: Sequence[str]
    weeks: Sequence[str]


def subjects(console: Console) -> Subjects:
    """Draw them."""
    escalation, patient, chance = tables.escalations.c, tables.patients.c, random.Random(SEED)
    real = select(escalation.id).where(escalation.drill.is_(False)).order_by(escalation.id)
    heavy = select(patient.code).order_by(patient.created_at, patient.id).limit(10)
    shifts = select(tables.shifts.c.id).where(tables.shifts.c.ends_at > NOW).order_by(tables.shifts.c.starts_at)
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
            drawn(shifts),
            drawn(select(tables.staff.c.id)),
            [str(week) for week in connection.scalars(select(tables.blind_reads.c.week_on))],
        )


@dataclass(frozen=True)
class Page:
    """One row of the table.

    Attributes:
        path: as the routes have it.
        label: what is asked for, where a page is asked in several ways.
        of: its addresses; none where it is measured elsewhere.
        login: who asks.
        is_file: to take away, so that its size is as large as what was asked for.
    """

    path: str
    label: str
    of: Callable[[Subjects], Sequence[str]]
    status: int = 200
    login: str = LEAD
    is_file: bool = False


def _one(*addresses: str) -> Callable[[Subjects], Sequence[str]]:
    return lambda found: addresses


def _audit(query: str) -> Page:
    return Page("/audit", query, _one(f"/audit?{query}"))


LONG_AGO = "2025-12-01"
PAGES: tuple[Page, ...] = (
    Page("/", "all", _one("/")),
    Page("/", "nobody has it", _one("/?show=unassigned")),
    Page("/", "mine", _one("/?show=mine")),
    Page("/live", "something changed", _one("/live?mark=old")),
    Page("/escalation/{id}", "", lambda found: [f"/escalation/{one}" for one in found.escalations]),
    Page("/escalation/{id}/live", "", lambda found: [f"/escalation/{one}/live?mark=old" for one in found.escalations]),
    Page("/patients", "", _one("/patients")),
    Page("/patients/{code}", "newest", lambda found: [f"/patients/{one}" for one in found.patients]),
    Page(
        "/patients/{code}", "half a year back",
        lambda found: [f"/patients/{one}?before={quote('2026-05-24T02:12:00+00:00')}" for one in found.patients[:10]],
    ),
    Page("/patients/{code}/missed/{message}", "", lambda found: [f"/patients/{code}/missed/{n}" for code, n in found.messages]),
    Page("/patients/{code}/glass", "", lambda found: [f"/patients/{one}/glass" for one in found.strangers], login=OTHER),
    Page("/glass", "", _one("/glass")),
    Page("/teams", "", _one("/teams")),
    Page("/aside", "", _one("/aside")),
    Page("/staff", "", _one("/staff")),
    Page("/rota", "", _one("/rota")),
    Page("/rota/{id}", "", lambda found: [f"/rota/{one}" for one in found.shifts]),
    Page("/health", "", _one("/health")),
    Page("/safety", "7 days", _one("/safety?days=7")),
    Page("/safety", "30 days", _one("/safety")),
    Page("/safety", "90 days", _one("/safety?days=90")),
    Page("/safety", "a year", _one(f"/safety?from={LONG_AGO}&to={NOW.date()}")),
    Page("/safety/escalations.csv", "30 days", _one("/safety/escalations.csv"), is_file=True),
    Page("/safety/read/{week}", "", lambda found: [f"/safety/read/{max(found.weeks)}"]),
    Page("/audit", "newest", _one("/audit")),
    Page("/audit", "half a year back", lambda found: [f"/audit?before={500_000 + n}" for n in range(EACH)]),
    Page("/audit", "who", lambda found: [f"/audit?who={one}" for one in found.staff]),
    Page("/audit", "patient", lambda found: [f"/audit?about={one}" for one in found.patients]),
    Page("/audit", "escalation", lambda found: [f"/audit?about={one}" for one in found.cases]),
    _audit("what=rota.remove"),
    _audit(f"what=rota.remove&from={LONG_AGO}&to=2026-03-01"),
    Page("/audit", "who and what", lambda found: [f"/audit?who={one}&what=patients.list" for one in found.staff]),
    Page("/audit", "who and what, seldom", lambda found: [f"/audit?who={one}&what=blind.draw" for one in found.staff]),
    Page("/account", "", _one("/account")),
    Page("/account/factor", "", _one("/account/factor")),
    Page("/login", "", _one("/login")),
    Page("/login/code", "", _one("/login/code")),
    Page("/stream", "", lambda found: []),  # see `live`
    Page("/{rest:path}", "", _one("/nothing"), status=404),
)  # fmt: skip


def paths(console: Console) -> Iterator[str]:
    """Every GET route of the console, as the tables in `bot.console.app` have it; files of the static folder are none."""
    for route in (inner for whole in routes(console) if isinstance(whole, Mount) for inner in whole.routes):
        if isinstance(route, Route) and "GET" in (route.methods or ()):
            yield route.path.replace(":int}", "}")
        else:
            assert isinstance(route, Route) or (isinstance(route, Mount) and route.path == "/static"), route


def check(console: Console, pages: Sequence[Page] = PAGES) -> None:
    """Make sure that no page is forgotten.

    Raises:
        LookupError: names the pages without addresses, and addresses of no page.
    """
    known, there = {page.path for page in pages}, set(paths(console))
    if known != there:
        raise LookupError(
            f"in bench/console/addresses.py addresses are missing for {sorted(there - known)}, "
            f"and {sorted(known - there)} are no pages any more"
        )
