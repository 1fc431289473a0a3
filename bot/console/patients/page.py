"""One patient: who it is, what they ask for, how the days went, and their time line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.console import lines, words
from bot.console.escalation.page import contact_of
from bot.console.gate import Answer, Go, Missing, Page, Visit
from bot.console.lines import Line
from bot.console.trend import trend
from bot.store import access, diary, escalations, patients, teams
from bot.store.diary import CheckIn, Exercise
from bot.store.escalations import Escalation
from bot.store.lifecycle import Action, Crossing, may, may_cross
from bot.store.patients import Patient

PER_PAGE = 60
DONE = {
    "request": "The request is noted as done.",
    "moved": "The patient is given to the other team.",
    "request_before": "Somebody had noted this request as done before you.",
}


@dataclass(frozen=True)
class Moment:
    """One entry of the time line; exactly one of the last four is there."""

    at: datetime
    line: Line | None = None
    checkin: CheckIn | None = None
    exercise: Exercise | None = None
    escalation: Escalation | None = None


def the_patient(visit: Visit, why: str) -> Patient:
    """The patient whose code the address holds, through the one door.

    Raises:
        Missing: there is none.
        Refused: the role may not.
    """
    patient_id = patients.by_code(visit.connection, visit.path["code"])
    if patient_id is None:
        raise Missing
    return access.patient(visit.connection, visit.vault, visit.staff, patient_id, why, visit.now)


def show(visit: Visit) -> Answer:
    """GET /console/patients/<code>: the time line, the newest first; `?before=` an instant pages back."""
    patient = the_patient(visit, "patient.view")
    until = _before(visit)
    found = moments(visit, patient, until)
    shown = found[:PER_PAGE]
    values = {
        "patient": patient,
        "country": visit.console.countries.get(patient.country, patient.country),
        "contact": contact_of(visit, patient),
        "consent": patients.consent(visit.connection, patient.id),
        "trend": trend(visit, patient),
        "requests": diary.open_requests_of(visit.connection, visit.vault, patient.id),
        "current": escalations.current(visit.connection, visit.vault, patient.id),
        "moments": shown,
        "older": shown[-1].at.isoformat() if len(found) > PER_PAGE else "",
        "is_first": "before" not in visit.query,
        "done": DONE.get(visit.query.get("done", ""), ""),
        "facts": facts,
        "teams": {team.id: team for team in teams.listed(visit.connection)},
        "may_move": may_cross(visit.staff.role, Crossing.MOVE)
        and (patient.team_id is None or patient.team_id in visit.staff.teams),
        "may_mark": may(visit.staff.role, Action.MARK_MISSED),
    }
    return Page("patient.html", values)


def _before(visit: Visit) -> datetime:
    try:
        given = datetime.fromisoformat(visit.query.get("before", ""))
    except ValueError:
        return visit.now
    return given if given.tzinfo else visit.now


def moments(visit: Visit, patient: Patient, until: datetime) -> list[Moment]:
    """All kinds of entries up to an instant, the newest first; one more than a page where there are more."""
    connection, vault, who, most = visit.connection, visit.vault, patient.id, PER_PAGE + 1
    found = [Moment(line.at, line=line) for line in lines.last(visit, who, until, most)]
    found += [Moment(row.started_at, checkin=row) for row in diary.checkins_until(connection, vault, who, until, most)]
    found += [
        Moment(row.created_at, exercise=row) for row in diary.exercises_until(connection, vault, who, until, most)
    ]
    found += [Moment(row.opened_at, escalation=row) for row in escalations.of_patient(connection, vault, who)]
    before = [moment for moment in found if moment.at <= until]
    return sorted(before, key=lambda moment: moment.at, reverse=True)[: PER_PAGE + 1]


def facts(data: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What an exercise or a check-in holds, as pairs of words."""
    return [
        (name.replace("_", " ").capitalize(), words.plain(value)) for name, value in data.items() if value is not None
    ]


def close_request(visit: Visit) -> Answer:
    """POST /console/patients/<code>/request/<id>: the request was seen to."""
    patient = the_patient(visit, "patient.view")
    closed = diary.close_request(visit.connection, patient.id, visit.path["id"], visit.now)
    if closed:
        visit.record("request.done", patient.id)
    return Go(f"/console/patients/{patient.code}?done={'request' if closed else 'request_before'}")
