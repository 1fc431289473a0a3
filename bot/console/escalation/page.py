"""One escalation on one page: what decided, what was said around it, who it is, and the buttons for what to do."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from bot.clock import local
from bot.console import lines, words
from bot.console.clocks import milestones, running
from bot.console.escalation import forms
from bot.console.escalation.colleagues import readers, takers
from bot.console.escalation.facts import facts
from bot.console.escalation.here import others
from bot.console.escalation.offers import offers
from bot.console.escalation.past import CALL_FIRST, past, reply_arrival, resolution_facts, sent_pages
from bot.console.forms import Draft
from bot.console.replies.offered import offered
from bot.console.unkept import unkept
from bot.console.visit import Answer, Missing, Page, Visit
from bot.store import access, escalations, mentions, presences, snoozing, takeovers
from bot.store.escalations import Escalation
from bot.store.handling import PLAN_AFTER_TRIES
from bot.store.lifecycle import Action, after, may
from bot.store.patients import Patient
from bot.store.takeovers import Takeover
from bot.store.types import EscalationId, PatientId, new_id

SHOWN_CHAT = 12
# Notices after a step, by its name in the address: nothing that anybody typed goes there.
DONE = {
    "acknowledge": "Acknowledged. You have it now. Next: contact the person.",
    "hand_over": "It is offered. It stays yours until your colleague accepts.",
    "accept": "Accepted. You have it now.",
    "contact": "The contact was kept.",
    "note": "The note was kept. Only staff see it.",
    "snooze": "It is out of sight until then. No clock stops for it.",
    "show_again": "It is in sight again.",
    "resolve": "Resolved.",
    "false_alarm": "Noted as a false alarm. The message stays where it is.",
    "second_read": "Noted: you have read it.",
    "reopen": "Open again. Its clocks and its paging start anew.",
    "take_over": "You write in the chat now. The coach is silent.",
    "write": "Your message is on its way.",
    "hand_back": "The coach answers again.",
    "missed": "Marked as missed. This escalation is open for it.",
}


def opened(visit: Visit, why: str) -> tuple[Escalation, Patient]:
    """The escalation that the address names and its patient, through the one door.

    Raises:
        Missing: there is none.
        Refused: the role may not.
    """
    try:
        found = escalations.get(visit.connection, visit.vault, EscalationId(visit.path["id"]))
    except KeyError:
        raise Missing from None
    who = access.patient(visit.connection, visit.vault, visit.staff, found.patient_id, why, visit.now, found.code)
    return found, who


def show(visit: Visit) -> Answer:
    """GET /console/escalation/<id>."""
    escalation, patient = opened(visit, "escalation.view")
    return page(visit, escalation, patient, Draft(), 200)


def page(visit: Visit, escalation: Escalation, patient: Patient, draft: Draft, status: int) -> Page:
    """The page, with what a form held if it was sent back. Whoever is given it looks at the case from now on."""
    connection, vault = visit.connection, visit.vault
    presences.come(connection, escalation.id, visit.staff.id, visit.now)
    mentions.see(connection, visit.staff.id, escalation.id, visit.now)
    history = escalations.history(connection, vault, escalation.id)
    names = visit.names
    chat = takeovers.of(connection, patient.id)
    values = {
        "escalation": escalation,
        "patient": patient,
        "draft": draft,
        "typed": draft.values,
        "unkept": unkept(draft.values, names),
        "done": DONE.get(visit.query.get("done", ""), "") if not draft.form else "",
        "can": offers(escalation, visit.staff, chat.staff_id if chat else None, visit.now),
        **_head(visit, escalation, names),
        **facts(visit, escalation, patient, history),
        **_talk(visit, escalation, patient, chat, names),
        **_forms(visit, escalation, patient, draft),
        "history": [past(event, names, visit.console.zone) for event in history],
        "resolution": resolution_facts(escalation.resolution),
        "earlier": [row for row in escalations.of_patient(connection, vault, patient.id) if row.id != escalation.id],
    }
    return Page("escalation.html", values, status)


def _head(visit: Visit, escalation: Escalation, names: dict[str, str]) -> dict[str, Any]:
    """How it stands: its clock, whose it is, whether pages and reply arrived, and who else looks."""
    policy = visit.console.coach.paging.of(escalation.tier)
    clock, arrival = running(escalation, acknowledge_within(visit, escalation)), reply_arrival(visit, escalation)
    return {
        "clock": clock,
        "milestones": milestones(escalation, clock, visit.now, names, policy.contact_within if policy else None),
        "owner": names.get(escalation.owner_id or "", ""),
        "is_mine": escalation.owner_id == visit.staff.id,
        "handing_to": names.get(escalation.handing_to or "", ""),
        "lookers": others(visit).get(escalation.id, ""),
        "pages": sent_pages(visit, escalation, names),
        "arrival": arrival,
        "call_first": arrival in CALL_FIRST and escalation.state != "resolved",
    }


def _talk(
    visit: Visit, escalation: Escalation, patient: Patient, chat: Takeover | None, names: dict[str, str]
) -> dict[str, Any]:
    """The chat, and what somebody needs who writes in it."""
    can_write = chat is not None and chat.staff_id == visit.staff.id and _lets_write(visit, escalation)
    return {
        "chat": chat,
        "writer": names.get(chat.staff_id, "Somebody") if chat else "",
        "can_write": can_write,
        "ready": offered(visit, patient) if can_write else {},
        "once": new_id(),
        **chat_of(visit, patient.id),
    }


def _forms(visit: Visit, escalation: Escalation, patient: Patient, draft: Draft) -> dict[str, Any]:
    """What the forms of the steps offer, and what one of them held."""
    present = local(visit.now, visit.console.zone)
    return {
        "colleagues": {member.id: member.name for member in takers(visit)},
        "readers": readers(visit, patient),
        "snooze_latest": snoozing.latest(escalation, visit.now),
        "needs_plan": escalation.tries + 1 >= PLAN_AFTER_TRIES,
        "resolve": _values(draft, "resolve", forms.RESOLUTION_FIELDS),
        "log": _values(draft, "contact", forms.CONTACT_FIELDS),
        "outcomes": forms.OUTCOMES,
        "means": words.MEANS,
        "hows": words.HOWS,
        "today": present.date().isoformat(),
        "present": f"{present:%Y-%m-%dT%H:%M}",
    }


def acknowledge_within(visit: Visit, escalation: Escalation) -> timedelta | None:
    """The limit of an escalation's tier, by the site's policy; None where it is not paged."""
    policy = visit.console.coach.paging.of(escalation.tier)
    return policy.acknowledge_within if policy else None


def chat_of(visit: Visit, patient_id: PatientId) -> dict[str, Any]:
    """The last messages, and a mark that changes whenever one of them does."""
    shown = lines.last(visit, patient_id, visit.now, SHOWN_CHAT)
    text = "\n".join(f"{line.is_patients}:{line.id}:{line.state}" for line in shown)
    return {"chat_lines": shown, "chat_mark": hashlib.sha256(text.encode()).hexdigest()[:16]}


def _lets_write(visit: Visit, escalation: Escalation) -> bool:
    return may(visit.staff.role, Action.TAKE_OVER) and after(escalation.state, Action.TAKE_OVER) is not None


def _values(draft: Draft, form: str, fields: tuple[str, ...]) -> dict[str, str]:
    return forms.values_of(draft.values if draft.form == form else {}, fields)
