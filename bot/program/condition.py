"""`when:` of content files: tests on answers and facts that a clinician can read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Number = int | float


def _number(value: Any) -> Number | None:
    return value if isinstance(value, Number) and not isinstance(value, bool) else None


def _compared(test: Callable[[Number, Number], bool]) -> Callable[[Any, Any], bool]:
    def holds(value: Any, limit: Any) -> bool:
        number = _number(value)
        return number is not None and test(number, limit)

    return holds


TESTS: Mapping[str, Callable[[Any, Any], bool]] = {
    "below": _compared(lambda value, limit: value < limit),
    "above": _compared(lambda value, limit: value > limit),
    "at_least": _compared(lambda value, limit: value >= limit),
    "at_most": _compared(lambda value, limit: value <= limit),
    "known": lambda value, wanted: (value not in (None, "")) == wanted,
    "not": lambda value, other: value != other,
}


def holds(condition: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    """Whether every named test holds on `values`; a name without a value fails all tests but `known: false` and `not`."""
    return all(_one(values.get(name), test) for name, test in condition.items())


def _one(value: Any, test: Any) -> bool:
    if isinstance(test, Mapping):
        return all(TESTS[name](value, limit) for name, limit in test.items())
    if isinstance(test, list | tuple):
        return value in test
    if isinstance(test, bool) and isinstance(value, str):
        return value == ("yes" if test else "no")  # YAML reads a bare yes as true
    return bool(value == test)
