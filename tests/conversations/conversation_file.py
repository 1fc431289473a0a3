"""The form of a conversation file: what a clinician writes, checked before it is played."""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from tests.conversations.judgement import SAID, STORED

CHANNELS = ("sms", "telegram")
NOW = "2026-03-11T10:00:00"  # a Wednesday
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
SETUP = {
    "enrolled",
    "country",
    "zone",
    "checkin_time",
    "mode",
    "coach",
    "day",
    "checkin_due",
    "silent_days",
    "flare_plan",
}
GIVEN = SETUP | {"patient", "channel", "now", "stranger", "trackers", "cover", "enrolment", "done_today"}
ACTS = {"coach", "at", "wait", "rasa", "staff"}
_SPAN = re.compile(r"(\d+)\s*(week|day|hour|minute|second)s?")


@dataclass(frozen=True)
class Line:
    """One entry of `talk`: what the person does, or what the coach must have done; either may come at another time."""

    number: int
    said: Any = None
    coach: dict[str, Any] | None = None
    at: str = ""
    wait: str = ""
    rasa: str = ""
    staff: str = ""


@dataclass(frozen=True)
class Conversation:
    """One file."""

    name: str
    about: str
    channels: tuple[str, ...]
    given: dict[str, Any]
    talk: tuple[Line, ...]
    after: dict[str, Any] = field(default_factory=dict)
    golden: str = ""

    @property
    def patient(self) -> str:
        """Name of the person who talks."""
        return str(self.given.get("patient", "Ana"))


def read(file: Path) -> Conversation:
    """The conversation of a file.

    Raises:
        ValueError: names what can't be used.
    """
    data = yaml.safe_load(file.read_text(encoding="utf-8"))
    given = dict(data.get("given") or {})
    _only(file, "given", given, GIVEN)
    _only(file, "after", data.get("after") or {}, STORED)
    channel = given.get("channel", CHANNELS)
    who = str(given.get("patient", "Ana")).lower()
    talk = tuple(_line(file, n, row, who) for n, row in enumerate(data["talk"], 1))
    channels = (channel,) if isinstance(channel, str) else tuple(channel)
    return Conversation(
        file.stem, data["about"], channels, given, talk, data.get("after") or {}, str(data.get("golden") or "")
    )


def _only(file: Path, where: str, data: dict[str, Any], known: Container[str]) -> None:
    unknown = [name for name in data if name not in known]
    if unknown:
        raise ValueError(f"{file.name}: {where} does not know {', '.join(sorted(unknown))}")


def _line(file: Path, number: int, row: dict[str, Any], who: str) -> Line:
    _only(file, f"talk, line {number}", row, ACTS | {who})
    coach = row.get("coach")
    _only(file, f"talk, line {number}, coach", coach or {}, SAID)
    more = {name: str(row.get(name) or "") for name in ("at", "wait", "rasa", "staff")}
    return Line(number, row.get(who), coach, **more)


def span(text: str) -> timedelta:
    """A span such as `3 days 2 hours`."""
    parts = {f"{unit}s": int(count) for count, unit in _SPAN.findall(text)}
    if not parts:
        raise ValueError(f'"{text}" is no span such as "2 days 3 hours"')
    return timedelta(**parts)


def until(text: str, now: datetime, zone: str) -> timedelta:
    """How long until a clock shows `09:00`, or `Thu 09:00`, next."""
    day, _, clock = text.rpartition(" ")
    here = now.astimezone(ZoneInfo(zone))
    wanted = time.fromisoformat(clock.zfill(5))
    for ahead in range(9):
        on = here.date() + timedelta(days=ahead)
        at = datetime.combine(on, wanted, ZoneInfo(zone)).astimezone(now.tzinfo)
        if at > now and (not day or WEEKDAYS[on.weekday()] == day):
            return at - now
    raise ValueError(f'"{text}" is no time such as "09:00" or "Thu 09:00"')
