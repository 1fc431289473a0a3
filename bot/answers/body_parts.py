"""Reads which part of the body is meant, with its side; a list where several are named."""

from __future__ import annotations

import re

from bot.answers.tables.body_words import ALL_OVER, IDIOMS, PARTS, SLIPS
from bot.answers.wording import asks_back, corrected, nearest

_KNOWN = frozenset(PARTS.split("|"))
_LONG_KNOWN = frozenset(part for part in _KNOWN if len(part) >= 6 and " " not in part)
_SIDE = (
    r"(?:left(?:[ -]hand)?(?: side of (?:my|the))?|right(?:[ -]hand)?(?: side of (?:my|the))?|l|r|lt|rt|"
    r"lft|rght|rite|lefthand|righthand)"
)
_WHERE = r"(?:lower|upper|mid|middle|inner|outer|inside|outside|front|back|top|bottom|base|side|small|tip)"
_QUALIFIER = (
    rf"(?:(?P<side>{_SIDE})\s+)?(?:(?P<both>both|my both)\s+(?:of\s+)?(?:my\s+|the\s+)?)"
    rf"?(?:(?P<side2>{_SIDE})\s+)?(?:(?P<where>lower|upper|mid|middle|inner|outer|low)[\s-]+)"
    rf"?(?:(?P<side3>{_SIDE})\s+)?"
)
_NAMES = "|".join(sorted(map(re.escape, _KNOWN), key=len, reverse=True))
_PART = re.compile(
    rf"\b{_QUALIFIER}(?P<part>{_NAMES})\b(?:'s|s')?(?P<after>(?:\s*[,(-]?\s*(?:on\s+)?(?:the|my)"
    rf"?\s*(?P<late>left|right)\b(?:[ -](?:hand )?(?:side|one))?\)?(?!\s+(?:{_NAMES}|now|{_WHERE})\b))?)"
)
_OF_BODY = re.compile(
    rf"\b(?:{_WHERE}|nape|arch|ball|sole)(?:\s+(?:bit|part|side))?\s+(?:of\s+)(?:my|the|me|both)"
    rf"?\s*(?=(?:{_SIDE}\s+)?(?:{_NAMES})\b)"
)
_NEGATED = re.compile(
    rf"\b(?:not|isn'?t|no longer|rather than|instead of|used to be|was|except|apart from)\s+(?:in\s+|"
    rf"so much\s+|really\s+)?(?:my\s+|the\s+)?(?:(?:left|right|lower|upper)\s+)*(?:{_NAMES})\b(?:\s+(?:or|"
    rf"nor|and)\s+(?:my\s+|the\s+)?(?:{_NAMES})\b(?!\s+(?:is|are|hurts?)))?"
)
_ALL_OVER = re.compile(ALL_OVER)
_IDIOMS = re.compile(IDIOMS)
_VERBS = re.compile(
    r"\b(?:can'?t|cannot|to|will|i'?ll|you|couldn'?t|i)\s+(?:stomach|face|shoulder|hand|head|back|eye|"
    r"finger|foot|side|nose|elbow)\b"
)
_WEAK = frozenset(
    {
        "sciatica",
        "side",
        "sides",
        "skin",
        "joint",
        "joints",
        "muscle",
        "muscles",
        "nerves",
        "behind",
        "bottom",
        "heart",
        "nut",
        "pegs",
        "peg",
        "pins",
        "plates",
        "guns",
        "balls",
        "trap",
        "arch",
        "rear",
        "temple",
        "noodle",
        "disc",
        "discs",
    }
)
_ADVERBS = re.compile(r"\b(?:right (?:now|away|here|there|then|so|ok)|all right|that'?s right|you'?re right|right,)")


def read_body_part(text: str) -> str | list[str] | None:
    """The part named, as said and with its side ("right hip"); a list if several; "all over"; null if none is named."""
    if asks_back(text):
        return None
    found = corrected(text, _parts_of) or []
    return found[0] if len(found) == 1 else found or None


def _parts_of(text: str) -> list[str] | None:
    if _ALL_OVER.search(text):
        return ["all over"]
    text = _VERBS.sub(" ", _IDIOMS.sub(" ", _ADVERBS.sub(" ", _spelled(text))))
    kept = _NEGATED.sub(" ", text)
    if _PART.search(kept) or not re.search(r"\bwas\b", text):
        text = kept
    found = _named(_OF_BODY.sub("", _shared_side(text)))
    strong = [part for part in found if part.split()[-1] not in _WEAK]
    return strong or found or None


def _spelled(text: str) -> str:
    text = text.replace("/", " and ").replace("&", " and ").replace("shoulder-blade", "shoulder blade")
    return re.sub(r"[a-z]+", lambda found: _spell(found[0]), text)


def _spell(word: str) -> str:
    if word in _KNOWN:
        return word
    return SLIPS.get(word) or (nearest(word, _LONG_KNOWN, least=6) if len(word) > 5 else None) or word


def _shared_side(text: str) -> str:
    return re.sub(r"\bleft (?:and|n|\+) right\b|\bright (?:and|n|\+) left\b", "both", text)


def _named(text: str) -> list[str]:
    found: list[str] = []
    for match in _PART.finditer(text):
        side = match["side"] or match["side2"] or match["side3"] or match["late"] or ""
        name = " ".join(filter(None, (_side(side), match["where"], match["part"])))
        if name not in found:
            found.append(name)
    return found


def _side(said: str) -> str:
    return {"l": "left", "r": "right"}[said[0]] if said else ""
