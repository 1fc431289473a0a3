"""Outbound messages: rows written with their cause, sent in order of their class."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, func, or_, select, update

from bot.crypto import Vault
from bot.store import made_up
from bot.store.prepared import Prepared, insert_new, upsert
from bot.store.tables import addresses, holds, outbox
from bot.store.types import PatientId

WAITING, SENDING, SENT, DELIVERED = "waiting", "sending", "sent", "delivered"
FAILED, UNKNOWN, DROPPED = "failed", "unknown", "dropped"
SCANNED = 500  # rows looked at for the next ones to send; those of the highest class come first
LOWEST = 99
RANKED_STATES = ("waiting", "sending", "unknown", "sent", "delivered", "failed", "dropped")


@dataclass(frozen=True)
class OutboxRow:
    """One outbox row, opened."""

    id: int
    patient_id: PatientId
    address_id: str
    channel: str
    message_class: str
    text: str
    buttons: tuple[str, ...]
    asked: str | None
    image: bytes | None
    created_at: datetime
    expires_at: datetime | None
    state: str
    attempts: int
    sent_at: datetime | None
    dedupe_key: str
    why: str | None
    opted_out_at: datetime | None = None
    closed_at: datetime | None = None


def put(
    connection: Connection,
    vault: Vault,
    *,
    patient_id: PatientId,
    address_id: str,
    dedupe_key: str,
    message_class: str,
    rank: int,
    text: str,
    buttons: tuple[str, ...] = (),
    asked: str | None = None,
    image: bytes | None = None,
    now: datetime,
    not_before: datetime | None = None,
    expires_at: datetime | None = None,
    sent_at: datetime | None = None,
) -> bool:
    """Queue a message; False where one with the same dedupe key stands already.

    One to somebody who is made up is kept as dropped, and never waits.

    Args:
        sent_at: it went out by another way then (see `conversation.spool`) and is only kept.
    """
    dropped = not sent_at and made_up.is_made_up(connection, patient_id)
    body = [text, list(buttons), base64.b64encode(image).decode() if image else None]
    values = {
        "patient_id": patient_id,
        "address_id": address_id,
        "dedupe_key": dedupe_key,
        "message_class": message_class,
        "rank": rank,
        "reply_sealed": vault.seal_json(body, f"outbox.reply:{dedupe_key}"),
        "asked": asked,
        "created_at": now,
        "not_before": not_before or now,
        "expires_at": expires_at,
        "state": SENT if sent_at else DROPPED if dropped else WAITING,
        "attempts": 1 if sent_at else 0,
        "why": made_up.WHY if dropped else None,
        "sent_at": sent_at,
    }
    return insert_new(connection, outbox, values, ["dedupe_key"]) is not None


def _row(row: Row[Any], vault: Vault) -> OutboxRow:
    text, buttons, image = vault.open_json(row.reply_sealed, f"outbox.reply:{row.dedupe_key}")
    return OutboxRow(
        id=row.id,
        patient_id=PatientId(row.patient_id),
        address_id=row.address_id,
        channel=row.channel,
        message_class=row.message_class,
        text=text,
        buttons=tuple(buttons),
        asked=row.asked,
        image=base64.b64decode(image) if image else None,
        created_at=row.created_at,
        expires_at=row.expires_at,
        state=row.state,
        attempts=row.attempts,
        sent_at=row.sent_at,
        dedupe_key=row.dedupe_key,
        why=row.why,
        opted_out_at=row.opted_out_at,
        closed_at=row.closed_at,
    )


_address = (addresses.c.channel, addresses.c.opted_out_at, addresses.c.closed_at)
_select = select(outbox, *_address).join(addresses, addresses.c.id == outbox.c.address_id)
_by_id = outbox.c.id == bindparam("row")
_of = outbox.c.patient_id == bindparam("of")
_is_waiting = outbox.c.state == WAITING
_candidates = (
    select(outbox.c.id, outbox.c.address_id, outbox.c.rank, outbox.c.state, outbox.c.not_before)
    .join(addresses, addresses.c.id == outbox.c.address_id)
    .where(or_(_is_waiting, outbox.c.state == SENDING), addresses.c.channel == bindparam("to"))  # no list: `Prepared`
    .where(or_(outbox.c.not_before <= bindparam("now"), outbox.c.attempts > 0))
    .where(outbox.c.rank <= bindparam("most_rank"))
    .order_by(outbox.c.rank, outbox.c.id)
    .limit(SCANNED)
)
_ready = Prepared(_candidates)
_take = Prepared(update(outbox).where(_by_id, _is_waiting).values(state=SENDING, attempts=outbox.c.attempts + 1))
_change = Prepared(update(outbox).where(_by_id))
_asked_since = Prepared(
    select(outbox.c.asked).where(_of, outbox.c.asked.isnot(None), outbox.c.created_at >= bindparam("since"))
)
_unsettled = Prepared(_select.where(outbox.c.state == SENDING))
_recent = Prepared(_select.where(_of).order_by(outbox.c.id.desc()).limit(bindparam("most")))
_get = Prepared(_select.where(_by_id))
_waiting = Prepared(_select.where(_by_id, _is_waiting))
_drop = Prepared(update(outbox).where(_of, _is_waiting, outbox.c.message_class != "safety").values(state=DROPPED))
_held = Prepared(select(holds.c.until).where(holds.c.sender == bindparam("by"), holds.c.until > bindparam("now")))
_next_at = Prepared(
    select(func.min(outbox.c.not_before))
    .join(addresses, addresses.c.id == outbox.c.address_id)
    .where(and_(_is_waiting, addresses.c.channel == bindparam("to")))
)
_until = Prepared(
    _select.where(_of, outbox.c.created_at <= bindparam("at"))
    .order_by(outbox.c.created_at.desc(), outbox.c.id.desc())
    .limit(bindparam("most"))
)
_after = Prepared(
    _select.where(_of, outbox.c.created_at > bindparam("at"))
    .order_by(outbox.c.created_at, outbox.c.id)
    .limit(bindparam("most"))
)


def ready(
    connection: Connection, channel: str, now: datetime, limit: int = 32, most_rank: int | None = None
) -> list[int]:
    """Ids of rows of a channel that may go now, by class and age; of each address only the oldest, so that order holds.

    A row that waits for another try still comes before younger ones; one that is for a later hour doesn't.
    """
    found = _ready(connection, to=channel, now=now, most_rank=LOWEST if most_rank is None else most_rank).all()
    ahead: dict[str, int] = {}  # the highest class that goes before, by address
    free: list[tuple[int, int]] = []
    for row in sorted(found, key=lambda row: row.id):
        if row.rank < ahead.get(row.address_id, LOWEST) and row.state == WAITING and row.not_before <= now:
            free.append((row.rank, row.id))
        ahead[row.address_id] = min(row.rank, ahead.get(row.address_id, LOWEST))
    return [row_id for _, row_id in sorted(free)[:limit]]


def opened(connection: Connection, vault: Vault, ids: list[int]) -> list[OutboxRow]:
    """Those of some rows that still wait, in the order given; one by one, as a statement for any number can't be kept."""
    return [_row(row, vault) for row_id in ids for row in _waiting(connection, row=row_id)]


def waiting(
    connection: Connection, vault: Vault, channel: str, now: datetime, limit: int = 32, most_rank: int | None = None
) -> list[OutboxRow]:
    """The rows of `ready`, opened."""
    ids = ready(connection, channel, now, limit, most_rank)
    return opened(connection, vault, ids) if ids else []


def untake(connection: Connection, row_ids: list[int]) -> None:
    """Let rows wait again whose `take` may or may not have been committed, and which surely were not offered."""
    connection.execute(
        update(outbox)
        .where(outbox.c.id.in_(row_ids), outbox.c.state == SENDING)
        .values(state=WAITING, attempts=outbox.c.attempts - 1)
    )


def take(connection: Connection, row_id: int, now: datetime) -> bool:
    """Mark a row as on its way, if it still waits; committed before the provider is called."""
    return bool(_take(connection, row=row_id, attempted_at=now).rowcount)


def set_state(connection: Connection, row_id: int, **values: Any) -> None:
    """Change columns of a row."""
    _change(connection, row=row_id, **values)


def raise_state(
    connection: Connection, *, row_id: int | None, provider_id: str | None, state: str, why: str = ""
) -> None:
    """Note a provider's later word; a state never goes back to a lower one (callbacks come in any order)."""
    lower = RANKED_STATES[: RANKED_STATES.index(state)]
    which = outbox.c.id == row_id if row_id is not None else outbox.c.provider_id == provider_id
    values = {"state": state, "why": why or None}
    if provider_id:
        values["provider_id"] = provider_id
    connection.execute(update(outbox).where(which, outbox.c.state.in_(lower)).values(**values))


def asked_since(connection: Connection, patient_id: PatientId, since: datetime) -> frozenset[str]:
    """Ids of the safety questions that a patient was asked since an instant."""
    return frozenset(row.asked for row in _asked_since(connection, of=patient_id, since=since))


def strikes(connection: Connection, address_id: str, why: str) -> int:
    """How many of an address's last messages failed for that reason, without one that went through between."""
    rows = connection.execute(
        select(outbox.c.state, outbox.c.why)
        .where(outbox.c.address_id == address_id, outbox.c.state.in_((SENT, DELIVERED, FAILED)))
        .order_by(outbox.c.id.desc())
        .limit(10)
    ).all()
    return next((n for n, row in enumerate(rows) if row.state != FAILED or row.why != why), len(rows))


def unsettled(connection: Connection, vault: Vault) -> list[OutboxRow]:
    """Rows that a process which died left in `sending`: whether they went is unknown."""
    return [_row(row, vault) for row in _unsettled(connection)]


def recent(connection: Connection, vault: Vault, patient_id: PatientId, limit: int) -> list[OutboxRow]:
    """The last messages to a patient, oldest first."""
    return [_row(row, vault) for row in reversed(_recent(connection, of=patient_id, most=limit).all())]


def get(connection: Connection, vault: Vault, row_id: int) -> OutboxRow | None:
    """One row, or None."""
    row = _get(connection, row=row_id).one_or_none()
    return _row(row, vault) if row else None


def drop_waiting(connection: Connection, patient_id: PatientId, why: str) -> None:
    """Take back all that has not gone yet, but for safety replies: the person said STOP, or is in danger."""
    _drop(connection, of=patient_id, why=why)


def hold(connection: Connection, sender: str, until: datetime, why: str) -> None:
    """Hold all of a sender's messages until an instant."""
    upsert(connection, holds, {"sender": sender, "until": until, "why": why}, ["sender"], ["until", "why"])


def held_until(connection: Connection, sender: str, now: datetime) -> datetime | None:
    """Until when a sender is held, if it is."""
    until: datetime | None = _held(connection, by=sender, now=now).scalar_one_or_none()
    return until


def next_at(connection: Connection, channel: str) -> datetime | None:
    """When the next waiting row of a channel may go."""
    at: datetime | None = _next_at(connection, to=channel).scalar_one_or_none()
    return at


def counts(connection: Connection) -> dict[str, int]:
    """How many rows are in each state that an operator cares for."""
    rows = connection.execute(
        select(outbox.c.state, func.count())
        .where(or_(outbox.c.state.in_((WAITING, SENDING, FAILED, UNKNOWN))))
        .group_by(outbox.c.state)
    )
    return {row[0]: row[1] for row in rows}


def until(connection: Connection, vault: Vault, patient_id: PatientId, at: datetime, limit: int) -> list[OutboxRow]:
    """The last messages to a patient written up to an instant, oldest first."""
    return [_row(row, vault) for row in reversed(_until(connection, of=patient_id, at=at, most=limit).all())]


def after(connection: Connection, vault: Vault, patient_id: PatientId, at: datetime, limit: int) -> list[OutboxRow]:
    """The first messages to a patient written after an instant, oldest first."""
    return [_row(row, vault) for row in _after(connection, of=patient_id, at=at, most=limit)]


@dataclass(frozen=True)
class Hold:
    """A sender whose messages wait, until when and why."""

    sender: str
    until: datetime
    why: str


def held(connection: Connection, now: datetime) -> list[Hold]:
    """Senders that are held now."""
    rows = connection.execute(select(holds).where(holds.c.until > now).order_by(holds.c.sender))
    return [Hold(row.sender, row.until, row.why) for row in rows]


def make_arrive(connection: Connection, patient_id: PatientId) -> None:
    """Note all that was held back from somebody made up as delivered when it was written: their history is a story."""
    connection.execute(
        update(outbox)
        .where(outbox.c.patient_id == patient_id, outbox.c.state == DROPPED, outbox.c.why == made_up.WHY)
        .values(state=DELIVERED, sent_at=outbox.c.created_at, attempts=1, why=None)
    )
