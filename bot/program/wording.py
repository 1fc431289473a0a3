"""Chooses a variant and fills its placeholders."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping, Sequence
from typing import Any
from zlib import crc32

_SPACES = re.compile(" {2,}")


class _Lenient(string.Formatter):
    """Leaves out what has no value: a missing fact must never keep a person from an answer."""

    def get_value(self, key: int | str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        return _plain(kwargs.get(str(key)))


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list | tuple):
        return _joined([_plain(item) for item in value])
    return str(value)


def _joined(words: list[str]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1] if words else ""


DAY_NAMES = {
    "mon": "Monday",
    "tue": "Tuesday",
    "wed": "Wednesday",
    "thu": "Thursday",
    "fri": "Friday",
    "sat": "Saturday",
    "sun": "Sunday",
}


def day_names(days: Sequence[str]) -> str:
    """Weekdays in words: "Monday and Thursday", "every day"."""
    return "every day" if len(days) == len(DAY_NAMES) else _joined([DAY_NAMES.get(day, day) for day in days])


def fill(text: str, values: Mapping[str, Any]) -> str:
    """A text with its `{placeholders}` filled; those without a value vanish."""
    return _SPACES.sub(" ", _Lenient().vformat(text, (), values)).strip() if "{" in text else text


def variant(variants: Sequence[str], seed: str, turn: int) -> str:
    """One of the variants: another each day for the same seed, so that none comes back before all have been."""
    return variants[(crc32(seed.encode()) + turn) % len(variants)] if variants else ""
