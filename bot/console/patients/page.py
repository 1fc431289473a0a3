"""One patient: who it is, what they ask for, how the days went, and their time line."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from bot.clock import local
from bot.console import words
from bot.console.agreed import agreed
from bot.console.escalation.facts import contact_of
from bot.console.forms import Draft
from bot.console.patients.chart import chart
from bot.console.patients.line import Kind, read_place, time_line
from bot.console.trend import trend
from bot.console.visit import Answer, Go, Missing, Page, Visit
from bot.conversation import programme
from bot.conversation.programme import Ward
from bot.store import access, care, diary, escalations, patients, teams
from bot.store.lifecycle import Action, Crossing, may, may_cross
from bot.store.patients import Patient

DONE = {
    "request": "The request is noted as done.",
    "moved": "The patient is given to the other team.",
    "request_before": "Somebody had noted this request as done before you.",
    "pause": "The check-ins rest.",
    "go_on": "The check-ins go on.",
    "set_mode": "The change is made.",
    "close": "The programme is closed.",
    "reopen": "The programme is open again.",
}


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


def ward_of(visit: Visit) -> Ward:
    """What a step on a patient's programme needs of a visit."""
    console = visit.console
    return Ward(visit.connection, visit.vault, console.coach, console.settings, console.cover, visit.now)


def mark_of(patient: Patient) -> str:
    """How the programme stands, as forms carry it, so that who was second is told."""
    paused_until, rests_since = (at.isoformat() if at else "" for at in (patient.paused_until, patient.rests_since))
    return f"{patient.state}|{patient.mode}|{paused_until}|{rests_since}"


def show(visit: Visit) -> Answer:
    """GET /console/patients/<code>: the line, the newest first; `?show=` cuts it to a kind, `?before=` a place pages back."""
    return page(visit, the_patient(visit, "patient.view"), Draft(), 200)


def page(visit: Visit, patient: Patient, draft: Draft, status: int) -> Page:
    """The page, with what a step's form held if it was sent back."""
    only = next((kind for kind in Kind if kind == visit.query.get("show")), None)
    found = time_line(visit, patient, only, read_place(visit.query.get("before", ""), visit.now))
    values = {
        "patient": patient,
        "country": visit.console.countries.get(patient.country, patient.country),
        "contact": contact_of(visit, patient),
        "consent": patients.consent(visit.connection, patient.id),
        **agreed(visit, patient.id),
        "trend": trend(visit, patient),
        "chart": chart(visit, patient),
        "requests": diary.open_requests_of(visit.connection, visit.vault, patient.id),
        "current": escalations.current(visit.connection, visit.vault, patient.id),
        "line": found,
        "only": only or "",
        "kinds": {name: (told, _address(patient, name)) for name, told in words.TIME_LINE.items()},
        "older": _address(patient, only or "", str(found.next)) if found.next else "",
        "newest": _address(patient, only or ""),
        "is_first": "before" not in visit.query,
        "done": DONE.get(visit.query.get("done", ""), "") if not draft.form else "",
        "facts": facts,
        **_steps(visit, patient, draft),
        "teams": {team.id: team for team in teams.listed(visit.connection)},
        "may_move": may_cross(visit.staff.role, Crossing.MOVE)
        and (patient.team_id is None or patient.team_id in visit.staff.teams),
        "may_mark": may(visit.staff.role, Action.MARK_MISSED),
    }
    return Page("patient.html", values, status)


def _steps(visit: Visit, patient: Patient, draft: Draft) -> dict[str, Any]:
    allowed = programme.steps(ward_of(visit), patient)
    return {
        "steps": {step: why for step, why in allowed.items() if care.may(visit.staff.role, step)},
        "mark": mark_of(patient),
        "other_mode": next(mode for mode in care.Mode if mode != patient.mode),
        "tomorrow": (local(visit.now, patient.zone).date() + timedelta(days=1)).isoformat(),
        "closings": words.CLOSINGS,
        "draft": draft,
    }


def _address(patient: Patient, show: str, before: str = "") -> str:
    query = urlencode({name: value for name, value in (("show", show), ("before", before)) if value})
    return f"/console/patients/{patient.code}{'?' if query else ''}{query}#line"


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
