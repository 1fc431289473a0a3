"""Reads how long something took or shall take, in minutes."""

from __future__ import annotations

import re
from math import floor

from bot.answers.quantities.numbers import NUMBER, in_digits, numbers, with_decimal_comma
from bot.answers.wording import corrected, is_question

DAY_MINUTES = 24 * 60
HOUR_MINUTES = 60

_N = r"\d+(?:\.\d+)?"
_HOUR = r"(?:hours?|hrs?|hour's|h|hs|horas?|ours|huors?|hous|houres?|hrz)\b"
_MINUTE = r"(?:minutes?|mins?|min's|m|mintues?|minuets?|minuts?|mintes?|minites?|minuites?|mns?|minute's|minits?)\b"
_SECOND = r"(?:seconds?|secs?|s)\b"
_PHRASES = (
    (re.compile(r"\ban?\s+(?:hour|hr)\s+(?:and|&|n)\s+(?:a\s+)?half\b"), "90 minutes"),
    (re.compile(r"\b(?:hour|hr)\s+(?:and|&|n)\s+(?:a\s+)?half\b(?<!\d)"), "90 minutes"),
    (re.compile(r"\b(?:an?\s+)?(?:hour|hr)\s+(?:and|&|n)\s+(?:a\s+)?quarter\b"), "75 minutes"),
    (re.compile(r"\b(?:(?:3|three)[\s-]+quarters?|3/4)\s*(?:of\s+)?(?:an?\s+)?(?:hour|hr)\b"), "45 minutes"),
    (re.compile(r"\b(?:an?\s+)?(?:quarter|1/4)\s*(?:of\s+)?(?:an?\s+)?(?:hour|hr)\b"), "15 minutes"),
    (
        re.compile(r"(?<![\d.])\b(?:an?\s+)?(?:half|1/2|alf)[\s-]*(?:of\s+)?(?:an?\s*)?(?:hour|hr|h|'our|our)\b"),
        "30 minutes",
    ),
    (re.compile(r"\b(?:half|1/2)\s+(?:a\s+)?(?:min|minute)\b"), "30 seconds"),
    (re.compile(r"\b(?:minute|min)\s+(?:and|&|n)\s+a\s+half\b"), "90 seconds"),
    (re.compile(r"\b(?:a\s+)?(?:couple|cpl)\s*(?:of\s+|o\s+)?(?=hours?|hrs?|min|sec)"), "2 "),
    (re.compile(r"\b(?:an?|the|1 whole|one|a full|a whole|a good|a solid)\s+(?=(?:hour|hr|minute|min)\b)"), "1 "),
)
_AND_A_HALF_LATE = re.compile(rf"({_N})\s*{_HOUR}\s*(?:and|&|n)\s*(?:a\s+)?half\b(?!\s+an?\b)")
_AND_A_QUARTER_LATE = re.compile(rf"({_N})\s*{_HOUR}\s*(?:and|&|n)\s*(?:a\s+)?quarter\b")
_LONE_HOUR = re.compile(r"(?<!\d)(?<!\d[\s-])\b(?:hour|hr)\b")
_TIMES = re.compile(
    rf"\b(\d{{1,2}})\s*(?:x|lots of|times|sets of|goes of|bouts of)\s*({_N})\s*(?:{_MINUTE}|{_HOUR}|"
    rf"{_SECOND})"
)
_LATER_TIMES = re.compile(
    rf"({_N})\s*(?:{_MINUTE})[\s,]*(?:x\s*(\d{{1,2}})|(\d{{1,2}})\s*times)\b(?!\s*(?:a|per|each|every|this)\b)"
)
_RANGE = re.compile(
    rf"({_N})\s*({_HOUR}|{_MINUTE}|{_SECOND})?\s*(?:-|\bto\b|\bor\b|\band\b(?=\s*{_N}\s*between))"
    rf"\s*(?:maybe\s+|about\s+)?({_N})(?:\s*({_HOUR}|{_MINUTE}|{_SECOND}))?"
)
_BETWEEN = re.compile(rf"\bbetween\s+({_N})\s*({_HOUR}|{_MINUTE})?\s*(?:and|&|to|-)\s*({_N})\s*({_HOUR}|{_MINUTE})?")
_HOURS_AND = re.compile(
    rf"({_N})\s*{_HOUR}[\s,]*(?:and\s+|&\s*|n\s+)?(\d{{1,2}})(?!\d)(?!\s*(?:{_SECOND}|{_HOUR}|:))"
    rf"(?:\s*{_MINUTE})?|\b(\d{{1,2}})h(\d\d)\b"
)
_COLON = re.compile(r"\b(\d{1,2}):([0-5]\d)\b(?:\s*(?:hours?|hrs?|h)\b)?")
_PIECE = re.compile(
    rf"({_N})\s*(?:-\s*)?(?:more\s+|whole\s+|full\s+|long\s+|odd\s+|ish\s+|solid\s+|good\s+)?(?:({_HOUR})|"
    rf"({_MINUTE})|({_SECOND}))"
)
_ISH = re.compile(r"(?<=\d)[\s-]*ish\b")
_CLOCK = re.compile(
    r"\b\d{1,2}(?:[:.]\d\d)?\s*(?:[ap]\.?m\b|o'?clock)|\b(?:half|quarter|\d+)\s+(?:past|to)"
    r"\s+\d+\s*(?:[ap]m)?|\b(?:at|since|until|till|by|before|after)\s+\d{1,2}\b(?!\s*(?:min|h|sec|more))"
)
_OTHER_UNIT = re.compile(
    rf"{_N}\s*(?:-\s*)?(?:days?|weeks?|wks?|months?|years?|yrs?|times|steps?|stairs|miles?|km|k|metres?|"
    rf"meters?|laps?|lengths?|blocks?|reps?|sets|pages|"
    r"flights?|rooms?|mg|tablets?|am|pm|st|nd|rd|th|people|dogs?|kids|bags?|loads?|%|/10|out of 10|of 10|"
    r"pain)\b|\d+\s*/\s*10\b|\b(?:pain|was at|level)\s+(?:at\s+|of\s+|a\s+|is\s+|was\s+)*\d+"
)
_NOT = re.compile(
    rf"\b(?:not|didn'?t (?:do|manage)|instead of|rather than)\s+(?:the\s+|my\s+|quite\s+|full\s+|even\s+|"
    rf"a\s+|for\s+)*{_N}(?:\s*(?:{_HOUR}|{_MINUTE}))?"
)
_PAST = re.compile(
    rf"\b(?:was|yesterday|last (?:time|week)|usually|normally|used to)"
    rf"\b[^,;.\d]{{0,20}}{_N}(?:\s*(?:{_HOUR}|{_MINUTE}))?(?=.*\d)"
)
_NONE = re.compile(
    r"^(?:\W*(?:um+|erm*|sorry|honestly|well|i'?m afraid)\W+)*(?:none|zero|nil|nothing|nowt|zilch|nada|"
    r"not any|no time(?: at all)?|not at all|(?:i )?didn'?t(?: (?:do (?:any|it|anything)|manage (?:any|it)|"
    r"go|start|at all))?)\b(?!\s+(?:set|special|count|know|time|really))"
)


def read_minutes(text: str) -> int | None:
    """Whole minutes, 0 to 24 hours, halves rounded up; a bare number means minutes, a range its middle.

    Null for "a while", for clock times, for negative or longer spans, and for questions.
    """
    if is_question(text) or re.search(r"(?:^|\s)-\d|\bminus\s+\d", text):
        return None
    found = corrected(in_digits(with_decimal_comma(text)), lambda part: span_of(part, 1))
    if found is None:
        return 0 if _NONE.search(text) else None
    minutes = floor(found + 0.5)
    return minutes if 0 <= minutes <= DAY_MINUTES else None


def read_minutes_list(text: str) -> list[int] | None:
    """The minutes of several tries in the order said: "10, 15 and 12" gives [10, 15, 12]; null if one is no span."""
    if is_question(text):
        return None
    pieces = re.split(r"[,;/+&\n]|\band\b|\bthen\b|\s-\s|(?<=\d)\s+(?=\d)|\.(?=\s|$)", _in_words(in_digits(text)))
    spans = [span_of(piece, _shared_unit(text)) for piece in pieces if re.search(r"\d", piece)]
    minutes = [floor(span + 0.5) for span in spans if span is not None and span <= DAY_MINUTES]
    return minutes if minutes and len(minutes) == len(spans) else None


def span_of(text: str, bare: float) -> float | None:
    """The span in minutes named by a plain text in digits.

    Args:
        text: the text.
        bare: how many minutes a number without a unit counts: 1 for minutes, 60 for hours.
    """
    text = _in_words(text)
    text = _PAST.sub(" ", _NOT.sub(" ", text))
    ranged = _middle(_BETWEEN.search(text), bare)
    ranged = _middle(_RANGE.search(text), bare) if ranged is None else ranged
    if ranged is not None:
        return ranged
    pieces = _pieces(text)
    return sum(pieces) if pieces else _bare(text, bare)


def _shared_unit(text: str) -> float:
    return HOUR_MINUTES if re.search(r"\b(?:hours|hrs)\b", text) and not re.search(_MINUTE, text) else 1


def _in_words(text: str) -> str:
    text = _AND_A_HALF_LATE.sub(lambda found: f"{float(found[1]) + 0.5:g} hours", _ISH.sub("", text))
    text = _AND_A_QUARTER_LATE.sub(lambda found: f"{float(found[1]) + 0.25:g} hours", text)
    for pattern, minutes in _PHRASES:
        text = pattern.sub(f" {minutes} ", text)
    text = _LATER_TIMES.sub(_multiplied, _TIMES.sub(_times_over, text))
    return _LONE_HOUR.sub("1 hour", " ".join(text.split()))


def _times_over(found: re.Match[str]) -> str:
    return f"{int(found[1]) * float(found[2]):g}{found[0][found.end(2) - found.start() :]}"


def _multiplied(found: re.Match[str]) -> str:
    return f" {float(found[1]) * int(found[2] or found[3]):g} minutes "


def _factor(unit: str | None, bare: float) -> float:
    if unit is None:
        return bare
    return {"h": HOUR_MINUTES, "o": HOUR_MINUTES, "m": 1.0, "s": 1 / 60}[unit.strip()[0]]


def _middle(found: re.Match[str] | None, bare: float) -> float | None:
    if found is None or _OTHER_UNIT.match(found[3] + found.string[found.end(3) :]):
        return None
    low, low_unit, high, high_unit = found.groups()
    to = float(high) * _factor(high_unit or low_unit, bare)
    return (float(low) * _factor(low_unit or high_unit, bare) + to) / 2


def _pieces(text: str) -> list[float]:
    found = _HOURS_AND.search(text)
    if found:
        hours, rest = float(found[1] or found[3]), float(found[2] or found[4])
        return [hours * HOUR_MINUTES + rest]
    colon = _COLON.search(text)
    if colon and not _CLOCK.search(text):
        return [int(colon[1]) * HOUR_MINUTES + int(colon[2])]
    return _sum_of(text)


def _sum_of(text: str) -> list[float]:
    pieces: list[float] = []
    end = 0
    for found in _PIECE.finditer(text):
        between = text[end : found.start()]
        if pieces and not re.fullmatch(
            r"[\s,+&]*(?:and|n|plus|then)?(?:\s*(?:another|about|maybe|a|of)?\s*|[\s\w']{0,30}(?:and|plus|then)"
            r"\s*(?:another|a)?\s*)",
            between,
        ):
            break
        pieces.append(float(found[1]) * _factor(found[2] or found[3] or found[4], 1))
        end = found.end()
    return pieces


def _bare(text: str, bare: float) -> float | None:
    text = _OTHER_UNIT.sub(" ", _CLOCK.sub(" ", text))
    said = numbers(text) if re.search(NUMBER, text) else []
    return said[0] * bare if said else None
