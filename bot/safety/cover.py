"""When somebody from the team is on duty, told truthfully (safety.md: a patient is told at the start and in every risk reply)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.errors import SettingsError

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FORM = re.compile(r"^(\w{3})(?:-(\w{3}))?\s+(\d{1,2}:\d\d)-(\d{1,2}:\d\d)\s+(\S+)$")


@dataclass(frozen=True)
class Cover:
    """Hours in which staff read. `days` are weekday numbers, Monday 0; none at all means that nobody is ever on duty."""

    days: frozenset[int] = frozenset()
    start: time = time(0)
    end: time = time(0)
    zone: str = "UTC"
    words: str = ""

    def on_duty(self, now: datetime) -> bool:
        """Whether somebody is on duty at an instant."""
        here = now.astimezone(ZoneInfo(self.zone))
        return here.weekday() in self.days and self.start <= here.time() < self.end

    def next_start(self, now: datetime) -> datetime | None:
        """When cover begins next; None where there is none."""
        here = now.astimezone(ZoneInfo(self.zone))
        for ahead in range(8):
            day = here.date() + timedelta(days=ahead)
            start = datetime.combine(day, self.start, ZoneInfo(self.zone))
            if day.weekday() in self.days and start > here:
                return start
        return None

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
            here = now.astimezone(ZoneInfo(self.zone))
            end = datetime.combine(here.date(), self.end, ZoneInfo(self.zone)).astimezone(ZoneInfo(zone))
            return f"until {end:%H:%M}"
        start = self.next_start(now)
        if start is None:
            return ""
        when = start.astimezone(ZoneInfo(zone))
        return f"at {when:%H:%M}" if start - now < timedelta(hours=18) else f"on {when:%A} at {when:%H:%M}"


def parse(text: str) -> Cover:
    """Cover hours as the setting writes them, e.g. `Mon-Fri 09:00-17:00 Europe/London`; "" is no cover at all.

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
        return Cover(
            days, time.fromisoformat(found[3].zfill(5)), time.fromisoformat(found[4].zfill(5)), found[5], text.strip()
        )
    except (ValueError, KeyError):
        raise SettingsError(
            f'EVENDAY_COVER_HOURS is "{text}": write it like `Mon-Fri 09:00-17:00 Europe/London`'
        ) from None
