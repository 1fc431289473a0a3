"""Reads a set of weekdays: names, ranges, letters, "weekdays", "every day but Sunday"."""

from __future__ import annotations

import re
from datetime import date

from bot.answers.wording import asks_back, corrected

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_NAMES = (
    r"mon(?:day)?s?|mo?nd[ae]y?s?|mondya|mondy|munday|mnday|moday|monady",
    r"tue(?:s(?:d(?:ay)?s?)?)?|tusday|tuseday|teusday|tuesdya|tueday|tuedsay|tuesay|tu|tuse|tiesday|tuesdsy|tuesady",
    (
        r"we(?:d|ds|dnes|dnesdays?|nsday|ndesday|dsday|dneday|nesday|sdnesday|dnsday|dnesady|dnesdya|dnesdy)|"
        r"wendsday|wensdays?|weddy|weddings?day"
    ),
    r"th(?:u|ur|urs|ursdays?|rusday|ursdya|ursdy|urday|usday|ersday|rsday|ursady)|thirsday|thusrday|tursday|turs|th",
    r"fri(?:days?|dya|dy|ady)?s?|firday|frday|fryday|frieday|frid",
    r"sat(?:urdays?|erday|urdya|rday|urady|uday)?s?|saturdy|staurday|satuday|satday",
    r"sun(?:days?|dya|dy|ady)?s?|snuday|sundsy|sumday|sunay",
)
_DAY = re.compile(
    r"\b(?:"
    + "|".join(f"(?P<d{at}>{names})" for at, names in enumerate(_NAMES))
    + r")\b\.?(?!-?(?:shine|bath|screen|nav))"
)
_IDIOMS = re.compile(
    r"\b(?:sat (?:down|here|there|in|on|at|around|up|all)|the sun(?: is| was|'s|ny)?\b(?=.{0,12}(?:out|"
    r"shin|hot|up))|in the sun|sun tan|get wed|mo)\b"
)
_GROUPS = (
    (
        re.compile(
            r"\b(?:week ?days?|week-days?|working days?|work days?|business days?|school days?|mon2fri|mtwtf|m-f|"
            r"m to f|mtwthf|mtwrf)\b"
        ),
        "mon tue wed thu fri",
    ),
    (re.compile(r"\b(?:week ?ends?|week-ends?|wkends?|wknds?|weekned|wekend)\b"), "sat sun"),
    (re.compile(r"\b(?:wkdays?|wkdys?)\b"), "mon tue wed thu fri"),
    (
        re.compile(
            r"\b(?:every ?day|evryday|everday|ev day|each day|daily|all (?:the )?days|all week|all 7(?: days)?|"
            r"all of them|all seven(?: days)?|(?:7|seven) days(?: a week)?|24/7|"
            r"the (?:whole|entire) week|every single day|all days of the week|any ?day(?= but| except| apart| bar|"
            r" other than| excluding| not)|(?:every|all)(?= but| except| apart| bar)|"
            r"the lot|each and every day|day in day out|7/7)\b"
        ),
        " ".join(WEEK),
    ),
    (re.compile(r"\bm\W{0,3}w\W{0,3}f\b"), "mon wed fri"),
    (re.compile(r"\bt\W{0,3}th\b|\btu\W{0,3}th\b|\bt\W{0,3}r\b"), "tue thu"),
    (re.compile(r"\bm\W{0,3}t\W{0,3}w\b"), "mon tue wed"),
    (re.compile(r"\bm\s?[/&,+]\s?w\b"), "mon wed"),
    (re.compile(r"\bs\s?[/&+]\s?s\b"), "sat sun"),
)
_RANGE = re.compile(
    r"d(\d)\s*(?:-+>?|\bto\b|\bthru\b|\bthrough\b|\btill?\b|\buntil\b|\.\.+|/?\binclusive\b|2)"
    r"\s*(?:and including\s+|the\s+|inc\.?\s+)?d(\d)"
)
_EXCEPT = re.compile(
    r"\b(?:except(?:ing)?(?: for)?|excpet|expect|excluding|exc|excl|apart from|other than|but not|"
    r"but(?=\s+(?:the\s+|on\s+)?d\d)|bar|barring|minus|without|not(?: on| the)?|never|no(?=\s+d\d)|"
    r"can'?t (?:do|make|manage)(?: it)?(?: on)?|cant do|won'?t|skip(?:ping)?|aside from|save(?: for)?|besides|less)\b"
)
_VAGUE = re.compile(
    r"\bevery (?:other|2nd|second|few|two|2|3|three)\b|\balternate\b|\b(?:either|whichever|whatever|"
    r"not sure|unsure|maybe|depends|sometimes)\b(?!.*d\d)|\bd\d (?:or|/or) d\d"
)


def read_days(text: str, today: date | None = None) -> list[str] | None:
    """The weekdays named in a plain text as "mon".."sun" in week order.

    Null for "every other day" and for "Mon or Tue".
    "Fri to Mon" wraps. Days only excluded ("not Mondays", "any day but Sunday") leave the others.

    Args:
        text: a text from `wording.plain`.
        today: settles "today" and "tomorrow"; without it they name no day.
    """
    if asks_back(text):
        return None
    return corrected(_again(_marked(_relative(text, today))), _days_of)


def day_names(text: str) -> str:
    """The text with each weekday's name replaced by "d0" (Monday) to "d6" (Sunday)."""
    return _DAY.sub(lambda found: f"d{found.lastgroup[1:] if found.lastgroup else ''} ", _IDIOMS.sub(" ", text))


def _again(text: str) -> str:
    return re.sub(r"(?<=d\d)\s*[,.]*\s*(?:no|nope|nah)[,.]\s*(?=d\d)", " no wait ", text)


def _relative(text: str, today: date | None) -> str:
    if today is None:
        return text
    text = re.sub(r"\b(?:tomorrow|tmrw|tomoz|tmw)\b", WEEK[(today.weekday() + 1) % 7], text)
    return re.sub(r"\btoday\b", WEEK[today.weekday()], text)


def _marked(text: str) -> str:
    for pattern, names in _GROUPS:
        text = pattern.sub(f" {names.replace(' ', ' , ')} ", text)
    return " ".join(day_names(text).split())


def _days_of(text: str) -> list[str] | None:
    if _VAGUE.search(text):
        return None
    wanted: set[int] = set()
    parts = _EXCEPT.split(_RANGE.sub(_spelled, text))
    for day in _found(parts[0]):
        wanted.add(day)
    unwanted = [
        day
        for part in parts[1:]
        for day in _found(re.split(r"[.;]|\bonly\b|\binstead\b|\bjust\b|\bjust do\b", part)[0])
    ]
    later = {
        day
        for part in parts[1:]
        for piece in re.split(r"[.;]|\bonly\b|\binstead\b|\bjust\b", part)[1:]
        for day in _found(piece)
    }
    if not wanted and not later:
        wanted = set(range(7)) if unwanted else set()
    return [WEEK[day] for day in sorted((wanted - set(unwanted)) | later)] or None


def _found(text: str) -> list[int]:
    return [int(day) for day in re.findall(r"\bd([0-6])\b", text)]


def _spelled(found: re.Match[str]) -> str:
    first, last = int(found[1]), int(found[2])
    length = (last - first) % 7 + 1
    return " ".join(f"d{(first + step) % 7}" for step in range(length))
