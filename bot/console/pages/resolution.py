"""What must be known before an escalation is closed or a contact is kept: read from a form, or told field by field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.console import words

FALSE_ALARM, NOT_REACHED = "false_alarm", "not_reached"
RESOLUTION_FIELDS = ("outcome", "handed_to", "spoken_to", "risk", "means", "next_contact_on", "follow_up", "go_on")
CONTACT_FIELDS = ("how", "reached", "contact_note", "next_try")
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


def read_resolution(form: Mapping[str, str], today: date) -> Read:
    """Read the resolve form (safety.md §5). A false alarm needs its outcome and words; all else needs every field."""
    given = values_of(form, RESOLUTION_FIELDS)
    problems: dict[str, str] = {}
    outcome = given["outcome"]
    if outcome not in words.OUTCOMES:
        problems["outcome"] = "Choose what came of it."
    if outcome == FALSE_ALARM:
        if not given["risk"]:
            problems["risk"] = "Write in a few words why this was a false alarm."
    else:
        problems |= _all_needed(given, today)
    problems |= {name: f"Use at most {LONGEST} characters." for name, value in given.items() if len(value) > LONGEST}
    data: dict[str, Any] = {name: value for name, value in given.items() if value and name != "go_on"}
    in_order = {name: problems[name] for name in RESOLUTION_FIELDS if name in problems}
    return Read({**data, "go_on": given["go_on"] == "yes"}, in_order)


def _all_needed(given: Mapping[str, str], today: date) -> dict[str, str]:
    problems = {name: text for name, text in NEEDED.items() if not given[name]}
    if given["outcome"] == NOT_REACHED and not given["handed_to"]:
        problems["handed_to"] = "Write to whom it was handed."
    if given["means"] not in words.MEANS:
        problems["means"] = "Choose whether means (medicines and other ways) were discussed."
    on = _day(given["next_contact_on"])
    if on is None:
        problems["next_contact_on"] = "Give the day of the next contact."
    elif on < today:
        problems["next_contact_on"] = "That day is past. Give today or a later day."
    return problems


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def read_contact(form: Mapping[str, str], zone: str, now: datetime) -> Read:
    """Read the contact form. Who was not reached is tried again, so the time of that is needed (safety.md §5)."""
    given = values_of(form, CONTACT_FIELDS)
    problems: dict[str, str] = {}
    if given["how"] not in words.HOWS:
        problems["how"] = "Choose how you tried."
    if given["reached"] not in ("yes", "no"):
        problems["reached"] = "Choose whether you reached the person."
    again = _instant(given["next_try"], zone)
    if given["reached"] == "no":
        if again is None:
            problems["next_try"] = "Give the time of the next try."
        elif again <= now:
            problems["next_try"] = "That time is past. Give a later one."
    if len(given["contact_note"]) > LONGEST:
        problems["contact_note"] = f"Use at most {LONGEST} characters."
    data = {"how": given["how"], "reached": given["reached"] == "yes", "note": given["contact_note"]}
    return Read({**data, "next_try_at": again.isoformat() if again and given["reached"] == "no" else None}, problems)


def _instant(text: str, zone: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
