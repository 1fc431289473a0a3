"""Times that people give in forms are the ones that they mean, in the hour that autumn repeats as well."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from clinic import Clinic

from bot.console.escalation.forms import instant, read_contact, read_snooze
from bot.store.escalations import Escalation

ZONE = "Europe/London"
FIRST = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # half past one, and an hour later half past one again
SECOND = FIRST + timedelta(hours=1)


@pytest.fixture
def case(clinic: Clinic) -> Escalation:
    """Opened in the evening before the clocks go back."""
    clinic.clock.turn(datetime(2026, 10, 24, 22, 0, tzinfo=UTC) - clinic.clock.now())
    return clinic.emergency()[1]


@pytest.mark.parametrize("now", [FIRST + timedelta(minutes=5), SECOND + timedelta(minutes=5)], ids=["first", "second"])
def test_a_contact_of_the_hour_that_autumn_repeats_is_logged(case: Escalation, now: datetime) -> None:
    form = {"how": "phone", "reached": "no", "tried_at": "2026-10-25T01:30", "next_try": "2026-10-25T01:50"}
    read = read_contact(form, ZONE, now, case)
    assert not read.problems
    assert read.data["tried_at"] == now - timedelta(minutes=5)
    assert read.data["next_try_at"] == now + timedelta(minutes=15)


def test_the_next_try_may_be_in_the_hour_that_comes_again(case: Escalation) -> None:
    now = FIRST + timedelta(minutes=5)
    form = {"how": "phone", "reached": "no", "tried_at": "", "next_try": "2026-10-25T01:30"}
    assert read_contact(form, ZONE, now, case).data["next_try_at"] == SECOND


def test_a_case_is_out_of_sight_until_the_hour_that_comes_again(case: Escalation) -> None:
    form = {"snooze_why": "asleep", "snooze_until": "2026-10-25T01:30"}
    assert read_snooze(form, ZONE, SECOND - timedelta(minutes=5), case).data["until"] == SECOND


def test_a_time_is_the_first_of_two_where_nothing_else_is_asked() -> None:
    assert instant("2026-10-25T01:30", ZONE) == FIRST
    assert instant("2026-07-01T01:30", ZONE, last_by=FIRST) == datetime(2026, 7, 1, 0, 30, tzinfo=UTC)
    assert instant("2026-12-01T01:30", ZONE, last_by=FIRST) == datetime(2026, 12, 1, 1, 30, tzinfo=UTC)
    assert instant("2026-03-29T01:30", ZONE) is not None  # the hour that spring leaves out
    assert [instant(text, ZONE) for text in ("", "soon", "2026-13-01T00:00", "0001-01-01T00:00+00:00")][:3] == [
        None
    ] * 3
