"""Ninety days of pain and mood as one picture, as a sentence, and as a table for those who can't see the picture."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from markupsafe import Markup

from bot.clock import local
from bot.console.visit import Visit
from bot.store import diary
from bot.store.patients import Patient

DAYS = 90
RECENT = 30
TOP = 10  # scores are 0-10 NRS
STEP, HEIGHT, EDGE = 4, 120, 6  # of the picture, in its own units: a day's width, the height of 0 to 10, a margin
WIDTH = (DAYS - 1) * STEP
POINT = 1.8
Scores = Mapping[int, float]  # by the number of the day, 0 the first

_FRAME = Markup(
    '<svg class="chart" viewBox="{} {} {} {}" role="img" aria-labelledby="chart-told" focusable="false">{}{}{}</svg>'
)
_RULE = Markup('<line class="chart-rule" x1="0" x2="{}" y1="{}" y2="{}"></line>')
_LINE = Markup('<polyline class="chart-{}" fill="none" stroke-width="1.5"{} points="{}"></polyline>')
_DOT = Markup('<circle class="chart-{}-point" cx="{}" cy="{}" r="{}"></circle>')
_SQUARE = Markup('<rect class="chart-{}-point" x="{}" y="{}" width="{}" height="{}"></rect>')
_DASHED = Markup(' stroke-dasharray="4 2"')


@dataclass(frozen=True)
class Told:
    """One day on which something was told."""

    on: date
    pain: float | None
    mood: float | None


@dataclass(frozen=True)
class Chart:
    """The picture and what it comes to; `told` is its table, the newest day first."""

    picture: Markup
    sentence: str
    first_on: date
    last_on: date
    told: tuple[Told, ...]


def chart(visit: Visit, patient: Patient) -> Chart:
    """The last 90 days of a patient, in the patient's own calendar."""
    last_on = local(visit.now, patient.zone).date()
    first_on = last_on - timedelta(days=DAYS - 1)
    rows = diary.scores_since(visit.connection, patient.id, first_on)
    told = tuple(Told(*row) for row in reversed(rows) if row[0] <= last_on)
    pain, mood = (_by_day(told, first_on, name) for name in ("pain", "mood"))
    sentence = f"{summed('Pain', pain)} {summed('Mood', mood)}"
    return Chart(drawn(pain, mood), sentence, first_on, last_on, told)


def _by_day(told: Sequence[Told], first_on: date, name: str) -> Scores:
    scores = {(row.on - first_on).days: getattr(row, name) for row in reversed(told)}
    return {day: score for day, score in scores.items() if score is not None}


def summed(name: str, scores: Scores) -> str:
    """What the days of a name come to, in words; pure."""
    if not scores:
        return f"{name} was not told in these {DAYS} days."
    low, high = min(scores.values()), max(scores.values())
    between = f"always {low:g}" if low == high else f"between {low:g} and {high:g}"
    days = f"{len(scores)} of {DAYS} days"
    recent = [score for day, score in scores.items() if day >= DAYS - RECENT]
    earlier = [score for day, score in scores.items() if day < DAYS - RECENT]
    told = f"{name} was told on {days}: {between} of {TOP}, {_mean(scores.values()):.1f} on average"
    if not recent or not earlier:
        return f"{told}."
    return f"{told}; {_mean(recent):.1f} in the last {RECENT} days, {_mean(earlier):.1f} before."


def _mean(scores: Collection[float]) -> float:
    return sum(scores) / len(scores)


def runs(scores: Scores) -> Iterator[list[tuple[int, float]]]:
    """Days in a row, so that a day without an answer is a gap in the line and not a stroke across it; pure."""
    run: list[tuple[int, float]] = []
    for day in sorted(scores):
        if run and day != run[-1][0] + 1:
            yield run
            run = []
        run.append((day, scores[day]))
    if run:
        yield run


def drawn(pain: Scores, mood: Scores) -> Markup:
    """The picture: pain a solid line with dots, mood a dashed one with squares, so that no colour is needed; pure."""
    rules = Markup("").join(_RULE.format(WIDTH, _y(score), _y(score)) for score in (0, TOP / 2, TOP))
    box = (-EDGE, -EDGE, WIDTH + 2 * EDGE, HEIGHT + 2 * EDGE)
    return _FRAME.format(*box, rules, _series("pain", pain, dashed=False), _series("mood", mood, dashed=True))


def _series(name: str, scores: Scores, *, dashed: bool) -> Markup:
    found = list(runs(scores))
    strokes = [
        _LINE.format(name, _DASHED if dashed else "", " ".join(f"{day * STEP},{_y(score)}" for day, score in run))
        for run in found
        if len(run) > 1
    ]
    points = [_point(name, day * STEP, _y(score), square=dashed) for run in found for day, score in run]
    return Markup("").join(strokes + points)


def _point(name: str, x: float, y: float, *, square: bool) -> Markup:
    if square:
        return _SQUARE.format(name, round(x - POINT, 1), round(y - POINT, 1), 2 * POINT, 2 * POINT)
    return _DOT.format(name, x, y, POINT)


def _y(score: float) -> float:
    return round(HEIGHT - max(0.0, min(score, TOP)) / TOP * HEIGHT, 1)
