"""Whom to call for a person and how, and their safety plan: written by staff with the person, shown wherever it counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from bot.answers.phones import read_phone
from bot.answers.wording import plain
from bot.console import words
from bot.console.agreed import SAFETY_FIELDS
from bot.console.escalation.forms import Read, too_long, values_of
from bot.console.patients.page import the_patient
from bot.console.unkept import unkept
from bot.console.visit import Answer, Go, Page, Visit
from bot.errors import Conflict
from bot.store import agreements
from bot.store.access import Refused
from bot.store.agreements import Agreement, Kind
from bot.store.lifecycle import Action, may
from bot.store.patients import Patient

CONTACT_FIELDS = ("name", "relation", "telephone", "may_call", "safe_way")
DONE = {
    "contact": "Kept. It is shown with every escalation.",
    "safety_plan": "Kept. It is shown with every escalation.",
}
FIELDS: Mapping[Kind, tuple[str, ...]] = {Kind.CONTACT: CONTACT_FIELDS, Kind.SAFETY_PLAN: tuple(SAFETY_FIELDS)}


def show(visit: Visit) -> Answer:
    """GET /console/patients/<code>/agreed."""
    patient = the_patient(visit, "patient.view")
    return _page(visit, patient, agreements.newest(visit.connection, visit.vault, patient.id), 200)


def _page(
    visit: Visit,
    patient: Patient,
    found: Mapping[Kind, Agreement],
    status: int,
    kind: Kind | None = None,
    problems: Mapping[str, str] = MappingProxyType({}),
) -> Page:
    form = visit.form
    is_second = status == 409  # they are shown what is there now, and what they wrote beside it
    typed = {
        one: values_of(form if one is kind and not is_second else found[one].data if one in found else {}, fields)
        for one, fields in FIELDS.items()
    }
    values = {
        "patient": patient,
        "typed": typed,
        "problems": {one: problems if one is kind else {} for one in Kind},
        "versions": {one: found[one].version if one in found else 0 for one in Kind},
        "made": {one: _made(visit, found.get(one)) for one in Kind},
        "steps": SAFETY_FIELDS,
        "may_call": words.MAY_CALL,
        "may_write": may(visit.staff.role, Action.NOTE),
        "done": DONE.get(visit.query.get("done", ""), ""),
        "unkept": unkept(form, {}) if is_second else [],
        "is_second": is_second,
    }
    return Page("agreed.html", values, status)


def _made(visit: Visit, one: Agreement | None) -> tuple[str, object] | None:
    if one is None:
        return None
    return visit.names.get(one.made_by or "", "Somebody"), one.made_at


def read_contact(form: Mapping[str, str], country: str) -> Read:
    """Read whom to call. Whether they may be called is asked wherever there is somebody to call (safety.md §5).

    Args:
        form: what was sent.
        country: the patient's, in which a number without "+" is meant.
    """
    given = values_of(form, CONTACT_FIELDS)
    problems = too_long(given)
    number = read_phone(plain(given["telephone"]), country)
    if given["telephone"] and number is None:
        problems["telephone"] = "Give one number that can be called, with + and the country, such as +44 20 7946 0000."
    if given["name"] and not given["telephone"]:
        problems["telephone"] = "Give the number at which they are called."
    if given["telephone"] and not given["name"]:
        problems["name"] = "Write who it is."
    if given["telephone"] and given["may_call"] not in words.MAY_CALL:
        problems["may_call"] = "Choose whether the person has agreed that they are called."
    return Read({**given, "telephone": number or ""}, problems)


def read_safety_plan(form: Mapping[str, str], _country: str) -> Read:
    """Read a safety plan: any of its steps may be open still."""
    given = values_of(form, tuple(SAFETY_FIELDS))
    return Read(given, too_long(given))


READS: Mapping[Kind, Callable[[Mapping[str, str], str], Read]] = {
    Kind.CONTACT: read_contact,
    Kind.SAFETY_PLAN: read_safety_plan,
}


def keep_contact(visit: Visit) -> Answer:
    """POST /console/patients/<code>/agreed/contact."""
    return _keep(visit, Kind.CONTACT)


def keep_safety_plan(visit: Visit) -> Answer:
    """POST /console/patients/<code>/agreed/safety_plan."""
    return _keep(visit, Kind.SAFETY_PLAN)


def _keep(visit: Visit, kind: Kind) -> Answer:
    patient, form = the_patient(visit, "patient.view"), visit.form
    if not may(visit.staff.role, Action.NOTE):
        raise Refused("your role may not write down what was agreed with a person: ask a supervisor or clinician")
    read, shown = READS[kind](form, patient.country), _shown(form)
    found = agreements.newest(visit.connection, visit.vault, patient.id)
    if (found[kind].version if kind in found else 0) != shown:  # before the problems: they are for whoever was first
        return _second(visit, patient, kind)
    if read.problems:
        return _page(visit, patient, found, 422, kind, read.problems)
    try:
        agreements.keep(visit.connection, visit.vault, patient.id, kind, read.data, shown, visit.staff.id, visit.now)
    except Conflict:
        return _second(visit, patient, kind)
    visit.record("agreed.contact" if kind is Kind.CONTACT else "agreed.safety_plan", patient.id)
    return Go(f"/console/patients/{patient.code}/agreed?done={kind}")


def _shown(form: Mapping[str, str]) -> int:
    """The version that the form's writer had before them; -1 where it names none."""
    over = form.get("version", "")
    return int(over) if over.isascii() and over.isdecimal() and len(over) < 6 else -1


def _second(visit: Visit, patient: Patient, kind: Kind) -> Page:
    visit.record("patient.conflict", patient.id, kind)
    return _page(visit, patient, agreements.newest(visit.connection, visit.vault, patient.id), 409, kind)
