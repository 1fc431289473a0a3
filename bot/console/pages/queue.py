"""The queue: who waits for a person, the gravest first, then what is late, then the oldest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from bot.console.alarms import found_alarms
from bot.console.clocks import Clock, running, urgency
from bot.console.escalation.page import acknowledge_within
from bot.console.gate import Answer, Page, Visit
from bot.console.pages.glass import waiting as waiting_openings
from bot.store import access, diary, drills, escalations, judging, patients, staff, teams
from bot.store.diary import Request
from bot.store.escalations import Escalation
from bot.store.lifecycle import IN_HAND, NOBODY_HAS_IT
from bot.store.types import TeamId

LATELY = timedelta(days=7)


class Show(StrEnum):
    """What part of the queue somebody wants to see."""

    ALL = "all"
    UNASSIGNED = "unassigned"
    MINE = "mine"


@dataclass(frozen=True)
class Row:
    """One escalation, as the queue shows it; `is_near` where this person may see whose it is, else `team` says whose."""

    escalation: Escalation
    clock: Clock | None
    is_late: bool
    patient_code: str
    is_demo: bool
    owner: str
    handing_to: str
    is_near: bool
    team: str


@dataclass(frozen=True)
class Queue:
    """All that the page shows.

    Attributes:
        sizes: how many each part has, whichever is shown.
        count: how many things wait for somebody, shown or not: the number in the page's title.
        late: how many limits are overdue, shown or not.
        others: open, or overdue, of other teams: what nobody of theirs may have seen yet.
        openings: how many openings of patients across teams wait for this person to look at them.
        mark: changes whenever any of it does, but for a time that goes by.
    """

    show: Show
    waiting: tuple[Row, ...]
    taken: tuple[Row, ...]
    unread: tuple[Row, ...]
    resolved: tuple[Row, ...]
    drills: tuple[Row, ...]
    requests: tuple[Request, ...]
    others: tuple[Row, ...]
    openings: int
    sizes: dict[Show, int]
    count: int
    late: int
    mark: str


def _rows(visit: Visit, found: Iterable[Escalation], names: dict[str, str]) -> list[Row]:
    every = list(found)
    ids = [row.patient_id for row in every]
    codes = access.codes(visit.connection, visit.staff, ids)
    demos = patients.demos(visit.connection, ids)
    team_of = patients.teams_of(visit.connection, ids)
    near = access.visible(visit.connection, visit.staff, team_of, visit.now)
    titles = {team.id: team.title for team in teams.listed(visit.connection)} if len(near) < len(team_of) else {}
    made = []
    for row in every:
        whom, clock = row.patient_id, running(row, acknowledge_within(visit, row))
        is_late = clock is not None and clock.is_late(visit.now)
        owner, offered = names.get(row.owner_id or "", ""), names.get(row.handing_to or "", "")
        team = titles.get(team_of.get(whom) or TeamId(""), "")
        made.append(Row(row, clock, is_late, codes.get(whom, ""), whom in demos, owner, offered, whom in near, team))
    return made


def _near(rows: Iterable[Row]) -> list[Row]:
    return [row for row in rows if row.is_near]


def _is_mine(visit: Visit, escalation: Escalation) -> bool:
    return visit.staff.id in (escalation.owner_id, escalation.handing_to)


def _read(visit: Visit) -> Queue:
    connection, vault = visit.connection, visit.vault
    names = staff.names(connection, vault)
    asked = visit.query.get("show", "")
    show = Show(asked) if asked in set(Show) else Show.ALL

    def first(found: Iterable[Escalation]) -> list[Row]:
        rows = _rows(visit, found, names)
        return sorted(rows, key=lambda row: urgency(row.escalation, row.clock, visit.now))

    all_waiting = first(escalations.listed(connection, vault, tuple(NOBODY_HAS_IT)))
    all_taken = first(escalations.listed(connection, vault, tuple(IN_HAND)))
    waiting, taken = _near(all_waiting), _near(all_taken)
    # A person in danger is nobody's secret: what nobody of their team has taken is seen by all, though not whose it is.
    others = [
        row for row in (*all_waiting, *all_taken) if not row.is_near and (row.escalation.is_waiting or row.is_late)
    ]
    mine = [row for row in taken if _is_mine(visit, row.escalation)]
    unread = _near(_rows(visit, judging.unread(connection, vault), names))  # the first due first, so what is late leads
    lately_resolved = escalations.resolved_since(connection, vault, visit.now - LATELY, visit.staff.teams)
    resolved = _near(_rows(visit, lately_resolved, names))
    lately = [row for row in drills.listed(connection, vault) if row.opened_at >= visit.now - LATELY]
    lately_drilled = _rows(visit, lately, names)
    requests = diary.open_requests(connection, visit.staff.teams)
    is_all = show is Show.ALL
    shown = (
        () if show is Show.MINE else tuple(waiting),
        () if show is Show.UNASSIGNED else tuple(mine if show is Show.MINE else taken),
        tuple(unread) if is_all else (),
        tuple(resolved) if is_all else (),
        tuple(lately_drilled) if is_all else (),
    )
    openings = waiting_openings(visit) if is_all else 0
    texts = [
        f"{row.escalation.id}:{row.escalation.version}:{row.escalation.state}:{row.is_late}"
        for part in (*shown, others)
        for row in part
    ]
    texts += [request.id for request in requests] + [f"{openings} openings"]
    texts += [alarm.what for alarm in found_alarms(connection, visit.console, visit.now)]
    return Queue(
        show,
        *shown,
        requests=tuple(requests) if is_all else (),
        others=() if show is Show.MINE else tuple(others),
        openings=openings,
        sizes={Show.ALL: len(waiting) + len(taken), Show.UNASSIGNED: len(waiting), Show.MINE: len(mine)},
        count=len(waiting) + len(requests),
        late=sum(row.is_late for row in (*waiting, *taken, *unread)),
        mark=hashlib.sha256("\n".join([show, *texts]).encode()).hexdigest()[:16],
    )


def _page(visit: Visit, template: str, detail: str) -> Page:
    queue = _read(visit)
    shown = (
        f"{queue.show}: {len(queue.waiting)} open, {len(queue.taken)} in hand, {len(queue.requests)} requests{detail}"
    )
    access.allow(visit.connection, visit.vault, visit.staff, "queue", "queue.view", visit.now, shown)
    return Page(template, {"queue": queue})


def show(visit: Visit) -> Answer:
    """GET /console/."""
    return _page(visit, "queue.html", "")


def live(visit: Visit) -> Answer:
    """GET /console/live: the part of the page that changes; `?mark=` is what the browser shows already."""
    return _page(visit, "queue_live.html", ", live")


def is_unchanged(visit: Visit) -> bool:
    """Whether the browser shows the present state, so that there is nothing to send and no view to write down."""
    return visit.query.get("mark") == _read(visit).mark
