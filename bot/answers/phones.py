"""Reads a phone number as E.164; numbers reserved for fiction pass, as tests and demonstrations use them."""

from __future__ import annotations

import re

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, ValidationResult

from bot.answers.quantities.numbers import in_digits
from bot.answers.wording import asks_back, corrected

LEAST_DIGITS = 7
"""A shorter run of digits is no phone number."""

_CANDIDATE = re.compile(r"(?:\+\s*|\b00\s?)?(?:\(\s*\+?)?\d(?:[\s().\-/,]*\d){6,}")
_SPOKEN = {"oh": "0", "o": "0", "plus": "+", "nil": "0", "nought": "0"}
_NORTH_AMERICAN = re.compile(r"[2-9]\d\d[2-9]\d{6}")
_BRITISH = re.compile(r"[1237-9]\d{8,9}|5[56]\d{8}")


def read_phone(text: str, region: str | None = None) -> str | None:
    """The E.164 form of the one number in a plain text; null if none, not dialable in its country, or if two differ.

    Args:
        text: a text from `wording.plain`.
        region: ISO 3166 code; a number without "+" is null without it.
    """
    return (
        None
        if asks_back(text)
        else corrected(_spoken(text), lambda part: _number_of(part, (region or "").upper() or None))
    )


def _spoken(text: str) -> str:
    text = re.sub(
        r"\b(double|triple|treble)\s+(\w+)", lambda found: f"{found[2]} " * (2 if found[1] == "double" else 3), text
    )
    text = re.sub(r"[a-z]+", lambda found: _SPOKEN.get(found[0], found[0]), text)
    text = re.sub(r"(?<=\d)o(?=\d)|\bo(?=\d{3})", "0", text)
    return in_digits(text) if re.search(r"[a-z]", text) and len(re.findall(r"\d", text)) < LEAST_DIGITS else text


def _number_of(text: str, region: str | None) -> str | None:
    found = {number for run in _CANDIDATE.findall(text) if (number := _dialable(run, region))}
    return found.pop() if len(found) == 1 else None


def _dialable(run: str, region: str | None) -> str | None:
    run = re.sub(r"\s*,\s*", " ", run).replace("/", " ")
    run = re.sub(r"^\(?\s*(?:00|\+)\s*", "+", run.strip())
    for form in (run, f"+{run}" if region and not run.startswith("+") else ""):
        number = _parsed(form, region) if form else None
        if number and _sensible(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        if number:
            return None
    return None


def _parsed(run: str, region: str | None) -> PhoneNumber | None:
    try:
        number = phonenumbers.parse(run, region)
    except NumberParseException:
        return None
    possible = phonenumbers.is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE
    return number if possible else None


def _sensible(number: PhoneNumber) -> bool:
    digits = phonenumbers.national_significant_number(number)
    if len(set(digits)) < 3 or digits in "01234567890123456789" or digits in "98765432109876543210":
        return False
    if number.country_code == 1:
        return bool(_NORTH_AMERICAN.fullmatch(digits))
    return bool(_BRITISH.fullmatch(digits)) if number.country_code == 44 else True
