"""What a growing silence calls for (curriculum §8): ever less, ever easier, never guilt."""

from __future__ import annotations

from enum import StrEnum


class Contact(StrEnum):
    """The one coach-started message of a day, or none."""

    CHECKIN = "checkin"
    ONE_DIGIT = "one_digit"
    CHOICE = "choice"
    WEEKLY = "weekly"
    LAST = "last"
    NONE = "none"


ONE_DIGIT_AT, CHOICE_AT, WEEKLY_AT, LAST_AT = 4, 7, (14, 21), 28


def contact(days_silent: int) -> Contact:
    """What to send after so many days without a reply.

    Args:
        days_silent: coach-started days in a row that got no answer, 0 for none.
    """
    if days_silent < ONE_DIGIT_AT - 1:
        return Contact.CHECKIN
    if days_silent == ONE_DIGIT_AT - 1:
        return Contact.ONE_DIGIT
    if days_silent == CHOICE_AT - 1:
        return Contact.CHOICE
    if days_silent + 1 in WEEKLY_AT:
        return Contact.WEEKLY
    return Contact.LAST if days_silent + 1 == LAST_AT else Contact.NONE
