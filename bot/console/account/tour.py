"""The buttons of the tour: on, back, to its end, and from the beginning."""

from __future__ import annotations

from dataclasses import replace

from bot.console import tour
from bot.console.account.page import ACCOUNT
from bot.console.visit import Answer, Go, Missing, Visit
from bot.store import staff


def go_on(visit: Visit) -> Answer:
    """POST /console/tour/next: to the stop after the one that was shown, and its page."""
    number = _number(visit)
    return end(visit) if number >= len(tour.TOURS[visit.staff.role]) else _go_to(visit, number)


def go_back(visit: Visit) -> Answer:
    """POST /console/tour/back."""
    return _go_to(visit, tour.before(visit.connection, visit.vault, visit.staff, _number(visit)))


def end(visit: Visit) -> Answer:
    """POST /console/tour/end."""
    staff.change(visit.connection, visit.staff.id, tour_step=None)
    return Go(f"{ACCOUNT}?done=tour")


def begin(visit: Visit) -> Answer:
    """POST /console/tour/begin: once more, from the beginning."""
    return _go_to(visit, 0)


def _number(visit: Visit) -> int:
    """The stop that was shown when the button was pressed, from 1."""
    given = visit.form.get("number", "")
    if visit.staff.role not in tour.TOURS or not given.isdecimal() or len(given) > 2:
        raise Missing
    return max(1, int(given))


def _go_to(visit: Visit, step: int) -> Go:
    staff.change(visit.connection, visit.staff.id, tour_step=step)
    shown = tour.shown(visit.connection, visit.vault, replace(visit.staff, tour_step=step), "")
    return Go(shown.href if shown else ACCOUNT)
