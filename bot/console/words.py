"""The plain words in which the console speaks of tiers, kinds, states and events: one place, so that pages agree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

TIERS = {"emergency": "Emergency", "urgent": "Urgent", "watch": "Watch", "none": "No sign of risk"}
KINDS = {
    "suicide": "Suicide",
    "self_harm": "Self-harm",
    "overdose": "Overdose or poisoning",
    "medical": "Medical red flag",
    "abuse": "Abuse or violence",
    "hopelessness": "Hopelessness",
    "other_person": "Danger to another person",
    "none": "Kind not known",
}
DRILLS = {"drill": "Drill", "test_page": "Daily test page", "test_way": "Test page"}  # kinds of what is no danger
STATES = {
    "open": "Open",
    "paged": "Staff were paged",
    "acknowledged": "Acknowledged",
    "contacted": "The person was reached",
    "resolved": "Resolved",
}
LAYERS = {
    "rules": "Words in the message",
    "opinion": "Words that weighed most where the whole message was read for its sense",
    "context": "What was said just before",
    "answer": "The answer to a safety question",
    "answers": "The answer to a safety question",
    "dialogue": "The coach's reading of the message",
    "failure": "The screen itself failed, so a person must judge",
}
DELIVERY = {
    "waiting": "Waiting to be sent",
    "sending": "Being sent",
    "sent": "Sent",
    "delivered": "Delivered",
    "failed": "Not delivered",
    "unknown": "May not have arrived",
    "dropped": "Not sent",
}
BAD_DELIVERY = frozenset({"failed", "unknown", "dropped"})
CHANNELS = {"telegram": "Telegram", "sms": "SMS", "web": "Web chat", "terminal": "Terminal"}
FORMS = {
    "text": "",
    "button": "Pressed a button",
    "edit": "Changed an earlier message",
    "voice": "Sent a voice message (the coach can't hear it)",
    "photo": "Sent a photo (the coach can't see it)",
    "sticker": "Sent a sticker",
    "location": "Sent a location",
    "contact": "Sent a contact",
    "file": "Sent a file",
    "left": "Blocked the coach or left the chat",
}
REQUESTS = {
    "talk_to_human": "Wants to talk to a person",
    "export_data": "Wants a copy of their data",
    "delete_data": "Wants their data deleted",
    "unread_voice": "Sent a voice message, which the coach can't hear or keep: ask what it said",
    "unread_photo": "Sent a picture, which the coach can't see or keep: ask what it shows",
    "unread_file": "Sent a file, which the coach can't open or keep: ask what it says",
    "unread_location": "Sent where they are, which the coach can't read or keep: ask if they need help there",
}
PATIENT_STATES = {
    "unknown": "Wrote, has not joined",
    "enrolling": "Joining",
    "active": "Active",
    "paused": "Paused",
    "stopped": "Stopped",
    "declined": "Declined to join",
}
ROLES = {
    "supervisor": "Supervisor",
    "clinician": "Clinician",
    "administrator": "Administrator",
    "researcher": "Researcher",
}
OUTCOMES = {
    "safe_plan": "Safe plan made",
    "emergency_services": "Emergency services called",
    "referred": "Referred",
    "clinician": "Contacted their clinician",
    "not_reached": "Not reached, handed to someone else",
    "false_alarm": "False alarm",
}
MEANS = {"yes": "Yes", "no": "No", "not_applicable": "Not applicable"}
MAY_CALL = {"yes": "Yes, the person agreed", "no": "No", "not_asked": "Not asked yet"}
HOWS = {"phone": "Phone call", "sms": "Text message", "in_person": "In person", "other": "Another way"}
EVENTS = {
    "opened": "A message showed risk",
    "joined": "Another message showed risk",
    "raised": "A message showed greater risk",
    "opted_out": "They opted out (STOP); this stays open",
    "left": "They blocked the coach or left the chat; this stays open",
    "disputed": "They say that it was a false alarm; their view, which lowers nothing",
    "unreadable": "They sent something that the coach can't read",
    "reopened": "Opened again by a new message",
    "paged": "Staff were paged",
    "missed": "A person found a risk that the screen had not flagged",
    "paged_by_memory": "Staff were paged while the database was away",
    "nobody_to_page": "There was nobody to page",
    "no_answer": "No answer to a safety question",
    "acknowledged": "Acknowledged",
    "handed_over": "Offered to a colleague",
    "hand_over_late": "Nobody has accepted the hand-over",
    "accepted": "Accepted the hand-over",
    "contact": "Contact",
    "contact_late": "The contact is late",
    "taken_over": "A person writes in the chat",
    "handed_back": "The coach answers again",
    "seen_said": "The person was told that somebody has seen it",
    "second_read": "Read by a second person",
    "note": "Private note",
    "snoozed": "Put out of sight for a while",
    "shown_again": "Put in sight again",
    "resolved": "Resolved",
    "closed": "Closed by itself: a drill needs nobody to resolve it",
    **DRILLS,
}
# Stages as the head of an escalation names them, reached and not.
MILESTONES = {
    "opened": "Opened",
    "paged": "Paged",
    "acknowledged": "Acknowledged",
    "contacted": "Contacted",
    "resolved": "Resolved",
    "read": "Read by a second person",
}
LIMITS = {
    "acknowledge": "Acknowledge",
    "review": "Review",
    "contact": "Contact",
    "try_again": "Try again",
    "read": "Second reading",
}
WAYS = {
    "call": "Phone call",
    "sms": "SMS",
    "telegram": "Telegram",
    "apprise": "E-mail or push",
    "webhook": "Webhook",
    "link": "Link",
    "none": "No way",
}
PAGE_STATES = {
    "waiting": "Waiting to be sent",
    "sending": "Being sent",
    "accepted": "Handed over, no word yet whether it arrived",
    "delivered": "Delivered",
    "failed": "Failed",
    "unknown": "May not have arrived",
    "cancelled": "Not needed any more",
}
REASONS = {
    "step": "",
    "drill": "",
    "contact_late": "The contact is late",
    "hand_over": "Nobody has accepted the hand-over",
    "review_late": "The review is late",
    "no_answer": "No answer to a safety question",
}
ARRIVALS = {
    "none": "No crisis reply was sent in this episode.",
    "on_its_way": "The crisis reply is on its way.",
    "sent": "The crisis reply was sent; no word of delivery yet.",
    "delivered": "The crisis reply was delivered.",
    "not_delivered": "Reply not delivered: first contact is a phone call.",
    "not_known": "The reply may not have arrived: first contact is a phone call.",
}
POSTS = {"on_call": "On call", "second": "Second", "lead": "Lead"}
CONTACT_RESULTS = {
    "accepted": "Handed over",
    "delivered": "Delivered",
    "failed": "Failed",
    "unknown": "May not have arrived",
}
GLASS = {
    "danger": "Somebody may be in danger now",
    "cover": "I stand in for their team",
    "asked": "The person or their team asked me to",
    "other": "Another reason",
}
MODES = {"unguided": "Unguided: the coach by itself", "guided": "Guided: a person of the team looks after them"}
CLOSINGS = {
    "finished": "They have finished the programme",
    "asked": "They asked to end it",
    "care_elsewhere": "Their care goes on elsewhere",
    "not_fitting": "It does not fit their needs",
    "not_reached": "They have not been reached for long",
    "died": "They have died",
    "other": "Another reason",
}
TIME_LINE = {
    "": "All",
    "messages": "Messages",
    "checkins": "Check-ins",
    "exercises": "Exercises",
    "escalations": "Escalations",
    "staff": "Staff",
}


def said(words: Mapping[str, str], name: str) -> str:
    """The words for `name`; where there are none yet, the name itself without underscores."""
    return words.get(name, name.replace("_", " "))


def in_text(words: Mapping[str, str], name: str) -> str:
    """The words for `name` in the middle of a sentence: `SMS` stays, `Phone call` becomes `phone call`."""
    found = said(words, name)
    return found if found[1:2].isupper() or found == "Telegram" else found[:1].lower() + found[1:]


def number(count: int) -> str:
    """A count as people read it: `1,000,000`."""
    return f"{count:,}"


def times(count: int) -> str:
    """How often: `once`, `twice`, `3 times`."""
    return {1: "once", 2: "twice"}.get(count, f"{number(count)} times")


def plain(value: Any) -> str:
    """A stored value as words: lists with commas, yes and no, nothing as a dash."""
    if value is None or value in ("", []):
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(plain(item) for item in value)
    if isinstance(value, Mapping):
        return "; ".join(f"{str(name).replace('_', ' ')}: {plain(item)}" for name, item in value.items())
    return f"{value:g}" if isinstance(value, float) else str(value)
