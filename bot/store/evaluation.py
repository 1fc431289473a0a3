"""What people have said of the screen's work: messages that it missed, and alarms that were none.

Nothing is kept twice: the verdicts stand in the history of escalations, and this reads them; `evenday evaluation`
writes them out. What leaves the house for an evaluation set must be de-identified by a person first, and needs the
patient's consent (safety.md §5).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, literal_column, select

from bot.crypto import Vault
from bot.store import inbox, made_up
from bot.store.escalations import event_place
from bot.store.judging import FALSE_ALARM
from bot.store.tables import escalation_events, escalations
from bot.store.types import MessageId, PatientId

MISSED = "missed"
# As their index has them: a bound value is not known to be one of these when SQLite chooses how to look.
VERDICTS: list[ColumnElement[str]] = [literal_column("'missed'"), literal_column("'resolved'")]


@dataclass(frozen=True)
class Verdict:
    """One line: a message, and what it should have been.

    Attributes:
        verdict: `missed` or `false_alarm`.
        screened: the tier that the screen gave.
        tier: the right one, as a person judges it.
    """

    message_id: MessageId
    patient_id: PatientId
    text: str
    verdict: str
    screened: str
    tier: str
    kind: str
    at: datetime


def verdicts(connection: Connection, vault: Vault) -> list[Verdict]:
    """All lines of the local evaluation set, oldest first; of two verdicts on one message, the later one."""
    rows = connection.execute(_judged(escalation_events, escalations.c.patient_id)).all()
    found: dict[MessageId, Verdict] = {}
    for row in rows:
        detail = vault.open_json(row.detail_sealed, event_place(row.escalation_id, row.event, row.at))
        false_alarm = detail.get("outcome") == FALSE_ALARM
        said = inbox.get(connection, vault, MessageId(row.message_id))
        name, tier, kind = (FALSE_ALARM, "none", "none") if false_alarm else (MISSED, detail["tier"], detail["kind"])
        found.pop(said.id, None)
        found[said.id] = Verdict(said.id, row.patient_id, said.text, name, said.tier, tier, kind, row.at)
    return list(found.values())


def counts(connection: Connection) -> dict[str, int]:
    """How many messages were marked as missed, and how many alarms as false; nothing is opened for it."""
    events = (escalation_events.c.message_id, escalation_events.c.event)
    last = {row.message_id: row.event for row in connection.execute(_judged(*events))}
    missed = sum(event == MISSED for event in last.values())
    return {MISSED: missed, FALSE_ALARM: len(last) - missed}


def _judged(*columns: Any) -> Select[Any]:
    """Entries of histories that are verdicts on a message: that it was missed, or (`judging.resolve`) a false alarm."""
    return (
        select(*columns)
        .join_from(escalation_events, escalations, escalations.c.id == escalation_events.c.escalation_id)
        .where(
            escalation_events.c.event.in_(VERDICTS),
            escalation_events.c.message_id.isnot(None),
            escalations.c.drill.is_(False),
            made_up.of_real(escalations.c.patient_id),
        )
        .order_by(escalation_events.c.id)
    )
