"""A person as the programme sees them: a snapshot of plain values, read from the store before a turn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Day:
    """One check-in. Scores are 0-10 NRS, None where not asked or passed over.

    Attributes:
        on: the person's own date.
    """

    on: date
    pain: float | None = None
    sleep: float | None = None
    mood: float | None = None
    activity: float | None = None
    complete: bool = False


@dataclass(frozen=True)
class Agreed:
    """A practice that was agreed: `state` is agreed, yes, partly, no.

    Attributes:
        days: weekdays that were chosen for it (`mon` … `sun`); none: any day.
    """

    id: str
    skill: str
    on: date
    state: str
    what: str
    when: str = ""
    followed_up: bool = False
    days: tuple[str, ...] = ()


@dataclass(frozen=True)
class Declined:
    """A new skill that was offered and not wanted that day."""

    skill: str
    on: date


@dataclass(frozen=True)
class Person:
    """All that texts, conditions and the choice of the next skill need to know.

    Attributes:
        today: the person's own date.
        day: days since enrolment, 0 on the day itself.
        days: check-ins of the last fortnight, oldest first.
        practices: agreed ones, oldest first.
        delivered: ids of skills that were gone through.
        declined: offers of new skills that were not wanted, oldest first.
        taken_on: the last day on which a skill was gone through; None: never.
        kept: newest record of each kind, e.g. `flare_plan`, `pacing_plan`.
        flare_on: day of the newest flare, None where it was looked after already, or there was none.
        cover: a sentence that says truthfully who reads now.
    """

    today: date
    day: int = 0
    first_name: str = ""
    country: str = "US"
    zone: str = "UTC"
    checkin_time: str = ""
    mode: str = "unguided"
    coach: str = ""
    site_name: str = "Evenday"
    cover: str = ""
    turns: int = 0
    days: tuple[Day, ...] = ()
    practices: tuple[Agreed, ...] = ()
    delivered: tuple[str, ...] = ()
    declined: tuple[Declined, ...] = ()
    taken_on: date | None = None
    flare_on: date | None = None
    kept: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
