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
from bot.store import access, diary, drills, escalations, judging, patients, staff
from bot.store.diary import Request
from bot.store.escalations import Escalation
from bot.store.lifecycle import IN_HAND, NOBODY_HAS_IT

LATELY = timedelta(days=7)


class Show(StrEnum):
    """What part of the queue somebody wants to see."""

    ALL = "all"
    UNASSIGNED = "unassigned"
    MINE = "mine"


@dataclass(frozen=True)
class Row:
    """One escalation, as the queue shows it."""

    escalation: Escalation
    clock: Clock | None
    is_late: bool
    patient_code: str
    is_demo: bool
    owner: str
    handing_to: str


@dataclass(frozen=True)
class Queue:
    """All that the page shows.

    Attributes:
        sizes: how many each part has, whichever is shown.
        count: how many things wait for somebody, shown or not: the number in the page's title.
        late: how many limits are overdue, shown or not.
        mark: changes whenever any of it does, but for a time that goes by.
    """

    show: Show
    waiting: tuple[Row, ...]
    taken: tuple[Row, ...]
    unread: tuple[Row, ...]
    resolved: tuple[Row, ...]
    drills: tuple[Row, ...]
    requests: tuple[Request, ...]
    sizes: dict[Show, int]
    count: int
    late: int
    mark: str


def _rows(visit: Visit, found: Iterable[Escalation], names: dict[str, str]) -> list[Row]:
    every = list(found)
    ids = [row.patient_id for row in every]
    codes = access.codes(visit.connection, visit.staff, ids)
    demos = patients.demos(visit.connection, ids)
    made = []
    for row in every:
        clock = running(row, acknowledge_within(visit, row))
        is_late = clock is not None and clock.is_late(visit.now)
        owner, offered = names.get(row.owner_id or "", ""), names.get(row.handing_to or "", "")
        made.append(Row(row, clock, is_late, codes.get(row.patient_id, ""), row.patient_id in demos, owner, offered))
    return made


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

    waiting = first(escalations.listed(connection, vault, tuple(NOBODY_HAS_IT)))
    taken = first(escalations.listed(connection, vault, tuple(IN_HAND)))
    mine = [row for row in taken if _is_mine(visit, row.escalation)]
    unread = _rows(visit, judging.unread(connection, vault), names)  # the first due first, so what is late leads
    resolved = _rows(visit, escalations.resolved_since(connection, vault, visit.now - LATELY), names)
    lately = [row for row in drills.listed(connection, vault) if row.opened_at >= visit.now - LATELY]
    lately_drilled = _rows(visit, lately, names)
    requests = diary.open_requests(connection)
    is_all = show is Show.ALL
    shown = (
        () if show is Show.MINE else tuple(waiting),
        () if show is Show.UNASSIGNED else tuple(mine if show is Show.MINE else taken),
        tuple(unread) if is_all else (),
        tuple(resolved) if is_all else (),
        tuple(lately_drilled) if is_all else (),
    )
    texts = [
        f"{row.escalation.id}:{row.escalation.version}:{row.escalation.state}:{row.is_late}"
        for part in shown
        for row in part
    ]
    texts += [request.id for request in requests]
    texts += [alarm.what for alarm in found_alarms(connection, visit.console, visit.now)]
    return Queue(
        show,
        *shown,
        requests=tuple(requests) if is_all else (),
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
