"""When the next coach-started message of a person is due: pure, right across daylight saving."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from bot.clock import at_local, local

DEFAULT_CHECKIN = time(10)
REMINDER_AFTER = timedelta(hours=4)
EVENING = time(18)
# What the coach is and is not is said again monthly and after any reply to risk (safety.md §6).
STATEMENT_EVERY = timedelta(days=30, hours=3)  # counted from a check-in: it does not come beside that day's
STATEMENT_AFTER_RISK = timedelta(hours=2)


def next_checkin(now: datetime, checkin_time: str | None, zone: str, *, after_today: bool = False) -> datetime:
    """The next instant (UTC) at which the person's clock shows their check-in time.

    Args:
        now: the present, UTC.
        checkin_time: "HH:MM" of their day; None: `DEFAULT_CHECKIN`.
        zone: IANA zone.
        after_today: not today any more, because today's was sent or done.
    """
    wanted = time.fromisoformat(checkin_time) if checkin_time else DEFAULT_CHECKIN
    today = local(now, zone).date()
    candidate = at_local(today, wanted, zone)
    if after_today or candidate <= now:
        candidate = at_local(today + timedelta(days=1), wanted, zone)
    return candidate


def is_quiet(now: datetime, zone: str, quiet_from: str, quiet_until: str) -> bool:
    """Whether the person's clock is within quiet hours, which may span midnight."""
    here, start, end = local(now, zone).time(), time.fromisoformat(quiet_from), time.fromisoformat(quiet_until)
    return start <= here < end if start <= end else here >= start or here < end


def after_quiet(at: datetime, zone: str, quiet_from: str, quiet_until: str) -> datetime:
    """The instant itself, or the end of the quiet hours that it lies in."""
    if not is_quiet(at, zone, quiet_from, quiet_until):
        return at
    end, here = time.fromisoformat(quiet_until), local(at, zone)
    return at_local(here.date() + timedelta(days=here.time() >= end), end, zone)


def reminder(sent_at: datetime, zone: str, quiet_from: str, quiet_until: str) -> datetime | None:
    """When the one reminder of an unanswered check-in is due, None where that would be in quiet hours."""
    at = sent_at + REMINDER_AFTER
    return None if is_quiet(at, zone, quiet_from, quiet_until) else at


def look_in(now: datetime, zone: str, choice: object) -> datetime | None:
    """When to look in again after a flare: `evening` is today's, `tomorrow` at ten; else not at all."""
    today = local(now, zone).date()
    if choice == "evening":
        evening = at_local(today, EVENING, zone)
        return (
            evening
            if evening > now + timedelta(hours=1)
            else at_local(today + timedelta(days=1), DEFAULT_CHECKIN, zone)
        )
    return at_local(today + timedelta(days=1), DEFAULT_CHECKIN, zone) if choice == "tomorrow" else None
