"""One escalation on one page: what decided, what was said around it, who it is, and the buttons for what to do."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from bot.clock import local
from bot.console import lines, words
from bot.console.agreed import agreed
from bot.console.clocks import milestones, running
from bot.console.escalation import forms
from bot.console.escalation.colleagues import readers, takers
from bot.console.escalation.here import others
from bot.console.escalation.offers import offers
from bot.console.escalation.past import CALL_FIRST, past, reply_arrival, resolution_facts, sent_pages
from bot.console.gate import Answer, Missing, Page, Visit
from bot.console.lines import Line, Reason
from bot.console.replies.offered import offered
from bot.console.trend import trend
from bot.store import access, escalations, inbox, mentions, patients, presences, snoozing, staff, takeovers
from bot.store.escalations import Escalation, Event
from bot.store.handling import PLAN_AFTER_TRIES
from bot.store.inbox import Message
from bot.store.lifecycle import Action, after, may
from bot.store.patients import Patient
from bot.store.types import EscalationId, PatientId, new_id

SHOWN_FLAGGED = 5
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


@dataclass(frozen=True)
class Flagged:
    """A message that showed risk, and why."""

    line: Line
    reasons: tuple[Reason, ...]
    intent: str


@dataclass(frozen=True)
class Draft:
    """What a form held that could not be kept, so that it is shown again; `form` names the form."""

    form: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    notice: str = ""


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
    """The page, with what a form held if it was sent back."""
    connection, vault = visit.connection, visit.vault
    presences.come(connection, escalation.id, visit.staff.id, visit.now)
    mentions.see(connection, visit.staff.id, escalation.id, visit.now)
    history = escalations.history(connection, vault, escalation.id)
    names = staff.names(connection, vault)
    it = lines.message(visit, escalation.message_id)
    chat = takeovers.of(connection, patient.id)
    policy = visit.console.coach.paging.of(escalation.tier)
    clock = running(escalation, acknowledge_within(visit, escalation))
    can = offers(escalation, visit.staff, chat.staff_id if chat else None, visit.now)
    arrival = reply_arrival(visit, escalation)
    can_write = chat is not None and chat.staff_id == visit.staff.id and _lets_write(visit, escalation)
    values = {
        "can": can,
        "can_write": can_write,
        "lookers": others(visit).get(escalation.id, ""),
        "ready": offered(visit, patient) if can_write else {},
        "clock": clock,
        "milestones": milestones(escalation, clock, visit.now, names, policy.contact_within if policy else None),
        "pages": sent_pages(visit, escalation, names),
        "arrival": arrival,
        "call_first": arrival in CALL_FIRST and escalation.state != "resolved",
        "number": _number(visit, patient),
        "chat": chat,
        "writer": names.get(chat.staff_id, "Somebody") if chat else "",
        **chat_of(visit, patient.id),
        "once": new_id(),
        "handing_to": names.get(escalation.handing_to or "", ""),
        "colleagues": {member.id: member.name for member in takers(visit)},
        "readers": readers(visit, patient),
        "snooze_latest": snoozing.latest(escalation, visit.now),
        "needs_plan": escalation.tries + 1 >= PLAN_AFTER_TRIES,
        "escalation": escalation,
        "patient": patient,
        "owner": names.get(escalation.owner_id or "", ""),
        "is_mine": escalation.owner_id == visit.staff.id,
        "country": visit.console.countries.get(patient.country, patient.country),
        "contact": contact_of(visit, patient),
        "consent": patients.consent(connection, patient.id),
        **agreed(visit, patient.id),
        "flagged": _flagged(visit, escalation, history, it),
        "around": lines.around(visit, patient.id, it) if it else lines.last(visit, patient.id, visit.now, lines.AROUND),
        "trend": trend(visit, patient),
        "history": [past(event, names, visit.console.zone) for event in history],
        "resolution": resolution_facts(escalation.resolution),
        "earlier": [row for row in escalations.of_patient(connection, vault, patient.id) if row.id != escalation.id],
        "draft": draft,
        "resolve": _values(draft, "resolve", forms.RESOLUTION_FIELDS),
        "log": _values(draft, "contact", forms.CONTACT_FIELDS),
        "typed": draft.values,
        "done": DONE.get(visit.query.get("done", ""), "") if not draft.form else "",
        "outcomes": forms.OUTCOMES,
        "means": words.MEANS,
        "hows": words.HOWS,
        "today": local(visit.now, visit.console.zone).date().isoformat(),
        "present": f"{local(visit.now, visit.console.zone):%Y-%m-%dT%H:%M}",
    }
    return Page("escalation.html", values, status)


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


def _number(visit: Visit, patient: Patient) -> str:
    """The telephone to call, for those who contact people; "" where the person does not write by SMS."""
    if not may(visit.staff.role, Action.LOG_CONTACT):
        return ""
    found = (one.id for one in patients.addresses_of(visit.connection, patient.id) if one.channel == "sms")
    return next((patients.open_address(visit.connection, visit.vault, one) for one in found), "")


def _values(draft: Draft, form: str, fields: tuple[str, ...]) -> dict[str, str]:
    return forms.values_of(draft.values if draft.form == form else {}, fields)


def contact_of(visit: Visit, patient: Patient) -> dict[str, Any]:
    """How the person is reached: channels, the last of them first, and whether they said STOP."""
    found = patients.addresses_of(visit.connection, patient.id)
    return {
        "channels": [words.said(words.CHANNELS, address.channel) for address in found],
        "opted_out_at": next((address.opted_out_at for address in found if address.opted_out_at), None),
        "closed": [words.said(words.CHANNELS, address.channel) for address in found if address.closed_at],
    }


def _flagged(visit: Visit, escalation: Escalation, history: list[Event], it: Message | None) -> list[Flagged]:
    """The message that decided, then the others of the episode that showed risk, the newest first."""
    ids = [
        event.message_id
        for event in reversed(history)
        if event.message_id and event.message_id != escalation.message_id
    ]
    others = [lines.message(visit, message_id) for message_id in dict.fromkeys(ids)]
    found = [it, *others] if it else others
    return [_flag(visit, message, message is it) for message in found[:SHOWN_FLAGGED] if message]


def _flag(visit: Visit, message: Message, is_it: bool) -> Flagged:
    evidence = inbox.evidence(visit.connection, visit.vault, message.id)
    why = tuple(lines.reasons(visit, message.text, evidence))
    return Flagged(lines.theirs(visit, message, is_it=is_it), why, message.intent or "")
