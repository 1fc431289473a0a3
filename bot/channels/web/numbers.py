"""The numbers for a person in danger, as the page lists them: by country, each with words and a link that dials."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any

from bot.content.crisis.book import ALWAYS, ELSEWHERE, UNKNOWN, CrisisBook
from bot.content.crisis.forms import Country, Number

WHAT = {
    "emergency": "Emergency",
    "suicide_call": "Crisis line",
    "suicide_text": "Crisis line by text",
    "abuse_call": "Support if someone hurts or scares you",
    "abuse_text": "Support by text",
    "poison": "Poison line",
    "health": "Health advice",
}
_WEB = ("web", "chat")
_PLACE = re.compile(r"[a-z0-9.-]+\.[a-z]{2,}(/\S*)?")


@dataclass(frozen=True)
class Line:
    """One number.

    Attributes:
        what: what it is for.
        name: who answers.
        say: how to use it: "Call 988".
        href: `tel:`, `sms:` or https address; "" where there is none.
        hours: "day and night", "9-24" or "".
    """

    what: str
    name: str
    say: str
    href: str = ""
    hours: str = ""


@dataclass(frozen=True)
class CountryNumbers:
    """A country's lines, the emergency number first. `covers` are codes of others that share them."""

    code: str
    name: str
    lines: tuple[Line, ...]
    covers: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The form that the page reads (static/numbers.js)."""
        return asdict(self)


def numbers_of(book: CrisisBook) -> list[CountryNumbers]:
    """All countries of the crisis content, by name, with the rest of the world at the end."""
    distinct = {country.code: country for country in book.countries.values()}
    ordered = sorted(
        distinct.values(), key=lambda country: (country.code == ELSEWHERE, country.code == "EU", country.name)
    )
    return [_country(country, book.texts.local_number) for country in ordered]


def _country(country: Country, local_number: str) -> CountryNumbers:
    lines = tuple(_line(number, local_number) for use in WHAT for number in country.shown(use))
    return CountryNumbers(country.code, country.name[:1].upper() + country.name[1:], lines, country.covers)


def _line(number: Number, local_number: str) -> Line:
    hours = "day and night" if number.hours == ALWAYS else "" if number.hours == UNKNOWN else number.hours
    return Line(WHAT[number.use], number.name, _say(number, local_number), _href(number), hours)


def _say(number: Number, local_number: str) -> str:
    match number.how:
        case "local":
            return f"Call {local_number}"
        case "web" | "chat":
            return f"Open {number.number}"
        case "text":
            return f"Text {number.number}"
        case "word":
            return f"Text {number.word} to {number.number}"
        case "whatsapp":
            return f"WhatsApp {number.number}"
        case "silent":
            return f"If you can't speak: call {number.number}, then press {number.word}"
        case "some_places":
            return f"Call {number.number} (not in every country)"
        case _:
            return f"Call {number.number}"


def _href(number: Number) -> str:
    dialled = re.sub(r"[^\d+]", "", number.number)
    if number.how in _WEB:
        return f"https://{number.number}" if _PLACE.fullmatch(number.number) else ""
    if number.how in ("local", "whatsapp") or not dialled:
        return ""
    return f"sms:{dialled}" if number.how in ("text", "word") else f"tel:{dialled}"
