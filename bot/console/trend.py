"""Fourteen days of pain and mood: a table with a bar in each cell, and the trend in a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from markupsafe import Markup

from bot.clock import local
from bot.console.visit import Visit
from bot.store import diary
from bot.store.patients import Patient

DAYS = 14
TOP = 10  # scores are 0-10 NRS
WIDTH, HEIGHT = 100, 12


@dataclass(frozen=True)
class Score:
    """One score and its bar."""

    number: float
    bar: Markup


@dataclass(frozen=True)
class TrendDay:
    """One day; None where nothing was told."""

    on: date
    pain: Score | None
    mood: Score | None


@dataclass(frozen=True)
class Trend:
    """The days, the newest first, and what they come to."""

    days: tuple[TrendDay, ...]
    sentence: str


def bar(number: float, name: str) -> Markup:
    """A bar as SVG; screen readers are told the number beside it instead."""
    width = round(max(0.0, min(number, TOP)) / TOP * WIDTH)
    return Markup(
        '<svg class="bar bar-{}" viewBox="0 0 {} {}" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        '<rect class="bar-all" width="{}" height="{}"></rect>'
        '<rect class="bar-score" width="{}" height="{}"></rect></svg>'
    ).format(name, WIDTH, HEIGHT, WIDTH, HEIGHT, width, HEIGHT)


def sentence(name: str, scores: list[float]) -> str:
    """The scores of a name, oldest first, in words."""
    if not scores:
        return f"No {name} was told."
    first, last = scores[0], scores[-1]
    if len(scores) == 1:
        return f"{name.capitalize()} was told once: {first:g} of 10."
    if first == last:
        return f"{name.capitalize()} is {last:g} of 10, as at the start."
    return f"{name.capitalize()} went {'up' if last > first else 'down'} from {first:g} to {last:g} of 10."


def trend(visit: Visit, patient: Patient) -> Trend:
    """The last 14 days of a patient, in the patient's own calendar."""
    today = local(visit.now, patient.zone).date()
    since = today - timedelta(days=DAYS - 1)
    told = {row.local_on: row for row in diary.checkins_of(visit.connection, visit.vault, patient.id, since)}
    days = []
    for back in range(DAYS):
        on = today - timedelta(days=back)
        row = told.get(on)
        days.append(TrendDay(on, _score(row.pain if row else None, "pain"), _score(row.mood if row else None, "mood")))
    rows = [told[on] for on in sorted(told)]
    pain = sentence("pain", [row.pain for row in rows if row.pain is not None])
    mood = sentence("mood", [row.mood for row in rows if row.mood is not None])
    answered = sum(1 for day in days if day.pain or day.mood)
    return Trend(tuple(days), f"{pain} {mood} Days with an answer: {answered} of {DAYS}.")


def _score(number: float | None, name: str) -> Score | None:
    return None if number is None else Score(number, bar(number, name))
