"""Inbound messages: stored before they are answered, with what the screen made of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, insert, select, text, union_all, update

from bot.crypto import Vault
from bot.store import lanes as lane_rows
from bot.store.prepared import Prepared, insert_new
from bot.store.tables import inbox, set_aside
from bot.store.types import MessageId, PatientId

WAITING = lane_rows.WAITING
DONE = "done"
PARKED = "parked"
STATES = (WAITING, DONE, PARKED)  # all that there are: a message in another would not be among the newest


def _newest(*which: ColumnElement[bool]) -> Prepared:
    """The newest of a patient: of each state first, as the index goes by patient, state and id.

    To sort all that a person wrote in a year took 2.4 ms in every turn.
    """
    of_each = (
        select(inbox.c.id)
        .where(inbox.c.patient_id == bindparam("of"), inbox.c.state == state, *which)
        .order_by(inbox.c.id.desc())
        .limit(bindparam("most"))
        .subquery()
        for state in STATES
    )
    ids = union_all(*(select(part.c.id) for part in of_each))
    return Prepared(select(inbox).where(inbox.c.id.in_(ids)).order_by(inbox.c.id.desc()).limit(bindparam("most")))


_recent = _newest()
_before = _newest(inbox.c.id < bindparam("before"))
_by_id = inbox.c.id == bindparam("row")
_theirs = select(inbox).where(inbox.c.patient_id == bindparam("of"))
_seen = Prepared(select(inbox.c.id).where(inbox.c.provider_key == bindparam("key")))
_get = Prepared(select(inbox).where(_by_id))
_evidence = Prepared(select(inbox.c.evidence_sealed, inbox.c.provider_key).where(_by_id))
_next_waiting = Prepared(_theirs.where(inbox.c.state == WAITING).order_by(inbox.c.id).limit(1))
_change = Prepared(update(inbox).where(_by_id))
_finish = Prepared(update(inbox).where(_by_id, inbox.c.state == WAITING))
_answered = Prepared(select(inbox.c.id).where(inbox.c.provider_key == bindparam("key"), inbox.c.state != WAITING))
_until = Prepared(
    _theirs.where(inbox.c.received_at <= bindparam("at"))
    .order_by(inbox.c.received_at.desc(), inbox.c.id.desc())
    .limit(bindparam("most"))
)
_after = Prepared(
    _theirs.where(inbox.c.received_at > bindparam("at"))
    .order_by(inbox.c.received_at, inbox.c.id)
    .limit(bindparam("most"))
)


@dataclass(frozen=True)
class Message:
    """One inbound message, opened.

    Attributes:
        choice: a pressed button's number, 1-based.
        evidence: what made the screen decide: offsets, layer and rule.
    """

    id: MessageId
    patient_id: PatientId
    address_id: str
    provider_key: str
    form: str
    text: str
    choice: int | None
    received_at: datetime
    tier: str
    kind: str
    state: str
    attempts: int
    not_before: datetime
    intent: str | None
    evidence: tuple[dict[str, Any], ...] = ()


def _place(provider_key: str) -> str:
    return f"inbox.text:{provider_key}"


def _sealed(vault: Vault, evidence: list[dict[str, Any]], provider_key: str) -> bytes | None:
    return vault.seal_json(evidence, f"inbox.evidence:{provider_key}") if evidence else None


def put(
    connection: Connection,
    vault: Vault,
    *,
    patient_id: PatientId,
    address_id: str,
    provider_key: str,
    form: str,
    text: str,
    choice: int | None,
    received_at: datetime,
    tier: str,
    kind: str,
    evidence: list[dict[str, Any]],
    state: str,
) -> MessageId | None:
    """Store a message; None where its provider key was seen before."""
    assert state in STATES
    values = {
        "patient_id": patient_id,
        "address_id": address_id,
        "provider_key": provider_key,
        "form": form,
        "text_sealed": vault.seal_json([text, choice], _place(provider_key)),
        "received_at": received_at,
        "tier": tier,
        "kind": kind,
        "evidence_sealed": _sealed(vault, evidence, provider_key),
        "state": state,
        "attempts": 0,
        "not_before": received_at,
        "done_at": None if state == WAITING else received_at,
    }
    new_id = insert_new(connection, inbox, values, ["provider_key"])
    return None if new_id is None else MessageId(new_id)


def find(connection: Connection, provider_key: str) -> MessageId | None:
    """The message of a delivery that came before."""
    row = _seen(connection, key=provider_key).first()
    return None if row is None else MessageId(row.id)


def judged(
    connection: Connection, vault: Vault, message_id: MessageId, tier: str, kind: str, evidence: list[dict[str, Any]]
) -> None:
    """Write down a graver verdict on a message."""
    key = _evidence(connection, row=message_id).one().provider_key
    _change(connection, row=message_id, tier=tier, kind=kind, evidence_sealed=_sealed(vault, evidence, key))


def finish(connection: Connection, message_id: MessageId, now: datetime, intent: str | None) -> bool:
    """Note a message as done; False where it waited no more."""
    changed = _finish(connection, row=message_id, state=DONE, done_at=now, intent=intent)
    return bool(changed.rowcount)


def _message(row: Row[Any], vault: Vault) -> Message:
    text, choice = vault.open_json(row.text_sealed, _place(row.provider_key))
    return Message(
        id=MessageId(row.id),
        patient_id=PatientId(row.patient_id),
        address_id=row.address_id,
        provider_key=row.provider_key,
        form=row.form,
        text=text,
        choice=choice,
        received_at=row.received_at,
        tier=row.tier,
        kind=row.kind,
        state=row.state,
        attempts=row.attempts,
        not_before=row.not_before,
        intent=row.intent,
        evidence=tuple(_opened(vault, row)),
    )


def get(connection: Connection, vault: Vault, message_id: MessageId) -> Message:
    """One message.

    Raises:
        KeyError: there is none of that id.
    """
    row = _get(connection, row=message_id).one_or_none()
    if row is None:
        raise KeyError(message_id)
    return _message(row, vault)


def evidence(connection: Connection, vault: Vault, message_id: MessageId) -> list[dict[str, Any]]:
    """What made the screen decide: offsets, layer and rule."""
    return _opened(vault, _evidence(connection, row=message_id).one())


def _opened(vault: Vault, row: Row[Any]) -> list[dict[str, Any]]:
    return vault.open_json(row.evidence_sealed, f"inbox.evidence:{row.provider_key}") if row.evidence_sealed else []


def next_waiting(connection: Connection, vault: Vault, patient_id: PatientId) -> Message | None:
    """The oldest message of a patient that waits for its answer."""
    row = _next_waiting(connection, of=patient_id).one_or_none()
    return _message(row, vault) if row else None


def set_state(connection: Connection, message_id: MessageId, **values: Any) -> None:
    """Change columns of a message, such as `state`, `attempts`, `not_before`."""
    assert values.get("state", WAITING) in STATES
    _change(connection, row=message_id, **values)


def recent(
    connection: Connection, vault: Vault, patient_id: PatientId, limit: int, before: int | None = None
) -> list[Message]:
    """The last messages of a patient, oldest first."""
    if before is None:
        rows = _recent(connection, of=patient_id, most=limit).all()
    else:
        rows = _before(connection, of=patient_id, most=limit, before=before).all()
    return [_message(row, vault) for row in reversed(rows)]


def aside_place(channel: str, why: str, at: datetime) -> str:
    """Where the body of a delivery that could not be read is sealed for."""
    return f"set_aside.body:{channel}:{why}:{at.astimezone(UTC).isoformat()}"


def put_aside(connection: Connection, vault: Vault, channel: str, why: str, body: bytes, now: datetime) -> None:
    """Keep what could not be read, sealed, for the operator."""
    sealed = vault.seal(body.decode("utf-8", "replace"), aside_place(channel, why, now))
    connection.execute(insert(set_aside).values(at=now, channel=channel, why=why, body_sealed=sealed))


def until(connection: Connection, vault: Vault, patient_id: PatientId, at: datetime, limit: int) -> list[Message]:
    """The last messages of a patient up to an instant, oldest first."""
    rows = _until(connection, of=patient_id, at=at, most=limit).all()
    return [_message(row, vault) for row in reversed(rows)]


def after(connection: Connection, vault: Vault, patient_id: PatientId, at: datetime, limit: int) -> list[Message]:
    """The first messages of a patient after an instant, oldest first."""
    return [_message(row, vault) for row in _after(connection, of=patient_id, at=at, most=limit)]


def parked(connection: Connection) -> list[PatientId]:
    """Whose messages nobody could answer after all tries: one entry a message, in the order of patients."""
    is_parked = inbox.c.state == text(f"'{PARKED}'")  # written out, or SQLite does not see that its index is for these
    rows = connection.execute(select(inbox.c.patient_id).where(is_parked).order_by(inbox.c.patient_id))
    return [PatientId(row.patient_id) for row in rows]


def unpark(connection: Connection, patient_id: PatientId, now: datetime) -> None:
    """Let a patient's parked messages wait for an answer again, with fresh tries; their lane is marked first."""
    connection.execute(
        update(inbox)
        .where(inbox.c.patient_id == patient_id, inbox.c.state == PARKED)
        .values(state=WAITING, attempts=0, not_before=now)
    )


@dataclass(frozen=True)
class Aside:
    """One delivery that could not be read; its body stays sealed."""

    id: int
    at: datetime
    channel: str
    why: str


def asides(connection: Connection, limit: int = 100, before: int | None = None) -> list[Aside]:
    """Deliveries that could not be read, the newest first; `before` a number, as the page before ended."""
    query = select(set_aside.c.id, set_aside.c.at, set_aside.c.channel, set_aside.c.why).order_by(set_aside.c.id.desc())
    if before is not None:
        query = query.where(set_aside.c.id < before)
    rows = connection.execute(query.limit(limit))
    return [Aside(row.id, row.at, row.channel, row.why) for row in rows]


def aside_body(connection: Connection, vault: Vault, aside_id: int) -> tuple[Aside, str]:
    """One such delivery and what was in it.

    Raises:
        KeyError: there is none of that id.
    """
    row = connection.execute(select(set_aside).where(set_aside.c.id == aside_id)).one_or_none()
    if row is None:
        raise KeyError(aside_id)
    body = vault.open(row.body_sealed, aside_place(row.channel, row.why, row.at))
    return Aside(row.id, row.at, row.channel, row.why), body


def answered(connection: Connection, provider_keys: list[str]) -> list[str]:
    """Those of some deliveries whose messages wait no more."""
    return [key for key in provider_keys if _answered(connection, key=key).first()]
