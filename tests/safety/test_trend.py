"""safety.md §4, watch: two such days of three, or a falling mood, count as urgent."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bot.safety.trend import is_worsening

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("days_ago", "moods", "wanted"),
    [
        ([0], [], False),
        ([0, 1], [], True),
        ([0, 2], [], True),
        ([0, 3], [], False),
        ([1, 2], [], True),
        ([0], [7, 7, 7, 3, 3, 3], True),
        ([0], [7, 7, 7, 6, 6, 6], False),
        ([0], [3, 3, 3, 7, 7, 7], False),
        ([0], [8, 2, 2], False),  # too few days to speak of a trend
    ],
)
def test_one_watch_too_many(days_ago: list[int], moods: list[float], wanted: bool) -> None:
    assert is_worsening([TODAY - timedelta(days=n) for n in days_ago], TODAY, moods) is wanted
