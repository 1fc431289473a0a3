"""What happened to an escalation, in words: its history, its resolution, its pages, and whether its reply arrived."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.console import times, words
from bot.console.escalation.naming import marked
from bot.console.lines import Span
from bot.console.visit import Visit
from bot.store import escalations, outbox, pages
from bot.store.escalations import Escalation, Event
from bot.store.outbox import OutboxRow
from bot.store.pages import PageRow

# These change nothing that a person decides: who comes second need not be told of them.
QUIET = escalations.BY_ITSELF | {"note", "contact", "paged"}
REPLIES_READ = 50


@dataclass(frozen=True)
class Past:
    """One entry of the history, in words."""

    at: datetime
    what: str
    who: str
    facts: tuple[tuple[str, str], ...] = ()
    spans: tuple[Span, ...] = ()  # of a note: its words, the names in it marked


def past(event: Event, names: Mapping[str, str], zone: str) -> Past:
    """An entry of the history in words."""
    what, facts = words.said(words.EVENTS, event.event), dict[str, str]()
    detail = event.detail
    if event.event == "reopened" and event.staff_id:
        what = "Opened again"
    if event.event == "missed" and not event.staff_id:
        what = "The person says that this message was missed"
    if "tier" in detail:
        kind = words.said(words.KINDS, detail.get("kind", "none"))
        what += f": {words.said(words.TIERS, detail['tier'])}, {kind}"
    if event.event == "contact":
        what += f": {words.said(words.HOWS, detail['how'])}, {'reached' if detail['reached'] else 'not reached'}"
        tried, again = detail.get("tried_at"), detail.get("next_try_at")
        facts["Tried"] = times.when(datetime.fromisoformat(tried), zone) if tried else ""
        facts["Next try"] = times.when(datetime.fromisoformat(again), zone) if again else ""
        facts["Plan"] = detail.get("plan", "")
    if event.event == "handed_over":
        what = f"Offered to {names.get(detail.get('to', ''), 'a colleague')}"
    if event.event == "resolved":
        what += f": {words.said(words.OUTCOMES, str(detail.get('outcome', '')))}"
    if event.event == "snoozed":
        facts["Until"] = times.when(datetime.fromisoformat(detail["until"]), zone)
    facts["Why"] = detail.get("why", "")
    told = tuple((name, str(value)) for name, value in facts.items() if value)
    spans = marked(str(detail.get("note", "")), detail.get("named", ()))
    return Past(event.at, what, names.get(event.staff_id or "", ""), told, spans)


def resolution_facts(resolution: Mapping[str, Any]) -> list[tuple[str, str]]:
    """A resolution as pairs of words, in the order of the form."""
    if not resolution:
        return []
    false_alarm = resolution.get("outcome") == "false_alarm"
    rests = "Yes" if resolution.get("go_on") else "No, they rest until a person says so"
    shown = {
        "Outcome": words.said(words.OUTCOMES, str(resolution.get("outcome", ""))),
        "Handed to": resolution.get("handed_to"),
        "Spoken to": resolution.get("spoken_to"),
        "Why it was none" if false_alarm else "Risk, as judged": resolution.get("risk"),
        "Means discussed": words.MEANS.get(str(resolution.get("means", ""))),
        "Next contact": resolution.get("next_contact_on"),
        "Who follows up": resolution.get("follow_up"),
        "Check-ins may go on": rests if "go_on" in resolution else None,
    }
    return [(name, str(value)) for name, value in shown.items() if value]


def last_change(visit: Visit, escalation: Escalation) -> str:
    """Who did what last, for the person who came second."""
    names = visit.names
    for event in reversed(escalations.history(visit.connection, visit.vault, escalation.id)):
        if event.event not in QUIET:
            told = past(event, names, visit.console.zone)
            who = told.who or "The patient"
            return f"{who}, {times.clock_time(event.at, visit.console.zone)}: {told.what}."
    return ""


@dataclass(frozen=True)
class Sent:
    """One page to staff, in words."""

    row: PageRow
    who: str
    how: str
    what: str
    is_bad: bool


def sent_pages(visit: Visit, escalation: Escalation, names: Mapping[str, str]) -> list[Sent]:
    """Every page that was sent for an escalation, the newest first."""
    rows = pages.of_escalation(visit.connection, escalation.id)
    return [_sent(row, names) for row in reversed(rows)]


def _sent(row: PageRow, names: Mapping[str, str]) -> Sent:
    is_bad = row.state in (pages.FAILED, pages.UNKNOWN)
    if row.staff_id is None:
        return Sent(row, "Nobody", "", "There was nobody who could be paged", is_bad)
    what = words.said(words.PAGE_STATES, row.state)
    return Sent(row, names.get(row.staff_id, "Somebody"), words.said(words.WAYS, row.way), what, is_bad)


class Arrival(StrEnum):
    """What is known of the crisis reply."""

    NONE = "none"
    ON_ITS_WAY = "on_its_way"
    SENT = "sent"
    DELIVERED = "delivered"
    NOT_DELIVERED = "not_delivered"
    NOT_KNOWN = "not_known"


_ARRIVALS = {
    outbox.WAITING: Arrival.ON_ITS_WAY,
    outbox.SENDING: Arrival.ON_ITS_WAY,
    outbox.SENT: Arrival.SENT,
    outbox.DELIVERED: Arrival.DELIVERED,
    outbox.UNKNOWN: Arrival.NOT_KNOWN,
}
CALL_FIRST = frozenset({Arrival.NOT_DELIVERED, Arrival.NOT_KNOWN})


def arrival(rows: Sequence[OutboxRow]) -> Arrival:
    """Whether the last reply that was for safety arrived: who can't be reached by it is called (safety.md §2)."""
    states = [row.state for row in rows if row.message_class == "safety"]
    return _ARRIVALS.get(states[-1], Arrival.NOT_DELIVERED) if states else Arrival.NONE


def reply_arrival(visit: Visit, escalation: Escalation) -> Arrival:
    """Whether this episode's last crisis reply arrived."""
    said_at = escalation.opened_at
    at_once = outbox.until(visit.connection, visit.vault, escalation.patient_id, said_at, REPLIES_READ)
    later = outbox.after(visit.connection, visit.vault, escalation.patient_id, said_at, REPLIES_READ)
    return arrival([row for row in at_once if row.created_at == said_at] + later)
