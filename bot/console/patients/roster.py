"""The list of patients, page by page, and the search for somebody by code or name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from bot.console import words
from bot.console.visit import Answer, Go, Page, Visit
from bot.store import access, demos, escalations, patients
from bot.store.patients import State
from bot.store.roster import Listing
from bot.store.types import CODE_LETTERS, PatientId

HOME = "/console/patients"
MINE = "mine"
LONGEST = 80
CASE_LETTERS, PATIENT_LETTERS = 5, 6  # lengths of an escalation's code and of a patient's
SHOWN = (State.ACTIVE, State.ENROLLING, State.PAUSED, State.STOPPED, State.DECLINED)
TEAMS = {"": "Of my teams and of none", MINE: "Of my teams"}
DONE = {"moved": "The patient is given to the other team."}
STATES: Mapping[str, str] = {"": "All", **{state: words.PATIENT_STATES[state] for state in SHOWN}}


def listed(visit: Visit) -> Answer:
    """GET /console/patients: the newest first; `?state=` and `?of=mine` cut it, `?after=` a patient's id pages on."""
    cut = _cut(visit)
    after = visit.query.get("after")
    found = access.listed(
        visit.connection, visit.vault, visit.staff, "patients.list", visit.now,
        state=State(cut["state"]) if "state" in cut else None, only_mine="of" in cut,
        after=PatientId(after) if after else None,
    )  # fmt: skip
    done = DONE.get(visit.query.get("done", ""), "")
    return _page(visit, found, cut=cut, is_first=after is None, done=done)


def _cut(visit: Visit) -> dict[str, str]:
    """What the address cuts the list to, without what means nothing."""
    given = {name: visit.query.get(name, "") for name in ("state", "of")}
    known = {"state": frozenset(STATES), "of": frozenset({MINE}) if visit.staff.teams else frozenset()}
    return {name: value for name, value in given.items() if value and value in known[name]}


def _page(visit: Visit, found: Listing, status: int = 200, **more: Any) -> Page:
    given = {"cut": {}, "is_first": True, "done": "", "searched": False, "typed": "", "problem": "", **more}
    cut = given["cut"]
    values = {
        "found": found,
        "next_page": _address({**cut, "after": found.patients[-1].id}) if found.more else "",
        "newest": _address(cut),
        "states": {name: (told, _address({**cut, "state": name})) for name, told in STATES.items()},
        "teams": {name: (told, _address({**cut, "of": name})) for name, told in TEAMS.items()}
        if visit.staff.teams
        else {},
        "countries": visit.console.countries,
        "has_demo": demos.any_exist(visit.connection),
        **given,
    }
    return Page("patients.html", values, status)


def _address(cut: Mapping[str, str]) -> str:
    query = urlencode({name: value for name, value in cut.items() if value})
    return f"{HOME}?{query}" if query else HOME


def find(visit: Visit) -> Answer:
    """POST /console/find and /console/patients/find: on to whom a code names, else those who have the name.

    What was typed may be a name: it comes by POST and goes nowhere but back to the page. The audit keeps the count.
    """
    access.check_reads(visit.staff)
    typed = visit.form.get("sought", "")[:LONGEST]
    to = _by_code(visit, typed)
    if to:
        visit.record("patients.find", "patients", "1")
        return Go(to)
    found = access.named(visit.connection, visit.vault, visit.staff, typed, "patients.find", visit.now)
    problem = "" if found.patients else "Nobody was found. Type a whole word of a first name, or a whole code."
    return _page(visit, found, 200 if found.patients else 404, searched=True, typed=typed, problem=problem)


def _by_code(visit: Visit, typed: str) -> str:
    """The page that a code names, "" where it is none."""
    code = typed.strip().upper()
    if set(code) - set(CODE_LETTERS):
        return ""
    if len(code) == CASE_LETTERS:
        case = escalations.by_code(visit.connection, code)
        return f"/console/escalation/{case[0]}" if case else ""
    is_patients = len(code) == PATIENT_LETTERS and patients.by_code(visit.connection, code) is not None
    return f"{HOME}/{code}" if is_patients else ""
