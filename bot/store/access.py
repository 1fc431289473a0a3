"""The one door to patient data for staff: it checks the role and writes the audit entry, or refuses."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from bot.crypto import Vault
from bot.errors import EvendayError
from bot.store import patients
from bot.store import staff as staff_rows
from bot.store.lifecycle import Measure, Role, may_measure
from bot.store.patients import Patient
from bot.store.staff import Staff
from bot.store.types import PatientId

# Named here so that the console hands connections on without importing sqlalchemy.
__all__ = [
    "Connection",
    "Refused",
    "Role",
    "allow",
    "allow_measure",
    "audited",
    "check_audit",
    "check_measure",
    "codes",
    "listed",
    "may_audit",
    "may_read",
    "patient",
]


READERS = frozenset({Role.SUPERVISOR, Role.CLINICIAN, Role.ADMINISTRATOR})
# Who may see what colleagues saw and did: those who answer for the team and for the data, and write its rota, too.
AUDITORS = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})


class Refused(EvendayError):
    """This role may not see patient data. Nothing was read; tell the person, and write down that it was tried."""


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
    if not may_read(staff):
        raise Refused("your role may not see patient data: ask an administrator if it should")
    staff_rows.record(connection, vault, now, staff.id, why, subject, detail)


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
        KeyError: there is none of that id.
    """
    allow(connection, vault, staff, patient_id, why, now, detail)
    return patients.get(connection, vault, patient_id)


def listed(connection: Connection, vault: Vault, staff: Staff, why: str, now: datetime) -> list[Patient]:
    """Patients who have begun to enrol, the newest first; arguments and errors as in `allow`."""
    allow(connection, vault, staff, "patients", why, now)
    return patients.listed(connection, vault)


def codes(connection: Connection, staff: Staff, patient_ids: Iterable[PatientId]) -> dict[PatientId, str]:
    """Patients' codes, by id: they name nobody, so a list of them needs one entry for the whole list.

    Raises:
        Refused: the role may not.
    """
    if not may_read(staff):
        raise Refused("your role may not see patient data: ask an administrator if it should")
    return patients.codes(connection, patient_ids)
