"""What an SMS holds and costs: the small alphabet GSM-7, segments, and typography made plain.

Sources: 3GPP TS 23.038 (the GSM 7-bit alphabet and its extension table); Twilio's pages "What is GSM-7 Character
Encoding?" and "What is UCS-2 Character Encoding?" (160/153 and 70/67); Twilio's "Smart Encoding" for `plain`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_PAIRS = frozenset("^{}\\[]~|€\f")  # an escape and a septet: two units, never parted
GSM_ALONE, GSM_JOINED = 160, 153  # a joined part gives 7 septets to the header that puts it in order
UCS2_ALONE, UCS2_JOINED = 70, 67


def septets(text: str) -> int:
    """Length of a text on SMS, in GSM-7 septets; -1 if it holds a character that GSM-7 lacks."""
    if not set(text) <= GSM | GSM_PAIRS:
        return -1
    return len(text) + sum(character in GSM_PAIRS for character in text)


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
    if all(char in GSM or char in GSM_PAIRS for char in text):
        widths = [2 if char in GSM_PAIRS else 1 for char in text]
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
