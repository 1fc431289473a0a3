"""The state of the house: what waits, what failed, who may log in, and how the audit stood when it was last verified.

No patient data. The audit is not walked here: with a million entries that takes many seconds.
"""

from __future__ import annotations

from bot.console.audit.page import last
from bot.console.visit import Answer, Go, Page, Visit
from bot.store import evaluation, inbox, lanes, outbox, troubles


def show(visit: Visit) -> Answer:
    """GET /console/health."""
    connection = visit.connection
    redriven = visit.query.get("again", "")
    values = {
        "counts": outbox.counts(connection),
        "parked": len(inbox.parked(connection)),
        "holds": outbox.held(connection, visit.now),
        "last": last(visit),
        "verdicts": evaluation.counts(connection),
        "troubles": troubles.listed(connection),
        "redriven": int(redriven) if redriven.isdecimal() and len(redriven) < 10 else None,
    }
    return Page("health.html", values)


def redrive(visit: Visit) -> Answer:
    """POST /console/health/redrive: parked messages are answered again, each with fresh tries."""
    parked = inbox.parked(visit.connection)
    for patient_id in dict.fromkeys(parked):
        lanes.put(visit.connection, patient_id, visit.now)
        inbox.unpark(visit.connection, patient_id, visit.now)
    visit.record("parked.redrive", "inbox", f"{len(parked)} messages")
    return Go(f"/console/health?again={len(parked)}", wakes=True)


def missing(visit: Visit) -> Answer:
    """Any address that the console does not have."""
    return Page("missing.html", status=404)
