"""Reads which language someone wants, from its name in English or in itself, or from its code."""

from __future__ import annotations

import re

from bot.answers.tables.languages import CODES, LANGUAGES
from bot.answers.wording import asks_back, corrected, near, plain, words

_BY_NAME = {plain(name): code for name, code in LANGUAGES.items()}
_LONGEST_FIRST = sorted(_BY_NAME, key=len, reverse=True)
_NEGATED = re.compile(
    r"\b(?:not|no|don'?t (?:speak|want|like|know)|can'?t (?:speak|do)|isn'?t|instead of|rather than|"
    r"anything but|except|hate|never|bad at|poor at)\s+(?:very good |much |any |really )?(\w+)"
)
_LIMITED = re.compile(
    r"\b(?:my (\w+) (?:is|isn'?t)(?: not)? (?:\w+ )?(?:bad|poor|weak|good|great|rusty|terrible|limited|"
    r"awful|basic))\b"
)
_CODE = re.compile(r"^\W*(?:lang(?:uage)?\W+)?([a-z]{2})(?:[-_][a-z]{2})?\W*(?:pls|please|thanks|ta)?\W*$")
_WORDS_TOO = frozenset("no so my is it or to as am la".split())
_SCRIPT = re.compile(r"[^\x00-\x7f]")
_NOT_LANGUAGE = re.compile(
    r"\b(?:polish (?:my|the|it)|(?:danish|french) (?:pastry|fries|toast)|turkish (?:bath|delight)|"
    r"thai food|(?:indian|chinese|italian|mexican|thai) (?:food|takeaway|meal))\b"
)


def read_language(text: str) -> str | None:
    """ISO 639-1 code of the one language named; null for none ("Elvish"), two ("English or Spanish") and questions."""
    return None if asks_back(text) else corrected(text, _language_of)


def _language_of(text: str) -> str | None:
    code = _CODE.match(text)
    if code and code[1] in CODES and code[1] not in _WORDS_TOO:
        return code[1]
    if code and re.fullmatch(r"\W*(?:it|is|no|so|am|or|to)\W*", text):
        return code[1] if code[1] == "it" else None
    text = _NOT_LANGUAGE.sub(" ", _LIMITED.sub(" ", _NEGATED.sub(" ", text)))
    found = _named(text) or {_BY_NAME[name] for name in near(text, _BY_NAME)}
    return found.pop() if len(found) == 1 else None


def _named(text: str) -> set[str]:
    said = f" {' '.join(words(text))} "
    found: set[str] = set()
    for name in _LONGEST_FIRST:
        if f" {name} " in said or (_SCRIPT.search(name) and name in text):
            found.add(_BY_NAME[name])
            said = said.replace(f" {name} ", " ")
    return found
