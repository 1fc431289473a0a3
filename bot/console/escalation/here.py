"""Who else has an escalation open. A page says every 20 seconds that it is seen, which prolongs no session and is no view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.console.visit import Answer, Later, Missing, Page, Visit
from bot.store import presences
from bot.store.types import EscalationId


def others(visit: Visit) -> Mapping[EscalationId, str]:
    """The names of all others who look at each escalation now, as a sentence begins with them."""
    found = visit.shared.of("lookers", lambda: presences.looking(visit.connection, visit.now))
    names = visit.names if found else {}
    theirs = {one: [names[who] for who in ids if who != visit.staff.id and who in names] for one, ids in found.items()}
    return {one: together(people) for one, people in theirs.items() if people}


def together(names: Sequence[str]) -> str:
    """Some people and the verb that follows: `Ben is`, `Ben and Eve are`, `Ben, Eve and Kai are`."""
    first, last = ", ".join(names[:-1]), names[-1]
    return f"{first} and {last} are" if first else f"{last} is"


def stay(visit: Visit) -> Answer:
    """POST …/here: this page is seen; who else has it open. Only what was opened through the door is kept up."""
    escalation_id = EscalationId(visit.path["id"])
    page = Page("here.html", {"lookers": others(visit).get(escalation_id, "")})

    def keep_up(writing: Visit) -> Answer:
        if not presences.stay(writing.connection, escalation_id, writing.staff.id, writing.now):
            raise Missing
        return page

    return Later(keep_up)


def go(visit: Visit) -> Answer:
    """POST …/gone: the page was closed, or another one covers it."""
    escalation_id = EscalationId(visit.path["id"])
    return Later(lambda writing: presences.go(writing.connection, escalation_id, writing.staff.id, writing.now))


def all_over(visit: Visit) -> Answer:
    """GET /console/here: the same for all rows of the queue, which hold no more than ids."""
    return Page("here_all.html", {"lookers": others(visit)})
