"""Staff write in the coach's place: who they are is said first, the coach is silent, and its end is told to both.

Screening goes on throughout, and a message that shows an emergency is answered with the emergency text all the same
(`conversation.receive`).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from bot.content.coach import Coach
from bot.conversation.message import RANK, MessageClass
from bot.crypto import Vault
from bot.errors import Conflict, Incomplete
from bot.store import escalations, lanes, outbox, patients, snoozing, staff, steps, takeovers, vigils
from bot.store.lifecycle import Action
from bot.store.patients import Patient
from bot.store.takeovers import LIFE, Takeover
from bot.store.types import PatientId, StaffId

STAFF = "staff"  # how the keys of outbox rows begin that a person wrote: staff:<id of the person>:…
LONGEST = 1500


def _name(connection: Connection, vault: Vault, staff_id: StaffId) -> str:
    return staff.names(connection, vault).get(staff_id, "a person")


def begin(
    connection: Connection, vault: Vault, coach: Coach, patient_id: PatientId, staff_id: StaffId, now: datetime
) -> None:
    """Take a patient's chat over. What the coach had not sent yet is dropped, and what waits for it is staff's to answer.

    Raises:
        Refused: the role may not.
        Conflict: somebody has the chat; names who.
        Incomplete: the patient can't be written to (STOP, or no address that works): call them.
    """
    steps.check_may(connection, staff_id, Action.TAKE_OVER)
    if patients.reachable(connection, patient_id) is None:
        raise Incomplete("text", "this person can't be written to (they said STOP, or blocked us): call them")
    lanes.put(connection, patient_id, now)
    if not takeovers.begin(connection, patient_id, staff_id, now):
        standing = takeovers.of(connection, patient_id)
        who = _name(connection, vault, standing.staff_id) if standing else ""
        raise Conflict(
            "somebody writes in this chat already", who=who, event="taken_over", at=standing.since if standing else None
        )
    outbox.drop_waiting(connection, patient_id, "taken over")
    snoozing.end_for_another(connection, patient_id, staff_id)
    vigils.keep(connection, patient_id, vigils.TAKEOVER, now + LIFE)
    _say(connection, vault, patient_id, staff_id, f"begins:{now.timestamp():.0f}",
         coach.crisis.takeover_begins(_name(connection, vault, staff_id)), now)  # fmt: skip
    _history(connection, vault, patient_id, staff_id, "taken_over", now)


def say(
    connection: Connection,
    vault: Vault,
    patient_id: PatientId,
    staff_id: StaffId,
    key: str,
    text: str,
    now: datetime,
) -> bool:
    """Send a person's words to the patient; False where the same form (`key`) was sent before.

    Raises:
        Refused: the role may not.
        Conflict: they have not taken the chat over, or no longer have it.
        Incomplete: no words, too many, or the patient can't be written to any more.
    """
    steps.check_may(connection, staff_id, Action.TAKE_OVER)
    standing = takeovers.of(connection, patient_id)
    if standing is None or standing.staff_id != staff_id:
        who = _name(connection, vault, standing.staff_id) if standing else ""
        raise Conflict("this chat is not yours (any more): take it over first", who=who, event="taken_over")
    if not text.strip() or len(text) > LONGEST:
        raise Incomplete("text", f"write something, at most {LONGEST} characters")
    if patients.reachable(connection, patient_id) is None:
        raise Incomplete("text", "this person can't be written to any more (STOP, or they blocked us): call them")
    keep_going(connection, patient_id, now)
    return _say(connection, vault, patient_id, staff_id, key, text, now)


def keep_going(connection: Connection, patient_id: PatientId, now: datetime) -> None:
    """A message of either side: the takeover lasts for another hour."""
    takeovers.touch(connection, patient_id, now)
    vigils.keep(connection, patient_id, vigils.TAKEOVER, now + LIFE)


def end(
    connection: Connection,
    vault: Vault,
    coach: Coach,
    patient: Patient,
    now: datetime,
    *,
    staff_id: StaffId | None = None,
) -> Takeover | None:
    """Hand the chat back to the coach, by a person or (`staff_id` None) by time; both sides are told.

    Returns:
        What was ended; None where nobody had the chat.

    Raises:
        Refused: the role may not.
    """
    if staff_id is not None:
        steps.check_may(connection, staff_id, Action.HAND_BACK)
    standing = takeovers.of(connection, patient.id)
    if standing is None or not takeovers.end(connection, patient.id):
        return None
    vigils.end(connection, patient.id, vigils.TAKEOVER)
    words = coach.crisis.takeover_ends(_name(connection, vault, standing.staff_id), patient.country)
    _say(connection, vault, patient.id, standing.staff_id, f"ends:{standing.since.timestamp():.0f}", words, now)
    why = {} if staff_id else {"why": "an hour without a message"}
    _history(connection, vault, patient.id, staff_id, "handed_back", now, why)
    return standing


def _say(
    connection: Connection, vault: Vault, patient_id: PatientId, staff_id: StaffId, key: str, text: str, now: datetime
) -> bool:
    address = patients.reachable(connection, patient_id)
    return address is not None and outbox.put(
        connection,
        vault,
        patient_id=patient_id,
        address_id=address.id,
        dedupe_key=f"{STAFF}:{staff_id}:{patient_id[:12]}:{key}",
        message_class=MessageClass.REPLY,
        rank=RANK[MessageClass.REPLY],
        text=text,
        now=now,
    )


def _history(
    connection: Connection,
    vault: Vault,
    patient_id: PatientId,
    staff_id: StaffId | None,
    event: str,
    now: datetime,
    detail: dict[str, str] | None = None,
) -> None:
    """In the history of the open escalation, else of the last one; a chat may be taken over without any."""
    current = escalations.current(connection, vault, patient_id)
    found = [current] if current else escalations.of_patient(connection, vault, patient_id)[:1]
    for one in found:
        escalations.write_event(connection, vault, one.id, now, event, staff_id=staff_id, detail=detail or None)
