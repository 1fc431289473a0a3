"""The one door to patient data for staff: it checks role and team and writes the audit entry, or refuses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection

from bot.crypto import Vault
from bot.errors import EvendayError
from bot.store import charge, glass, patients, roster
from bot.store import staff as staff_rows
from bot.store.lifecycle import Measure, Role, may_measure
from bot.store.patients import Patient, State
from bot.store.roster import Listing, Which
from bot.store.staff import Staff
from bot.store.types import PatientId, TeamId

# Named here so that the console hands connections on without importing sqlalchemy.
__all__ = [
    "Connection",
    "OtherTeam",
    "Refused",
    "Role",
    "allow",
    "allow_measure",
    "audited",
    "check_audit",
    "check_measure",
    "check_reads",
    "codes",
    "listed",
    "may_audit",
    "may_read",
    "named",
    "patient",
    "visible",
]


READERS = frozenset({Role.SUPERVISOR, Role.CLINICIAN, Role.ADMINISTRATOR})
# Who may see what colleagues saw and did: those who answer for the team and for the data, and write its rota, too.
AUDITORS = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})


class Refused(EvendayError):
    """This role may not see patient data. Nothing was read; tell the person, and write down that it was tried."""


class OtherTeam(Refused):
    """The patient is of a team that this person is not in. Nothing was read; they may break the glass, with a reason."""

    def __init__(self, patient_id: PatientId, code: str) -> None:
        super().__init__("this patient is of another team")
        self.patient_id, self.code = patient_id, code


def may_read(staff: Staff) -> bool:
    """Whether a member of staff may see patient data."""
    return staff.role in READERS


def may_audit(staff: Staff) -> bool:
    """Whether a member of staff may see the audit."""
    return staff.role in AUDITORS


def audited(connection: Connection, vault: Vault, staff: Staff, why: str, now: datetime, detail: str = "") -> None:
    """Let staff see the audit, and write that down in it; arguments as in `allow`.

    Raises:
        Refused: the role may not.
    """
    check_audit(staff)
    staff_rows.record(connection, vault, now, staff.id, why, "audit", detail)


def check_audit(staff: Staff) -> None:
    """For what writes its entry later, once it knows what it did.

    Raises:
        Refused: the role may not see the audit.
    """
    if not may_audit(staff):
        raise Refused("your role may not see the audit: ask a supervisor or an administrator")


def allow(
    connection: Connection, vault: Vault, staff: Staff, subject: str, why: str, now: datetime, detail: str = ""
) -> None:
    """Let staff see what `subject` names (a patient's id, `queue`, `aside:7`), and write that down.

    Args:
        connection: an open transaction that may write; the entry is committed with what it is about.
        vault: links the audit chain.
        staff: who looks.
        subject: what is looked at, as the audit names it.
        why: the action, such as `escalation.view`.
        now: the present.
        detail: codes and counts, never what a person wrote.

    Raises:
        Refused: the role may not; no entry is written here, as the caller's transaction ends.
    """
    check_reads(staff)
    staff_rows.record(connection, vault, now, staff.id, why, subject, detail)


def check_reads(staff: Staff) -> None:
    """For what writes its entry once it knows what it found.

    Raises:
        Refused: the role may not see patient data.
    """
    if not may_read(staff):
        raise Refused("your role may not see patient data: ask an administrator if it should")


def allow_measure(
    connection: Connection, vault: Vault, staff: Staff, what: Measure, why: str, now: datetime, detail: str = ""
) -> None:
    """Let staff see or do something with the safety figures, and write that down; arguments as in `allow`.

    Raises:
        Refused: the role may not.
    """
    check_measure(staff, what)
    staff_rows.record(connection, vault, now, staff.id, why, "safety", detail)


def check_measure(staff: Staff, what: Measure) -> None:
    """Make sure that the role may do something with the safety figures, before anything is read for it.

    Raises:
        Refused: it may not.
    """
    if not may_measure(staff.role, what):
        raise Refused(f"your role has no part in this ({what.replace('_', ' ')}): ask an administrator if it should")


def patient(
    connection: Connection,
    vault: Vault,
    staff: Staff,
    patient_id: PatientId,
    why: str,
    now: datetime,
    detail: str = "",
) -> Patient:
    """The patient of that id; arguments as in `allow`.

    Raises:
        Refused: the role may not.
        OtherTeam: it may, but not for this patient.
        KeyError: there is none of that id.
    """
    found = patients.get(connection, vault, patient_id)
    if may_read(staff) and patient_id not in visible(connection, staff, {patient_id: found.team_id}, now):
        raise OtherTeam(patient_id, found.code)
    allow(connection, vault, staff, patient_id, why, now, detail)
    return found


def visible(
    connection: Connection, staff: Staff, team_of: Mapping[PatientId, TeamId | None], now: datetime
) -> frozenset[PatientId]:
    """Which of some patients somebody may see: those of their teams and of none, and those they are called to or opened.

    Args:
        connection: an open transaction.
        staff: who looks.
        team_of: each patient's team.
        now: the present: what was opened closes again.
    """
    near = {patient_id for patient_id, team in team_of.items() if team is None or team in staff.teams}
    far = team_of.keys() - near
    if not far:
        return frozenset(near)
    called = charge.called_to(connection, staff.id, far, now)
    return frozenset(near | called | glass.open_for(connection, staff.id, far, now))


def listed(
    connection: Connection,
    vault: Vault,
    staff: Staff,
    why: str,
    now: datetime,
    *,
    state: State | None = None,
    only_mine: bool = False,
    after: PatientId | None = None,
) -> Listing:
    """One page of the patients of their teams and of none, the newest first; the rest as in `allow`.

    Args:
        state: only those who stand so; None: all who have begun to join.
        only_mine: only those of their teams.
        after: whom the page before ended with.

    Raises:
        Refused: the role may not.
    """
    allow(connection, vault, staff, "patients", why, now)
    return roster.page(connection, vault, Which(state, staff.teams if only_mine else staff.teams | {None}), after)


def named(connection: Connection, vault: Vault, staff: Staff, typed: str, why: str, now: datetime) -> Listing:
    """Patients of their teams and of none whose first name was typed; the entry holds how many, and no name.

    Raises:
        Refused: the role may not.
    """
    check_reads(staff)
    found = roster.named(connection, vault, typed, Which(teams=staff.teams | {None}))
    found_count = f"{len(found.patients)}{'+' if found.more else ''}"
    allow(connection, vault, staff, "patients", why, now, found_count)
    return found


def codes(connection: Connection, staff: Staff, patient_ids: Iterable[PatientId]) -> dict[PatientId, str]:
    """Patients' codes, by id: they name nobody, so a list of them needs one entry for the whole list.

    Raises:
        Refused: the role may not.
    """
    check_reads(staff)
    return patients.codes(connection, patient_ids)
