"""A year of check-ins and exercises."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from bench.console.crowd import SAID, at, span
from bench.console.plan import NOW, YEAR, Person, Site
from bot.store import tables

KINDS = (
    ("practice", "pacing"),
    ("plan", "pacing"),
    ("thought", "thoughts"),
    ("relaxation", "breathing"),
    ("flare", "flare_plan"),
)
REQUESTS = ("talk_to_human", "export_data", "delete_data")
USUAL_CHECKINS, USUAL_EXERCISES = 10, 3
HEAVY_CHECKINS, HEAVY_EXERCISES = 365, 500
TOLD_EVERY_DAYS = 60


def _days(person: Person, chance: random.Random) -> list[int]:
    """On which days of the year somebody did their check-in."""
    first = (person.joined_at - (NOW - YEAR)).days
    length = 365 - first if person.is_heavy else min(2 * USUAL_CHECKINS, 365 - first)
    count = min(length, HEAVY_CHECKINS if person.is_heavy else USUAL_CHECKINS)
    return chance.sample(range(first, first + length), count)


def diaries(site: Site, everybody: list[Person]) -> Iterator[int]:
    """Check-ins and exercises of all, day by day; tells every so often how many check-ins there are."""
    days: list[list[int]] = [[] for _ in range(365)]
    for n, person in enumerate(everybody):
        for day in _days(person, site.chance):
            days[day].append(n)
    told = 0
    for day, who in enumerate(days):
        when = NOW - YEAR + timedelta(days=day)
        for n in who:
            _checkin(site, everybody[n], when)
        told += len(who)
        if day % TOLD_EVERY_DAYS == 0:
            yield told
    for n, person in enumerate(everybody):
        _exercises(site, n, person)


def _checkin(site: Site, person: Person, when: datetime) -> None:
    chance, made = site.chance, site.new_id()
    pain, sleep, mood = (float(chance.randrange(11)) for _ in range(3))
    detail = {
        "pain": f"about {pain:g}",
        "sleep": f"{sleep:g}",
        "mood": "so-so, it was a long day",
        "activity": "a walk",
    }
    site.loader.put(
        tables.checkins, id=made, patient_id=person.id, local_on=when.date(), started_at=when,
        completed_at=when + timedelta(minutes=2), pain=pain, sleep=sleep, mood=mood, activity=5.0,
        detail_sealed=site.vault.seal_json(detail, f"checkins.detail:{made}"),
    )  # fmt: skip


def _exercises(site: Site, n: int, person: Person) -> None:
    chance, (begin, length) = site.chance, span(person)
    for _ in range(HEAVY_EXERCISES if person.is_heavy else USUAL_EXERCISES):
        kind, skill = chance.choice(KINDS)
        data = {"activity": "the stairs", "minutes": chance.randrange(5, 30), "note": chance.choice(SAID).format(n=3)}
        _exercise(site, person, kind, skill, "kept", data, at(begin + length * chance.random()))
    if n % 50 == 0:  # some ask staff for something, and of these a few still wait
        is_open = n % 2_500 == 0
        when = NOW - timedelta(hours=chance.randrange(1, 40)) if is_open else at(begin + length * chance.random())
        what = chance.choice(REQUESTS)
        _exercise(site, person, "request", what, "open" if is_open else "done", {"what": what, "words": "please"}, when)


def _exercise(
    site: Site, person: Person, kind: str, skill: str, state: str, data: dict[str, Any], when: datetime
) -> None:
    made = site.new_id()
    site.loader.put(
        tables.exercises, id=made, patient_id=person.id, kind=kind, skill=skill, state=state,
        data_sealed=site.vault.seal_json(data, f"exercises.data:{made}"), created_at=when, updated_at=when,
    )  # fmt: skip
