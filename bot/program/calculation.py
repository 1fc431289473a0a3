"""What skills work out from answers. Each has its source; none knows of a person."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

BASE_SHARE = 0.8  # of the mean of three tries: common practice in pacing (Murphy et al., VA CBT-CP manual)
ROUND_MINUTES = 30  # about how long one paced spell of rounds and rests lasts


def pacing_base(tries: Any) -> int | None:
    """Start of a pacing plan in minutes: 80 % of the mean of the tries, at least 1."""
    numbers = [tries] if isinstance(tries, int | float) else list(tries or ())
    return max(1, round(BASE_SHARE * sum(numbers) / len(numbers))) if numbers else None


def halved(amount: Any) -> int | None:
    """Half of an amount, at least 1."""
    return max(1, round(amount / 2)) if isinstance(amount, int | float) else None


def difference(first: Any, second: Any) -> float | None:
    """First minus second: above 0 where a score fell."""
    return first - second if isinstance(first, int | float) and isinstance(second, int | float) else None


def first_known(*amounts: Any) -> Any:
    """The first of the given that has a value: a smaller plan before the one that it took the place of."""
    return next((amount for amount in amounts if amount is not None), None)


def rounds(base: Any, rest: Any = 0) -> int | None:
    """Rounds of activity and rest that fit in half an hour, at least 1 and at most 4."""
    if not isinstance(base, int | float) or base <= 0:
        return None
    return max(1, min(4, round(ROUND_MINUTES / (base + (rest or 0)))))


CALCULATIONS: Mapping[str, Callable[..., Any]] = {
    "pacing_base": pacing_base,
    "halved": halved,
    "difference": difference,
    "first_known": first_known,
    "rounds": rounds,
}


def calculate(name: str, given: Sequence[Any]) -> Any:
    """The named calculation; None where what it needs is missing."""
    return CALCULATIONS[name](*given)
