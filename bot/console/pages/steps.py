"""What the buttons of an escalation do; of two people at once, the second is told who did what, and overwrites none."""

from __future__ import annotations

from bot.clock import local
from bot.console.gate import Answer, Go, Visit
from bot.console.pages.escalation import Draft, last_change, opened, page
from bot.console.pages.resolution import LONGEST, Read, read_contact, read_resolution
from bot.errors import Conflict
from bot.paging.acknowledge import take
from bot.store import escalations, handling, patients
from bot.store.escalations import Escalation
from bot.store.lifecycle import IN_HAND
from bot.store.patients import Patient


def _back(escalation: Escalation, done: str) -> Go:
    return Go(f"/console/escalation/{escalation.id}?done={done}")


def _again(visit: Visit, escalation: Escalation, patient: Patient, form: str, read: Read) -> Answer:
    """The page with the form as it was sent, and what is missing told beside each field."""
    draft = Draft(form, visit.form, read.problems)
    return page(visit, escalation, patient, draft, 422)


def _told(visit: Visit, escalation: Escalation, patient: Patient, form: str) -> Answer:
    """The page as it now is, who changed it first, and what was typed, still there."""
    fresh = escalations.get(visit.connection, visit.vault, escalation.id)
    visit.record("escalation.conflict", patient.id, f"{escalation.code} {form}")
    notice = f"Something changed first, so nothing of yours was kept. {last_change(visit, fresh)} Read it, then decide."
    return page(visit, fresh, patient, Draft(form, visit.form, {}, notice), 409)


def _version(visit: Visit) -> int:
    given = visit.form.get("version", "")
    return int(given) if given.isdecimal() and len(given) < 10 else 0


def acknowledge(visit: Visit) -> Answer:
    """POST …/acknowledge: one tap.

    The version that the page showed is not asked for: another message of the patient's meanwhile is no reason to refuse
    whoever takes the case. Only that somebody else has it, is.
    """
    escalation, patient = opened(visit, "escalation.view")
    if escalation.state in IN_HAND and escalation.owner_id == visit.staff.id:
        return _back(escalation, "acknowledged")  # a second tap
    if not escalation.is_waiting:
        return _told(visit, escalation, patient, "acknowledge")
    try:
        take(
            visit.connection,
            visit.vault,
            visit.console.coach,
            escalation.id,
            escalation.version,
            visit.staff.id,
            visit.now,
        )
    except Conflict:
        return _told(visit, escalation, patient, "acknowledge")
    visit.record("escalation.acknowledge", patient.id, escalation.code)
    return _back(escalation, "acknowledged")


def contact(visit: Visit) -> Answer:
    """POST …/contact: how the person was tried, and whether reached."""
    escalation, patient = opened(visit, "escalation.view")
    read = read_contact(visit.form, visit.console.zone, visit.now)
    if read.problems:
        return _again(visit, escalation, patient, "contact", read)
    handling.remark(visit.connection, visit.vault, escalation.id, visit.staff.id, "contact", dict(read.data), visit.now)
    visit.record(
        "escalation.contact", patient.id, f"{escalation.code} {'reached' if read.data['reached'] else 'not reached'}"
    )
    return _back(escalation, "contact")


def note(visit: Visit) -> Answer:
    """POST …/note: words for the next reader."""
    escalation, patient = opened(visit, "escalation.view")
    text = visit.form.get("note", "")
    if not text or len(text) > LONGEST:
        problem = "Write the note first." if not text else f"Use at most {LONGEST} characters."
        return _again(visit, escalation, patient, "note", Read({}, {"note": problem}))
    handling.remark(visit.connection, visit.vault, escalation.id, visit.staff.id, "note", {"note": text}, visit.now)
    visit.record("escalation.note", patient.id, escalation.code)
    return _back(escalation, "note")


def resolve(visit: Visit) -> Answer:
    """POST …/resolve: closes the episode, if everything was told and nobody changed it meanwhile."""
    escalation, patient = opened(visit, "escalation.view")
    if escalation.state not in IN_HAND or escalation.version != _version(visit):
        return _told(visit, escalation, patient, "resolve")
    read = read_resolution(visit.form, local(visit.now, visit.console.zone).date())
    if read.problems:
        return _again(visit, escalation, patient, "resolve", read)
    try:
        handling.resolve(
            visit.connection, visit.vault, escalation.id, escalation.version, visit.staff.id, dict(read.data), visit.now
        )
    except Conflict:
        return _told(visit, escalation, patient, "resolve")
    go_on = bool(read.data["go_on"])
    if go_on:
        patients.change(visit.connection, visit.vault, patient.id, rests_since=None)
    detail = f"{escalation.code} {read.data['outcome']}, check-ins {'go on' if go_on else 'unchanged'}"
    visit.record("escalation.resolve", patient.id, detail)
    return _back(escalation, "resolved")
