"""Break-glass: open a patient of another team for four hours, with a reason; somebody who answers for it looks after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from bot.console import words
from bot.console.escalation.forms import LONGEST, values_of
from bot.console.forms import HOME, safe_next
from bot.console.visit import Answer, Go, Missing, Page, Visit
from bot.store import access, glass, patients, teams
from bot.store.access import Refused
from bot.store.glass import Glass
from bot.store.lifecycle import Crossing, may_cross
from bot.store.staff import Staff
from bot.store.types import PatientId, TeamId

OPENINGS = "/console/glass"
FIELDS = ("reason", "words")
DONE = {
    "seen": "Noted: you have looked at it.",
    "seen_before": "Somebody had looked at it before you.",
}


def ask(visit: Visit) -> Answer:
    """GET /console/patients/{code}/glass: whose patient it is, and how to open it; `?next=` where they wanted to."""
    return _ask(visit, _patient(visit), safe_next(visit.query.get("next", "")), {}, {}, 200)


def _patient(visit: Visit) -> PatientId:
    found = patients.by_code(visit.connection, visit.path["code"])
    if found is None:
        raise Missing
    return found


def _ask(
    visit: Visit, patient_id: PatientId, back: str, typed: Mapping[str, str], problems: dict[str, str], status: int
) -> Answer:
    connection, me = visit.connection, visit.staff
    team_of = patients.teams_of(connection, [patient_id])
    if _is_open(visit, patient_id, team_of):
        return Go(_onward(visit, back))
    team = teams.get(connection, team_of[patient_id] or "")
    values = {
        "code": visit.path["code"].upper(),
        "team": team.title if team else "another team",
        "may_break": may_cross(me.role, Crossing.BREAK),
        "reasons": words.GLASS,
        "typed": values_of(typed, FIELDS),
        "problems": problems,
        "next": back,
        "hours": glass.HOURS,
    }
    visit.record("glass.view", patient_id)
    return Page("other_team.html", values, status)


def _is_open(visit: Visit, patient_id: PatientId, team_of: Mapping[PatientId, TeamId | None]) -> bool:
    return patient_id in access.visible(visit.connection, visit.staff, team_of, visit.now)


def _onward(visit: Visit, back: str) -> str:
    return back if back != HOME else f"/console/patients/{quote(visit.path['code'].upper())}"


def break_(visit: Visit) -> Answer:
    """POST /console/patients/{code}/glass: open it, and go where they wanted to.

    A second tap goes there, too: what is open already is opened once, and looked at once.
    """
    if not may_cross(visit.staff.role, Crossing.BREAK):
        raise Refused("your role may not open patients of other teams: ask a supervisor")
    patient_id, form = _patient(visit), visit.form
    back = safe_next(form.get("next", ""))
    # Two taps in one browser wait for each other at their session, which each of them touches first.
    if _is_open(visit, patient_id, patients.teams_of(visit.connection, [patient_id])):
        return Go(_onward(visit, back))
    reason, why = form.get("reason", ""), form.get("words", "")
    problems = _problems(reason, why)
    if problems:
        return _ask(visit, patient_id, back, form, problems, 422)
    glass.break_(visit.connection, visit.vault, visit.staff.id, patient_id, reason, why, visit.now)
    visit.record("glass.broken", patient_id, reason)
    return Go(_onward(visit, back))


def _problems(reason: str, why: str) -> dict[str, str]:
    problems = {}
    if reason not in words.GLASS:
        problems["reason"] = "Choose why you need to open it."
    if not why:
        problems["words"] = "Write in a few words why you need to open it."
    if len(why) > LONGEST:
        problems["words"] = f"Use at most {LONGEST} characters."
    return problems


@dataclass(frozen=True)
class Opening:
    """One opening as the page shows it; its words only to those who may look at it."""

    glass: Glass
    who: str
    team: str
    may_review: bool
    reviewer: str


def waiting(visit: Visit) -> int:
    """How many openings this person is to look at."""
    connection, vault = visit.connection, visit.vault
    found = visit.shared.of("openings", lambda: glass.waiting(connection, vault))
    return sum(_may_review(visit.staff, one) for one in found)


def _may_review(me: Staff, one: Glass) -> bool:
    """A supervisor of the patient's team, or an administrator; never whoever opened it."""
    is_theirs = one.team_id is None or one.team_id in me.teams or may_cross(me.role, Crossing.REVIEW_ALL)
    return may_cross(me.role, Crossing.REVIEW) and is_theirs and one.staff_id != me.id and one.reviewed_at is None


def show(visit: Visit) -> Answer:
    """GET /console/glass: what was opened across teams, what waits to be looked at first."""
    if not may_cross(visit.staff.role, Crossing.REVIEW):
        raise Refused("your role does not look at what was opened across teams: ask a supervisor")
    found = glass.listed(visit.connection, visit.vault, visit.now)
    mine = [one for one in found if _is_shown(visit.staff, one)]
    access.allow(visit.connection, visit.vault, visit.staff, "glass", "glass.list", visit.now, f"{len(mine)} shown")
    names = visit.names
    titles = {team.id: team.title for team in teams.listed(visit.connection)}
    openings = [
        Opening(
            one,
            names.get(one.staff_id, "Somebody"),
            titles.get(one.team_id, "No team") if one.team_id else "No team",
            _may_review(visit.staff, one),
            names.get(one.reviewed_by or "", ""),
        )
        for one in mine
    ]
    openings.sort(key=lambda one: not one.may_review)
    return Page("glass.html", {"openings": openings, "done": DONE.get(visit.query.get("done", ""), "")})


def _is_shown(me: Staff, one: Glass) -> bool:
    return one.team_id is None or one.team_id in me.teams or may_cross(me.role, Crossing.REVIEW_ALL)


def review(visit: Visit) -> Answer:
    """POST /console/glass/{id}/seen."""
    one = glass.get(visit.connection, visit.vault, visit.path["id"])
    if one is None or not _is_shown(visit.staff, one):
        raise Missing
    if one.reviewed_at is None and not _may_review(visit.staff, one):
        raise Refused("somebody else must look at this: a supervisor of that team, or an administrator")
    seen = glass.review(visit.connection, one.id, visit.staff.id, visit.now)
    if seen:
        visit.record("glass.reviewed", one.patient_id, one.reason)
    return Go(f"{OPENINGS}?done={'seen' if seen else 'seen_before'}")
