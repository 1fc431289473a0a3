"""Buttons as numbered choices, for channels that have no buttons: SMS and the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from bot.channels.segments import Measure, split


def numbered(text: str, buttons: Sequence[str]) -> str:
    """`text`, then one line a button: its number (from 1), a space, its label."""
    return "\n".join([*([text] if text else []), *_choices(buttons)])


def messages(text: str, buttons: Sequence[str], limit: int, measure: Measure) -> list[str]:
    """The same, cut to `limit` (see `split`), with all choices in one message where they fit in one."""
    if not buttons or measure(numbered(text, buttons)) <= limit:
        return split(numbered(text, buttons), limit, measure)
    parts = split(text, limit, measure)
    if parts and measure(whole := numbered(parts[-1], buttons)) <= limit:
        return [*parts[:-1], whole]
    return [*parts, *split("\n".join(_choices(buttons)), limit, measure)]


def _choices(buttons: Sequence[str]) -> list[str]:
    return [f"{number} {label}" for number, label in enumerate(buttons, 1)]
