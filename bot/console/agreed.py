"""What was agreed with a person, as the pages of a patient and of an escalation show it."""

from __future__ import annotations

from bot.console.visit import Visit
from bot.store import agreements
from bot.store.agreements import Kind
from bot.store.lifecycle import Action, may
from bot.store.types import PatientId

# The six steps of the Safety Planning Intervention (Stanley & Brown 2012, Cogn Behav Pract 19:256-264), in our words.
SAFETY_FIELDS = {
    "signs": "What shows that it is getting worse",
    "alone": "What helps me on my own",
    "company": "People and places that take my mind off it",
    "help": "People I can ask for help",
    "care": "Professionals and lines I can call, and where I go",
    "home": "How my home is made safer",
}


def agreed(visit: Visit, patient_id: PatientId) -> dict[str, object]:
    """What the pages of a patient and of an escalation show of it."""
    found = agreements.newest(visit.connection, visit.vault, patient_id)
    plan = found.get(Kind.SAFETY_PLAN)
    return {
        "agreed_contact": found.get(Kind.CONTACT),
        "safety_plan": plan,
        "may_agree": may(visit.staff.role, Action.NOTE),
        "plan_steps": [(told, plan.data[name]) for name, told in SAFETY_FIELDS.items() if plan and plan.data.get(name)],
    }
