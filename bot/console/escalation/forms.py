"""What must be known before a step is kept: read from its form, or told field by field."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.console import times, words
from bot.console.escalation.naming import MOST, named
from bot.store import snoozing
from bot.store.escalations import Escalation
from bot.store.handling import PLAN_AFTER_TRIES

NOT_REACHED = "not_reached"
OUTCOMES = {name: told for name, told in words.OUTCOMES.items() if name != "false_alarm"}  # that has a form of its own
RESOLUTION_FIELDS = ("outcome", "handed_to", "spoken_to", "risk", "means", "next_contact_on", "follow_up", "go_on")
CONTACT_FIELDS = ("how", "tried_at", "reached", "next_try", "plan", "contact_note")
LONGEST = 2000

NEEDED = {
    "spoken_to": "Write who was spoken to. If nobody was, write “nobody”.",
    "risk": "Write in your own words how great you judge the risk to be now.",
    "follow_up": "Write who follows up.",
}


@dataclass(frozen=True)
class Read:
    """What a form came to: data to keep, or problems by field; with problems, nothing may be kept."""

    data: Mapping[str, Any]
    problems: Mapping[str, str]


def values_of(form: Mapping[str, str], fields: tuple[str, ...]) -> dict[str, str]:
    """Every field of a form, "" where it is not there, so that it can be shown again as it was."""
    return {name: form.get(name, "") for name in fields}


def read_words(form: Mapping[str, str], name: str, empty: str) -> Read:
    """Read a form of one field of words; `empty` is said where there are none, and "" lets it be empty."""
    given = form.get(name, "")
    problem = empty if not given else f"Use at most {LONGEST} characters." if len(given) > LONGEST else ""
    return Read({name: given}, {name: problem} if problem else {})


def read_note(form: Mapping[str, str], logins: Collection[str]) -> Read:
    """Read a note, and whom it names of those who can be named."""
    read = read_words(form, "note", "Write the note first.")
    names = named(form.get("note", ""), logins)
    problems = {"note": f"Name at most {MOST} colleagues in one note."} if len(names) > MOST else {}
    return Read({**read.data, **({"named": names} if names else {})}, {**problems, **read.problems})


def read_resolution(form: Mapping[str, str], today: date) -> Read:
    """Read the resolve form: every field is needed (safety.md §5)."""
    given = values_of(form, RESOLUTION_FIELDS)
    problems = {name: text for name, text in NEEDED.items() if not given[name]}
    if given["outcome"] not in OUTCOMES:
        problems["outcome"] = "Choose what came of it."
    if given["outcome"] == NOT_REACHED and not given["handed_to"]:
        problems["handed_to"] = "Write to whom it was handed."
    if given["means"] not in words.MEANS:
        problems["means"] = "Choose whether means (medicines and other ways) were discussed."
    on = _day(given["next_contact_on"])
    if on is None:
        problems["next_contact_on"] = "Give the day of the next contact."
    elif on < today:
        problems["next_contact_on"] = "That day is past. Give today or a later day."
    data: dict[str, Any] = {name: value for name, value in given.items() if value and name != "go_on"}
    return Read({**data, "go_on": given["go_on"] == "yes"}, _in_order(RESOLUTION_FIELDS, problems | too_long(given)))


def read_contact(form: Mapping[str, str], zone: str, now: datetime, escalation: Escalation) -> Read:
    """Read the contact form. Who was not reached is tried again; after three tries, by a plan in writing (safety.md §5)."""
    given = values_of(form, CONTACT_FIELDS)
    problems: dict[str, str] = {}
    if given["how"] not in words.HOWS:
        problems["how"] = "Choose how you tried."
    if given["reached"] not in ("yes", "no"):
        problems["reached"] = "Choose whether you reached the person."
    tried_at = instant(given["tried_at"], zone, last_by=now) if given["tried_at"] else now
    if tried_at is None or tried_at > now:
        problems["tried_at"] = "Give the time at which you tried. It can't be later than now."
    elif tried_at < escalation.opened_at.replace(second=0, microsecond=0):
        problems["tried_at"] = "That is before it was opened. Give the time of a try since then."
    again = instant(given["next_try"], zone, first_after=now)
    if given["reached"] == "no":
        problems |= _for_the_next_try(given, again, now, escalation.tries)
    data = {
        "how": given["how"],
        "tried_at": tried_at,
        "reached": given["reached"] == "yes",
        "words": given["contact_note"],
        "next_try_at": again if given["reached"] == "no" else None,
        "plan": given["plan"] if given["reached"] == "no" else "",
    }
    return Read(data, _in_order(CONTACT_FIELDS, problems | too_long(given)))


def read_snooze(form: Mapping[str, str], zone: str, now: datetime, escalation: Escalation) -> Read:
    """Read until when a case is to be out of sight, and why it can wait."""
    read = read_words(form, "snooze_why", "Write why it can wait.")
    until = instant(form.get("snooze_until", ""), zone, first_after=now)
    latest = snoozing.latest(escalation, now)
    problems = dict[str, str]()
    if latest <= now:
        problems["snooze_until"] = "Its contact is overdue, so it stays in sight."
    elif until is None:
        problems["snooze_until"] = "Give the time until when it can be out of sight."
    elif until <= now:
        problems["snooze_until"] = "That time is past. Give a later one."
    elif until > latest:
        problems["snooze_until"] = f"Give a time up to {times.when(latest, zone)}."
    return Read({**read.data, "until": until}, {**problems, **read.problems})


def _for_the_next_try(given: Mapping[str, str], again: datetime | None, now: datetime, tries: int) -> dict[str, str]:
    problems = {}
    if again is None:
        problems["next_try"] = "Give the time of the next try."
    elif again <= now:
        problems["next_try"] = "That time is past. Give a later one."
    if tries + 1 >= PLAN_AFTER_TRIES and not given["plan"]:
        problems["plan"] = "Write the plan: three tries have not reached the person."
    return problems


def too_long(given: Mapping[str, str]) -> dict[str, str]:
    """A problem for each field that holds more than a page of words."""
    return {name: f"Use at most {LONGEST} characters." for name, value in given.items() if len(value) > LONGEST}


def _in_order(fields: tuple[str, ...], problems: Mapping[str, str]) -> dict[str, str]:
    return {name: problems[name] for name in fields if name in problems}


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def instant(
    text: str, zone: str, *, first_after: datetime | None = None, last_by: datetime | None = None
) -> datetime | None:
    """A time as a form gives it, in a zone; None where it is none.

    In the hour that autumn repeats there are two: the first, if nothing else is asked for.

    Args:
        first_after: of two, the first that is after this, for what is to come.
        last_by: of two, the last that is not after this, for what has been.
    """
    try:
        given = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))
        first, second = (given.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    except (ValueError, OverflowError):
        return None
    is_second = second > first and (  # it is before the first for a time that spring leaves out
        (last_by is not None and second <= last_by) or (first_after is not None and first <= first_after)
    )
    return second if is_second else first
