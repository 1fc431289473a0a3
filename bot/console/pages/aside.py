"""Deliveries that could not be read: when, from where and why; the body only on asking, which is written down."""

from __future__ import annotations

from bot.console.gate import Answer, Missing, Page, Visit
from bot.store import access, inbox
from bot.store.inbox import Aside


def listed(visit: Visit) -> Answer:
    """GET /console/aside."""
    return _page(visit, None, "")


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


def _page(visit: Visit, opened: Aside | None, body: str) -> Page:
    rows = inbox.asides(visit.connection)
    access.allow(visit.connection, visit.vault, visit.staff, "aside", "aside.list", visit.now, f"{len(rows)} shown")
    return Page("aside.html", {"rows": rows, "opened": opened, "body": body})
