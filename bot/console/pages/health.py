"""The state of the house: channels, Rasa, disk, what waits, what failed, and how the audit stood when last verified.

No patient data. The audit is not walked here: with a million entries that takes many seconds.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import anyio.from_thread

from bot.console.audit.page import last
from bot.console.visit import Answer, Go, Page, Visit
from bot.settings import Settings
from bot.store import evaluation, inbox, lanes, outbox, pages, traffic, troubles
from bot.store.traffic import Traffic

LATELY = timedelta(days=1)
LEAST_FREE, LEAST_SHARE = 2.0, 0.1  # GB, and of the whole disk: below either one it is said to be nearly full
GIGABYTE = 1e9


@dataclass(frozen=True)
class Channel:
    """One way in which patients write. `traffic` is of the last day; None: nothing came."""

    name: str
    is_on: bool
    traffic: Traffic | None


@dataclass(frozen=True)
class Disk:
    """The disk of Evenday's folder, in GB (10^9 bytes)."""

    free: float
    size: float

    @property
    def is_low(self) -> bool:
        """Whether somebody must make room: messages are kept there while the database is away."""
        return self.free < LEAST_FREE or self.free < LEAST_SHARE * self.size


def channels(settings: Settings, came: dict[str, Traffic]) -> list[Channel]:
    """Each channel that a site can switch on; pure."""
    on = {
        "telegram": bool(settings.telegram_token.get_secret_value()),
        "sms": bool(settings.twilio_account_sid),
        "web": True,
    }
    return [Channel(name, is_on, came.get(name)) for name, is_on in on.items()]


def disk(home: Path) -> Disk | None:
    """The disk of a folder, or of the next one above it that is there; None where it does not tell."""
    there = next((folder for folder in (home, *home.absolute().parents) if folder.exists()), None)
    try:
        found = shutil.disk_usage(there) if there else None
    except OSError:
        return None
    return Disk(found.free / GIGABYTE, found.total / GIGABYTE) if found else None


def _rasa(visit: Visit) -> bool | None:
    """Whether Rasa answers, within two seconds; None where nobody can ask it."""
    ask = visit.console.is_rasa_up
    return None if ask is None else anyio.from_thread.run(ask)


def show(visit: Visit) -> Answer:
    """GET /console/health."""
    connection, settings, since = visit.connection, visit.console.settings, visit.now - LATELY
    redriven = visit.query.get("again", "")
    values = {
        "channels": channels(settings, dict(traffic.received(connection, since))),
        "rasa": _rasa(visit),
        "disk": disk(settings.home),
        "pages": pages.counts(connection, since),
        "pages_late": pages.oldest_waiting(connection, visit.now),
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
