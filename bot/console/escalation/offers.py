"""Which buttons a person is offered: what the tables of the life cycle allow, and what makes sense for them now."""

from __future__ import annotations

from datetime import datetime

from bot.store.escalations import Escalation
from bot.store.lifecycle import Action, after, may
from bot.store.snoozing import is_snoozed
from bot.store.staff import Staff


def offers(escalation: Escalation, me: Staff, taken_over_by: str | None, now: datetime) -> frozenset[Action]:
    """The steps that this person may take with this escalation now.

    Args:
        escalation: as it stands.
        me: who looks.
        taken_over_by: who of the staff writes in the patient's chat, if somebody does.
        now: the present.
    """
    allowed = {action for action in Action if may(me.role, action) and after(escalation.state, action) is not None}
    return frozenset(action for action in allowed if _makes_sense(action, escalation, me.id, taken_over_by, now))


def _makes_sense(action: Action, escalation: Escalation, me: str, taken_over_by: str | None, now: datetime) -> bool:
    match action:
        case Action.HAND_OVER:
            return escalation.owner_id == me
        case Action.ACCEPT:
            return escalation.handing_to == me
        case Action.SNOOZE:
            return escalation.owner_id == me and not escalation.handing_to and not escalation.drill
        case Action.SHOW_AGAIN:
            return is_snoozed(escalation, now)
        case Action.TAKE_OVER:
            return taken_over_by is None and not escalation.drill
        case Action.HAND_BACK:
            return taken_over_by is not None
        case Action.SECOND_READ:
            return escalation.read_due_at is not None and escalation.read_at is None and escalation.resolved_by != me
        case _:
            return True
