"""What staff do with a patient's programme; of two people at once, the second is told who did what, and overwrites none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from bot.console import audit_words, words
from bot.console.forms import Draft
from bot.console.patients.page import mark_of, page, the_patient, ward_of
from bot.console.times import when
from bot.console.visit import Answer, Go, Handler, Visit
from bot.conversation import programme
from bot.conversation.programme import Ward
from bot.errors import Conflict, Incomplete
from bot.store import care, patients, trail
from bot.store.access import Refused
from bot.store.care import Care, Closing, Mode
from bot.store.patients import Patient

ACTIONS = tuple(f"patient.{step}" for step in Care)
Take = Callable[[Ward, Patient, Visit], str]


def programme_step(of: Care, name: str, take: Take) -> Handler:
    """The handler of one step.

    Args:
        of: asked of the tables before anything is read from the form.
        name: of the step in addresses, forms, notices and the audit.
        take: does it, and tells the audit what was done, in codes. May raise `Incomplete`.
    """

    def handler(visit: Visit) -> Answer:
        found = the_patient(visit, "patient.view")
        if not care.may(visit.staff.role, of):
            raise Refused("your role may not change a patient’s programme: ask a supervisor or clinician")
        patient, ward = patients.locked(visit.connection, visit.vault, found.id), ward_of(visit)
        try:
            if visit.form.get("mark") != mark_of(patient):
                raise Conflict("it was changed since it was read")
            programme.check(ward, patient, of)
            detail = take(ward, patient, visit)
        except Incomplete as lacks:
            problems = {lacks.field: f"{str(lacks).capitalize()}."}
            return page(visit, patient, Draft(name, visit.form, problems), 422)
        except Conflict:
            visit.record("patient.conflict", patient.id, name)
            return page(visit, patient, Draft(name, visit.form, {}, _first(visit, patient)), 409)
        visit.record(f"patient.{name}", patient.id, detail)
        return Go(f"/console/patients/{patient.code}?done={name}", wakes=True)

    handler.__name__, handler.__doc__ = name, f"POST /console/patients/<code>/{name}."
    return handler


def _first(visit: Visit, patient: Patient) -> str:
    """What somebody who was second is told: that nothing was kept, and who of the staff did what last."""
    told = "This changed before your step arrived, so nothing of yours was kept. Look how it stands now, then decide."
    last = next(iter(trail.about(visit.connection, patient.id, visit.now, 1, only=ACTIONS)), None)
    if last is None:
        return told
    who = visit.names.get(last.staff_id or "", "Somebody")
    what = words.in_text(audit_words.ACTIONS, last.action)
    return f"{told} The last step of staff: {who} {what}, {when(last.at, visit.console.zone)}."


def _pause(ward: Ward, patient: Patient, visit: Visit) -> str:
    try:
        until_on = date.fromisoformat(visit.form.get("until", ""))
    except ValueError:
        raise Incomplete("until", "give the day on which check-ins begin again") from None
    programme.pause(ward, patient, until_on)
    return f"until {until_on.isoformat()}"


def _go_on(ward: Ward, patient: Patient, visit: Visit) -> str:
    programme.go_on(ward, patient)
    return ""


def _set_mode(ward: Ward, patient: Patient, visit: Visit) -> str:
    """To the one that the form names: a second tap changes nothing back."""
    wanted = visit.form.get("mode", "")
    if wanted not in set(Mode) or wanted == patient.mode:
        raise Conflict("the form names no other mode")
    programme.set_mode(ward, patient, Mode(wanted))
    return wanted


def _close(ward: Ward, patient: Patient, visit: Visit) -> str:
    why = visit.form.get("closing", "")
    if why not in set(Closing):
        raise Incomplete("closing", "choose why it is closed")
    programme.close(ward, patient, Closing(why))
    return why


def _reopen(ward: Ward, patient: Patient, visit: Visit) -> str:
    programme.reopen(ward, patient)
    return ""


STEPS: dict[str, Handler] = {
    "pause": programme_step(Care.PAUSE, "pause", _pause),
    "go_on": programme_step(Care.GO_ON, "go_on", _go_on),
    "set_mode": programme_step(Care.SET_MODE, "set_mode", _set_mode),
    "close": programme_step(Care.CLOSE, "close", _close),
    "reopen": programme_step(Care.REOPEN, "reopen", _reopen),
}
