"""Reads a country and a time zone from their names, codes, adjectives and cities."""

from __future__ import annotations

import re

from bot.answers.tables.cities import CITIES
from bot.answers.tables.countries import CODES, COUNTRIES
from bot.answers.tables.zones import ABBREVIATIONS, BY_COUNTRY, EUROPEAN, TELLING, ZONES
from bot.answers.wording import asks_back, corrected, near, words

_LOWER_ZONES = {zone.lower().replace("_", " "): zone for zone in ZONES}
_AMERICAN = re.compile(r"^(ak|ae|ac|aw|[acehmnpw])(?:[sd]?t|astern|entral|ountain|acific|tlantic|estern|ewfoundland)$")
_EASTERN = re.compile(r"\b(?:eastern|western|central|mountain|pacific|atlantic)\b")
_LANGUAGE_TOO = re.compile(r"\b(?:speak|language|speaking)\b")
_NOT_NOW = re.compile(
    r"\b(?:not|from|born in|originally(?: from)?|used to live in|grew up in|moved from|left)\s+(?:the\s+)"
    r"?([a-z' ]+?)(?=,|\.|;|\bbut\b|\bnow\b|\band\b|$)(?=.*\w)"
)
_SHORT_WORDS = frozenset(
    "in is it no so to as my be by do an at am me us va la ad et de sa la pa ma ga al re st".split()
) - {"us"}


def read_country(text: str) -> str | None:
    """ISO 3166 code of the one country named by name, adjective or code; null for none or two."""
    return None if asks_back(text) else corrected(text, _country_of)


def read_zone(text: str, region: str | None = None) -> str | None:
    """IANA zone from an IANA name, a city or an abbreviation.

    A bare abbreviation needs the region, unless it tells by itself. A country gives its zone if it has one only.
    """
    if asks_back(text):
        return None
    return corrected(text, lambda part: _zone_of(part, (region or "").upper()))


def _country_of(text: str) -> str | None:
    text = _without_left(text)
    bare = re.sub(r"\W|\b(?:pls|please|thanks|the)\b", "", text)
    if len(bare) == 2 and bare.upper() in CODES | {"UK"}:
        return "GB" if bare == "uk" else bare.upper()
    if _LANGUAGE_TOO.search(text):
        return None
    found = {COUNTRIES[name] for name in _longest(text, COUNTRIES) if len(name) > 2 or name in ("uk", "us", "nz", "oz")}
    found = found or {COUNTRIES[name] for name in near(text, COUNTRIES)}
    return found.pop() if len(found) == 1 else None


def _without_left(text: str) -> str:
    left = _NOT_NOW.search(text)
    if left is None or not _longest(text[: left.start()] + " , " + text[left.end() :], COUNTRIES):
        return text
    return text[: left.start()] + " , " + text[left.end() :]


def _longest(text: str, names: dict[str, str]) -> list[str]:
    said = " ".join(words(re.sub(r"\b([a-z])\.(?=[a-z]\b)", r"\1", text).replace("-", " "))).split()
    found: list[str] = []
    at = 0
    while at < len(said):
        name, length = _name_at(said, at, names)
        if name:
            found.append(name)
        at += length
    return found


def _name_at(said: list[str], at: int, names: dict[str, str]) -> tuple[str | None, int]:
    for length in range(min(6, len(said) - at), 0, -1):
        phrase = " ".join(said[at : at + length])
        for name in (phrase, phrase.removesuffix("'s")):
            if name in names:
                return name, length
    return None, 1


def _zone_of(text: str, region: str) -> str | None:
    for word in re.findall(r"[a-z_]+(?:[/ ][a-z_+-]+)+(?:/[a-z_]+)?|utc", text):
        if (zone := _LOWER_ZONES.get(word.replace("_", " "))) and ("/" in word or zone == "UTC"):
            return zone
    found = {CITIES[name] for name in _longest(text, CITIES) if len(name) > 2 or name not in _SHORT_WORDS}
    if len(found) == 1:
        return found.pop()
    if found:
        return None
    return _by_abbreviation(text, region) or _by_country(text) or _by_typo(text)


def _by_abbreviation(text: str, region: str) -> str | None:
    found = {zone for word in words(text) if (zone := _abbreviated(word, region))}
    return found.pop() if len(found) == 1 else None


def _abbreviated(word: str, region: str) -> str | None:
    if word in EUROPEAN:
        countries = EUROPEAN[word]
        home = region if region in countries else countries[0] if word in TELLING else None
        return BY_COUNTRY.get(home) if home else None
    american = _AMERICAN.match(word)
    if american and word in TELLING and not region:
        region = "AU"
    return ABBREVIATIONS.get(region, {}).get(american[1]) if american and len(word) > 1 else None


def _by_country(text: str) -> str | None:
    country = _country_of(text)
    return BY_COUNTRY.get(country) if country else None


def _by_typo(text: str) -> str | None:
    found = {CITIES[name] for name in near(_EASTERN.sub(" ", text), CITIES, least=6)}
    return found.pop() if len(found) == 1 else None
