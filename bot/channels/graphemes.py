"""Finds where a text may be cut without breaking what a reader sees as one character.

An approximation of Unicode's grapheme clusters (UAX 29): where it errs it joins too much, never too little,
for Latin, Greek, Cyrillic, Hangul and emoji.
"""

from __future__ import annotations

import unicodedata

_JOINER = "\u200d"


def boundaries(text: str) -> list[int]:
    """End offset of every grapheme, ascending; the last one is `len(text)`."""
    ends: list[int] = []
    flags = 0  # regional indicators since the last that was not one: they go in pairs
    for index in range(1, len(text)):
        flags = flags + 1 if _is_flag(text[index - 1]) else 0
        if not _sticks(text[index - 1], text[index], flags):
            ends.append(index)
    return [*ends, len(text)] if text else []


def _sticks(before: str, after: str, flags: int) -> bool:
    if before == "\r" and after == "\n":
        return True
    if _extends(after) or before == _JOINER:
        return True
    if _is_flag(after) and flags % 2 == 1:
        return True
    return _is_jamo(before) and _is_jamo(after)


def _extends(char: str) -> bool:
    # Marks (accents, variation selectors, keycaps), the joiner, skin tones, tag letters of flags such as Wales.
    return (
        unicodedata.category(char) in ("Mn", "Me", "Mc")
        or char in (_JOINER, "\u200c")
        or "\U0001f3fb" <= char <= "\U0001f3ff"
        or "\U000e0020" <= char <= "\U000e007f"
    )


def _is_flag(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _is_jamo(char: str) -> bool:
    return "\u1100" <= char <= "\u11ff" or "\uac00" <= char <= "\ud7fb" or "\ua960" <= char <= "\ua97c"
