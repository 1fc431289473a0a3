"""Check-ins and exercises: what the person told and did."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, text, update

from bot.crypto import Vault
from bot.store.prepared import Prepared, insert_new
from bot.store.tables import checkins, exercises, patients
from bot.store.teams import of_teams
from bot.store.types import PatientId, TeamId, new_id

SCORES = ("pain", "sleep", "mood", "activity")
EARLIER = "earlier"
PRACTICE = "practice"
REQUEST, OPEN, DONE = "request", "open", "done"

_checkins = select(checkins).where(checkins.c.patient_id == bindparam("of")).order_by(checkins.c.local_on)
_all_checkins = Prepared(_checkins)
_checkins_since = Prepared(_checkins.where(checkins.c.local_on >= bindparam("since")))
_checkins_until = Prepared(
    select(checkins)
    .where(checkins.c.patient_id == bindparam("of"), checkins.c.started_at <= bindparam("at"))
    .order_by(checkins.c.started_at.desc(), checkins.c.id.desc())
    .limit(bindparam("most"))
)
_scores_since = Prepared(
    select(checkins.c.local_on, checkins.c.pain, checkins.c.mood)
    .where(checkins.c.patient_id == bindparam("of"), checkins.c.local_on >= bindparam("since"))
    .order_by(checkins.c.local_on)
)
_checkin_on = Prepared(
    select(checkins.c.id).where(checkins.c.patient_id == bindparam("of"), checkins.c.local_on == bindparam("day"))
)
_checkin_by_id = checkins.c.id == bindparam("row")
_detail = Prepared(select(checkins.c.detail_sealed).where(_checkin_by_id))
_tell = Prepared(update(checkins).where(_checkin_by_id))
_complete = Prepared(update(checkins).where(_checkin_by_id, checkins.c.completed_at.is_(None)))
_theirs = select(exercises).where(exercises.c.patient_id == bindparam("of"))
_exercise_by_id = exercises.c.id == bindparam("row")
_keep = Prepared(insert(exercises))
_data = Prepared(select(exercises.c.data_sealed).where(_exercise_by_id))
_revise = Prepared(update(exercises).where(_exercise_by_id))
_delivered = Prepared(
    select(exercises.c.skill).distinct().where(exercises.c.patient_id == bindparam("of"), exercises.c.kind != REQUEST)
)
_latest = Prepared(
    _theirs.where(exercises.c.kind == bindparam("what")).order_by(exercises.c.created_at.desc()).limit(1)
)
_by_age = _theirs.order_by(exercises.c.created_at.desc(), exercises.c.id.desc()).limit(bindparam("most"))
_newest = Prepared(_by_age)
_newest_until = Prepared(_by_age.where(exercises.c.created_at <= bindparam("at")))
_open_requests_of = Prepared(
    _theirs.where(exercises.c.kind == REQUEST, exercises.c.state == OPEN).order_by(exercises.c.created_at)
)


@dataclass(frozen=True)
class CheckIn:
    """One day's check-in: scores 0-10 NRS, None where not told."""

    id: str
    local_on: date
    started_at: datetime
    completed_at: datetime | None
    pain: float | None
    sleep: float | None
    mood: float | None
    activity: float | None
    detail: dict[str, Any]


@dataclass(frozen=True)
class Exercise:
    """One pacing plan, thought record, relaxation log, flare plan, or practice agreed."""

    id: str
    kind: str
    skill: str
    state: str
    data: dict[str, Any]
    created_at: datetime
    updated_at: datetime


def checkin(connection: Connection, vault: Vault, patient_id: PatientId, on: date, now: datetime) -> str:
    """Id of the check-in of that day, begun if there is none."""
    values = {"id": new_id(), "patient_id": patient_id, "local_on": on, "started_at": now}
    insert_new(connection, checkins, values, ["patient_id", "local_on"])
    return str(_checkin_on(connection, of=patient_id, day=on).one().id)


def tell(connection: Connection, vault: Vault, checkin_id: str, name: str, number: float | None, words: Any) -> None:
    """Keep one answer of a check-in: a score in its column, the words sealed beside it.

    The last one of a day counts; what was told before it stays among the words, under "earlier".
    """
    place = f"checkins.detail:{checkin_id}"
    row = _detail(connection, row=checkin_id).one()
    detail = vault.open_json(row.detail_sealed, place) if row.detail_sealed else {}
    if name in detail and detail[name] != words:
        detail.setdefault(EARLIER, []).append([name, detail[name]])
    detail[name] = words
    values: dict[str, Any] = {"detail_sealed": vault.seal_json(detail, place)}
    if name in SCORES:
        values[name] = number
    _tell(connection, row=checkin_id, **values)


def complete(connection: Connection, checkin_id: str, now: datetime) -> None:
    """Note that a check-in came to its end, once."""
    _complete(connection, row=checkin_id, completed_at=now)


def checkins_of(
    connection: Connection, vault: Vault, patient_id: PatientId, since: date | None = None
) -> list[CheckIn]:
    """Check-ins of a patient, oldest first."""
    found = (
        _checkins_since(connection, of=patient_id, since=since) if since else _all_checkins(connection, of=patient_id)
    )
    return [_checkin(row, vault) for row in found]


def checkins_until(
    connection: Connection, vault: Vault, patient_id: PatientId, at: datetime, limit: int
) -> list[CheckIn]:
    """The last check-ins of a patient that were begun up to an instant, oldest first."""
    return [
        _checkin(row, vault) for row in reversed(_checkins_until(connection, of=patient_id, at=at, most=limit).all())
    ]


def scores_since(
    connection: Connection, patient_id: PatientId, since: date
) -> list[tuple[date, float | None, float | None]]:
    """Day, pain and mood of a patient's check-ins, oldest first, read without opening anything."""
    return [(row.local_on, row.pain, row.mood) for row in _scores_since(connection, of=patient_id, since=since)]


def _checkin(row: Row[Any], vault: Vault) -> CheckIn:
    return CheckIn(
        id=row.id,
        local_on=row.local_on,
        started_at=row.started_at,
        completed_at=row.completed_at,
        pain=row.pain,
        sleep=row.sleep,
        mood=row.mood,
        activity=row.activity,
        detail=vault.open_json(row.detail_sealed, f"checkins.detail:{row.id}") if row.detail_sealed else {},
    )


def keep(
    connection: Connection,
    vault: Vault,
    patient_id: PatientId,
    kind: str,
    skill: str,
    state: str,
    data: dict[str, Any],
    now: datetime,
) -> str:
    """Keep an exercise; tells its id."""
    made = new_id()
    _keep(
        connection,
        id=made,
        patient_id=patient_id,
        kind=kind,
        skill=skill,
        state=state,
        data_sealed=vault.seal_json(data, f"exercises.data:{made}"),
        created_at=now,
        updated_at=now,
    )
    return made


def revise(
    connection: Connection, vault: Vault, exercise_id: str, now: datetime, *, state: str | None = None, **data: Any
) -> None:
    """Change an exercise's state, and add to what it holds."""
    place = f"exercises.data:{exercise_id}"
    row = _data(connection, row=exercise_id).one()
    merged = {**vault.open_json(row.data_sealed, place), **data}
    values: dict[str, Any] = {"data_sealed": vault.seal_json(merged, place), "updated_at": now}
    if state:
        values["state"] = state
    _revise(connection, row=exercise_id, **values)


def delivered(connection: Connection, patient_id: PatientId) -> list[str]:
    """Ids of the skills that left something behind, read without opening anything."""
    return [row.skill for row in _delivered(connection, of=patient_id)]


def latest(connection: Connection, vault: Vault, patient_id: PatientId, kind: str) -> Exercise | None:
    """The newest exercise of a kind."""
    row = _latest(connection, of=patient_id, what=kind).one_or_none()
    return _exercise(row, vault) if row else None


def _exercise(row: Row[Any], vault: Vault) -> Exercise:
    return Exercise(
        id=row.id,
        kind=row.kind,
        skill=row.skill,
        state=row.state,
        data=vault.open_json(row.data_sealed, f"exercises.data:{row.id}"),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def exercises_of(connection: Connection, vault: Vault, patient_id: PatientId, limit: int = 500) -> list[Exercise]:
    """Exercises of a patient, oldest first."""
    return [_exercise(row, vault) for row in reversed(_newest(connection, of=patient_id, most=limit).all())]


def exercises_until(
    connection: Connection, vault: Vault, patient_id: PatientId, at: datetime, limit: int
) -> list[Exercise]:
    """The last exercises of a patient that were begun up to an instant, oldest first."""
    return [
        _exercise(row, vault) for row in reversed(_newest_until(connection, of=patient_id, at=at, most=limit).all())
    ]


def open_requests_of(connection: Connection, vault: Vault, patient_id: PatientId) -> list[Exercise]:
    """What a patient asked staff for and nobody has done, the oldest first."""
    return [_exercise(row, vault) for row in _open_requests_of(connection, of=patient_id)]


# Written out, or SQLite does not see that its index is for these; and found before anything is joined to them (that is
# what an offset makes sure of), or it would go through all exercises of all patients of some teams.
_open_ones = (
    select(exercises)
    .where(text(f"exercises.kind = '{REQUEST}' AND exercises.state = '{OPEN}'"))
    .order_by(exercises.c.created_at)
    .offset(0)
    .subquery("open_ones")
)


@dataclass(frozen=True)
class Request:
    """What a patient asked staff for (`talk_to_human`, `export_data`, `delete_data`); the words stay sealed here."""

    id: str
    patient_code: str
    what: str
    created_at: datetime
    team_id: TeamId | None = None


def open_requests(connection: Connection, teams: Collection[TeamId] | None = None, limit: int = 200) -> list[Request]:
    """Requests of real people that nobody has done, the oldest first; `teams` as in `of_teams`."""
    rows = connection.execute(
        select(_open_ones.c.id, patients.c.code, _open_ones.c.skill, _open_ones.c.created_at, patients.c.team_id)
        .join(patients, patients.c.id == _open_ones.c.patient_id)
        .where(patients.c.demo.is_(False))
        .where(of_teams(teams))
        .order_by(_open_ones.c.created_at)
        .limit(limit)
    )
    return [Request(row.id, row.code, row.skill, row.created_at, row.team_id) for row in rows]


def close_request(connection: Connection, patient_id: PatientId, request_id: str, now: datetime) -> bool:
    """Note a request as done; False where it was done before, or is not that patient's."""
    done = connection.execute(
        update(exercises)
        .where(exercises.c.id == request_id, exercises.c.patient_id == patient_id, exercises.c.kind == REQUEST)
        .where(exercises.c.state == OPEN)
        .values(state=DONE, updated_at=now)
    )
    return bool(done.rowcount)
