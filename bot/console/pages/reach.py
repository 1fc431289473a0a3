"""How each member of staff is reached, with what came of it last; only one's own addresses are shown, and masked."""

from __future__ import annotations

from dataclasses import dataclass

from bot.coaching.summon import Bell
from bot.console.visit import Answer, Go, Missing, Visit
from bot.paging import drill
from bot.store import contacts, staff
from bot.store.contacts import Contact
from bot.store.lifecycle import Action, may
from bot.store.staff import Staff

SHOWN_LETTERS = 4  # of an address: enough to know one's own by, too few to call


@dataclass(frozen=True)
class Reached:
    """One way of one person; `masked` is "" where it is not the reader's own."""

    contact: Contact
    masked: str


@dataclass(frozen=True)
class Reach:
    """One person and their ways, the first one first."""

    staff: Staff
    ways: tuple[Reached, ...]
    is_me: bool


def masked(address: str) -> str:
    """An address of which only the end can be read; of a short one nothing."""
    return f"•••• {address[-SHOWN_LETTERS:]}" if len(address) > 2 * SHOWN_LETTERS else "••••"


def reach_of(visit: Visit) -> list[Reach]:
    """Everybody who may be paged, and the reader first of all if they are one of them."""
    rows = contacts.listed(visit.connection)
    people = [one for one in staff.listed(visit.connection, visit.vault) if may(one.role, Action.ACKNOWLEDGE)]
    found = []
    for person in sorted(people, key=lambda one: (one.id != visit.staff.id, one.name)):
        is_me = person.id == visit.staff.id
        mine = [row for row in rows if row.staff_id == person.id]
        found.append(Reach(person, tuple(_reached(visit, row, is_me) for row in mine), is_me))
    return found


def _reached(visit: Visit, contact: Contact, is_me: bool) -> Reached:
    address = contacts.open_address(visit.connection, visit.vault, contact.id) if is_me else None
    return Reached(contact, masked(address) if address else "")


def test(visit: Visit) -> Answer:
    """POST /console/rota/test/<contact>: a marked test page, to oneself and nobody else."""
    found = contacts.get(visit.connection, visit.path["contact"])
    if found is None or not found.has_address or found.staff_id != visit.staff.id:
        raise Missing
    console = visit.console
    bell = Bell(visit.connection, visit.vault, console.coach.paging, console.cover, visit.now)
    drill.begin(bell, [found], drill.TEST_WAY)
    visit.record("page.test", visit.staff.id, found.way)
    return Go("/console/rota?done=test", wakes=True)
