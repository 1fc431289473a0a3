"""The safety page: figures of a span beside their limits, what is late now, and where the blind read stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.console.clocks import running
from bot.console.escalation.page import acknowledge_within
from bot.console.measures import asked, columns, told
from bot.console.measures.blind import standing
from bot.console.measures.gather import Gathered, gather
from bot.console.visit import Answer, Download, Later, Page, Visit
from bot.safety import measures
from bot.safety.courses import Began
from bot.safety.measures import TierFigures, Timing
from bot.store import access, escalations
from bot.store.access import Connection
from bot.store.lifecycle import IN_HAND, NOBODY_HAS_IT, Measure, may_measure

MOST_OPEN = 5000
DONE = {
    "drawn": "The messages are chosen.",
    "read": "You have read them all. Thank you.",
}


@dataclass(frozen=True)
class Open:
    """Escalations of one kind that are open now: how many, and how many of them beyond a limit."""

    kind: str
    count: int
    late: int


def show(visit: Visit) -> Answer:
    """GET /console/safety: `?days=` or `?from=&to=`."""
    access.check_measure(visit.staff, Measure.FIGURES)
    span = asked.read(visit.query, visit.console.zone, visit.now)
    found = gather(visit, span)
    detail = f"{span.name}: {len(found.courses)} courses"
    role = visit.staff.role
    may_read = may_measure(role, Measure.BLIND_READ)
    values = {
        "asked": span,
        "choices": asked.CHOICES,
        "today": asked.read({}, visit.console.zone, visit.now).last_on,
        "open": open_now(visit) if may_measure(role, Measure.OPEN_LATE) else None,
        "blind": standing(visit) if may_read else None,
        "may_draw": may_measure(role, Measure.DRAW),
        "may_export": may_measure(role, Measure.EXPORT),
        "done": DONE.get(visit.query.get("done", ""), ""),
        "told": told,
        "milestones": told.MILESTONES,
        "limited": measures.LIMITED,
        **figures(visit, found),
    }
    return Page("safety.html", values, entry=lambda made: _note(visit, made, Measure.FIGURES, "safety.view", detail))


def _note(visit: Visit, connection: Connection, what: Measure, why: str, detail: str) -> None:
    access.allow_measure(connection, visit.vault, visit.staff, what, why, visit.now, detail)


def figures(visit: Visit, found: Gathered) -> dict[str, Any]:
    """What the page shows of a span."""
    courses = found.courses
    hours = measures.by_hour(found.judged, visit.console.zone)
    false_alarms = sum(course.is_false_alarm for course in courses)
    return {
        "count": len(courses),
        "tiers": [(figure, _rows(figure, visit)) for figure in measures.by_tier(found.judged)],
        "hours": [hour for hour in hours if hour.count],
        "most": max(hour.count for hour in hours),
        "hours_sentence": told.hours_sentence(hours),
        "duty": measures.by_duty(found.judged),
        "kinds": measures.by_kind(courses),
        "messages": found.messages,
        "false_alarms": false_alarms,
        "false_rate": told.rate(measures.per_thousand(false_alarms, found.messages)),
        "missed_by_staff": found.missed_by_staff,
        "missed_by_patients": found.missed_by_patients,
        "reopened": sum(course.began is Began.REOPENED for course in courses),
    }


def _rows(figure: TierFigures, visit: Visit) -> list[tuple[Timing, str]]:
    policy = visit.console.coach.paging
    return [(timing, told.limit(figure.tier, timing.milestone, policy)) for timing in figure.timings]


def open_now(visit: Visit) -> list[Open]:
    """What is open at this moment, by kind, the most late first."""
    counts: dict[str, list[bool]] = {}
    stages = (*NOBODY_HAS_IT, *IN_HAND)
    for row in escalations.listed(visit.connection, visit.vault, stages, MOST_OPEN):
        clock = running(row, acknowledge_within(visit, row))
        counts.setdefault(row.kind, []).append(clock is not None and clock.is_late(visit.now))
    found = [Open(kind, len(late), sum(late)) for kind, late in counts.items()]
    return sorted(found, key=lambda one: (-one.late, -one.count, one.kind))


def export(visit: Visit) -> Answer:
    """GET /console/safety/escalations.csv: one row a course, for the same span as the page."""
    access.check_measure(visit.staff, Measure.EXPORT)
    span = asked.read(visit.query, visit.console.zone, visit.now)
    if span.problem:  # nobody should take home other days than they asked for
        return show(visit)
    found = gather(visit, span)
    rows = columns.rows(found.courses, found.limits, visit.console.zone)
    detail = f"{span.name}: {len(rows)} rows"
    name = f"escalations-{span.first_on}-{span.last_on}.csv"
    file = Download(name, lambda: iter((columns.written(rows).encode(),)))

    def leave(writing: Visit) -> Answer:
        _note(writing, writing.connection, Measure.EXPORT, "safety.export", detail)
        return file

    return Later(leave)
