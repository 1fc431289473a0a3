"""Telephone numbers: one written form, and whether a text can reach them.

Source: ITU-T E.164; Google's libphonenumber by way of `phonenumbers`.
"""

from __future__ import annotations

from enum import StrEnum

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

_MOBILE = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)  # in North America they look alike


class Refusal(StrEnum):
    """Why a number can't be enrolled."""

    NO_NUMBER = "no number"
    NOT_VALID = "not valid"
    NOT_MOBILE = "not mobile"


def e164(number: str) -> str | None:
    """`+` and digits for a number given with its country code, or None if no telephone has such a number."""
    if not number.startswith("+"):
        return None
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return str(phonenumbers.format_number(parsed, PhoneNumberFormat.E164))


def check(number: str, country: str) -> str | Refusal:
    """The E.164 form of a number that can be enrolled, or why it can't.

    Args:
        number: as a person typed it.
        country: ISO code taken where no country code is given.
    """
    try:
        parsed = phonenumbers.parse(number, country)
    except phonenumbers.NumberParseException:
        return Refusal.NO_NUMBER
    if not phonenumbers.is_valid_number(parsed):
        return Refusal.NOT_VALID
    if phonenumbers.number_type(parsed) not in _MOBILE:
        return Refusal.NOT_MOBILE
    return str(phonenumbers.format_number(parsed, PhoneNumberFormat.E164))
