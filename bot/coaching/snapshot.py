"""Reads a person from the store, as the programme sees them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from bot.clock import local
from bot.crypto import Vault
from bot.program.person import Agreed, Day, Declined, Person
from bot.safety.cover import Cover
from bot.store import diary
from bot.store.patients import Patient

LOOK_BACK = timedelta(days=14)
DECLINED, FLARE = "declined", "flare"
NOT_DELIVERED = frozenset({diary.REQUEST, DECLINED, FLARE})  # rows of a person's that stand for no skill gone through


def person(
    connection: Connection,
    vault: Vault,
    patient: Patient,
    now: datetime,
    *,
    site_name: str,
    cover: Cover,
    turns: int = 0,
) -> Person:
    """A snapshot of one person at one instant."""
    today = local(now, patient.zone).date()
    exercises = diary.exercises_of(connection, vault, patient.id)
    return Person(
        today=today,
        day=day_of(patient, today),
        first_name=patient.first_name,
        country=patient.country,
        zone=patient.zone,
        checkin_time=patient.checkin_time or "",
        mode=patient.mode,
        coach=patient.coach,
        site_name=site_name,
        cover=cover.sentence(now, patient.zone),
        turns=turns,
        days=tuple(
            Day(row.local_on, row.pain, row.sleep, row.mood, row.activity, row.completed_at is not None)
            for row in diary.checkins_of(connection, vault, patient.id, today - LOOK_BACK)
        ),
        practices=tuple(_agreed(row, patient.zone) for row in exercises if row.kind == diary.PRACTICE),
        delivered=tuple(sorted({row.skill for row in exercises if row.kind not in NOT_DELIVERED})),
        declined=tuple(
            Declined(row.skill, local(row.created_at, patient.zone).date()) for row in exercises if row.kind == DECLINED
        ),
        taken_on=_last_on(
            [row for row in exercises if row.kind not in NOT_DELIVERED and row.skill != "checkin"], patient.zone
        ),
        flare_on=_open_flare(exercises, patient.zone),
        kept={row.kind: row.data for row in exercises},
    )


def day_of(patient: Patient, today: date) -> int:
    """Days since enrolment, 0 on the day itself and before it."""
    return max(0, (today - local(patient.enrolled_at, patient.zone).date()).days) if patient.enrolled_at else 0


def _last_on(exercises: Sequence[diary.Exercise], zone: str) -> date | None:
    return local(exercises[-1].created_at, zone).date() if exercises else None


def open_flare(exercises: Sequence[diary.Exercise]) -> diary.Exercise | None:
    """The newest flare, unless it was asked after already."""
    newest = next((row for row in reversed(exercises) if row.kind == FLARE), None)
    return newest if newest and newest.data.get("by_now") is None else None


def _open_flare(exercises: Sequence[diary.Exercise], zone: str) -> date | None:
    flare = open_flare(exercises)
    return local(flare.created_at, zone).date() if flare else None


def _agreed(row: diary.Exercise, zone: str) -> Agreed:
    return Agreed(
        id=row.id,
        skill=row.skill,
        on=local(row.created_at, zone).date(),
        state=row.state,
        what=str(row.data.get("what") or ""),
        when=str(row.data.get("when") or ""),
        followed_up=row.state != "agreed",
        days=tuple(row.data.get("days") or ()),
    )
