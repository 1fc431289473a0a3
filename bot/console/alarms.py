"""What must not go unseen whichever page is open: paging that reaches nobody, routes that fail, gaps in the rota."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.console import times, words
from bot.console.desk import Console
from bot.safety.cover import Cover
from bot.safety.duty import Span, gaps, intersect
from bot.store import contacts, pages, rota, rounds, staff, troubles
from bot.store.access import Connection

AHEAD = timedelta(days=3)  # a gap is an error shown days ahead (safety.md §5)
ROTA = "/console/rota"
HOME = "/console/"


@dataclass(frozen=True)
class Alarm:
    """One line of the red bar, and the page where something can be done about it."""

    what: str
    href: str


def found_alarms(connection: Connection, console: Console, now: datetime) -> tuple[Alarm, ...]:
    """All that is wrong with calling staff now, the gravest first. No patient's data, so every role may see it."""
    lines = (
        *_unheard(connection),
        *_failing(connection, console),
        *_gaps(connection, console, now),
        *_troubles(connection),
    )
    return tuple(lines)


def _unheard(connection: Connection) -> list[Alarm]:
    if not pages.can_page_anybody(connection):
        return [Alarm("Nobody can be paged: no member of staff has a way to be reached.", ROTA)]
    codes = rounds.unheard(connection)
    what = f"Paging reaches nobody for {', '.join(codes)}. Somebody must take it, and call colleagues by telephone."
    return [Alarm(what, HOME)] if codes else []


def _failing(connection: Connection, console: Console) -> list[Alarm]:
    failing = contacts.failing(connection)
    if not failing:
        return []
    if len(failing) > 1:
        return [Alarm(f"{len(failing)} ways to reach staff fail.", ROTA)]
    name = staff.names(connection, console.store.vault).get(failing[0].staff_id, "a member of staff")
    why = f" ({failing[0].last_why})" if failing[0].last_why else ""
    return [Alarm(f"Pages to {name} by {words.in_text(words.WAYS, failing[0].way)} fail{why}.", ROTA)]


def _gaps(connection: Connection, console: Console, now: datetime) -> list[Alarm]:
    found = gaps_ahead(connection, console.cover, now, AHEAD)
    if not found:
        return []
    more = f", and {len(found) - 1} more in the next 3 days" if len(found) > 1 else ""
    return [Alarm(f"Nobody is on call {times.span(found[0], console.zone)}{more}.", ROTA)]


def gaps_ahead(connection: Connection, cover: Cover, now: datetime, ahead: timedelta) -> list[Span]:
    """Hours of cover from now on that nobody on call serves; none where the site keeps no rota."""
    if not rota.is_kept(connection):
        return []
    until = now + ahead
    wanted = intersect(cover.hours(now, until), [(now, until)])
    return gaps(rota.between(connection, now, until), wanted)


def _troubles(connection: Connection) -> list[Alarm]:
    return [
        Alarm(f"{'The operator was told' if row.told_at else 'The operator has yet to be reached'}: {row.what}", HEALTH)
        for row in troubles.listed(connection)
        if row.kind.partition(".")[0] not in SHOWN_ABOVE
    ]


HEALTH = "/console/health"
SHOWN_ABOVE = frozenset({"rota_gap", "nobody", "unheard"})  # troubles of the operator's that this bar tells itself
