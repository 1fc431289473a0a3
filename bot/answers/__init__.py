"""Reads an answer by the grammar of what was asked: the open question is known, so nothing has to be guessed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from bot.answers.agreement import read_partly, read_yes_no
from bot.answers.body_parts import read_body_part
from bot.answers.choices import read_choice
from bot.answers.languages import read_language
from bot.answers.moods import bounds, read_mood
from bot.answers.phones import read_phone
from bot.answers.phrases import read_activity, read_name, read_text
from bot.answers.places import read_country, read_zone
from bot.answers.quantities.ages import read_age
from bot.answers.quantities.clock_times import read_time
from bot.answers.quantities.dates import read_date
from bot.answers.quantities.days import read_days
from bot.answers.quantities.pain import read_pain
from bot.answers.quantities.scores import read_score
from bot.answers.quantities.sleep import read_sleep
from bot.answers.quantities.spans import read_minutes, read_minutes_list
from bot.answers.question import Kind, Question, Value
from bot.answers.wording import plain

__all__ = ["Kind", "Question", "Value", "read", "read_json"]

Reader = Callable[[Question, str], Value | None]

_RAW: dict[Kind, Callable[[str], Value | None]] = {
    Kind.ACTIVITY: read_activity,
    Kind.NAME: read_name,
    Kind.TEXT: read_text,
}
"""Readers of the text as written, which they give back."""

_PLAIN: dict[Kind, Reader] = {
    Kind.PAIN_LEVEL: lambda _, text: read_pain(text),
    Kind.SCORE: lambda question, text: read_score(text, *bounds(question.scale)),
    Kind.SLEEP_HOURS: lambda _, text: read_sleep(text),
    Kind.MOOD: lambda question, text: read_mood(text, question.scale),
    Kind.MINUTES: lambda _, text: read_minutes(text),
    Kind.NUMBERS: lambda _, text: read_minutes_list(text),
    Kind.TIME_OF_DAY: lambda question, text: read_time(text, question.part_of_day),
    Kind.DAYS: lambda question, text: read_days(text, question.today),
    Kind.BODY_PART: lambda _, text: read_body_part(text),
    Kind.YES_NO: lambda question, text: read_yes_no(text, question.options),
    Kind.PARTLY: lambda _, text: read_partly(text),
    Kind.CHOICE: lambda question, text: read_choice(text, question.options),
    Kind.DATE: lambda question, text: read_date(text, question.today, question.region),
    Kind.PHONE: lambda question, text: read_phone(text, question.region),
    Kind.AGE: lambda question, text: read_age(text, question.today, question.region),
    Kind.LANGUAGE_NAME: lambda _, text: read_language(text),
    Kind.COUNTRY: lambda _, text: read_country(text),
    Kind.ZONE: lambda question, text: read_zone(text, question.region),
}
"""Readers of the plain form of the text."""

_TEXTS = ("region", "scale", "part_of_day")


def read(question: Question, text: str) -> Value | None:
    """The value that the text gives to the question, or null where it must be asked again.

    Pure and total: any text is read without an error and in bounded time.

    Returns:
        A score 0-10 in halves, hours, whole minutes, "HH:MM", an ISO date, codes, words or lists of them.
    """
    raw = _RAW.get(question.kind)
    return raw(text) if raw else _PLAIN[question.kind](question, plain(text))


def read_json(row: dict[str, Any]) -> Value | None:
    """Reads one row of the black-box form: "ask", "text" and what else `Question` holds.

    Raises:
        ValueError: unknown "ask" or a field of the wrong type; the caller should mend the row.
    """
    text, options = row.get("text"), row.get("options") or []
    if not isinstance(text, str):
        raise ValueError("text: a string is needed")
    if not isinstance(options, list) or not all(isinstance(option, str) for option in options):
        raise ValueError("options: a list of strings is needed")
    region, scale, part_of_day = (_text(row, name) for name in _TEXTS)
    question = Question(_kind(row.get("ask")), tuple(options), _today(row.get("today")), region, scale, part_of_day)
    return read(question, text)


def _kind(said: object) -> Kind:
    if said not in list(Kind):
        raise ValueError("ask: one of " + ", ".join(Kind) + " is needed")
    return Kind(str(said))


def _today(said: object) -> date | None:
    if said is None:
        return None
    if not isinstance(said, str):
        raise ValueError("today: an ISO date is needed")
    return date.fromisoformat(said)


def _text(row: dict[str, Any], name: str) -> str | None:
    said = row.get(name)
    if said is not None and not isinstance(said, str):
        raise ValueError(f"{name}: a string is needed")
    return said
