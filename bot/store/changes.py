"""Whether anything changed that staff look at, told in three numbers that indexes know."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from bot.store.prepared import Prepared
from bot.store.tables import escalation_events, inbox, outbox, vigils
from bot.store.vigils import TAKEOVER

_taken = select(vigils.c.patient_id).where(vigils.c.kind == TAKEOVER)
STATEMENT = select(
    select(func.max(escalation_events.c.id)).scalar_subquery().label("events"),
    select(func.max(inbox.c.id)).where(inbox.c.patient_id.in_(_taken)).scalar_subquery().label("theirs"),
    select(func.max(outbox.c.id)).where(outbox.c.patient_id.in_(_taken)).scalar_subquery().label("ours"),
)
_mark = Prepared(STATEMENT)


def mark(connection: Connection) -> tuple[int, ...]:
    """Changes with each step on any escalation, and each message of a chat that staff have taken over."""
    return tuple(number or 0 for number in _mark(connection).one())
