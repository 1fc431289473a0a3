"""Which addresses are asked for of each page, each time of somebody else; a page that is not here is missed loudly."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from starlette.routing import Mount, Route

from bench.console.house import LEAD
from bench.console.plan import NOW
from bench.console.subjects import EACH, OTHER, Subjects
from bot.console.app import routes
from bot.console.desk import Console
from bot.console.patients.line import Place


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
HALF_A_YEAR_AGO = Place(NOW - timedelta(days=182))
PAGES: tuple[Page, ...] = (
    Page("/", "all", _one("/")),
    Page("/", "nobody has it", _one("/?show=unassigned")),
    Page("/", "mine", _one("/?show=mine")),
    Page("/live", "something changed", _one("/live?mark=old")),
    Page("/here", "", _one("/here")),
    Page("/escalation/{id}", "", lambda found: [f"/escalation/{one}" for one in found.escalations]),
    Page("/escalation/{id}/paper", "", lambda found: [f"/escalation/{one}/paper" for one in found.escalations]),
    Page("/escalation/{id}/live", "", lambda found: [f"/escalation/{one}/live?mark=old" for one in found.escalations]),
    Page("/patients", "newest", _one("/patients")),
    Page("/patients", "further on", lambda found: [f"/patients?after={one}" for one in found.rows]),
    Page("/patients", "paused", lambda found: [f"/patients?state=paused&after={one}" for one in found.rows]),
    Page("/patients", "of my teams", lambda found: [f"/patients?of=mine&after={one}" for one in found.rows], login=OTHER),
    Page("/patients/{code}", "newest", lambda found: [f"/patients/{one}" for one in found.patients]),
    Page(
        "/patients/{code}", "half a year back",
        lambda found: [f"/patients/{one}?before={HALF_A_YEAR_AGO}" for one in found.patients[:10]],
    ),
    Page("/patients/{code}", "what staff did", lambda found: [f"/patients/{one}?show=staff" for one in found.patients]),
    Page("/patients/{code}/missed/{message}", "", lambda found: [f"/patients/{code}/missed/{n}" for code, n in found.messages]),
    Page("/patients/{code}/agreed", "", lambda found: [f"/patients/{one}/agreed" for one in found.patients]),
    Page("/patients/{code}/glass", "", lambda found: [f"/patients/{one}/glass" for one in found.strangers], login=OTHER),
    Page("/glass", "", _one("/glass")),
    Page("/replies", "", _one("/replies")),
    Page("/replies/add", "", _one("/replies/add")),
    Page("/replies/{id}", "", lambda found: [f"/replies/{one}" for one in found.replies]),
    Page("/teams", "", _one("/teams")),
    Page("/aside", "newest", _one("/aside")),
    Page("/aside", "further on", lambda found: [f"/aside?before={100 + n}" for n in range(EACH)]),
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
    Page("/join/{token}", "", lambda found: [f"/join/{found.link}"]),
    Page("/stream", "", lambda found: []),  # see `live`
    Page("/{rest}", "", _one("/nothing"), status=404),
)  # fmt: skip


@dataclass(frozen=True)
class Step:
    """One row of the table for what is sent, with what is sent."""

    path: str
    of: Callable[[Subjects], Sequence[str]]
    form: Mapping[str, str] = field(default_factory=dict)
    status: int = 303


def _button(name: str, **form: str) -> Step:
    return Step(
        f"/escalation/{{id}}/{name}", lambda found: [f"/escalation/{one}/{name}" for one in found.waiting], form
    )


STEPS: tuple[Step, ...] = (
    _button("acknowledge"),
    _button("contact", how="phone", reached="yes", contact_note="Spoke for ten minutes. Calmer than yesterday."),
    _button("note", note="Her own clinician knows, and calls her tomorrow at nine."),
    Step("/patients/find", lambda found: ["/patients/find"] * EACH, {"sought": "Ana"}, status=200),
)


def paths(console: Console) -> Iterator[str]:
    """Every GET route of the console, as the tables in `bot.console.app` have it; files of the static folder are none."""
    for route in (inner for whole in routes(console) if isinstance(whole, Mount) for inner in whole.routes):
        if isinstance(route, Route) and "GET" in (route.methods or ()):
            yield route.path_format
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
