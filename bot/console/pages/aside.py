"""Deliveries that could not be read: when, from where and why; the body only on asking, which is written down."""

from __future__ import annotations

from bot.console.audit.filters import read_before
from bot.console.visit import Answer, Missing, Page, Visit
from bot.store import access, inbox
from bot.store.inbox import Aside

PER_PAGE = 100


def listed(visit: Visit) -> Answer:
    """GET /console/aside: the newest first; `?before=` a number pages back."""
    return _page(visit, None, "", read_before(visit.query.get("before", "")))


def open_body(visit: Visit) -> Answer:
    """POST /console/aside/<id>: the list, with this one's body. A POST, since it leaves an entry in the audit."""
    aside_id = int(visit.path["id"])
    try:
        found, body = inbox.aside_body(visit.connection, visit.vault, aside_id)
    except KeyError:
        raise Missing from None
    access.allow(
        visit.connection, visit.vault, visit.staff, f"aside:{aside_id}", "aside.open", visit.now, found.channel
    )
    return _page(visit, found, body)


def _page(visit: Visit, opened: Aside | None, body: str, before: int | None = None) -> Page:
    found = inbox.asides(visit.connection, PER_PAGE + 1, before)
    rows, more = found[:PER_PAGE], len(found) > PER_PAGE
    access.allow(visit.connection, visit.vault, visit.staff, "aside", "aside.list", visit.now, f"{len(rows)} shown")
    values = {
        "rows": rows,
        "opened": opened,
        "body": body,
        "older": rows[-1].id if more else None,
        "is_first": before is None,
    }
    return Page("aside.html", values)
