"""The audit's page and its two steps: verify the chain, and take what is shown out as a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.console.audit import export as files
from bot.console.audit import filters
from bot.console.audit.entries import shown
from bot.console.audit.filters import Filter, Subject
from bot.console.visit import Answer, Download, Go, Later, Page, Visit
from bot.store import access, chain, escalations, patients, staff, trail
from bot.store.chain import Walk
from bot.store.staff import Entry

HOME = "/console/audit"
PER_PAGE = 50


@dataclass(frozen=True)
class Last:
    """What the last walk over the chain came to, and who asked for it."""

    entry: Entry
    walk: Walk
    who: str


def show(visit: Visit) -> Answer:
    """GET /console/audit: the newest first; `?before=` an entry pages back."""
    access.check_audit(visit.staff)
    asked = _asked(visit, visit.query)

    def note(writing: Visit) -> Answer:
        access.audited(writing.connection, writing.vault, writing.staff, "audit.view", writing.now, asked.names)
        # Read after, in a later state, with this view's own entry.
        return Later(lambda after: _page(after, asked, 422 if asked.problems else 200), only_reads=True)

    return Later(note)


def _page(visit: Visit, asked: Filter, status: int) -> Page:
    names = visit.names
    before = filters.read_before(visit.query.get("before", ""))
    found, is_readable = trail.Found(), True
    if not asked.problems:
        try:
            found = trail.page(visit.connection, asked.wanted, PER_PAGE, before)
        except (TypeError, ValueError):  # somebody put there what is no entry: verifying tells where
            is_readable = False
    values: dict[str, Any] = {
        "asked": asked,
        "entries": shown(visit.connection, visit.staff, names, found.entries),
        "found": found,
        "is_readable": is_readable,
        "older": asked.address(found.before) if found.before is not None else "",
        "newest": asked.address() if before is not None else None,
        "people": dict(sorted(names.items(), key=lambda one: one[1])),
        "last": last(visit),
        "progress": visit.console.verifying.progress,
    }
    return Page("audit.html", values, status)


def _asked(visit: Visit, values: Mapping[str, str]) -> Filter:
    given = filters.typed(values)
    subject = _subject(visit, given["about"]) if filters.is_code(given["about"]) else None
    return filters.read(given, set(staff.roles(visit.connection)), subject, visit.console.zone)


def _subject(visit: Visit, code: str) -> Subject | None:
    patient = patients.by_code(visit.connection, code)
    if patient is not None:
        return Subject(frozenset({patient}))
    case = escalations.by_code(visit.connection, code)
    return Subject(frozenset(case), code) if case is not None else None


def last(visit: Visit) -> Last | None:
    """What is known of the chain without walking it."""
    found = chain.last_walk(visit.connection)
    if found is None:
        return None
    entry, walk = found
    who = visit.names.get(entry.staff_id or "", "")
    return Last(entry, walk, who)


def verify(visit: Visit) -> Answer:
    """POST /console/audit/verify: the walk begins once this is committed; its result has an entry of its own."""
    access.audited(visit.connection, visit.vault, visit.staff, "audit.verify", visit.now)
    console, who = visit.console, visit.staff.id
    return Go(f"{HOME}#verify", then=lambda: console.verifying.start(console.store, console.clock, who))


def export(visit: Visit) -> Answer:
    """POST /console/audit/export: counted while nobody waits, written down with the count, then sent."""
    access.check_audit(visit.staff)
    asked = _asked(visit, visit.form)
    if asked.problems:
        return _page(visit, asked, 422)
    rows, top = trail.count(visit.connection, asked.wanted)
    console, who = visit.console, visit.staff
    return Download(
        files.file_name(visit.now), lambda: files.begin(console.store, console.clock, who, asked, rows, top)
    )
