"""Cuts texts where a reader would pause, never through a word or an emoji; `bot.content.gsm` counts what an SMS costs."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable

from bot.channels.graphemes import boundaries

Measure = Callable[[str], int]


def utf16_units(text: str) -> int:
    """Length as Telegram counts it: UTF-16 code units (Bot API, MessageEntity)."""
    return sum(2 if ord(char) > 0xFFFF else 1 for char in text)


_PARAGRAPH = re.compile(r"(?=\n[ \t]*\n)")
_SENTENCE = re.compile(r"[.!?…][\"'”’)\]]*(?=\s)|(?=\n)")
_WORD = re.compile(r"(?=[^\S\u00a0\u202f])")  # not at a no-break space: "30 mg" stays whole


def split(text: str, limit: int, measure: Measure = utf16_units) -> list[str]:
    """Cut `text` into messages that each measure at most `limit`.

    Cuts are made between paragraphs if that leaves a message at least half full, else between sentences if a
    third full, else between words; inside a word only if it is longer than `limit` by itself, and inside a
    grapheme only if that is. White space at a cut is dropped, nothing else.

    Args:
        text: the words; leading and trailing white space goes.
        limit: largest measure of a message, 1 or more.
        measure: size of a text; may not fall when the text grows. UTF-16 units unless told; for SMS, segments.

    Raises:
        ValueError: `limit` is below 1.
    """
    if limit < 1:
        raise ValueError("limit must be 1 or more")
    messages: list[str] = []
    rest = text.strip()
    while rest and measure(rest) > limit:
        cut = _cut(rest, _fitting(rest, limit, measure))
        messages.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*messages, rest] if rest else messages


def _fitting(text: str, limit: int, measure: Measure) -> int:
    """Offset of the last grapheme's end up to which `text` fits; inside the first one if even that is too big."""
    ends = boundaries(text)
    index = bisect_left(ends, True, key=lambda end: measure(text[:end]) > limit)
    if index:
        return ends[index - 1]
    return max(1, bisect_left(range(1, ends[0]), True, key=lambda end: measure(text[:end]) > limit))


def _cut(text: str, end: int) -> int:
    for pattern, least in ((_PARAGRAPH, end // 2), (_SENTENCE, end // 3), (_WORD, 0)):
        found = [match.end() for match in pattern.finditer(text, 0, end + 3) if least < match.end() <= end]
        if found:
            return found[-1]
    return end
