"""Reads how many hours someone slept, also from when they went to bed and got up."""

from __future__ import annotations

import re

from bot.answers.quantities.clock_times import DAY_MINUTES, HALF_DAY_MINUTES, Clock, clocks, in_part
from bot.answers.quantities.numbers import in_digits, whole, with_decimal_comma
from bot.answers.quantities.spans import HOUR_MINUTES, span_of
from bot.answers.wording import corrected, is_question

MOST_HOURS = 24
LONGEST_NIGHT_MINUTES = 16 * 60
"""A night read from two clock times is not longer."""
WIDEST_RANGE_HOURS = 2
"""Of two bare rising numbers, a gap up to this is a range of hours; a gap above `NIGHT_GAP_HOURS` is a night."""
NIGHT_GAP_HOURS = 4

_UNIT = re.compile(
    r"\d\s*(?:-\s*)?(?:more |solid |broken |good |full |straight |decent |whole )*(?:h\b|hrs?\b|hours?\b|"
    r"hourz|mins?\b|minutes?\b|hr\b|ours?\b|h\d)|\bhours?\b|\bhr\b"
)
_TILL = re.compile(
    r"(?:\bto\b|\btill?\b|\buntil\b|'til\b|-|\bthrough\b|\bthru\b|\band\b|,|\bup\b|\bwoke\b|\bawake\b|"
    r"\bgot\b)"
)
_TEN_TO_SIX = re.compile(r"\b(\d{1,2}) to (\d{1,2})\b")
_NIGHT_WORDS = re.compile(
    r"\b(?:till?|until|from|bed|asleep|woke|wake|got up|up at|dropped off|nodded off|lights out|o'?clock|"
    r"past|quarter|half)\b"
)
_LIST = re.compile(
    r"(?<![\d:.])(\d{1,2}(?:\.\d)?)\s*(?:ish)?\s*(?:-|to|or|maybe|,\s*maybe)\s*(\d{1,2}(?:\.\d)?)(?![\d:])"
)
_NONE = re.compile(
    r"\b(?:not a wink|no sleep|(?:didn'?t|did not|didnt|never|haven'?t|havent|couldn'?t) (?:really )"
    r"?(?:sleep|slept|get any(?: sleep)?|get a wink|sleep a wink)(?: (?:at all|a wink|one bit))?"
    r"|(?:not slept|not sleep)(?: at all)?|zero|zilch|nada|nowt|sleepless|no hours|awake all night|"
    r"up all night|not one minute|none (?:at all|whatsoever))\b|^\W*(?:none|nothing|nil|zip)\W*(?:at all|"
    r"really|last night|whatsoever|sadly)?\W*$"
)
_NOT_NONE = re.compile(r"\b(?:well|great|properly|much|enough|good|long|very|until|till|that|too|as|like|through)\b")
_OTHER = re.compile(
    r"\b\d+\s*(?:times|x|days?|weeks?|nights?|am wake ups|/\s*10|out of 10|mg|pills?|tablets?|%)(?:\b|(?=\s|"
    r"$))|\b(?:woke|up|wake|waking|loo)\s+(?:up\s+)?(?:about\s+)?\d+\s*(?:times|x)\b"
)
_BROKEN = re.compile(
    r",?\s*\b(?:woke|waking|wake|awake|woken|but (?:up|woke|awake)|up)\s+(?:up\s+)?(?:again\s+)?(?:at|from|"
    r"since|around|about)\s+.*$"
)
_AGAIN = re.compile(r"(?<=\d)\s*[,.]*\s+(?:no|nope|nah)[,.]?\s+(?=(?:more like |make it |about )?\d)")
_ASLEEP_PART = re.compile(
    r"(\d+(?:\.\d+)?)\s*(?:hours?|hrs?|h)?\s*(?:of\s+)?(?:actual(?:ly)?\s+|real\s+|proper\s+)?(?:asleep|"
    r"sleep\b|sleeping)"
)
_ANOTHER = re.compile(r"\b(another|plus)\s+(\d+(?:\.\d+)?)(?!\s*(?:h|min))(?![\d.])")
_IN_BED = re.compile(r"\bin bed\b|\blying\b")


def read_sleep(text: str) -> int | float | None:
    """Hours slept, 0-24, at most two decimals; a bare number means hours, two clock times mean the night between them.

    A night without am or pm ("11 to 7", "half eleven till six") runs from evening to morning.
    """
    if is_question(text) or re.search(r"(?:^|\s)-\d|\bminus\s+\d", text):
        return None
    said = _AGAIN.sub(" no wait ", in_digits(with_decimal_comma(text)))
    hours = corrected(said, _hours_of)
    if hours is None:
        return 0 if _NONE.search(text) and not _NOT_NONE.search(text) else None
    return whole(round(hours, 2)) if 0 <= hours <= MOST_HOURS else None


def night_minutes(start: Clock, end: Clock) -> int | None:
    """Minutes from falling asleep to waking; open halves of the day are chosen so that it makes a night."""
    lengths = [(_part(up) - _part(down)) % DAY_MINUTES for down in _evening_first(start) for up in _morning_first(end)]
    fitting = [length for length in lengths if 0 < length <= LONGEST_NIGHT_MINUTES]
    return fitting[0] if fitting else None


def _hours_of(text: str) -> float | None:
    text = _OTHER.sub(" ", text)
    if _IN_BED.search(text) and (asleep := _ASLEEP_PART.search(text)):
        return float(asleep[1])
    if _UNIT.search(text):
        span = span_of(_ANOTHER.sub(r"\1 \2 hours", _BROKEN.sub("", text)), HOUR_MINUTES)
        return None if span is None else span / HOUR_MINUTES
    return _from_clock(text) or _from_bare(text)


def _from_clock(text: str) -> float | None:
    text = _rounded(text)
    found = clocks(text)
    if len(found) < 2:
        text = _TEN_TO_SIX.sub(r"\1 - \2", text)
        found = clocks(text)
    if len(found) < 2:
        return None
    start, end = found[0], found[1]
    between = text[start.end : end.start]
    bare = _LIST.search(text)
    if not _TILL.search(between) or (bare and not _NIGHT_WORDS.search(text) and _is_range(bare, start, end)):
        return None
    minutes = night_minutes(start, end)
    return None if minutes is None else minutes / HOUR_MINUTES


def _rounded(text: str) -> str:
    return re.sub(r"(?<=\d)\s*-?ish\b", "", text)


def _is_range(bare: re.Match[str], start: Clock, end: Clock) -> bool:
    if start.settled or end.settled:
        return False
    gap = float(bare[2]) - float(bare[1])
    return 0 < gap < NIGHT_GAP_HOURS or gap == -1


def _from_bare(text: str) -> float | None:
    found = _LIST.search(text)
    if found:
        gap = abs(float(found[2]) - float(found[1]))
        return (float(found[1]) + float(found[2])) / 2 if gap <= WIDEST_RANGE_HOURS else None
    span = span_of(text, HOUR_MINUTES)
    return None if span is None else span / HOUR_MINUTES


def _part(minutes: int) -> int:
    return minutes % DAY_MINUTES


def _evening_first(clock: Clock) -> list[int]:
    if clock.settled:
        return [clock.minutes]
    late = clock.minutes >= 12 * HOUR_MINUTES or clock.minutes < 6 * HOUR_MINUTES
    halves = (in_part(clock.minutes, "am") or 0, in_part(clock.minutes, "pm") or HALF_DAY_MINUTES)
    return list(halves if late else halves[::-1])


def _morning_first(clock: Clock) -> list[int]:
    if clock.settled:
        return [clock.minutes]
    return [in_part(clock.minutes, "am") or 0, in_part(clock.minutes, "pm") or HALF_DAY_MINUTES]
