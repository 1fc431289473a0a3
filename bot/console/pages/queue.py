"""The queue: who waits for a person, the gravest first, then what is late, then the oldest."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from bot.console.demo import DONE, Demo, demo_of
from bot.console.escalation import here
from bot.console.pages.cases import read
from bot.console.pages.glass import waiting as waiting_openings
from bot.console.pages.rows import Known, Row, first, near, rows
from bot.console.visit import Answer, Page, Visit
from bot.store import access, mentions
from bot.store.access import Connection
from bot.store.diary import Request
from bot.store.escalations import Escalation

MOST_RESOLVED, MOST_REQUESTS = 50, 200
MOST_ROWS = 200  # of a list of what is open; how many more there are is said under it


class Show(StrEnum):
    """What part of the queue somebody wants to see."""

    ALL = "all"
    UNASSIGNED = "unassigned"
    MINE = "mine"


@dataclass(frozen=True)
class Queue:
    """All that the page shows.

    Attributes:
        known: what its rows are made with; `known.mentions` leads the page.
        sizes: how many each part has, whichever is shown.
        more: how many of each list of what is open are beyond those shown, by the list's name.
        count: how many things wait for somebody, shown or not: the number in the page's title.
        hidden: in hand, and out of sight until a time.
        late: how many limits are overdue, shown or not.
        others: open, or overdue, of other teams: what nobody of theirs may have seen yet.
        openings: how many openings of patients across teams wait for this person to look at them.
        demo: of people who are made up; counted nowhere.
        mark: changes whenever any of it does, but for a time that goes by.
    """

    show: Show
    known: Known
    waiting: tuple[Row, ...]
    taken: tuple[Row, ...]
    hidden: tuple[Row, ...]
    unread: tuple[Row, ...]
    resolved: tuple[Row, ...]
    drills: tuple[Row, ...]
    requests: tuple[Request, ...]
    others: tuple[Row, ...]
    openings: int
    demo: Demo
    sizes: dict[Show, int]
    more: dict[str, int]
    count: int
    late: int
    mark: str


def _read(visit: Visit) -> Queue:
    asked = visit.query.get("show", "")
    show = Show(asked) if asked in set(Show) else Show.ALL
    known = _known(visit)
    waiting, in_hand, others = _open_ones(visit, known)
    taken = [row for row in in_hand if not row.is_hidden]
    hidden = [row for row in in_hand if row.is_hidden]
    mine, mine_hidden = ([row for row in part if _is_mine(visit, row.escalation)] for part in (taken, hidden))
    # The first due first, so what is late leads.
    unread = near(rows(visit, known.cases.unread, known))
    resolved, lately_drilled = _lately(visit, known)
    requests = [one for one in known.cases.requests if one.team_id in {None, *visit.staff.teams}][:MOST_REQUESTS]
    is_all = show is Show.ALL
    is_mine, is_unassigned = show is Show.MINE, show is Show.UNASSIGNED
    open_ones = {
        "waiting": [] if is_mine else waiting,
        "taken": [] if is_unassigned else mine if is_mine else taken,
        "hidden": [] if is_unassigned else mine_hidden if is_mine else hidden,
        "others": [] if is_mine else others,
    }
    cut = {name: tuple(part[:MOST_ROWS]) for name, part in open_ones.items()}
    more = {name: len(part) - len(cut[name]) for name, part in open_ones.items()}
    sizes = {Show.ALL: len(waiting) + len(taken), Show.UNASSIGNED: len(waiting), Show.MINE: len(mine)}
    lately = (
        tuple(unread) if is_all else (),
        tuple(resolved) if is_all else (),
        tuple(lately_drilled) if is_all else (),
    )
    openings = waiting_openings(visit) if is_all else 0
    demo = demo_of(visit, known) if is_all else Demo()
    texts = [row.mark for part in (*cut.values(), *lately, demo.rows) for row in part]
    texts += [f"{name}:{count}" for name, count in (sizes | more).items()]
    texts += [request.id for request in (*requests, *demo.requests)] + [f"{openings} openings"]
    texts += [f"{mention.escalation_id}:{mention.times}" for mention in known.mentions]
    texts += [alarm.what for alarm in visit.alarms]
    return Queue(
        show,
        known,
        cut["waiting"],
        cut["taken"],
        cut["hidden"],
        *lately,
        requests=tuple(requests) if is_all else (),
        others=cut["others"],
        openings=openings,
        demo=demo,
        sizes=sizes,
        more=more,
        count=len(waiting) + len(requests) + len(known.mentions),
        late=sum(row.is_late for row in (*waiting, *taken, *unread)),
        mark=hashlib.sha256("\n".join([show, *texts]).encode()).hexdigest()[:16],
    )


def _known(visit: Visit) -> Known:
    access.check_reads(visit.staff)
    connection = visit.connection
    cases = visit.shared.of("cases", lambda: read(connection, visit.vault, visit.now))
    near = access.visible(connection, visit.staff, cases.team_of, visit.now)
    return Known(cases, near, tuple(mentions.unseen(connection, visit.staff.id)), here.others(visit))


def _open_ones(visit: Visit, known: Known) -> tuple[list[Row], list[Row], list[Row]]:
    """What nobody has, what somebody has, and what must be seen of other teams'."""
    waiting, taken = (first(visit, found, known) for found in (known.cases.waiting, known.cases.in_hand))
    # A person in danger is nobody's secret: what nobody of their team has taken is seen by all, though not whose it is.
    others = [row for row in (*waiting, *taken) if not row.is_near and (row.escalation.is_waiting or row.is_late)]
    return near(waiting), near(taken), others


def _lately(visit: Visit, known: Known) -> tuple[list[Row], list[Row]]:
    """What was resolved for the reader's teams and what was drilled in the last days."""
    cases, theirs = known.cases, {None, *visit.staff.teams}
    resolved = [one for one in cases.resolved if cases.whose[one.patient_id].team_id in theirs]
    return rows(visit, resolved[:MOST_RESOLVED], known), rows(visit, cases.drills, known)


def _is_mine(visit: Visit, escalation: Escalation) -> bool:
    return visit.staff.id in (escalation.owner_id, escalation.handing_to)


def _told(queue: Queue) -> str:
    """What is seen, as the audit keeps it."""
    return f"{queue.show}: {len(queue.waiting)} open, {len(queue.taken)} in hand, {len(queue.requests)} requests"


def _see(visit: Visit, connection: Connection, detail: str) -> None:
    access.allow(connection, visit.vault, visit.staff, "queue", "queue.view", visit.now, detail)


def show(visit: Visit) -> Answer:
    """GET /console/."""
    queue = _read(visit)
    _see(visit, visit.connection, _told(queue))
    return Page(
        "queue.html",
        {"queue": queue, "kept": visit.console.fragments, "done": DONE.get(visit.query.get("done", ""), "")},
    )


def live(visit: Visit) -> Answer:
    """GET /console/live: the part of the page that changes; nothing where `?mark=` is what the browser shows already."""
    queue = _read(visit)
    if visit.query.get("mark") == queue.mark:
        return None
    values = {"queue": queue, "kept": visit.console.fragments}
    return Page("queue_live.html", values, entry=lambda made: _see(visit, made, f"{_told(queue)}, live"))
