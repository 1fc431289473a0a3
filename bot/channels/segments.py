"""Counts what an SMS costs and cuts texts where a reader would pause, never through a word or an emoji.

Sources: 3GPP TS 23.038 (the GSM 7-bit alphabet and its extension table); Twilio's pages "What is GSM-7 Character
Encoding?" and "What is UCS-2 Character Encoding?" (160/153 and 70/67); Twilio's "Smart Encoding" for `plain`.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from bot.channels.graphemes import boundaries

GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENDED = frozenset("^{}\\[]~|€\f")  # an escape and a septet: two units, never parted
GSM_ALONE, GSM_JOINED = 160, 153  # a joined part gives 7 septets to the header that puts it in order
UCS2_ALONE, UCS2_JOINED = 70, 67

Measure = Callable[[str], int]


@dataclass(frozen=True)
class Segments:
    """What a text becomes on the air.

    Attributes:
        parts: segments that are paid for; 0 for an empty text.
        encoding: one character outside GSM-7 makes all of it UCS-2.
        units: septets in GSM-7, 16-bit units in UCS-2, without headers and padding.
    """

    parts: int
    encoding: Literal["GSM-7", "UCS-2"]
    units: int


def count(text: str) -> Segments:
    """The segments of `text` as it stands; see `plain` for what a smart encoder makes of it."""
    if all(char in GSM_BASIC or char in GSM_EXTENDED for char in text):
        widths = [2 if char in GSM_EXTENDED else 1 for char in text]
        return Segments(_pack(widths, GSM_ALONE, GSM_JOINED), "GSM-7", sum(widths))
    widths = [2 if ord(char) > 0xFFFF else 1 for char in text]
    return Segments(_pack(widths, UCS2_ALONE, UCS2_JOINED), "UCS-2", sum(widths))


def _pack(widths: Iterable[int], alone: int, joined: int) -> int:
    sizes = list(widths)
    if sum(sizes) <= alone:
        return 1 if sizes else 0
    parts, used = 1, 0
    for width in sizes:  # a character of two units that does not fit leaves one unit empty
        if used + width > joined:
            parts, used = parts + 1, 0
        used += width
    return parts


def utf16_units(text: str) -> int:
    """Length as Telegram counts it: UTF-16 code units (Bot API, MessageEntity)."""
    return sum(2 if ord(char) > 0xFFFF else 1 for char in text)


_TYPOGRAPHY = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′‵ʹʻʼʽˈ`´‹›", "'"),
        **dict.fromkeys("“”„‟″‶ʺ˝«»〝〞＂", '"'),
        **dict.fromkeys("‐‑‒–—―−⁃﹘﹣－", "-"),
        **dict.fromkeys("\t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a", " "),
        **dict.fromkeys("\u202f\u205f\u3000", " "),
        **dict.fromkeys("\u00ad\u200b\u200e\u200f\u2060\ufeff", ""),
        **dict.fromkeys("\u2028\u2029\u0085\u000b", "\n"),
        **dict.fromkeys("⁄∕", "/"),
        **dict.fromkeys("•·‣∙", "-"),
        "…": "...",
        "‥": "..",
        "×": "x",
        "¼": "1/4",
        "½": "1/2",
        "¾": "3/4",
        "≤": "<=",
        "≥": ">=",
        "→": "->",
    }
)


def plain(text: str) -> str:
    """`text` with typographic characters in GSM-7, if that makes all of it GSM-7 and no dearer.

    As Twilio's smart encoder, it is all or nothing: beside an emoji or ê nothing is won, so nothing is changed
    but the composition of accents (NFC). Idempotent.
    """
    composed = unicodedata.normalize("NFC", text)
    simple = count(turned := composed.translate(_TYPOGRAPHY))
    if simple.encoding == "GSM-7" and simple.parts <= count(composed).parts:
        return turned
    return composed


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
