"""The plain words in which the console speaks of tiers, kinds, states and events: one place, so that pages agree."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.clock import local

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
STATES = {
    "open": "Open",
    "paged": "Staff were paged",
    "acknowledged": "Acknowledged",
    "contacted": "The person was reached",
    "resolved": "Resolved",
}
LAYERS = {
    "rules": "Words in the message",
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
HOWS = {"phone": "Phone call", "sms": "Text message", "in_person": "In person", "other": "Another way"}
EVENTS = {
    "opened": "A message showed risk",
    "joined": "Another message showed risk",
    "raised": "A message showed greater risk",
    "reopened": "Opened again by a new message",
    "paged": "Staff were paged",
    "missed": "A person found a risk that the screen had not flagged",
    "paged_by_memory": "Staff were paged while the database was away",
    "nobody_to_page": "There was nobody to page",
    "no_answer": "No answer to a safety question",
    "acknowledged": "Acknowledged",
    "handed_over": "Offered to a colleague",
    "hand_over_late": "Nobody has accepted the hand-over",
    "accepted": "Taken over from a colleague",
    "contact": "Contact",
    "contact_late": "The contact is late",
    "taken_over": "A person writes in the chat",
    "handed_back": "The coach answers again",
    "seen_said": "The person was told that somebody has seen it",
    "second_read": "Read by a second person",
    "note": "Note",
    "resolved": "Resolved",
}


def said(words: Mapping[str, str], name: str) -> str:
    """The words for `name`; where there are none yet, the name itself without underscores."""
    return words.get(name, name.replace("_", " "))


def zone_name(instant: datetime, zone: str) -> str:
    """What clocks of a zone are called at an instant: `CET`, or `UTC+05:30` where there is no common name."""
    there = local(instant, zone)
    name = there.strftime("%Z")
    if name.isalpha():
        return name
    offset = there.strftime("%z")
    return f"UTC{offset[:3]}:{offset[3:5]}"


def when(instant: datetime, zone: str) -> str:
    """An instant as people of a zone say it: `Tue 24 Nov 2026, 03:12 CET`."""
    there = local(instant, zone)
    return f"{there:%a} {there.day} {there:%b %Y, %H:%M} {zone_name(instant, zone)}"


def clock_time(instant: datetime, zone: str) -> str:
    """Time of day with zone: `03:12 CET`."""
    return f"{local(instant, zone):%H:%M} {zone_name(instant, zone)}"


def age(since: datetime, now: datetime) -> str:
    """How long ago, in the two largest units: `less than a minute`, `4 min`, `2 h 5 min`, `3 days`."""
    minutes = max(timedelta(0), now - since) // timedelta(minutes=1)
    if minutes < 1:
        return "less than a minute"
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 24 * 60:
        return f"{minutes // 60} h {minutes % 60} min"
    days = minutes // (24 * 60)
    return "1 day" if days == 1 else f"{days} days"


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
