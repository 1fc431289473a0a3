"""One escalation on one page: what decided, what was said around it, who it is, and the buttons for what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.clock import local
from bot.console import words
from bot.console.gate import Answer, Missing, Page, Visit
from bot.console.pages import lines
from bot.console.pages.lines import Line, Reason
from bot.console.pages.resolution import CONTACT_FIELDS, RESOLUTION_FIELDS, values_of
from bot.console.pages.trend import trend
from bot.store import access, escalations, inbox, patients, staff
from bot.store.escalations import Escalation, Event
from bot.store.inbox import Message
from bot.store.patients import Patient
from bot.store.types import EscalationId

SHOWN_FLAGGED = 5
# Notices after a step, by the name in the address: nothing that anybody typed goes there.
DONE = {
    "acknowledged": "Acknowledged. You have it now. Next: contact the person.",
    "contact": "The contact was kept.",
    "note": "The note was kept.",
    "resolved": "Resolved.",
}


@dataclass(frozen=True)
class Flagged:
    """A message that showed risk, and why."""

    line: Line
    reasons: tuple[Reason, ...]
    intent: str


@dataclass(frozen=True)
class Past:
    """One entry of the history, in words."""

    at: datetime
    what: str
    who: str
    facts: tuple[tuple[str, str], ...] = ()


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
    history = escalations.history(connection, vault, escalation.id)
    names = staff.names(connection, vault)
    it = lines.message(visit, escalation.message_id)
    values = {
        "escalation": escalation,
        "patient": patient,
        "owner": names.get(escalation.owner_id or "", ""),
        "is_mine": escalation.owner_id == visit.staff.id,
        "country": visit.console.countries.get(patient.country, patient.country),
        "contact": contact_of(visit, patient),
        "consent": patients.consent(connection, patient.id),
        "flagged": _flagged(visit, escalation, history, it),
        "around": lines.around(visit, patient.id, it) if it else lines.last(visit, patient.id, visit.now, lines.AROUND),
        "trend": trend(visit, patient),
        "history": [past(event, names, visit.console.zone) for event in history],
        "resolution": resolution_facts(escalation.resolution),
        "earlier": [row for row in escalations.of_patient(connection, vault, patient.id) if row.id != escalation.id],
        "draft": draft,
        "resolve": _values(draft, "resolve", RESOLUTION_FIELDS),
        "log": _values(draft, "contact", CONTACT_FIELDS),
        "note_words": draft.values.get("note", "") if draft.form == "note" else "",
        "done": DONE.get(visit.query.get("done", ""), "") if not draft.form else "",
        "outcomes": words.OUTCOMES,
        "means": words.MEANS,
        "hows": words.HOWS,
        "today": local(visit.now, visit.console.zone).date().isoformat(),
        "soon": f"{local(visit.now + timedelta(hours=1), visit.console.zone):%Y-%m-%dT%H:%M}",
    }
    return Page("escalation.html", values, status)


def _values(draft: Draft, form: str, fields: tuple[str, ...]) -> dict[str, str]:
    return values_of(draft.values if draft.form == form else {}, fields)


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


def past(event: Event, names: Mapping[str, str], zone: str) -> Past:
    """An entry of the history in words."""
    who = names.get(event.staff_id or "", "")
    detail = event.detail
    what = words.said(words.EVENTS, event.event)
    facts: tuple[tuple[str, str], ...] = ()
    if event.event in ("opened", "joined", "raised", "reopened"):
        tier, kind = detail.get("tier", "none"), detail.get("kind", "none")
        what += f": {words.said(words.TIERS, tier)}, {words.said(words.KINDS, kind)}"
    elif event.event == "contact":
        again = detail.get("next_try_at")
        what += f": {words.said(words.HOWS, detail['how'])}, {'reached' if detail['reached'] else 'not reached'}"
        next_try = (("Next try", words.when(datetime.fromisoformat(again), zone)),) if again else ()
        facts = (("Note", detail["note"]),) if detail.get("note") else ()
        facts += next_try
    elif event.event == "note":
        facts = (("Note", detail.get("note", "")),)
    elif event.event == "resolved":
        what += f": {words.said(words.OUTCOMES, str(detail.get('outcome', '')))}"
    return Past(event.at, what, who, facts)


def resolution_facts(resolution: Mapping[str, Any]) -> list[tuple[str, str]]:
    """A resolution as pairs of words, in the order of the form."""
    if not resolution:
        return []
    shown = {
        "Outcome": words.said(words.OUTCOMES, str(resolution.get("outcome", ""))),
        "Handed to": resolution.get("handed_to"),
        "Spoken to": resolution.get("spoken_to"),
        "Risk, as judged": resolution.get("risk"),
        "Means discussed": words.MEANS.get(str(resolution.get("means", ""))),
        "Next contact": resolution.get("next_contact_on"),
        "Who follows up": resolution.get("follow_up"),
        "Check-ins may go on": "Yes" if resolution.get("go_on") else "No, they rest until a person says so",
    }
    return [(name, str(value)) for name, value in shown.items() if value]


def last_change(visit: Visit, escalation: Escalation) -> str:
    """Who did what last, for the person who came second."""
    names = staff.names(visit.connection, visit.vault)
    for event in reversed(escalations.history(visit.connection, visit.vault, escalation.id)):
        if event.event not in {"note", "contact", *escalations.BY_ITSELF}:
            told = past(event, names, visit.console.zone)
            who = told.who or "The patient"
            return f"{who}, {words.clock_time(event.at, visit.console.zone)}: {told.what}."
    return ""
