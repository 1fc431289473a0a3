"""The queue: who waits for a person, the gravest and then the oldest first."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from bot.console.gate import Answer, Page, Visit
from bot.store import access, diary, escalations, staff
from bot.store.diary import Request
from bot.store.escalations import Escalation, Stage

LATELY = timedelta(days=7)


@dataclass(frozen=True)
class Row:
    """One escalation, as the queue shows it."""

    escalation: Escalation
    patient_code: str
    owner: str


@dataclass(frozen=True)
class Queue:
    """All that the page shows. `mark` changes whenever any of it does."""

    waiting: tuple[Row, ...]
    taken: tuple[Row, ...]
    resolved: tuple[Row, ...]
    requests: tuple[Request, ...]
    mark: str

    @property
    def count(self) -> int:
        """How many things wait for somebody: the number in the page's title."""
        return len(self.waiting) + len(self.requests)


def _rows(visit: Visit, found: list[Escalation], names: dict[str, str]) -> tuple[Row, ...]:
    codes = access.codes(visit.connection, visit.staff, (row.patient_id for row in found))
    return tuple(Row(row, codes.get(row.patient_id, ""), names.get(row.owner_id or "", "")) for row in found)


def _read(visit: Visit) -> Queue:
    connection, vault = visit.connection, visit.vault
    names = staff.names(connection, vault)
    waiting = escalations.listed(connection, vault, (Stage.OPEN, Stage.PAGED))
    taken = escalations.listed(connection, vault, (Stage.ACKNOWLEDGED, Stage.CONTACTED))
    resolved = escalations.resolved_since(connection, vault, visit.now - LATELY)
    requests = diary.open_requests(connection)
    shown = [f"{row.id}:{row.version}" for row in (*waiting, *taken, *resolved)] + [row.id for row in requests]
    return Queue(
        waiting=_rows(visit, waiting, names),
        taken=_rows(visit, taken, names),
        resolved=_rows(visit, resolved, names),
        requests=tuple(requests),
        mark=hashlib.sha256("\n".join(shown).encode()).hexdigest()[:16],
    )


def _page(visit: Visit, template: str, detail: str) -> Page:
    queue = _read(visit)
    shown = f"{len(queue.waiting)} open, {len(queue.taken)} acknowledged, {len(queue.requests)} requests{detail}"
    access.allow(visit.connection, visit.vault, visit.staff, "queue", "queue.view", visit.now, shown)
    return Page(template, {"queue": queue})


def show(visit: Visit) -> Answer:
    """GET /console/."""
    return _page(visit, "queue.html", "")


def live(visit: Visit) -> Answer:
    """GET /console/live: the part of the page that changes; `?mark=` is what the browser shows already."""
    return _page(visit, "queue_rows.html", ", live")


def is_unchanged(visit: Visit) -> bool:
    """Whether the browser shows the present state, so that there is nothing to send and no view to write down."""
    return visit.query.get("mark") == _read(visit).mark
