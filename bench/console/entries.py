"""A million entries of the audit, each linked to the one before, as staff leave them in a year."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from bench.console.plan import NOW, YEAR, Case, Person, Site
from bot.store import tables
from bot.store.chain import SUBJECT, VERIFIED, Walk
from bot.store.staff import GENESIS, entry_text

# What staff do, and how often of a hundred times.
OFTEN = {
    "queue.view": 30, "escalation.view": 25, "patient.view": 22, "patients.list": 8, "login.done": 4, "logout": 3,
    "escalation.note": 3, "rota.view": 2, "escalation.contact": 1, "audit.view": 1, "safety.view": 1,
}  # fmt: skip
SELDOM, SELDOM_EVERY = ("rota.remove", "blind.draw", "patients.list"), 250_000  # what is looked for and hardly there
VERIFIED_EVERY = 80_000
OF_NOBODY = 0.01  # who failed to log in


def entries(site: Site, everybody: list[Person], cases: list[Case]) -> Iterator[int]:
    """Write them down; tells every so often how many there are."""
    chance, vault, count = site.chance, site.vault, site.plan.entries
    names, weights = list(OFTEN), list(OFTEN.values())
    actions = chance.choices(names, weights, k=count)
    last = head = GENESIS
    for n, action in enumerate(actions, start=1):
        at = NOW - YEAR * (1 - n / (count + 1))
        who, what, subject, detail = _entry(site, n, at, action, everybody, cases)
        last = vault.chain(last, entry_text(at, who, what, subject, detail))
        head = vault.chain(head, last)
        site.loader.put(tables.audit, id=n, at=at, staff_id=who, action=what, subject=subject, detail=detail, link=last)
        if n % 100_000 == 0:
            yield n
    site.loader.put(tables.audit_head, id=1, link=head)


def _entry(
    site: Site, n: int, at: datetime, action: str, everybody: list[Person], cases: list[Case]
) -> tuple[str | None, str, str, str]:
    chance = site.chance
    who = chance.choice(site.staff)
    if n % VERIFIED_EVERY == 1:
        return who, VERIFIED, SUBJECT, Walk(n - 1, NOW - YEAR).told()
    if n % SELDOM_EVERY == 1:
        return who, chance.choice(SELDOM), "rota", ""
    if chance.random() < OF_NOBODY:
        return None, "login.unknown", "login", ""
    area = action.partition(".")[0]
    if area == "escalation":
        case = chance.choice(cases)
        return who, action, case.patient_id, case.code
    if area == "patient":
        return who, action, chance.choice(everybody).id, ""
    if area in ("login", "logout"):
        return who, action, who, ""
    return who, action, area, "all: 60 open, 40 in hand, 12 requests" if area == "queue" else ""
