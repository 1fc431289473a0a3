"""Reads and checks the made-up people of data/coach/demo: their words, numbers that are nobody's, and what staff did."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from bot.content.coach import Coach
from bot.content.gsm import septets
from bot.content.skill import Strict
from bot.content.source import Source, read

FILE = "people.yml"
LONGEST = 306  # as what the coach says: two joined SMS segments
# Kept for fiction: Ofcom's mobile numbers for drama, and 555-0100 to 555-0199 of the North American plan. What is no
# telephone number at all begins with a word.
NOBODYS = re.compile(r"\+447700900\d{3}|\+1[2-9]\d{2}55501\d{2}|demo-[a-z]+")
Score = Annotated[int, Field(ge=0, le=10)] | None
Time = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


def _said(value: object) -> object:
    return {"says": value} if isinstance(value, str) else value


class Line(Strict):
    """What a person writes.

    Attributes:
        means: the intent, where it is no answer to the open question; the model is not asked.
        shows: the tier that the screen must see in it.
    """

    says: str
    means: str = ""
    shows: Literal["none", "watch", "urgent", "emergency"] = "none"


class Talk(Strict):
    """One conversation: so many days ago at a time of theirs, or minutes before now; `begins` is the coach's part."""

    days_ago: int = Field(0, ge=0)
    time: Time | None = None
    minutes_ago: int = Field(0, ge=0)
    begins: str = ""
    lines: tuple[Annotated[Line, BeforeValidator(_said)], ...]


class Deed(Strict):
    """What a colleague did with the escalation, minutes after it was opened; which fields it needs is its step's."""

    after_minutes: int = Field(ge=0)
    who: str
    does: Literal["acknowledge", "contact", "note", "resolve", "second_read", "false_alarm"]
    words: str = ""
    how: Literal["phone", "sms", "in_person", "other"] = "phone"
    reached: Literal[True] = True  # a try in vain needs the time of the next one, which is still to come
    outcome: Literal["safe_plan", "emergency_services", "referred", "clinician", "not_reached"] = "safe_plan"
    spoken_to: str = ""
    risk: str = ""
    means: Literal["yes", "no", "not_applicable"] = "yes"
    next_contact_in_days: int = 1
    follow_up: str = ""


class DemoPerson(Strict):
    """Somebody made up.

    Attributes:
        checkins: scores by name, the oldest first, one a day, the last one yesterday's.
        skips_last_days: so many days before today have none.
        case: what staff did with their escalation.
    """

    name: str
    channel: Literal["sms", "telegram"]
    address: str
    country: str
    zone: str
    mode: Literal["unguided", "guided"] = "unguided"
    coach: str = ""
    checkin_time: Time
    joined_days_ago: int = Field(ge=1)
    checkins: Mapping[Literal["pain", "sleep", "mood", "activity"], tuple[Score, ...]]
    skips_last_days: int = Field(0, ge=0)
    talks: tuple[Talk, ...] = ()
    case: tuple[Deed, ...] = ()


class Demo(Strict):
    """The form of people.yml: names of made-up colleagues by what the deeds call them, and the people."""

    colleagues: Mapping[str, str]
    people: tuple[DemoPerson, ...]


def load_demo(folder: Path, coach: Coach) -> Demo:
    """Read and check the made-up people.

    Args:
        folder: data/coach/demo.
        coach: the content that they talk with.

    Raises:
        ContentError: names file and line of the first thing that is wrong.
    """
    source = read(folder / FILE)
    demo = source.parse(Demo)
    for n, person in enumerate(demo.people):
        _check(source, ("people", n), person, demo, coach)
    for path, text in _texts(source.data, ()):
        if septets(text) < 0 or len(text) > LONGEST:
            raise source.error(path, f"must be plain SMS characters, at most {LONGEST} of them")
    return demo


def _check(source: Source, at: tuple[str | int, ...], person: DemoPerson, demo: Demo, coach: Coach) -> None:
    if not NOBODYS.fullmatch(person.address) or person.address.startswith("+") != (person.channel == "sms"):
        raise source.error((*at, "address"), "is not of a range kept for fiction: +447700900…, +1…55501.., or demo-…")
    zones = {zone.zone for zone in coach.countries[person.country].zones} if person.country in coach.countries else {}
    if person.zone not in zones:
        raise source.error((*at, "zone"), f"is no zone of {person.country} in countries.yml")
    if len({len(scores) for scores in person.checkins.values()}) > 1:
        raise source.error((*at, "checkins"), "need as many numbers each")
    for n, talk in enumerate(person.talks):
        _check_talk(source, (*at, "talks", n), talk, coach)
    if person.case and all(line.shows == "none" for talk in person.talks for line in talk.lines):
        raise source.error((*at, "case"), "is of nobody: no line shows anything that opens one")
    for n, deed in enumerate(person.case):
        if deed.who not in demo.colleagues:
            raise source.error((*at, "case", n, "who"), f'"{deed.who}" is none of the colleagues')


def _check_talk(source: Source, at: tuple[str | int, ...], talk: Talk, coach: Coach) -> None:
    if (talk.time is None) != bool(talk.minutes_ago) or (talk.time is not None and not talk.days_ago):
        raise source.error(at, "needs either days_ago and time, or minutes_ago")
    if talk.begins and talk.begins not in coach.skills:
        raise source.error((*at, "begins"), f'there is no conversation "{talk.begins}"')
    for n, line in enumerate(talk.lines):
        if line.means and line.means not in {*coach.by_intent, *coach.replies}:
            raise source.error((*at, "lines", n), f'nothing answers the intent "{line.means}"')


def _texts(data: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(data, str):
        yield path, data
    elif isinstance(data, Mapping):
        for key, value in data.items():
            yield from _texts(value, (*path, key))
    elif isinstance(data, list):
        for n, value in enumerate(data):
            yield from _texts(value, (*path, n))
