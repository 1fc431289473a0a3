"""Instants and lengths of time as people of a zone say them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from bot.clock import local


def zone_name(instant: datetime, zone: str) -> str:
    """What clocks of a zone are called at an instant: `CET`, or `UTC+05:30` where there is no common name."""
    there = local(instant, zone)
    name = there.strftime("%Z")
    if name.isalpha():
        return name
    offset = there.strftime("%z")
    return f"UTC{offset[:3]}:{offset[3:5]}"


def when(instant: datetime, zone: str) -> str:
    """An instant as people of a zone say it: `Tue 24 Nov 2026, 03:12 CET`."""
    there = local(instant, zone)
    return f"{there:%a} {there.day} {there:%b %Y, %H:%M} {zone_name(instant, zone)}"


def day(on: date) -> str:
    """A day as people say it: `Tue 24 Nov 2026`."""
    return f"{on:%a} {on.day} {on:%b %Y}"


def span(times: tuple[datetime, datetime], zone: str) -> str:
    """A time with beginning and end: `Tue 24 Nov, 09:00–17:00 GMT`, or with both days where they differ."""
    start, end = (local(at, zone) for at in times)
    first = f"{start:%a} {start.day} {start:%b, %H:%M}"
    is_same_day = start.date() == end.date()
    last = f"–{end:%H:%M}" if is_same_day else f" to {end:%a} {end.day} {end:%b, %H:%M}"
    return f"{first}{last} {zone_name(times[1], zone)}"


def clock_time(instant: datetime, zone: str) -> str:
    """Time of day with zone: `03:12 CET`."""
    return f"{local(instant, zone):%H:%M} {zone_name(instant, zone)}"


def age(since: datetime, now: datetime) -> str:
    """How long ago, in the two largest units: `less than a minute`, `4 min`, `2 h 5 min`, `3 days`."""
    return length(now - since)


def length(lasting: timedelta) -> str:
    """A length of time, in the two largest units."""
    minutes = max(timedelta(0), lasting) // timedelta(minutes=1)
    if minutes < 1:
        return "less than a minute"
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 24 * 60:
        return f"{minutes // 60} h {minutes % 60} min" if minutes % 60 else f"{minutes // 60} h"
    days = minutes // (24 * 60)
    return "1 day" if days == 1 else f"{days} days"


def left(due_at: datetime, now: datetime) -> str:
    """How a limit stands: `in 4 min`, `overdue by 2 h 5 min`."""
    return f"overdue by {age(due_at, now)}" if due_at <= now else f"in {age(now, due_at)}"
