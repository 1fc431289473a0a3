"""When somebody from the team is on duty, told truthfully (safety.md: a patient is told at the start and in every risk reply)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.errors import SettingsError
from bot.safety.duty import Roster, Span, effective, intersect, merge
from bot.store.rota import Shift

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FORM = re.compile(r"^(\w{3})(?:-(\w{3}))?\s+(\d{1,2}:\d\d)-(\d{1,2}:\d\d)\s+(\S+)$")


@dataclass(frozen=True)
class Cover:
    """Hours in which staff read. `days` are weekday numbers, Monday 0; none at all means that nobody is ever on duty.

    Where a rota is kept, somebody is on duty only within these hours *and* on a shift: a gap is told truthfully.
    """

    days: frozenset[int] = frozenset()
    start: time = time(0)
    end: time = time(0)
    zone: str = "UTC"
    words: str = ""
    roster: Roster = field(default_factory=Roster, compare=False)

    def with_rota(self, shifts: Iterable[Shift] | None) -> Cover:
        """The same hours with a rota as it is now; None: the site keeps none."""
        return replace(self, roster=Roster(None if shifts is None else tuple(shifts)))

    def hours(self, since: datetime, until: datetime) -> list[Span]:
        """The hours of cover that touch a span, in UTC, whatever the rota says."""
        zone = ZoneInfo(self.zone)
        first = since.astimezone(zone).date() - timedelta(days=1)
        spans: list[Span] = []
        for ahead in range((until - since).days + 4):
            day = first + timedelta(days=ahead)
            if day.weekday() in self.days:
                start = datetime.combine(day, self.start, zone).astimezone(UTC)
                last = day + timedelta(days=1) if self.end <= self.start else day  # over midnight
                end = datetime.combine(last, self.end, zone).astimezone(UTC)
                spans.append((start, end))
        return merge(span for span in spans if span[1] > since and span[0] < until)

    def spans(self, now: datetime) -> list[Span]:
        """When somebody is on duty, from a day ago until a week from now."""
        found = self.hours(now - timedelta(days=1), now + timedelta(days=8))
        if self.roster.shifts is None:
            return found
        return merge(intersect(found, (span for _, _, span in effective(self.roster.shifts))))

    def on_duty(self, now: datetime) -> bool:
        """Whether somebody is on duty at an instant."""
        return any(start <= now < end for start, end in self.spans(now))

    def next_start(self, now: datetime) -> datetime | None:
        """When cover begins next; None where there is none within a week."""
        start = next((start for start, _ in self.spans(now) if start > now), None)
        return start.astimezone(ZoneInfo(self.zone)) if start else None

    def sentence(self, now: datetime, zone: str) -> str:
        """What is true now, for a person in `zone`."""
        if not self.days:
            return "No person reads these messages as they come. Someone looks in once a day."
        if self.on_duty(now):
            return "Someone from the team is on duty now and can see this."
        start = self.next_start(now)
        if start is None:
            return "No one from the team reads messages now."
        when = start.astimezone(ZoneInfo(zone))
        return f"No one from the team reads messages now. They look again on {when:%A} at {when:%H:%M}."

    def brief(self, now: datetime, zone: str) -> str:
        """On duty, until when; off duty, when the team reads again; "" where there is no cover: for the crisis texts."""
        if not self.days:
            return ""
        if self.on_duty(now):
            end = next(end for start, end in self.spans(now) if start <= now < end)
            if end - now > timedelta(hours=24):
                return "day and night"
            return f"until {end.astimezone(ZoneInfo(zone)):%H:%M}"
        start = self.next_start(now)
        if start is None:
            return ""
        when = start.astimezone(ZoneInfo(zone))
        return f"at {when:%H:%M}" if start - now < timedelta(hours=18) else f"on {when:%A} at {when:%H:%M}"


def parse(text: str) -> Cover:
    """Cover hours as the setting writes them, e.g. `Mon-Fri 09:00-17:00 Europe/London`; "" is no cover at all.

    Hours may go over midnight (`Mon-Sun 20:00-08:00 …`) or round the clock (`Mon-Sun 00:00-24:00 …`); the days are
    those on which they begin.

    Raises:
        SettingsError: it is written otherwise.
    """
    if not text.strip():
        return Cover()
    found = _FORM.match(text.strip())
    try:
        if not found:
            raise ValueError
        first, last = DAYS.index(found[1].lower()), DAYS.index((found[2] or found[1]).lower())
        days = frozenset(range(first, last + 1)) if first <= last else frozenset({*range(first, 7), *range(last + 1)})
        ZoneInfo(found[5])
        end = time(0) if found[4] == "24:00" else time.fromisoformat(found[4].zfill(5))
        return Cover(days, time.fromisoformat(found[3].zfill(5)), end, found[5], text.strip())
    except (ValueError, KeyError):
        raise SettingsError(
            f'EVENDAY_COVER_HOURS is "{text}": write it like `Mon-Fri 09:00-17:00 Europe/London`'
        ) from None
