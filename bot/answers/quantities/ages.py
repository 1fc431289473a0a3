"""Reads an age in whole years; rounded or guessed decades are asked again."""

from __future__ import annotations

import re
from datetime import date

from bot.answers.quantities.dates import full_date
from bot.answers.quantities.numbers import NUMBER, in_digits
from bot.answers.tables.calendar_words import MONTHS
from bot.answers.wording import corrected, is_question

OLDEST_YEARS = 120

_MONTHS = "|".join(MONTHS)
_VAGUE = re.compile(
    r"\b(?:early|mid|middle|late|lower|upper)[\s-]*(?:to (?:mid|late)[\s-]*)?(?:my |the )?(?:\d|teen|twent|"
    r"thirt|fort|fift|sixt|sevent|eight|ninet)|\b\d0'?s\b|"
    r"\b(?:twenties|thirties|forties|fourties|fifties|sixties|seventies|eighties|nineties)\b|\b(?:over|"
    r"under|above|below|older than|younger than|more than|less than|between|past|at least)\s+\d|"
    r"\d\s*(?:-?\s*ish|or so|-?something|or|-|to|odd|something|plus)\s*(?:\d|$|\s|[.,!])|\d\+|\b(?:roughly|around|"
    r"about|approximately|approx|give or take)\b"
)
_NOT_YET = re.compile(
    rf"\b(?:almost|nearly|nearing|coming up (?:to|for|on)|going on(?: for)?|turning|approaching|pushing|"
    rf"about to (?:be|turn)|will be|i'?ll be|going to be|gonna be|not (?:quite|yet)|not(?= (?:\d+) (?:yet|"
    rf"quite))|"
    rf"just (?:under|shy of)|soon(?: to be)?|a (?:month|week|few (?:months|weeks|days)) (?:off|shy of|from|"
    rf"short of))\s+(?:turn(?:ing)?\s+|an?\s+|be\s+)?({NUMBER})"
)
_SOON = re.compile(
    rf"({NUMBER})\s*(?:yrs?|years?)?(?: old)?,?\s+(?:next (?:week|month|birthday)|(?:on|at|come)"
    rf" my next birthday|tomorrow|soon|"
    rf"later this year|on my next birthday|in (?:a|an|\d+) (?:few )?(?:days?|weeks?|months?))\b"
)
_THIS_YEAR = re.compile(
    rf"{NUMBER}\s+(?:later\s+)?(?:this|next) year|^\W*{NUMBER}\s+in\s+(?:{_MONTHS})\b|\bturn(?:s)"
    rf"?\s+{NUMBER}\s+this year"
)
_BORN = re.compile(r"\b(?:born|dob|d\.o\.b|(?<!next )birth ?day|birth|bday)\b")
_UNIT = re.compile(rf"({NUMBER})\s*(?:-?\s*(?:years?|yrs?|yr|y/?o|yo|y)\b)")
_OTHER_PERSON = re.compile(
    r"\b(?:my|his|her|their)\s+(?:husband|wife|partner|son|daughter|mum|mom|dad|mother|father|dog|cat|"
    r"kids?|brother|sister|back|pain)\b[^,.;]*"
)
_OTHER = re.compile(
    rf"\b{NUMBER}\s*(?:am|pm|mg|%|stone|kg|kids|children|grandchildren|months?|weeks?|days?|/\s*10|"
    rf"out of 10|st|nd|rd|th)\b|\b(?:for|since|last|past)\s+(?:the last\s+|over\s+|about\s+)"
    rf"?{NUMBER}\s*(?:years?|yrs?)?\b|"
    rf"{NUMBER}\s*(?:years?|yrs?)\s+(?:of(?! age)|ago|in pain|with)\b"
)


def read_age(text: str, today: date | None = None, region: str | None = None) -> int | None:
    """Completed years of age, 0-120; "almost 40" gives 39, "early fifties" null.

    A birth date gives an age only if it is full and `today` is known; a bare year of birth is null.
    """
    if is_question(text) or re.search(r"(?:^|\s)-\d|\bminus\s+\d", text):
        return None
    if today is not None and (_BORN.search(text) or re.search(r"\d[/.-]\d{1,2}[/.-]\d", text)):
        return _years_since(full_date(text, today, region), today)
    if _BORN.search(text):
        return None
    years = corrected(_again(in_digits(text)), lambda part: _years_of(_OTHER_PERSON.sub(" ", part)))
    return years if years is not None and 0 <= years <= OLDEST_YEARS else None


def _again(text: str) -> str:
    return re.sub(r"(?<=\d)\s*[,.]*\s+(?:no|nope)[,.]?\s+(?=(?:make it )?\d)", " no wait ", text)


def _years_since(born: date | None, today: date) -> int | None:
    if born is None or born > today:
        return None
    years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return years if years <= OLDEST_YEARS else None


def _years_of(text: str) -> int | None:
    text = _NEGATED.sub(" ", text)
    coming = _NOT_YET.search(text) or _SOON.search(text)
    if coming:
        return int(float(coming[1])) - 1
    text = _OTHER.sub(" ", text)
    if _VAGUE.search(text) or _THIS_YEAR.search(text):
        return None
    found = _UNIT.search(text) or re.search(rf"({NUMBER})", text)
    return int(float(found[1])) if found else None


_NEGATED = re.compile(rf"\bnot\s+(?:an?\s+)?{NUMBER}(?![\d.]|\s*yet)(?=.*\d)")
