"""Times that are the person's own: across daylight saving, in every zone, and in a growing silence."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.clock import local
from bot.coaching.schedule import after_quiet, is_quiet, look_in, next_checkin, reminder
from bot.program.silence import Contact, contact

ZONES = [
    "UTC",
    "Europe/Madrid",
    "Europe/London",
    "Europe/Dublin",
    "America/New_York",
    "America/Los_Angeles",
    "America/St_Johns",
    "America/Sao_Paulo",
    "Australia/Sydney",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Pacific/Auckland",
    "Pacific/Chatham",
    "Africa/Casablanca",
    "Pacific/Kiritimati",
]
instants = st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))
clocks = st.times().map(lambda at: f"{at.hour:02}:{at.minute:02}")


@settings(max_examples=400)
@given(instants, clocks, st.sampled_from(ZONES), st.booleans())
def test_the_next_checkin_is_soon_and_at_the_persons_time(
    now: datetime, clock: str, zone: str, after_today: bool
) -> None:
    at = next_checkin(now, clock, zone, after_today=after_today)
    here, shown = local(now, zone), local(at, zone)
    assert now < at <= now + timedelta(days=2, hours=2)
    assert shown.date() > here.date() if after_today else shown.date() >= here.date()
    wanted = time.fromisoformat(clock)
    skipped = (
        datetime.combine(shown.date(), wanted, ZoneInfo(zone)).astimezone(UTC).astimezone(ZoneInfo(zone)).time()
        != wanted
    )
    assert shown.time() == wanted or skipped  # a time that spring leaves out becomes the same distance after the gap


@settings(max_examples=100)
@given(instants, clocks, st.sampled_from(ZONES))
def test_ten_days_bring_ten_checkins_one_on_each_date(now: datetime, clock: str, zone: str) -> None:
    dates: list[date] = []
    for _ in range(10):
        now = next_checkin(now, clock, zone, after_today=bool(dates))
        dates.append(local(now, zone).date())
    assert all(later - earlier == timedelta(days=1) for earlier, later in pairwise(dates))


@pytest.mark.parametrize(
    ("clock", "quiet"),
    [
        ("20:00", True),
        ("23:59", True),
        ("03:00", True),
        ("08:59", True),
        ("09:00", False),
        ("19:59", False),
        ("12:00", False),
    ],
)
def test_quiet_hours_span_midnight(clock: str, quiet: bool) -> None:
    now = datetime.combine(datetime(2026, 3, 11), time.fromisoformat(clock), ZoneInfo("Europe/Madrid")).astimezone(UTC)
    assert is_quiet(now, "Europe/Madrid", "20:00", "09:00") is quiet
    assert is_quiet(now, "Europe/Madrid", "09:00", "20:00") is not quiet


@given(instants, st.sampled_from(ZONES))
def test_a_reminder_is_never_in_quiet_hours(now: datetime, zone: str) -> None:
    at = reminder(now, zone, "20:00", "09:00")
    assert at is None or (at > now and not is_quiet(at, zone, "20:00", "09:00"))


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)), st.sampled_from(ZONES))
def test_after_quiet_hours_is_never_within_them_and_at_most_a_night_later(now: datetime, zone: str) -> None:
    at = after_quiet(now, zone, "20:00", "09:00")
    assert not is_quiet(at, zone, "20:00", "09:00")
    assert timedelta(0) <= at - now <= timedelta(hours=14)  # thirteen hours, and the one that autumn adds
    assert at == now or is_quiet(now, zone, "20:00", "09:00")


@given(instants, st.sampled_from(ZONES), st.sampled_from(["evening", "tomorrow", "none", None]))
def test_a_look_in_is_by_day_and_within_two(now: datetime, zone: str, choice: str | None) -> None:
    at = look_in(now, zone, choice)
    assert (at is None) is (choice not in ("evening", "tomorrow"))
    if at:
        assert now < at <= now + timedelta(days=2, hours=2)
        assert local(at, zone).hour in (10, 18)


SILENCE = {
    0: Contact.CHECKIN,
    1: Contact.CHECKIN,
    2: Contact.CHECKIN,
    3: Contact.ONE_DIGIT,
    4: Contact.NONE,
    5: Contact.NONE,
    6: Contact.CHOICE,
    7: Contact.NONE,
    13: Contact.WEEKLY,
    20: Contact.WEEKLY,
    27: Contact.LAST,
    28: Contact.NONE,
    400: Contact.NONE,
}


@pytest.mark.parametrize(("days", "sent"), SILENCE.items())
def test_silence(days: int, sent: Contact) -> None:
    assert contact(days) is sent


def test_four_weeks_of_silence_bring_eight_messages() -> None:
    assert sum(contact(days) is not Contact.NONE for days in range(365)) == 8
