"""Marked test escalations: a drill through every way of everybody on duty, and the daily test page to whoever is on call.

A drill belongs to a made-up patient, is paged once, never climbs, and is closed by itself: nobody is in danger.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import Connection

from bot.clock import Clock, at_local, local
from bot.coaching import summon
from bot.coaching.summon import Bell
from bot.content.coach import Coach
from bot.content.paging import Who
from bot.errors import SettingsError
from bot.safety.cover import DAYS, Cover
from bot.safety.duty import whom
from bot.store import contacts, drills, escalations, handling, opening, pages, patients
from bot.store.contacts import Contact
from bot.store.database import Store
from bot.store.escalations import Escalation
from bot.store.pages import PageRow
from bot.store.types import EscalationId, PatientId

DRILL, TEST_PAGE, TEST_WAY = "drill", "test_page", "test_way"
PATIENT = ("drill", "the patient of drills")
CLOSES_AFTER = timedelta(minutes=60)
STILL_DUE = timedelta(hours=6)  # a drill whose time passed while the gateway was down is made up for within so long
_FORM = re.compile(r"^(\w{3})(?:-(\w{3}))?\s+(\d{1,2}:\d\d)$")


@dataclass(frozen=True)
class Weekly:
    """Days (Monday 0) and a time of day."""

    days: frozenset[int]
    at: time

    def last_before(self, now: datetime, zone: str) -> datetime | None:
        """When it was due last, within a week."""
        today = local(now, zone).date()
        for back in range(8):
            day = today - timedelta(days=back)
            at = at_local(day, self.at, zone)
            if day.weekday() in self.days and at <= now:
                return at
        return None


def parse_weekly(name: str, text: str) -> Weekly | None:
    """`Wed 10:00` or `Mon-Fri 09:00`; None for "".

    Raises:
        SettingsError: it is written otherwise; names the setting.
    """
    if not text.strip():
        return None
    found = _FORM.match(text.strip())
    try:
        if not found:
            raise ValueError
        first, last = DAYS.index(found[1].lower()), DAYS.index((found[2] or found[1]).lower())
        days = frozenset(range(first, last + 1)) if first <= last else frozenset({*range(first, 7), *range(last + 1)})
        return Weekly(days, time.fromisoformat(found[3].zfill(5)))
    except ValueError:
        raise SettingsError(f'{name} is "{text}": write it like `Wed 10:00` or `Mon-Fri 09:00`') from None


def _patient(bell: Bell) -> PatientId:
    channel, address = PATIENT
    found = patients.find(bell.connection, bell.vault, channel, address)
    if found is None:
        found = patients.create(
            bell.connection, bell.vault, channel, address, bell.now, country="XX", zone="UTC", demo=True
        )
    return found.patient_id


def ways_on_duty(bell: Bell) -> list[Contact]:
    """Every way of everybody who is on duty now; of everybody who can be paged, where no rota is kept."""
    who = (Who.ON_CALL, Who.SECOND, Who.LEAD)
    people = whom(who, bell.team(), bell.now, on_duty=True)
    return [way for person in people for way in contacts.listed(bell.connection, [person]) if way.has_address]


def first_on_call(bell: Bell) -> list[Contact]:
    """The first way of whoever is on call."""
    people = whom((Who.ON_CALL,), bell.team(), bell.now, on_duty=True)[:1]
    return summon.first_ways(contacts.listed(bell.connection, people), 1)


def begin(bell: Bell, ways: Sequence[Contact], kind: str = DRILL) -> Escalation:
    """Write a marked test escalation and its pages, one for each way; the pager sends them as any others."""
    made = opening.insert_row(bell.connection, _patient(bell), None, "emergency", kind, bell.now, drill=True)
    handling.set_times(bell.connection, made, next_page_at=None)
    escalations.write_event(bell.connection, bell.vault, made, bell.now, kind)
    found = escalations.get(bell.connection, bell.vault, made)
    for contact in ways:
        pages.put(
            bell.connection, bell.vault, escalation_id=made, page_round=found.page_round, step=0, reason=DRILL,
            tier="emergency", contact=contact, now=bell.now, drill=True,
        )  # fmt: skip
    if not ways:
        pages.put(
            bell.connection, bell.vault, escalation_id=made, page_round=found.page_round, step=0, reason=DRILL,
            tier="emergency", contact=None, now=bell.now, drill=True, why="no member of staff can be paged",
        )  # fmt: skip
    return found


@dataclass(frozen=True)
class Report:
    """What became of a drill: seconds from its beginning."""

    code: str
    rows: tuple[PageRow, ...]
    acknowledged_s: float | None
    opened_at: datetime

    @property
    def settled(self) -> bool:
        """Whether no page is on its way any more."""
        return all(row.state not in (pages.WAITING, pages.SENDING) for row in self.rows)

    @property
    def failed(self) -> list[PageRow]:
        """Pages that got nowhere."""
        return [row for row in self.rows if row.state in (pages.FAILED, pages.UNKNOWN, pages.CANCELLED)]


def report(connection: Connection, store: Store, escalation_id: EscalationId) -> Report:
    """How a drill stands."""
    found = escalations.get(connection, store.vault, escalation_id)
    taken = found.acknowledged_at
    rows = tuple(pages.of_escalation(connection, escalation_id))
    after = (taken - found.opened_at).total_seconds() if taken else None
    return Report(found.code, rows, after, found.opened_at)


class Drills:
    """Begins drills and test pages at their time, and closes them.

    Args:
        store: the database.
        coach: the policy.
        cover: when staff are on duty.
        clock: the present.
        zone: in which the times are meant.
        drill: when a drill is due; None: never.
        test_page: when a test page is due; None: never.

    Raises:
        SettingsError: a time can't be read.
    """

    def __init__(
        self, store: Store, coach: Coach, cover: Cover, clock: Clock, zone: str, drill: str = "", test_page: str = ""
    ) -> None:
        self.store, self.coach, self.cover, self.clock, self.zone = store, coach, cover, clock, zone
        self.times = {
            DRILL: parse_weekly("EVENDAY_DRILL", drill),
            TEST_PAGE: parse_weekly("EVENDAY_TEST_PAGE", test_page),
        }

    def tick(self) -> int:
        """Begin what is due, close what is over; tells how many began."""
        now, began = self.clock.now(), 0
        for kind, weekly in self.times.items():
            at = weekly.last_before(now, self.zone) if weekly else None
            if at is None or now - at > STILL_DUE:
                continue
            with self.store.write() as connection:
                bell = Bell(connection, self.store.vault, self.coach.paging, self.cover, now)
                last = drills.last(connection, self.store.vault, kind)
                if last is None or last.opened_at < at:
                    begin(bell, ways_on_duty(bell) if kind == DRILL else first_on_call(bell), kind)
                    began += 1
        with self.store.write() as connection:
            drills.close(connection, self.store.vault, now - CLOSES_AFTER, now)
        return began

    def trouble(self, connection: Connection) -> dict[str, str]:
        """What the last drill and the last test page showed, in words for the operator; {} where all went well."""
        found: dict[str, str] = {}
        for kind, weekly in self.times.items():
            last = drills.last(connection, self.store.vault, kind) if weekly else None
            if last is None:
                continue
            told = report(connection, self.store, last.id)
            name = kind.replace("_", " ")
            if told.settled and told.failed:
                ways = ", ".join(sorted({row.way for row in told.failed}))
                found[kind] = f"the last {name} ({told.code}) failed by: {ways}"
            elif kind == DRILL and told.acknowledged_s is None and last.state == "resolved":
                found[kind] = f"nobody acknowledged the last drill ({told.code}) within an hour"
        return found
