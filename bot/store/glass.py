"""Broken glass: somebody opened a patient of another team, for a reason, for some hours; somebody else looks at it after."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, insert, or_, select, update

from bot.crypto import Vault
from bot.store.tables import broken_glass, patients
from bot.store.types import PatientId, StaffId, TeamId, new_id

HOURS = 4  # a night's incident, not a shift's habit
LASTS = timedelta(hours=HOURS)
SHOWN_FOR = timedelta(days=30)


@dataclass(frozen=True)
class Glass:
    """One opening. `reason` is one of a short list, `words` what its opener wrote; `team_id` is the patient's own."""

    id: str
    staff_id: StaffId
    patient_id: PatientId
    patient_code: str
    team_id: TeamId | None
    reason: str
    words: str
    at: datetime
    until: datetime
    reviewed_by: StaffId | None
    reviewed_at: datetime | None


def break_(
    connection: Connection,
    vault: Vault,
    staff_id: StaffId,
    patient_id: PatientId,
    reason: str,
    words: str,
    now: datetime,
) -> str:
    """Open a patient's record for four hours; the id of what is to be looked at."""
    made = new_id()
    connection.execute(
        insert(broken_glass).values(
            id=made,
            staff_id=staff_id,
            patient_id=patient_id,
            reason=reason,
            words_sealed=vault.seal(words, f"broken_glass.words:{made}"),
            at=now,
            until=now + LASTS,
        )
    )
    return made


def open_for(
    connection: Connection, staff_id: StaffId, patient_ids: Collection[PatientId], now: datetime
) -> frozenset[PatientId]:
    """Which of some patients are open to somebody now."""
    query = select(broken_glass.c.patient_id).where(
        broken_glass.c.staff_id == staff_id, broken_glass.c.until > now, broken_glass.c.patient_id.in_(patient_ids)
    )
    return frozenset(PatientId(row.patient_id) for row in connection.execute(query))


_everything = select(broken_glass, patients.c.code, patients.c.team_id).join(
    patients, patients.c.id == broken_glass.c.patient_id
)


def listed(connection: Connection, vault: Vault, now: datetime) -> list[Glass]:
    """All that wait to be looked at, and those of the last 30 days, the newest first."""
    lately = or_(broken_glass.c.reviewed_at.is_(None), broken_glass.c.at >= now - SHOWN_FOR)
    rows = connection.execute(_everything.where(lately).order_by(broken_glass.c.at.desc(), broken_glass.c.id))
    return [_glass(row, vault) for row in rows]


def waiting(connection: Connection, vault: Vault) -> list[Glass]:
    """All that wait to be looked at, the newest first."""
    rows = connection.execute(
        _everything.where(broken_glass.c.reviewed_at.is_(None)).order_by(broken_glass.c.at.desc())
    )
    return [_glass(row, vault) for row in rows]


def get(connection: Connection, vault: Vault, glass_id: str) -> Glass | None:
    """The opening of that id."""
    row = connection.execute(_everything.where(broken_glass.c.id == glass_id)).one_or_none()
    return _glass(row, vault) if row else None


def review(connection: Connection, glass_id: str, staff_id: StaffId, now: datetime) -> bool:
    """Somebody looked at an opening; False where another did before."""
    done = connection.execute(
        update(broken_glass)
        .where(broken_glass.c.id == glass_id, broken_glass.c.reviewed_at.is_(None))
        .values(reviewed_by=staff_id, reviewed_at=now)
    )
    return bool(done.rowcount)


def _glass(row: Row[Any], vault: Vault) -> Glass:
    return Glass(
        id=row.id,
        staff_id=StaffId(row.staff_id),
        patient_id=PatientId(row.patient_id),
        patient_code=row.code,
        team_id=row.team_id,
        reason=row.reason,
        words=vault.open(row.words_sealed, f"broken_glass.words:{row.id}"),
        at=row.at,
        until=row.until,
        reviewed_by=row.reviewed_by,
        reviewed_at=row.reviewed_at,
    )
