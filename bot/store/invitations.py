"""Single-use codes by which staff invite a patient; only their hashes are kept."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, update

from bot.store import teams
from bot.store.tables import invitations
from bot.store.types import PatientId, TeamId, new_code

LIFE = timedelta(days=30)
CODE_LENGTH = 26  # 26 letters of 31 are 128 bits: never to be guessed


def _hash(code: str) -> str:
    return hashlib.sha256(code.strip().upper().encode()).hexdigest()


def create(connection: Connection, now: datetime, team_id: TeamId | None = None) -> str:
    """A new code, told once; whoever uses it is that team's patient."""
    code = new_code(CODE_LENGTH)
    connection.execute(
        insert(invitations).values(code_hash=_hash(code), created_at=now, expires_at=now + LIFE, team_id=team_id)
    )
    return code


def use(connection: Connection, code: str, patient_id: PatientId, now: datetime) -> bool:
    """Spend a code, which gives the patient to its team, if that is there; False where it is unknown, spent or too old."""
    spent = connection.execute(
        update(invitations)
        .where(invitations.c.code_hash == _hash(code), invitations.c.used_at.is_(None), invitations.c.expires_at > now)
        .values(used_at=now, patient_id=patient_id)
        .returning(invitations.c.team_id)
    ).one_or_none()
    if spent is not None and spent.team_id:
        teams.give(connection, patient_id, spent.team_id)
    return spent is not None
