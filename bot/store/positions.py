"""Where each person is in the dialogue, which conversation Rasa sees, and what each message was answered with."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from bot.crypto import Vault
from bot.store.prepared import Prepared, insert_new, upsert
from bot.store.tables import conversations, positions, turns
from bot.store.types import MessageId, PatientId, new_id

# Rasa rebuilds the tracker from its events at every turn: a short conversation keeps day 365 as quick as day 1.
CONVERSATION_TURNS = 12
CONVERSATION_IDLE = timedelta(hours=2)

_place = Prepared(select(positions.c.place_sealed).where(positions.c.patient_id == bindparam("of")))
_newest = Prepared(
    select(conversations)
    .where(conversations.c.patient_id == bindparam("of"))
    .order_by(conversations.c.last_at.desc())
    .limit(1)
)
_begin = Prepared(insert(conversations))
_go_on = Prepared(
    update(conversations).where(conversations.c.id == bindparam("row")).values(turns=conversations.c.turns + 1)
)
_kept = Prepared(
    select(turns.c.outcome, turns.c.replies_sealed).where(
        turns.c.message_id == bindparam("message"), turns.c.action == bindparam("by")
    )
)
_all_turns = Prepared(select(turns).where(turns.c.message_id == bindparam("message")))


def get(connection: Connection, vault: Vault, patient_id: PatientId) -> dict[str, Any]:
    """The stored place, as JSON data; {} where there is none."""
    row = _place(connection, of=patient_id).one_or_none()
    return dict(vault.open_json(row.place_sealed, f"positions.place:{patient_id}")) if row else {}


def put(connection: Connection, vault: Vault, patient_id: PatientId, place: dict[str, Any], now: datetime) -> None:
    """Keep a place."""
    sealed = vault.seal_json(place, f"positions.place:{patient_id}")
    changed = {"place_sealed": sealed, "updated_at": now}
    upsert(connection, positions, {"patient_id": patient_id, **changed}, ["patient_id"], changed)


def conversation(connection: Connection, patient_id: PatientId, now: datetime) -> str:
    """The conversation that a message belongs to; a new one after some turns or a pause."""
    row = _newest(connection, of=patient_id).one_or_none()
    fresh = row is not None and row.turns < CONVERSATION_TURNS and now - row.last_at < CONVERSATION_IDLE
    if row is not None and fresh:
        _go_on(connection, row=row.id, last_at=now)
        return str(row.id)
    made = new_id()
    _begin(connection, id=made, patient_id=patient_id, started_at=now, last_at=now, turns=1)
    return made


def kept_turn(connection: Connection, vault: Vault, message_id: MessageId, action: str) -> tuple[str, list[Any]] | None:
    """What an action made of a message before: (outcome, replies); None where it never ran to its end."""
    row = _kept(connection, message=message_id, by=action).one_or_none()
    if row is None:
        return None
    return row.outcome, vault.open_json(row.replies_sealed, f"turns.replies:{message_id}:{action}")


def keep_turn(
    connection: Connection,
    vault: Vault,
    patient_id: PatientId,
    message_id: MessageId,
    action: str,
    outcome: str,
    replies: list[Any],
) -> bool:
    """Keep what an action made of a message; False where that was kept before."""
    values = {
        "message_id": message_id,
        "action": action,
        "patient_id": patient_id,
        "outcome": outcome,
        "replies_sealed": vault.seal_json(replies, f"turns.replies:{message_id}:{action}"),
    }
    return insert_new(connection, turns, values, ["message_id", "action"]) is not None


def all_turns(connection: Connection, vault: Vault, message_id: MessageId) -> list[tuple[str, str, list[Any]]]:
    """Everything that was made of a message: (action, outcome, replies)."""
    return [
        (row.action, row.outcome, vault.open_json(row.replies_sealed, f"turns.replies:{message_id}:{row.action}"))
        for row in _all_turns(connection, message=message_id)
    ]
