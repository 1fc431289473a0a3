"""All that is stored of one patient, opened: for the person's own copy, and for measuring from outside."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select

from bot.crypto import Vault
from bot.store import agreements, diary, due, escalations, inbox, outbox, patients, positions, vigils
from bot.store.tables import consents
from bot.store.types import PatientId

ALL = 100_000


def of(connection: Connection, vault: Vault, patient_id: PatientId) -> dict[str, Any]:
    """Everything about a patient as JSON data, times in UTC (ISO 8601)."""
    patient = patients.get(connection, vault, patient_id)
    given = connection.execute(select(consents).where(consents.c.patient_id == patient_id)).all()
    found = escalations.of_patient(connection, vault, patient_id)
    record = {
        "patient": asdict(patient),
        "addresses": [asdict(address) for address in patients.addresses_of(connection, patient_id)],
        "consents": [
            {"version": row.version, "given_at": row.given_at, "withdrawn_at": row.withdrawn_at} for row in given
        ],
        "position": positions.get(connection, vault, patient_id),
        "due": due.of(connection, patient_id),
        "messages_in": [_in(message) for message in inbox.recent(connection, vault, patient_id, ALL)],
        "messages_out": [_out(row) for row in outbox.recent(connection, vault, patient_id, ALL)],
        "checkins": [asdict(row) for row in diary.checkins_of(connection, vault, patient_id)],
        "exercises": [asdict(row) for row in diary.exercises_of(connection, vault, patient_id, ALL)],
        "escalations": [
            {**asdict(row), "history": [asdict(event) for event in escalations.history(connection, vault, row.id)]}
            for row in found
        ],
        "agreements": [asdict(row) for row in agreements.versions(connection, vault, patient_id)],
        "vigils": [asdict(row) for row in vigils.of(connection, patient_id).values()],
    }
    return dict(_plain(record))


def _in(message: inbox.Message) -> dict[str, Any]:
    """What the person wrote and what the screen made of it; by which of its rules is ours."""
    return {name: value for name, value in asdict(message).items() if name != "evidence"}


def _out(row: outbox.OutboxRow) -> dict[str, Any]:
    return {**asdict(row), "image": row.image is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, datetime | date) else value
