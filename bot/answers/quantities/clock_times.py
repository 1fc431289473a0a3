"""Reads a time of day; where morning or evening stays open, it is asked again."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.answers.quantities.numbers import in_digits
from bot.answers.wording import asks_back, corrected

HALF_DAY_MINUTES = 12 * 60
DAY_MINUTES = 2 * HALF_DAY_MINUTES
MOST_NUMBERS = 20
"""A text with more numbers than this is no answer."""

_HALF = r"(?P<ampm>a\.?\s?m\b\.?|p\.?\s?m\b\.?|a\b(?!\s\w)|p\b(?!\s\w))"
_NOON = re.compile(r"\b(?:12\s*(?:o'?clock\s*)?)?(?:at\s+)?(?:noon(?:ish|time)?|mid-?\s?day(?:ish)?|high noon)\b")
_MIDNIGHT = re.compile(r"\b(?:12\s*(?:o'?clock\s*)?)?(?:at\s+)?mid-?\s?night(?:ish)?\b")
_TO_PAST = re.compile(
    r"\b(?P<part>half|quarter|1/4|5|10|20|25|5\s*and\s*20|\d{1,2}\s*min(?:ute)?s?|\d{1,2}(?=\s*past))"
    r"\s*-?\s*(?:min(?:ute)?s?\s+)?(?P<way>past|after|gone|to|til|till|before|of|off)\s+(?P<hour>\d{1,2})"
    r"(?!\d|:|\s*(?:min|hours))"
)
_HALF_SIX = re.compile(r"\bhalf\s*-?\s*(?P<hour>\d{1,2})(?!\d|\s*(?:hour|min))")
_COMPACT = re.compile(
    rf"(?<![\d.:/+-])(?P<hour>[01]?\d|2[0-4])(?P<minute>[0-5]\d)\s*(?:(?P<hours>hrs?|hours|h)\b|{_HALF})"
    rf"?(?![\d/]|\s*(?:mg|steps|min))"
)
_FULL = re.compile(
    rf"(?<![\d.:/])(?P<hour>\d{{1,2}})\s*(?P<sign>[:.h;,]|\s|-|u)\s*(?P<minute>[0-5]\d)(?![\d/]|\s*(?:min|"
    rf"hour|h\b))(?:\s*-?ish)?(?:\s*(?:hrs?|hours|uhr)\b)?(?:\s*{_HALF})?"
)
_HOUR = re.compile(
    rf"(?<![\d.:/])(?P<hour>\d{{1,2}})(?![\d/%]|[.:]\d|\s*(?:min|hours?\b|hrs?\b|days?|weeks?|of\b|out|mg|"
    rf"years|steps|times|st\b|nd\b|rd\b|th\b))"
    rf"(?:\s*-?\s*ish)?\s*(?:{_HALF}|(?P<hours>h(?:oras|eures?)?\b|uhr\b)|(?P<clock>o\s?'?\s?clocks?|oclock|"
    rf"on the dot|sharp|in the am\b|in the pm\b))?"
)
_CUES = (
    ("afternoon", re.compile(r"\b(?:after\s?noons?|aft|arvo|after-noon|afternon)\b")),
    ("evening", re.compile(r"\b(?:evenings?|eves?|evning|evenin|evng|tonight|2nite|2night|tonite|teatime)\b")),
    ("night", re.compile(r"\b(?:nights?|nite|nighttime)\b(?!\s+(?:shifts?|before))")),
    ("morning", re.compile(r"\b(?:mornings?|morn|mornin|a\.?m|mrng|moring|in the am|small hours)\b")),
    ("pm", re.compile(r"\b(?:p\.?m)\b")),
)
_GREETING = re.compile(r"\bgood\s+(?:morning|afternoon|evening|night)\b")
_RELATIVE = re.compile(
    r"\bin\s+(?:an?|\d+|half)\s*(?:an?\s+)?(?:hours?|hrs?|min|minutes)\b|\b\d+\s*(?:hours?|hrs?|min(?:ute)"
    r"?s?)\s+(?:after|before|from|later)\b"
)
_RANGE = re.compile(
    r"\b\d{1,2}(?:[:.]\d\d)?\s*(?:[ap]\.?m\.?)?\s*(?:-|to|or|and|till|until)\s*(?:maybe\s+)?(?:[01]?\d|"
    r"2[0-4])(?:[:.]\d\d)?\s*(?:[ap]\.?m|ish|o'?clock|in the|$|\?)"
)
_OTHER = re.compile(r"\b\d+\s*(?:/\s*10|out of 10|days?|weeks?|%|mg)\b|\+\d+")
_NEGATED = re.compile(
    rf"\b(?:not|isn'?t|instead of|rather than|before was|used to be|was)\s+(?:at\s+|before\s+|after\s+|"
    rf"around\s+)?(?:half past\s+)?\d{{1,2}}(?:[:.]\d\d)?\s*(?:{_HALF})?(?:\s*o'?clock)?"
)
_OR_CLOCK = re.compile(r"\bor\b|\bbetween\b")


@dataclass(frozen=True)
class Clock:
    """A clock reading: minutes since 0:00 as said, whether it names the half of the day by itself, where it stood."""

    minutes: int
    settled: bool
    start: int
    end: int


def read_time(text: str, part_of_day: str | None = None) -> str | None:
    """The time of day in a plain text as "HH:MM" (24 h); null where morning or evening stays open.

    "Half six" is 30 minutes past six, as in all English-speaking regions. A leading zero ("0800", "08:30"), an hour of
    13 and more, "h" notation, am/pm or a word such as "evening" settle the half of the day, else `part_of_day` does.

    Args:
        text: a text from `wording.plain`.
        part_of_day: what the question said: "morning", "afternoon", "evening" or "night".
    """
    if asks_back(text) or len(re.findall(r"\d+", text)) > MOST_NUMBERS or _RELATIVE.search(text):
        return None
    minutes = corrected(_GREETING.sub("", _again(in_digits(text))), lambda part: _time_of(part, part_of_day))
    return None if minutes is None or minutes < 0 else f"{minutes // 60:02d}:{minutes % 60:02d}"


def clocks(text: str) -> list[Clock]:
    """All clock readings of a text in digits, in order; their half of the day may be open."""
    found: list[Clock] = []
    for reader in (_named, _relative_to_hour, _with_minutes, _compact, _bare):
        for clock in reader(text):
            if not any(clock.start < other.end and other.start < clock.end for other in found):
                found.append(clock)
    return sorted(found, key=lambda clock: clock.start)


def in_part(minutes: int, part: str) -> int | None:
    """Minutes since 0:00 of a twelve-hour reading in a part of the day; null where the two do not fit."""
    hour = minutes // 60
    if hour > 12 or hour == 0:
        return minutes
    first, last, noon = {
        "morning": (1, 12, 0),
        "am": (1, 12, 0),
        "afternoon": (12, 7, 12),
        "evening": (3, 12, 24),
        "night": (6, 12, 24),
        "pm": (1, 12, 12),
    }.get(part, (1, 12, -1))
    if noon < 0:
        return None
    if hour == 12:
        return (minutes - HALF_DAY_MINUTES + noon * 60) % DAY_MINUTES
    if part == "afternoon":
        return minutes + HALF_DAY_MINUTES if hour <= last else None
    if part == "night" and hour < 6:
        return minutes
    late = 0 if part in ("morning", "am") else HALF_DAY_MINUTES
    return minutes + late if hour >= first else None


def _again(text: str) -> str:
    return re.sub(r"(?<=\d|m)\s*[,.]*\s+(?:no|nope|nah)[,.]?\s+(?=(?:make it |at )?\d|half|quarter)", " no wait ", text)


def _time_of(text: str, part_of_day: str | None) -> int | None:
    text = _OTHER.sub(" ", _NEGATED.sub(" ", text))
    if _RANGE.search(text) and not _TO_PAST.search(text):
        return None
    found = clocks(text)
    times = {_settled(clock, text, part_of_day) for clock in found}
    if len(times) > 1 and (_OR_CLOCK.search(text) or re.search(r"(?:\band\b|&)", text[found[0].end : found[1].start])):
        return None
    return _settled(found[0], text, part_of_day) if found else None


def _settled(clock: Clock, text: str, part_of_day: str | None) -> int | None:
    cue = _cue(text[clock.end :]) or _cue(text[: clock.start])
    if clock.settled:
        return clock.minutes
    if cue is None and clock.minutes // 60 == 12:
        part_of_day = "pm" if part_of_day == "morning" else part_of_day  # nobody means midnight by "12" in the morning
    part = cue or part_of_day
    return in_part(clock.minutes, part.strip().lower()) if part else None


def _cue(text: str) -> str | None:
    found = [(match.start(), name) for name, pattern in _CUES if (match := pattern.search(text))]
    return min(found)[1] if found else None


def _clock(match: re.Match[str], hour: int, minute: int, half: str | None, settled: bool) -> list[Clock]:
    if (
        hour > 24
        or minute > 59
        or (hour == 24 and minute)
        or (half and not 1 <= hour <= (12 if half[0] == "a" else 23))
    ):
        return []
    minutes = hour * 60 + minute
    if half:
        minutes = in_part(minutes, "am" if half[0] == "a" else "pm") or 0
    return [Clock(minutes % DAY_MINUTES, settled or bool(half) or hour > 12 or hour == 0, match.start(), match.end())]


def _named(text: str) -> list[Clock]:
    noon = [
        Clock(HALF_DAY_MINUTES, True, found.start(), found.end())
        for found in _NOON.finditer(text)
        if "after" not in text[max(0, found.start() - 6) : found.start()]
    ]
    return noon + [Clock(0, True, found.start(), found.end()) for found in _MIDNIGHT.finditer(text)]


def _relative_to_hour(text: str) -> list[Clock]:
    found: list[Clock] = []
    for match in _TO_PAST.finditer(text):
        part, hour = _minutes_of(match["part"]), int(match["hour"])
        late = match["way"] in ("past", "after", "gone")
        minutes = hour * 60 + (part if late else -part)
        if part < 60 and hour <= 24 and (late or part < 31):
            found += _clock_after(match, text, minutes, hour)
    for match in _HALF_SIX.finditer(text):
        found += _clock_after(match, text, int(match["hour"]) * 60 + 30, int(match["hour"]))
    return found


def _clock_after(match: re.Match[str], text: str, minutes: int, hour: int) -> list[Clock]:
    half = re.match(rf"(?:\s*-?\s*ish)?\s*{_HALF}", text[match.end() :])
    if half and half["ampm"]:
        base = in_part(hour * 60, "am" if half["ampm"][0] == "a" else "pm")
        minutes = (base or 0) + minutes - hour * 60
    elif hour == 1 and minutes < 60:
        minutes += HALF_DAY_MINUTES
    if hour > 24:
        return []
    return [
        Clock(minutes % DAY_MINUTES, bool(half) or hour > 12, match.start(), match.end() + (half.end() if half else 0))
    ]


def _minutes_of(part: str) -> int:
    if part in ("quarter", "1/4"):
        return 15
    return 30 if part == "half" else sum(map(int, re.findall(r"\d+", part)))


def _with_minutes(text: str) -> list[Clock]:
    found: list[Clock] = []
    for match in _FULL.finditer(text):
        settled = (len(match["hour"]) == 2 and match["hour"] < "10") or match["sign"] in "hu"
        found += _clock(match, int(match["hour"]), int(match["minute"]), match["ampm"], settled)
    return found


def _compact(text: str) -> list[Clock]:
    found: list[Clock] = []
    for match in _COMPACT.finditer(text):
        settled = match["hour"].startswith("0") or bool(match["hours"])
        found += _clock(match, int(match["hour"]), int(match["minute"]), match["ampm"], settled)
    return found


def _bare(text: str) -> list[Clock]:
    found: list[Clock] = []
    for match in _HOUR.finditer(text):
        settled = bool(match["hours"]) or (match["hour"].startswith("0") and len(match["hour"]) == 2)
        found += _clock(match, int(match["hour"]), 0, match["ampm"], settled)
    return found
