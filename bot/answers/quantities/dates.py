"""Reads one calendar day, relative to the patient's today and in the order of day and month of their region."""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta

from bot.answers.quantities.days import day_names
from bot.answers.quantities.numbers import in_digits
from bot.answers.quantities.relative_days import relative_day
from bot.answers.tables.calendar_words import FIXED_HOLIDAYS, MONTHS, ORDINALS
from bot.answers.wording import asks_back, corrected

MONTH_FIRST = frozenset({"US", "PH", "PR"})
"""Regions that write 4/1 for the first of April; ISO dates are read everywhere."""
NEAR_CENTURY_YEARS = 20
"""A two-digit year up to so many years ahead is in this century, else in the last."""

_MONTH = "(?P<month>" + "|".join(MONTHS) + r")\b\.?"
_DAY = r"(?P<day>\d{1,2})(?:\s?(?:st|nd|rd|th|ht))?"
_YEAR = r"(?:,?\s*'?(?P<year>\d{4}|\d{2}(?![\d:.]|\s*(?:am|pm|o'?clock))))?"
_ISO = re.compile(r"(?<!\d)(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})(?!\d)")
_SLASHED = re.compile(
    r"(?<![\d/])(?P<one>\d{1,2})\s*(?P<sign>[/.-])\s*(?P<two>\d{1,2})(?:\s*[/.-]\s*(?P<year>\d{4}|\d{2}))"
    r"?(?![\d/]|\s*(?:am|pm|%|weeks?|days?|months?))"
)
_DAY_MONTH = re.compile(rf"(?<!\d)(?:the\s+)?{_DAY}\s*-?\s*(?:of\s+|day of\s+)?-?{_MONTH}-?{_YEAR}")
_MONTH_DAY = re.compile(rf"\b{_MONTH}\s*(?:the\s+)?{_DAY}(?!\d|:|\s*(?:am|pm)){_YEAR}")
_OR = re.compile(r"\bor\b|\bbetween\b|\beither\b")
_NOT = re.compile(
    r"\b(?:not|isn'?t|instead of|rather than)\s+(?:on\s+|the\s+|this\s+|next\s+)*(?:d[0-6]|today|tomorrow|"
    r"\d{1,2}\s?(?:st|nd|rd|th))\b(?:\s+week)?"
)
_UNREADABLE = re.compile(r"\byesterday week\b|\b(?:weekend|some ?time|some day|most|every|each)\b|\bd[0-6]s\b")
_CLOCK = re.compile(
    r"\b(?:at|by|around|@|about)\s*\d{1,2}(?:[:.]\d\d)?\s*(?:am|pm|ish|o'?clock)?(?=\s|$|,)(?!\s*(?:of|st|"
    r"nd|rd|th|" + "|".join(MONTHS) + r"))|\b\d{1,2}(?:[:.]\d\d)?\s*(?:am|pm|o'?clock)\b|\b\d{1,2}:\d\d\b"
)


def read_date(text: str, today: date | None, region: str | None = None) -> str | None:
    """The calendar day a plain text names, as an ISO string; null for none, for two, or for one that does not exist.

    A weekday alone is the coming one, never today. "This Friday" is the coming one too. "Next Tuesday" is the Tuesday
    of the next calendar week, as British, Irish and American speakers mostly mean it; "Friday week" is a week after
    the coming Friday. "Last Monday" is the latest before today. A day and month without a year is the next such day,
    today included. Numbers alone ("8") are null.

    Args:
        text: a text from `wording.plain`.
        today: the patient's calendar day; without it only full dates are read.
        region: ISO 3166 code; see `MONTH_FIRST`.
    """
    if asks_back(text):
        return None
    said = _CLOCK.sub(" ", day_names(_with_ordinals(in_digits(text))))
    day = corrected(said, lambda part: _date_of(part, today, (region or "").upper()))
    return None if day is None else day.isoformat()


def full_date(text: str, today: date, region: str | None = None) -> date | None:
    """The day a text names with its year, for a birth date; null if the year is not said."""
    said = in_digits(text)
    for pattern in (_ISO, _DAY_MONTH, _MONTH_DAY, _SLASHED):
        found = pattern.search(said)
        if found and found["year"]:
            day = _written(found, today, (region or "").upper())
            return day if day is None or day <= today else _year_back(day, 100)
    return None


def _year_back(day: date, years: int) -> date:
    return date(day.year - years, day.month, min(day.day, 28) if day.month == 2 else day.day)


def _with_ordinals(text: str) -> str:
    text = re.sub(
        r"\b(20|30)[\s-]+(" + "|".join(ORDINALS) + r")\b", lambda found: f"{int(found[1]) + ORDINALS[found[2]]}th", text
    )
    return re.sub(r"\b(" + "|".join(ORDINALS) + r")\b", lambda found: f"{ORDINALS[found[1]]}th", text)


def _date_of(text: str, today: date | None, region: str) -> date | None:
    text = _NOT.sub(" ", text)
    if _UNREADABLE.search(text):
        return None
    written = _all_written(text, today, region)
    if written is not None:
        return _one_of(written, text)
    if today is None:
        return None
    holiday = _holiday(text, today, region)
    return holiday or relative_day(text, today, region)


def _all_written(text: str, today: date | None, region: str) -> list[date | None] | None:
    found: list[date | None] = []
    for pattern in (_ISO, _DAY_MONTH, _MONTH_DAY, _SLASHED):
        found.extend(_written(match, today, region) for match in pattern.finditer(text))
        text = pattern.sub(" ", text)
    return found or None


def _one_of(days: list[date | None], text: str) -> date | None:
    day = days[0]
    weekdays = {int(found) for found in re.findall(r"\bd([0-6])\b", text)}
    if day is None or (len(set(days)) > 1 and _OR.search(text)) or (weekdays and weekdays != {day.weekday()}):
        return None
    return day


def _written(found: re.Match[str], today: date | None, region: str) -> date | None:
    parts = found.groupdict()
    if "one" in parts:
        one, two = int(parts["one"]), int(parts["two"])
        if parts["sign"] != "/" and not parts["year"] and region not in ("DE", "AT", "CH"):
            return None
        day, month = (two, one) if region in MONTH_FIRST else (one, two)
    else:
        day, month = int(parts["day"]), int(MONTHS.get(parts["month"], 0) or parts["month"])
    return _in_year(day, month, parts["year"], today)


def _in_year(day: int, month: int, year: str | None, today: date | None) -> date | None:
    if year:
        return _day(_century(year, today), month, day)
    if today is None:
        return None
    for ahead in range(9):
        found = _day(today.year + ahead, month, day)
        if found and found >= today:
            return found
        if not (month == 2 and day == 29) and ahead:
            break
    return None


def _century(year: str, today: date | None) -> int:
    if len(year) == 4:
        return int(year)
    now = today.year if today else 2000
    full = now - now % 100 + int(year)
    return full if full <= now + NEAR_CENTURY_YEARS else full - 100


def _day(year: int, month: int, day: int) -> date | None:
    if not (1 <= year <= 9999 and 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]):
        return None
    return date(year, month, day)


def _holiday(text: str, today: date, region: str) -> date | None:
    if found := re.search(
        r"\b(?:good fri(?:day)?|good d4|easter (?:mon(?:day)?|d0)|easter(?: sun(?:day)?| d6)?)\b", text
    ):
        shift = -2 if "good" in found[0] else 1 if ("mon" in found[0] or "d0" in found[0]) else 0
        days = [_easter(year) + timedelta(shift) for year in (today.year, today.year + 1)]
        return next(day for day in days if day >= today)
    for pattern, month, day in FIXED_HOLIDAYS:
        if re.search(pattern, text):
            return _in_year(day, month, None, today)
    if re.search(r"\bthanksgiving\b", text) and region in ("US", ""):
        days = [_nth_weekday(year, 11, 3, 4) for year in (today.year, today.year + 1)]
        return next(day for day in days if day >= today)
    return None


def _nth_weekday(year: int, month: int, weekday: int, nth: int) -> date:
    first = date(year, month, 1)
    return first + timedelta((weekday - first.weekday()) % 7 + 7 * (nth - 1))


def _easter(year: int) -> date:
    """Western Easter by the anonymous Gregorian rule (Meeus/Jones/Butcher)."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    el = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * el) // 451
    month, day = divmod(h + el - 7 * m + 114, 31)
    return date(year, month, day + 1)
