"""What was asked and what may come back: the words that every reader of answers shares."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

Value = int | float | str | list[str] | list[int]


class Kind(StrEnum):
    """The kinds of answer a question of the coach can expect."""

    PAIN_LEVEL = "pain_level"
    SLEEP_HOURS = "sleep_hours"
    MOOD = "mood"
    MINUTES = "minutes"
    TIME_OF_DAY = "time_of_day"
    DAYS = "days"
    ACTIVITY = "activity"
    BODY_PART = "body_part"
    YES_NO = "yes_no"
    CHOICE = "choice"
    DATE = "date"
    PHONE = "phone"
    AGE = "age"
    LANGUAGE_NAME = "language_name"
    SCORE = "score"
    TEXT = "text"
    COUNTRY = "country"
    ZONE = "zone"
    NAME = "name"
    PARTLY = "partly"
    NUMBERS = "minutes_list"


@dataclass(frozen=True)
class Question:
    """An open question, as far as reading its answer needs it.

    Attributes:
        kind: what is expected.
        options: the choices shown, in order; for `CHOICE`, and for numbers sent to a `YES_NO` question.
        today: the patient's calendar day; relative dates and ages from birth dates are null without it.
        region: ISO 3166 code of the patient's country (upper or lower case); orders day and month, reads phones, zones.
        scale: free note on the scale; its first "a-b" replaces 0-10 for `SCORE` and `MOOD` numbers.
        part_of_day: "morning", "afternoon", "evening" or "night", where the question says so: settles a bare "7".
    """

    kind: Kind
    options: tuple[str, ...] = ()
    today: date | None = None
    region: str | None = None
    scale: str | None = None
    part_of_day: str | None = None
