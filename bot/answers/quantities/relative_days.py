"""Reads days that are named by their distance from today: "tomorrow", "in two weeks", "Friday week", "the 3rd"."""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta

SUNDAY_FIRST = frozenset({"US", "CA", "PH", "PR", "MX", "BR", "JP", "IL", "IN", "ZA"})
"""Regions whose calendar week begins on Sunday: settles "next Tuesday" said on a Sunday."""

_COUNT = r"(?P<count>\d{1,3}|an?|a couple of|couple of|couple)"
_IN_SPAN = re.compile(
    rf"\b(?:in|after)\s+(?:about\s+|another\s+)?{_COUNT}\s*(?P<unit>days?|weeks?|wks?|months?|fortnights?|"
    rf"years?)\b"
)
_HENCE = re.compile(
    rf"\b{_COUNT}\s+(?P<unit>days?|weeks?|wks?|months?|fortnights?|years?)(?:'s?)?\s*(?P<way>from (?:now|"
    rf"today)|time|later|ago|back|hence|today)\b"
)
_SPAN_FROM_DAY = re.compile(
    r"\b(?:(?P<count>an?|\d)\s+)?(?P<unit>week|weeks|fortnight)\s+(?:from\s+|on\s+|from next\s+|"
    r"from this\s+)?(?P<from>d[0-6]|tomorrow|today)\b"
)
_WEEKDAY = re.compile(
    r"\b(?:(?P<which>this coming|coming|this|next|nxt|last|past)\s+)?(?:week(?:'?s)?\s+(?:on\s+)?)"
    r"?d(?P<day>[0-6])(?P<later>\s+(?:next week|week\b|this week|last week|after next|coming|gone|"
    r"just gone|fortnight))?"
)
_WEEK_THEN_DAY = re.compile(
    r"\b(?P<which>next|this|last)\s+week\b(?:,?\s*(?:on|maybe|say|probably))?,?\s*(?:the\s+)"
    r"?d(?P<day>[0-6])\b"
)
_NTH = re.compile(
    r"\b(?P<day>\d{1,2})\s?(?:st|nd|rd|th)\b(?!\s+(?:time|day of|week|one|session|floor))|"
    r"\bon the (?P<bare>\d{1,2})\b(?![:.]\d)"
)
_WORDS = (
    (re.compile(r"\bday after (?:tomorrow|2moro|tmrw|tomoz)\b|\bovermorrow\b"), 2),
    (re.compile(r"\bday before yesterday\b|\bday b4 yesterday\b"), -2),
    (re.compile(r"\btomorrow week\b"), 8),
    (re.compile(r"\btoday week\b"), 7),
    (re.compile(r"\byesterday\b(?!'s)|\byday\b|\byesterady\b|\blast night\b"), -1),
    (
        re.compile(
            r"\b(?:tomorrow|tomorow|tommorow|tommorrow|tomorro|tomorrrow|tmrw|tmr|tmw|tomoz|2moro|2morrow|2mrw|"
            r"tmorrow|tomo|tommorow|tomarrow|morrow)\b"
        ),
        1,
    ),
    (re.compile(r"\b(?:today|tonight|2day|this (?:morning|afternoon|evening)|2nite|right now|todya)\b"), 0),
)
_OR = re.compile(r"\bor\b|\bbetween\b|\beither\b")
_UNIT_DAYS = {"d": 1, "w": 7, "f": 14}
LONGEST_DAYS = 366 * 3
"""A distance from today beyond this is not a day for a plan."""


def relative_day(text: str, today: date, region: str) -> date | None:
    """The day that a text names relative to today; weekdays stand as "d0" to "d6"; null for none or two."""
    found = _span_from_day(text, today) or _span(text, today) or _week_then_day(text, today, region)
    if found:
        return found
    days = {_weekday(match, today, region) for match in _WEEKDAY.finditer(text)}
    days |= {today + timedelta(shift) for shift in _shifts(text)}
    nth = {_nth(match, today) for match in _NTH.finditer(text)}
    if nth:
        return _agreed(nth, text)
    return days.pop() if len(days) == 1 else None


def _agreed(days: set[date | None], text: str) -> date | None:
    day = days.pop()
    weekdays = {int(found) for found in re.findall(r"\bd([0-6])\b", text)}
    return None if day is None or days or (weekdays and weekdays != {day.weekday()}) else day


def _shifts(text: str) -> list[int]:
    found: list[int] = []
    for pattern, shift in _WORDS:
        if pattern.search(text):
            found.append(shift)
            text = pattern.sub(" ", text)
    return found


def _count(said: str | None) -> int:
    return int(said) if said and said.isdecimal() else 2 if said and "couple" in said else 1


def _span(text: str, today: date) -> date | None:
    found = _IN_SPAN.search(text) or _HENCE.search(text)
    if found is None or _OR.search(text):
        return None
    count = _count(found["count"])
    if found.groupdict().get("way") in ("ago", "back"):
        count = -count
    return _moved(today, count, found["unit"])


def _moved(day: date, count: int, unit: str) -> date | None:
    if unit[0] in "my":
        return _months_on(day, count * (12 if unit[0] == "y" else 1))
    days = count * _UNIT_DAYS[unit[0]]
    return day + timedelta(days) if abs(days) <= LONGEST_DAYS else None


def _months_on(day: date, months: int) -> date | None:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if abs(months) * 30 > LONGEST_DAYS:
        return None
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _span_from_day(text: str, today: date) -> date | None:
    found = _SPAN_FROM_DAY.search(text)
    if found is None or re.search(r"\b(?:next|this|last|the) " + found["unit"], text):
        return None
    start = {"today": today, "tomorrow": today + timedelta(1)}.get(found["from"]) or _coming(
        int(found["from"][1]), today
    )
    return _moved(start, _count(found["count"]), found["unit"])


def _week_then_day(text: str, today: date, region: str) -> date | None:
    found = _WEEK_THEN_DAY.search(text)
    if found is None or _OR.search(text):
        return None
    weeks = {"next": 7, "this": 0, "last": -7}[found["which"]]
    return _week_start(today, region) + timedelta(_place(int(found["day"]), region) + weeks)


def _coming(weekday: int, today: date) -> date:
    return today + timedelta((weekday - today.weekday() - 1) % 7 + 1)


def _place(weekday: int, region: str) -> int:
    return (weekday + 1) % 7 if region in SUNDAY_FIRST else weekday


def _week_start(today: date, region: str) -> date:
    return today - timedelta(_place(today.weekday(), region))


def _weekday(found: re.Match[str], today: date, region: str) -> date | None:
    day, which, later = int(found["day"]), found["which"], (found["later"] or "").strip()
    if which in ("last", "past") or later in ("gone", "just gone"):
        return _coming(day, today) - timedelta(14 if day == today.weekday() else 7)
    if later == "last week":
        return _week_start(today, region) + timedelta(_place(day, region) - 7)
    if which in ("next", "nxt") or later == "next week":
        return _week_start(today, region) + timedelta(_place(day, region) + 7)
    return _coming(day, today) + timedelta({"week": 7, "fortnight": 14, "after next": 14}.get(later, 0))


def _nth(found: re.Match[str], today: date) -> date | None:
    wanted = int(found["day"] or found["bare"])
    if not 1 <= wanted <= 31:
        return None
    for ahead in range(13):
        year, month = divmod(today.year * 12 + today.month - 1 + ahead, 12)
        if wanted <= calendar.monthrange(year, month + 1)[1] and date(year, month + 1, wanted) >= today:
            return date(year, month + 1, wanted)
    return None
