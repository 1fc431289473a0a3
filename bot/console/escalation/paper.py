"""A whole case on paper: for whoever reads how it was resolved, and for the file of a coroner."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.console import lines
from bot.console.escalation.page import opened, page
from bot.console.forms import Draft
from bot.console.visit import Answer, Page, Visit
from bot.store import escalations

BEFORE, AFTER = timedelta(hours=24), timedelta(hours=24)  # of the episode, whose messages are on it too
MOST = 400  # messages, the last ones


def show(visit: Visit) -> Answer:
    """GET /console/escalation/<id>/paper: no button but the one that prints; that it was opened is an entry of its own."""
    escalation, patient = opened(visit, "escalation.paper")
    history = escalations.history(visit.connection, visit.vault, escalation.id)
    began_at = min((event.at for event in history), default=escalation.opened_at)
    since = min(began_at, escalation.opened_at) - BEFORE
    until = min(visit.now, escalation.resolved_at + AFTER) if escalation.resolved_at else visit.now
    talk = [line for line in lines.last(visit, patient.id, until, MOST) if line.at >= since]
    values = {
        **page(visit, escalation, patient, Draft(), 200).values,
        "done": "",
        "talk": [replace(line, is_it=line.is_patients and line.id == escalation.message_id) for line in talk],
        "since": since,
        "until": until,
        "is_cut": len(talk) == MOST,
    }
    return Page("escalation_paper.html", values)
