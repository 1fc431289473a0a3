"""When a message that asks for watching is one too many: two such days of three, or a mood that falls (safety.md §4)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from statistics import fmean

WATCH_DAYS, OF_DAYS = 2, 3
# Ours, for the clinical owner to confirm, as safety.md names no number: the mean of the last three days that were told
# lies by so much (of 0-10) under the mean of those before, of which there are at least two.
RECENT, BEFORE, FALL = 3, 2, 1.5


def is_worsening(watch_days: Collection[date], today: date, moods: Sequence[float]) -> bool:
    """Whether a watch counts as urgent.

    Args:
        watch_days: days, in the person's calendar, on which a message was judged watch or graver.
        today: their day; it counts as one of them where it is among them.
        moods: moods (0-10, higher is better) of the days that were told, oldest first, of about two weeks.
    """
    lately = {day for day in watch_days if today - timedelta(days=OF_DAYS - 1) <= day <= today}
    return len(lately) >= WATCH_DAYS or is_falling(moods)


def is_falling(moods: Sequence[float]) -> bool:
    """Whether the last moods lie clearly under those before."""
    if len(moods) < RECENT + BEFORE:
        return False
    return fmean(moods[:-RECENT]) - fmean(moods[-RECENT:]) >= FALL
