"""What somebody typed that could not be kept, shown to them again: under each field's own label, choices in words."""

from __future__ import annotations

from collections.abc import Mapping

from bot.console import words
from bot.console.agreed import SAFETY_FIELDS

_YES_NO = {"yes": "Yes", "no": "No"}
# Fields that people fill in, as their forms name them. What a form carries for us has none, and is not shown.
LABELS: Mapping[str, str] = {
    "how": "How did you try?",
    "tried_at": "When?",
    "reached": "Did you reach the person?",
    "next_try": "If not: when is the next try?",
    "plan": "If not: the plan in writing",
    "contact_note": "Note",
    "to": "To whom?",
    "snooze_until": "Until when?",
    "snooze_why": "Why it can wait",
    "note": "For the next person who reads this",
    "outcome": "Outcome",
    "handed_to": "If not reached: handed to",
    "spoken_to": "Who was spoken to",
    "risk": "Risk, as you judge it now, in words",
    "means": "Means discussed (medicines and other ways)",
    "next_contact_on": "Next contact on",
    "follow_up": "Who follows up",
    "go_on": "Check-ins may go on",
    "verdict": "Why this message was no sign of risk",
    "reading": "What you want to add",
    "text": "Your message",
    "tier": "How grave is it, as you judge it?",
    "kind": "What is it about?",
    "why": "Why",
    "until": "Check-ins begin again on",
    "closing": "Why is it closed?",
    "name": "Name",
    "relation": "Who they are to the person",
    "telephone": "Telephone",
    "may_call": "May they be called in an emergency?",
    "safe_way": "A safe time and way to call the person themselves",
    **SAFETY_FIELDS,
}
_CHOICES: Mapping[str, Mapping[str, str]] = {
    "how": words.HOWS,
    "reached": _YES_NO,
    "outcome": words.OUTCOMES,
    "means": words.MEANS,
    "go_on": _YES_NO,
    "tier": words.TIERS,
    "kind": words.KINDS,
    "closing": words.CLOSINGS,
    "may_call": words.MAY_CALL,
}


def unkept(form: Mapping[str, str], names: Mapping[str, str]) -> list[tuple[str, str]]:
    """Label and words of each field that was filled in, in the order of `LABELS`.

    Args:
        form: what was sent.
        names: of the staff, by id, for a form that names a colleague.
    """
    choices = {**_CHOICES, "to": names}
    return [
        (label, choices.get(name, {}).get(form[name], form[name])) for name, label in LABELS.items() if form.get(name)
    ]
