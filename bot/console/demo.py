"""The made-up people of a first try-out: they are taken out by a button, and come back by a command."""

from __future__ import annotations

from dataclasses import dataclass

from bot.console.pages.rows import Known, Row, rows
from bot.console.visit import Answer, Go, Visit
from bot.store import demos
from bot.store.access import Refused, may_audit
from bot.store.diary import Request

DONE = {
    "demo": "The demo data is gone: everybody made up, with all that was theirs.",
    "demo_before": "There was no demo data any more.",
}


@dataclass(frozen=True)
class Demo:
    """What the queue shows of people who are made up: their escalations, and what they asked for."""

    rows: tuple[Row, ...] = ()
    requests: tuple[Request, ...] = ()


def demo_of(visit: Visit, known: Known) -> Demo:
    """All of it, the open ones first."""
    return Demo(tuple(rows(visit, known.cases.demo, known)), known.cases.demo_requests)


def remove(visit: Visit) -> Answer:
    """POST /console/demo/remove: by whoever may see the audit, as they answer for what the site holds.

    Raises:
        Refused: another role.
    """
    if not may_audit(visit.staff):
        raise Refused("your role may not take the demo data out: ask a supervisor or an administrator")
    gone = demos.remove(visit.connection)
    if gone:
        visit.record("demo.removed", "demo", f"{gone} people")
    return Go(f"/console/?done={'demo' if gone else 'demo_before'}")
