"""What somebody wants to see of the audit: read from an address or a form, or told field by field why it can't be."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from bot.clock import at_local
from bot.console import audit_words
from bot.store import trail

FIELDS = ("who", "what", "about", "from", "to")
NOBODY = "nobody"  # as a choice of `who`: entries of no member of staff
CODE_LENGTHS = range(4, 9)
FIRST, LAST = date(2000, 1, 1), date(2999, 12, 31)
BAD_DAY = "Give a day, such as 2026-11-24."
MOST = 2**62  # beyond what any database counts to


@dataclass(frozen=True)
class Subject:
    """Whom a code names: a patient, or an escalation with its patient."""

    ids: frozenset[str]
    escalation: str | None = None


@dataclass(frozen=True)
class Filter:
    """What was asked for.

    Attributes:
        given: every field as it was typed, "" where it was left out.
        wanted: the same for the store.
        problems: what can't be read, by field; with problems, nothing may be shown.
    """

    given: Mapping[str, str]
    wanted: trail.Wanted = field(default_factory=trail.Wanted)
    problems: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> str:
        """The fields that are in use, for the audit: never what was typed in them."""
        used = [name for name in FIELDS if self.given[name]]
        return f"filter {' '.join(used)}" if used else "no filter"

    @property
    def fields(self) -> dict[str, str]:
        """The fields in use with their values, for an address or a form that asks for the same again."""
        return {name: value for name, value in self.given.items() if value}

    def address(self, before: int | None = None) -> str:
        """The query of the page with this filter, from an entry on."""
        more = {"before": str(before)} if before is not None else {}
        return urlencode({**self.fields, **more})


def typed(values: Mapping[str, str]) -> dict[str, str]:
    """Every field of the filter, trimmed; codes in capitals, as they are kept."""
    found = {name: values.get(name, "").strip() for name in FIELDS}
    return {**found, "about": found["about"].upper()}


def is_code(text: str) -> bool:
    """Whether this can be a code; what can't is not looked up."""
    return len(text) in CODE_LENGTHS and text.isascii() and text.isalnum()


def read(given: Mapping[str, str], staff_ids: Collection[str], subject: Subject | None, zone: str) -> Filter:
    """Read the filter.

    Args:
        given: as `typed` made it.
        staff_ids: everybody who can be asked for.
        subject: whom the code names; None where there is no such code.
        zone: of the days.
    """
    problems = {}
    if given["who"] and given["who"] != NOBODY and given["who"] not in staff_ids:
        problems["who"] = "Choose somebody of the list."
    if given["what"] and given["what"] not in audit_words.ACTIONS and given["what"] not in audit_words.GROUPS:
        problems["what"] = "Choose something of the list."
    if given["about"] and subject is None:
        problems["about"] = "No patient or escalation has that code. A code has letters and figures, such as K7QM2X."
    first, last = (_day(given[name]) for name in ("from", "to"))
    for name, day in (("from", first), ("to", last)):
        if given[name] and day is None:
            problems[name] = BAD_DAY
    if first and last and last < first:
        problems["to"] = "The last day is before the first one."
    in_order = {name: problems[name] for name in FIELDS if name in problems}
    return Filter(given, trail.Wanted() if in_order else _wanted(given, subject, first, last, zone), in_order)


def _wanted(
    given: Mapping[str, str], subject: Subject | None, first: date | None, last: date | None, zone: str
) -> trail.Wanted:
    return trail.Wanted(
        who={"": None, NOBODY: trail.NOBODY}.get(given["who"], given["who"]),
        actions=audit_words.actions_of(given["what"]) if given["what"] else None,
        subjects=subject.ids if subject else None,
        code=subject.escalation if subject else None,
        since=_midnight(first, zone) if first else None,
        until=_midnight(last + timedelta(days=1), zone) if last else None,
    )


def _midnight(day: date, zone: str) -> datetime:
    return at_local(day, time(0), zone)


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if FIRST <= found <= LAST else None


def read_before(text: str) -> int | None:
    """The entry from which a page goes on; None where it is none, which is the newest."""
    return min(int(text), MOST) if text.isascii() and text.isdecimal() and len(text) < 40 else None
