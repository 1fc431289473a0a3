"""Scores the screen against labelled lines: recall and false alarms by tier, kind and style, with intervals. Pure.

A mean hides who is missed (safety.md §9), hence the tables. Intervals are Wilson's (J Am Stat Assoc 1927, 22:209-212),
which are sound near 0 and 1 and for few lines.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.safety.tiers import Tier

Row = Mapping[str, object]
_Z = 1.959964  # 95 %


@dataclass(frozen=True)
class Share:
    """So many of so many."""

    hits: int
    of: int

    @property
    def rate(self) -> float:
        """From 0 to 1; 0 of 0 is 0."""
        return self.hits / self.of if self.of else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval."""
        if not self.of:
            return 0.0, 1.0
        scale = 1 + _Z**2 / self.of
        middle = (self.rate + _Z**2 / (2 * self.of)) / scale
        half = _Z * math.sqrt(self.rate * (1 - self.rate) / self.of + _Z**2 / (4 * self.of**2)) / scale
        return max(0.0, middle - half), min(1.0, middle + half)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.hits:>4} of {self.of:<4} {100 * self.rate:5.1f} %  [{100 * low:4.1f}, {100 * high:5.1f}]"


# What is counted: its name, the tier of the lines it is counted over, and what must have been said for a hit.
MEASURES: Sequence[tuple[str, Tier, Callable[[Tier], bool]]] = (
    ("emergency said emergency", Tier.EMERGENCY, lambda said: said is Tier.EMERGENCY),
    ("emergency with any alarm", Tier.EMERGENCY, lambda said: said >= Tier.URGENT),
    ("urgent said urgent or above", Tier.URGENT, lambda said: said >= Tier.URGENT),
    ("watch said watch or above", Tier.WATCH, lambda said: said >= Tier.WATCH),
    ("false alarms (none said urgent or above)", Tier.NONE, lambda said: said >= Tier.URGENT),
    ("soft false alarms (none said watch)", Tier.NONE, lambda said: said is Tier.WATCH),
    ("watch said urgent or above", Tier.WATCH, lambda said: said >= Tier.URGENT),
)
# What counts as right for a line of each tier.
_RIGHT: Mapping[Tier, Callable[[Tier], bool]] = {
    Tier.EMERGENCY: lambda said: said is Tier.EMERGENCY,
    Tier.URGENT: lambda said: said >= Tier.URGENT,
    Tier.WATCH: lambda said: said >= Tier.WATCH,
    Tier.NONE: lambda said: said < Tier.URGENT,
}


@dataclass(frozen=True)
class Scores:
    """Figures of a set.

    Attributes:
        measures: each of `MEASURES` by its name.
        groups: by field ("kind", "style"), then by its value and the lines' tier: how many were judged right.
    """

    measures: Mapping[str, Share]
    groups: Mapping[str, Mapping[tuple[str, Tier], Share]]


def score(rows: Sequence[Row], said: Sequence[Tier]) -> Scores:
    """Count.

    Args:
        rows: each with "tier" and, if it has them, "kind" and "style".
        said: the screen's tier of each, in the same order.
    """
    pairs = [(Tier(str(row["tier"])), tier) for row, tier in zip(rows, said, strict=True)]
    measures = {name: _share([is_hit(tier) for gold, tier in pairs if gold is of]) for name, of, is_hit in MEASURES}
    return Scores(measures, {field: _grouped(rows, pairs, field) for field in ("kind", "style")})


def _grouped(rows: Sequence[Row], pairs: Sequence[tuple[Tier, Tier]], field: str) -> dict[tuple[str, Tier], Share]:
    found: dict[tuple[str, Tier], list[bool]] = {}
    for row, (gold, tier) in zip(rows, pairs, strict=True):
        found.setdefault((str(row.get(field, "?")), gold), []).append(_RIGHT[gold](tier))
    return {key: _share(found[key]) for key in sorted(found)}


def _share(hits: Sequence[bool]) -> Share:
    return Share(sum(hits), len(hits))


def report(scores: Scores) -> list[str]:
    """The figures in lines."""
    lines = [f"{name:<42}{share}" for name, share in scores.measures.items()]
    for field, groups in scores.groups.items():
        lines += ["", f"right, by {field} and tier"]
        lines += [f"  {value:<18}{tier.value:<12}{share}" for (value, tier), share in groups.items()]
    return lines
