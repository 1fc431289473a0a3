"""Reads a pain level: a score, or the few phrases that stand for an end or the middle of the scale."""

from __future__ import annotations

import re

from bot.answers.quantities.scores import HIGH, LOW, read_score
from bot.answers.wording import is_question

MIDDLE = 5

_NO_PAIN = re.compile(
    r"\b(?:no (?:real |actual )?pain|none|nothing|nil|nada|zilch|nowt|pain[- ]?free|zip|painless|"
    r"not (?:in )?(?:any|a bit of) pain|no hurt|"
    r"without (?:any )?pain|not (?:hurting|sore|painful)(?: at all)?|(?:doesn'?t|not) hurt(?:ing)? at all|"
    r"don'?t have any(?: pain)?|"
    r"haven'?t (?:got )?any(?: pain)?|bottom of the scale)\b"
)
_BUT = re.compile(
    r"\b(?:but|except|apart from|until|unless|meds|medication|killers?|relief|helps?|helped|works?|worked|"
    r"new|change[ds]?|different|like|of your|"
    r"better than|worse|compared|to (?:say|report|do)|yet i|clinic|no gain|special|much|can|could|seems?|"
    r"touches|stops?)\b"
)
_WORST = re.compile(
    r"\b(?:worst (?:possible|imaginable|ever|pain (?:possible|imaginable|ever|of my life)|i can imagine|"
    r"it (?:can|could) be|it'?s ever been|there is)|"
    r"(?:the )?(?:max|maximum)|top of the scale|as bad as it (?:gets|can get|can be|could be)|(?:couldn'?t|"
    r"can'?t|could not|cannot) (?:be|get) (?:any )?worse|"
    r"worst on the scale|the absolute worst)\b"
)
_MIDDLE = re.compile(
    r"\b(?:(?:bang |right |smack )?in the middle|middle of the (?:scale|road)|half ?way(?: up)?|"
    r"mid[- ]?scale|dead cent(?:re|er))\b"
)


def read_pain(text: str) -> int | float | None:
    """The pain level 0-10 (NRS) in half steps that a plain text names; null for words such as "pretty bad"."""
    score = read_score(text)
    if score is not None or re.search(r"\d", text) or is_question(text):
        return score
    if _NO_PAIN.search(text) and not _BUT.search(text):
        return LOW
    if re.search(r"\bnot\b", text):
        return None
    if _WORST.search(text):
        return HIGH
    return MIDDLE if _MIDDLE.search(text) else None
