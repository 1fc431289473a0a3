"""Percentiles of times to an event where some are still waiting for it: the product-limit estimate. Pure.

Kaplan and Meier (J Am Stat Assoc 1958, 53:457-481): who still waits counts as "at least so long", up to where it was last
seen, and neither as reached nor as gone. Where nobody waits it is the plain percentile by rank, smallest time first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

PERCENTS = (50, 90, 99)
# From how many that reached it a percentile is told: below, one more case would move it at will.
LEAST = {50: 5, 90: 10, 99: 100}
_NEAR = 1e-9  # a product of fractions is not exact


@dataclass(frozen=True)
class Wait:
    """One time to an event.

    Attributes:
        seconds: until it was reached, or until it was last seen waiting.
        is_over: whether it was reached.
    """

    seconds: float
    is_over: bool


@dataclass(frozen=True)
class Percentile:
    """One percentile, in seconds. None: too few reached it, or too many still wait for it to be known."""

    percent: int
    seconds: float | None
    is_too_few: bool


def percentile(waits: Sequence[Wait], percent: int) -> float | None:
    """The time within which that share had reached it, in seconds; None where so many had not."""
    return _percentiles(waits, (percent,))[percent]


def _percentiles(waits: Sequence[Wait], percents: Sequence[int]) -> dict[int, float | None]:
    """Several percentiles, the smallest first, in one pass."""
    found: dict[int, float | None] = dict.fromkeys(percents)
    left = list(percents)
    ahead = len(waits)
    waiting = 1.0  # the share that still waits
    times = sorted(waits, key=lambda wait: (wait.seconds, not wait.is_over))  # at one instant, reached before last seen
    for wait in times:
        if wait.is_over:
            waiting *= 1 - 1 / ahead
            while left and waiting <= 1 - left[0] / 100 + _NEAR:
                found[left.pop(0)] = wait.seconds
            if not left:
                break
        ahead -= 1
    return found


def percentiles(waits: Sequence[Wait]) -> tuple[Percentile, ...]:
    """Median, 90th and 99th percentile, each only where enough reached it."""
    reached = sum(wait.is_over for wait in waits)
    enough = [percent for percent in PERCENTS if reached >= LEAST[percent]]
    told = _percentiles(waits, enough) if enough else {}
    return tuple(Percentile(percent, told.get(percent), is_too_few=percent not in told) for percent in PERCENTS)
