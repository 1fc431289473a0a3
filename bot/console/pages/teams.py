"""Teams of each site: who is in which, and to which a patient belongs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.console.escalation.forms import values_of
from bot.console.forms import Draft
from bot.console.patients.page import page, the_patient
from bot.console.visit import Answer, Go, Missing, Page, Visit
from bot.store import patients, replies, staff, teams
from bot.store.access import Refused, Role
from bot.store.lifecycle import Crossing, may_cross
from bot.store.staff import Staff
from bot.store.teams import Team
from bot.store.types import PatientId, StaffId, TeamId

TEAMS = "/console/teams"
# What is done -> who may.
MAY: Mapping[str, frozenset[Role]] = {
    "view": frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR}),
    "change": frozenset({Role.ADMINISTRATOR}),
}
FIELDS, LONGEST_NAME = ("site", "name"), 80
DONE = {
    "added": "The team is there. Put people in it.",
    "renamed": "The team has its new name.",
    "removed": "The team is gone.",
    "joined": "They are in the team.",
    "left": "They are out of the team.",
    "given": "The patient is in their new team.",
}
HAS_PATIENTS = "Not taken away: it still has patients. Give them to other teams first."
NO_SUCH_CODE = "No patient has that code. A code has six letters and figures, such as K7QM2X."
CHOOSE = "Not given: the form named no team. Choose one, or No team, and send it again."
MOVED = (
    "A colleague gave this patient to another team before your step arrived, so nothing of yours was kept. "
    "Look whose they are now, then decide."
)
TAKEN = "That site has a team of that name. Choose another."
NAMELESS = f"Give the site and the team a name, of at most {LONGEST_NAME} letters each."


@dataclass(frozen=True)
class Row:
    """One team, as the page shows it."""

    team: Team
    patients: int
    replies: int
    members: tuple[Staff, ...]
    others: tuple[Staff, ...]


def show(visit: Visit) -> Answer:
    """GET /console/teams."""
    _check(visit, "view")
    visit.record("teams.view", "teams")
    return _page(visit)


def _check(visit: Visit, what: str) -> None:
    if visit.staff.role not in MAY[what]:
        raise Refused("your role may not do that with teams: ask an administrator")


def _page(visit: Visit, status: int = 200, at: str = "", problem: str = "") -> Page:
    """The page. `at`: the form that a problem is about, which is shown as it was sent: `add`, `give`, or a team's id."""
    connection = visit.connection
    counts, ready = teams.patient_counts(connection), replies.counts(connection)
    in_team = teams.members(connection)
    everybody = [one for one in staff.listed(connection, visit.vault) if one.role != Role.RESEARCHER]
    values = {
        "rows": [
            _row(team, counts.get(team.id, 0), ready.get(team.id, 0), in_team.get(team.id, frozenset()), everybody)
            for team in teams.listed(connection)
        ],
        "of_none": counts.get(None, 0),
        "may_change": visit.staff.role in MAY["change"],
        "typed": values_of(visit.form, (*FIELDS, "code", "team")),
        "at": at,
        "problem": problem,
        "done": DONE.get(visit.query.get("done", ""), ""),
    }
    return Page("teams.html", values, status)


def _row(team: Team, count: int, ready: int, ids: frozenset[StaffId], everybody: list[Staff]) -> Row:
    members = tuple(one for one in everybody if one.id in ids)
    return Row(team, count, ready, members, tuple(one for one in everybody if one.id not in ids))


def add(visit: Visit) -> Answer:
    """POST /console/teams/add."""
    _check(visit, "change")
    given = values_of(visit.form, FIELDS)
    if not _is_named(given):
        return _page(visit, 422, "add", NAMELESS)
    made = teams.add(visit.connection, given["site"], given["name"], visit.now)
    if made is None:
        return _page(visit, 422, "add", TAKEN)
    return _done(visit, "added", "team.added", made)


def _is_named(given: Mapping[str, str]) -> bool:
    return all(0 < len(given[name]) <= LONGEST_NAME and given[name].isprintable() for name in FIELDS)


def rename(visit: Visit) -> Answer:
    """POST /console/teams/{team}/rename."""
    team, given = _team(visit), values_of(visit.form, FIELDS)
    if not _is_named(given):
        return _page(visit, 422, team.id, NAMELESS)
    if not teams.rename(visit.connection, team.id, given["site"], given["name"]):
        return _page(visit, 422, team.id, TAKEN)
    return _done(visit, "renamed", "team.renamed", team.id)


def remove(visit: Visit) -> Answer:
    """POST /console/teams/{team}/remove."""
    team = _team(visit)
    if not teams.remove(visit.connection, team.id):
        return _page(visit, 422, problem=HAS_PATIENTS)
    return _done(visit, "removed", "team.removed", team.id)


def join(visit: Visit) -> Answer:
    """POST /console/teams/{team}/join: somebody of the staff, by login."""
    team, who = _team(visit), _member(visit)
    teams.put_in(visit.connection, who.id, team.id)
    return _done(visit, "joined", "team.joined", team.id, who.id)


def leave(visit: Visit) -> Answer:
    """POST /console/teams/{team}/leave."""
    team, who = _team(visit), _member(visit)
    teams.take_out(visit.connection, who.id, team.id)
    return _done(visit, "left", "team.left", team.id, who.id)


def _team(visit: Visit) -> Team:
    _check(visit, "change")
    found = teams.get(visit.connection, visit.path["team"])
    if found is None:
        raise Missing
    return found


def _member(visit: Visit) -> Staff:
    found = staff.by_login(visit.connection, visit.vault, visit.form.get("login", ""))
    if found is None:
        raise Missing
    return found


def _done(visit: Visit, what: str, action: str, team_id: TeamId, detail: str = "") -> Go:
    visit.record(action, team_id, detail)
    return Go(f"{TEAMS}?done={what}")


def give(visit: Visit) -> Answer:
    """POST /console/teams/give: a patient to a team by code alone, without seeing them: where a team has no supervisor."""
    if not may_cross(visit.staff.role, Crossing.MOVE_ALL):
        raise Refused("your role may not give patients of all teams to others: ask an administrator")
    if "team" not in visit.form:
        return _page(visit, 422, "give", CHOOSE)
    patient_id = patients.by_code(visit.connection, visit.form.get("code", ""))
    if patient_id is None:
        return _page(visit, 422, "give", NO_SUCH_CODE)
    _moved(visit, patient_id)
    return Go(f"{TEAMS}?done=given")


def move(visit: Visit) -> Answer:
    """POST /console/patients/{code}/team: a patient of one's own team, or of none, to another.

    Whoever only opened the patient, or was called to them, can't make that last.
    """
    found, me = the_patient(visit, "patient.view"), visit.staff
    patient = patients.locked(visit.connection, visit.vault, found.id)
    if not may_cross(me.role, Crossing.MOVE) or (patient.team_id and patient.team_id not in me.teams):
        raise Refused("only a supervisor of this patient's team, or an administrator, gives them to another")
    if "team" not in visit.form:  # no team would let everybody see them: nobody's patient by a slip
        return page(visit, patient, Draft("team", notice=CHOOSE), 422)
    if visit.form.get("from") != (patient.team_id or ""):
        visit.record("patient.conflict", patient.id, "team")
        return page(visit, patient, Draft("team", notice=MOVED), 409)
    to = _moved(visit, patient.id)
    is_mine = to is None or to in me.teams
    return Go(f"/console/patients/{patient.code}?done=moved" if is_mine else "/console/patients?done=moved")


def _moved(visit: Visit, patient_id: PatientId) -> TeamId | None:
    wanted = visit.form["team"]
    if wanted and teams.get(visit.connection, wanted) is None:
        raise Missing
    to = TeamId(wanted) if wanted else None
    teams.move(visit.connection, patient_id, to)
    visit.record("patient.moved", patient_id, f"to {to or 'no team'}")
    return to
