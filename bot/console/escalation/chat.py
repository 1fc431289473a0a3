"""A member of staff writes to the patient in the coach's place: take the chat over, write, hand it back."""

from __future__ import annotations

from bot.console.escalation.page import chat_of, opened, page
from bot.console.escalation.steps import Case, Unfit, step, told
from bot.console.forms import Draft
from bot.console.replies.offered import chosen
from bot.console.visit import Answer, Page, Visit
from bot.conversation import takeover
from bot.store import escalations, takeovers
from bot.store.access import Refused
from bot.store.lifecycle import Action, may
from bot.store.types import EscalationId

ONCE_LENGTH = 32


def _take_over(case: Case) -> str:
    visit = case.visit
    takeover.begin(visit.connection, visit.vault, visit.console.coach, case.patient.id, visit.staff.id, visit.now)
    return ""


def _write(case: Case) -> str:
    """The form carries a number used once, so that a second tap sends nothing twice."""
    visit, once = case.visit, case.visit.form.get("once", "")
    if not once.isalnum() or not once.isascii() or len(once) > ONCE_LENGTH:
        raise Unfit({"text": "This page was open for too long. Send it again."})
    takeover.say(
        visit.connection, visit.vault, case.patient.id, visit.staff.id, once, visit.form.get("text", ""), visit.now
    )
    return ""


def _hand_back(case: Case) -> str | None:
    visit = case.visit
    ended = takeover.end(
        visit.connection, visit.vault, visit.console.coach, case.patient, visit.now, staff_id=visit.staff.id
    )
    return "" if ended else None


take_over = step(Action.TAKE_OVER, "take_over", _take_over)
write = step(Action.TAKE_OVER, "write", _write)
hand_back = step(Action.HAND_BACK, "hand_back", _hand_back)


def fill(visit: Visit) -> Answer:
    """POST …/fill: the page again, with a ready reply after what was typed. Nothing is sent, and nothing kept."""
    escalation, patient = opened(visit, "escalation.view")
    if not may(visit.staff.role, Action.TAKE_OVER):
        raise Refused("your role does not write in chats: ask a supervisor")
    standing = takeovers.of(visit.connection, patient.id)
    if standing is None or standing.staff_id != visit.staff.id:
        return told(Case(visit, escalation, patient), "write")
    texts = visit.form.get("text", ""), chosen(visit, patient, visit.form.get("reply", ""))
    typed = {"text": "\n".join(filter(None, texts))}
    return page(visit, escalation, patient, Draft("write", typed), 200)


def live(visit: Visit) -> Answer:
    """GET …/chat: the part of the page that changes while somebody writes."""
    _, patient = opened(visit, "escalation.view")
    return Page("chat_lines.html", {"patient": patient, **chat_of(visit, patient.id)})


def is_unchanged(visit: Visit) -> bool:
    """Whether the browser shows the present state, so that there is nothing to send and no view to write down."""
    try:
        found = escalations.get(visit.connection, visit.vault, EscalationId(visit.path["id"]))
    except KeyError:
        return False
    return bool(visit.query.get("mark") == chat_of(visit, found.patient_id)["chat_mark"])
