"""What is known of a case and its patient: what decided, what was said around it, who it is, and how their days went."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.console import lines, words
from bot.console.agreed import agreed
from bot.console.lines import Line, Reason
from bot.console.trend import trend
from bot.console.visit import Visit
from bot.content.call_scripts import spoken
from bot.store import patients
from bot.store.escalations import Escalation, Event
from bot.store.inbox import Message
from bot.store.lifecycle import Action, Stage, may
from bot.store.patients import Patient

SHOWN_FLAGGED = 5


@dataclass(frozen=True)
class Flagged:
    """A message that showed risk, and why."""

    line: Line
    reasons: tuple[Reason, ...]
    intent: str


def facts(visit: Visit, escalation: Escalation, patient: Patient, history: list[Event]) -> dict[str, Any]:
    """All of it, as the page shows it."""
    it = lines.message(visit, escalation.message_id)
    return {
        "flagged": _flagged(visit, escalation, history, it),
        "around": lines.around(visit, patient.id, it) if it else lines.last(visit, patient.id, visit.now, lines.AROUND),
        "country": visit.console.countries.get(patient.country, patient.country),
        "contact": contact_of(visit, patient),
        "number": _number(visit, patient),
        "consent": patients.consent(visit.connection, patient.id),
        **agreed(visit, patient.id),
        "call_script": _call_script(visit, escalation, patient),
        "trend": trend(visit, patient),
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
    why = tuple(lines.reasons(visit, message.text, message.evidence))
    return Flagged(lines.theirs(visit, message, is_it=is_it), why, message.intent or "")


def _number(visit: Visit, patient: Patient) -> str:
    """The telephone to call, for those who contact people; "" where the person does not write by SMS."""
    if not may(visit.staff.role, Action.LOG_CONTACT):
        return ""
    found = (one.id for one in patients.addresses_of(visit.connection, patient.id) if one.channel == "sms")
    return next((patients.open_address(visit.connection, visit.vault, one) for one in found), "")


def _call_script(visit: Visit, escalation: Escalation, patient: Patient) -> list[tuple[bool, str]]:
    """What to say and do on the telephone, for those who contact people, until it is resolved."""
    script = visit.console.coach.call_scripts.get(escalation.kind)
    if not script or escalation.state is Stage.RESOLVED or not may(visit.staff.role, Action.LOG_CONTACT):
        return []
    number = visit.console.coach.crisis.emergency_number(patient.country)
    return spoken(script, patient.first_name or "", visit.staff.name, number)


def contact_of(visit: Visit, patient: Patient) -> dict[str, Any]:
    """How the person is reached: channels, the last of them first, whether they said STOP, and whether we can write."""
    found = patients.addresses_of(visit.connection, patient.id)
    return {
        "channels": [words.said(words.CHANNELS, address.channel) for address in found],
        "opted_out_at": next((address.opted_out_at for address in found if address.opted_out_at), None),
        "is_reachable": patients.reachable_of(found) is not None,
        "closed": [words.said(words.CHANNELS, address.channel) for address in found if address.closed_at],
    }
