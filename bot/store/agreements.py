"""What staff agreed on with a person: whom to call for them, and their safety plan. Each version is kept, none changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, func, select

from bot.crypto import Vault
from bot.errors import Conflict
from bot.store.prepared import insert_new
from bot.store.tables import agreements
from bot.store.types import PatientId, StaffId, new_id


class Kind(StrEnum):
    """What is agreed on."""

    CONTACT = "contact"  # whom to call in an emergency, and how the person themselves is safely called
    SAFETY_PLAN = "safety_plan"


@dataclass(frozen=True)
class Agreement:
    """One version."""

    kind: Kind
    version: int
    data: Mapping[str, str]
    made_by: StaffId | None
    made_at: datetime


def newest(connection: Connection, vault: Vault, patient_id: PatientId) -> Mapping[Kind, Agreement]:
    """The version in force of each kind."""
    query = select(agreements).where(agreements.c.patient_id == patient_id).order_by(agreements.c.version.desc())
    found: dict[Kind, Row[Any]] = {}
    for row in connection.execute(query):
        found.setdefault(Kind(row.kind), row)
    return {kind: _agreement(row, vault) for kind, row in found.items()}


def versions(connection: Connection, vault: Vault, patient_id: PatientId) -> list[Agreement]:
    """Every version of every kind, the oldest first."""
    query = select(agreements).where(agreements.c.patient_id == patient_id)
    rows = connection.execute(query.order_by(agreements.c.kind, agreements.c.version))
    return [_agreement(row, vault) for row in rows]


def _agreement(row: Row[Any], vault: Vault) -> Agreement:
    data = vault.open_json(row.data_sealed, f"agreements.data:{row.id}")
    return Agreement(Kind(row.kind), row.version, data, row.made_by, row.made_at)


def keep(
    connection: Connection,
    vault: Vault,
    patient_id: PatientId,
    kind: Kind,
    data: Mapping[str, str],
    over: int,
    staff_id: StaffId,
    now: datetime,
) -> None:
    """Put another version in force.

    Args:
        over: the version that the writer had before them; 0: none.

    Raises:
        Conflict: somebody was first.
    """
    theirs = (agreements.c.patient_id == patient_id) & (agreements.c.kind == kind)
    last = connection.execute(select(func.max(agreements.c.version)).where(theirs)).scalar_one() or 0
    made = new_id()
    row = {
        "id": made,
        "patient_id": patient_id,
        "kind": kind,
        "version": over + 1,
        "data_sealed": vault.seal_json(dict(data), f"agreements.data:{made}"),
        "made_by": staff_id,
        "made_at": now,
    }
    if last != over or insert_new(connection, agreements, row, ["patient_id", "kind", "version"]) is None:
        raise Conflict("somebody wrote another version meanwhile")
