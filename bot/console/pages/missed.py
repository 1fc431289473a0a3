"""A member of staff found risk in a message that the screen let pass: an escalation opens at once."""

from __future__ import annotations

from bot.console import lines, words
from bot.console.escalation.forms import LONGEST
from bot.console.patients.page import the_patient
from bot.console.visit import Answer, Go, Missing, Page, Visit
from bot.store import judging
from bot.store.access import Refused
from bot.store.inbox import Message
from bot.store.lifecycle import Action, may
from bot.store.patients import Patient
from bot.store.types import MessageId

TIERS = {name: told for name, told in words.TIERS.items() if name != "none"}
KINDS = {name: told for name, told in words.KINDS.items() if name != "none"}
HINTS = {
    "emergency": "Emergency: intent, plan or act, now or with a date; an overdose; a medical red flag",
    "urgent": "Urgent: wish to be dead, self-harm, misuse to cope, abuse, fear for somebody",
    "watch": "Watch: hopelessness or burden with no wish to die",
}


def _opened(visit: Visit) -> tuple[Patient, Message]:
    if not may(visit.staff.role, Action.MARK_MISSED):
        raise Refused("your role may not mark messages")
    patient = the_patient(visit, "patient.view")
    found = lines.message(visit, MessageId(int(visit.path["message"])))
    if found is None or found.patient_id != patient.id:
        raise Missing
    return patient, found


def show(visit: Visit) -> Answer:
    """GET /console/patients/<code>/missed/<message>: what is needed to mark it."""
    patient, message = _opened(visit)
    return _page(visit, patient, message, {}, 200)


def mark(visit: Visit) -> Answer:
    """POST …: the escalation opens, joins or rises; its pages are due with the commit."""
    patient, message = _opened(visit)
    problems = {}
    if visit.form.get("tier") not in TIERS:
        problems["tier"] = "Choose how grave it is."
    if visit.form.get("kind") not in KINDS:
        problems["kind"] = "Choose what it is about."
    if len(visit.form.get("why", "")) > LONGEST:
        problems["why"] = f"Use at most {LONGEST} characters."
    if problems:
        return _page(visit, patient, message, problems, 422)
    made = judging.mark_missed(
        visit.connection, visit.vault, patient.id, message.id, visit.form["tier"], visit.form["kind"], visit.now,
        staff_id=visit.staff.id, why=visit.form.get("why", ""),
    )  # fmt: skip
    visit.record("escalation.missed", patient.id, f"{made.code} {visit.form['tier']} {visit.form['kind']}")
    return Go(f"/console/escalation/{made.id}?done=missed", wakes=True)


def _page(visit: Visit, patient: Patient, message: Message, problems: dict[str, str], status: int) -> Page:
    values = {
        "patient": patient,
        "line": lines.theirs(visit, message),
        "typed": {name: visit.form.get(name, "") for name in ("tier", "kind", "why")},
        "problems": problems,
        "tiers": HINTS,
        "kinds": KINDS,
    }
    return Page("missed.html", values, status)
