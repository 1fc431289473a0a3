"""Takes the disguise off single letters, and remembers where in the original each one stood.

Homoglyphs: the Latin look-alikes among Cyrillic and Greek, after the Unicode confusables table (UTS #39).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

_LOOK_ALIKES = dict(zip(
    "авсԁеёгһіїјкӏмнопԛрѕтцѵхузьαβγδεζηικμνοπρστυχωϲϳ",
    "abcdeerhiijklmhonqpstuvxyzbabydeznikuvonpotuxwcj", strict=True,
))  # fmt: skip
_QUOTES = {"’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "＇": "'", "′": "'"}
_JOINERS = {"\u200d", "\ufe0f", "\ufe0e", "\u20e3"}


@dataclass(frozen=True)
class Letters:
    """Plain lower-case letters of a text.

    Attributes:
        text: the letters.
        starts: for each letter, the offset in the original at which what it stands for begins.
        ends: the same, for the end.
    """

    text: str
    starts: list[int] | range
    ends: list[int] | range


def plain_letters(text: str, emoji: Mapping[str, str]) -> Letters:
    """The text in lower case, compatibility forms folded, marks and invisible signs out, emoji as words.

    Args:
        text: any text.
        emoji: one emoji -> the words it is read as.
    """
    if text.isascii():
        return Letters(text.lower(), range(len(text)), range(1, len(text) + 1))
    out: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for at, sign in enumerate(text):
        plain = sign.lower() if sign.isascii() else _plain(sign, emoji)
        out.append(plain)
        starts.extend([at] * len(plain))
        ends.extend([at + 1] * len(plain))
    return Letters("".join(out), starts, ends)


def _plain(sign: str, emoji: Mapping[str, str]) -> str:
    if sign in emoji:
        return f" {emoji[sign]} "
    if sign in _QUOTES:
        return _QUOTES[sign]
    if sign in _JOINERS:
        return ""
    lower = sign.lower()
    if lower in _LOOK_ALIKES:
        return _LOOK_ALIKES[lower]
    folded = unicodedata.normalize("NFKD", sign).lower()
    return "".join(_LOOK_ALIKES.get(part, part) for part in folded if not _is_invisible(part))


def _is_invisible(sign: str) -> bool:
    # Mn: accents; Cf: zero-width and bidi marks; Cc: controls (newlines are ASCII and never come here); Sk: skin tones.
    return unicodedata.category(sign) in ("Mn", "Me", "Cf", "Cc", "Cs", "Co", "Cn", "Sk")
