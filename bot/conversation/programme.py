"""Staff pause, close and open a person's programme: by the functions that the coach itself uses, so that all else is alike.

The person is told in the coach's words, outside of their quiet hours; not while they may be in danger or a person writes
to them, and never after STOP.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection

from bot.clock import at_local, local
from bot.coaching import effects, schedule, snapshot
from bot.content.coach import Coach
from bot.conversation.compose import queue
from bot.conversation.message import MessageClass
from bot.crypto import Vault
from bot.errors import Conflict, Incomplete
from bot.program.facts import facts
from bot.program.turn import Say
from bot.program.wording import fill, variant
from bot.safety.cover import Cover
from bot.settings import Settings
from bot.store import escalations, patients
from bot.store.care import STEPS, Care, Closing, Mode
from bot.store.patients import Patient, State
from bot.store.types import new_id

LONGEST_PAUSE = timedelta(days=365)


@dataclass(frozen=True)
class Ward:
    """What a step needs: the open transaction, the content, the site's settings, and when.

    Attributes:
        connection: in which the patient was read with `patients.locked`.
    """

    connection: Connection
    vault: Vault
    coach: Coach
    settings: Settings
    cover: Cover
    now: datetime


def steps(ward: Ward, patient: Patient) -> dict[Care, str]:
    """Every step that makes sense for a patient, with what is in its way now; "" where nothing is."""
    is_resting = patient.state is State.PAUSED or patient.rests_since is not None
    sensible = [step for step in Care if step in STEPS[patient.state] and (step is not Care.GO_ON or is_resting)]
    is_open = escalations.current(ward.connection, ward.vault, patient.id) is not None
    return {step: _hindrance(ward, patient, step, is_open) for step in sensible}


def _hindrance(ward: Ward, patient: Patient, step: Care, is_open: bool) -> str:
    match step:
        case Care.GO_ON if is_open:
            return "An escalation is open. When you resolve it, say there whether check-ins may go on."
        case Care.CLOSE | Care.REOPEN if is_open:
            return "An escalation is open. Resolve it first."
        case Care.CLOSE if patient.taken_over_by:
            return "Somebody writes in the chat. Hand it back to the coach first."
        case Care.REOPEN:
            return _no_way_back(ward, patient)
        case _:
            return ""


def _no_way_back(ward: Ward, patient: Patient) -> str:
    """STOP, and consent taken back, are the person's own words: staff don't undo them."""
    if any(address.opted_out_at for address in patients.addresses_of(ward.connection, patient.id)):
        return "They said STOP. Only they can open it again: by START."
    agreed = patients.consent(ward.connection, patient.id)
    if agreed is None or agreed.withdrawn_at is not None or patient.enrolled_at is None:
        return "Their consent does not hold any more. They can join anew by writing to the coach."
    return ""


def check(ward: Ward, patient: Patient, step: Care) -> None:
    """Make sure that a step can be taken now.

    Raises:
        Conflict: it can't; the words say why, and name nobody.
    """
    found = steps(ward, patient)
    if step not in found or found[step]:
        raise Conflict(found.get(step) or "It can’t be done any more, as things stand now.")


def pause(ward: Ward, patient: Patient, until_on: date) -> None:
    """Check-ins rest until a day of the patient's own calendar, on which they begin again.

    Raises:
        Incomplete: the day is not after today, or more than a year away.
    """
    today = local(ward.now, patient.zone).date()
    if not today < until_on <= today + LONGEST_PAUSE:
        raise Incomplete("until", "give a day after today, at most a year from now")
    until = at_local(until_on, time(), patient.zone)
    effects.pause(ward.connection, ward.vault, patient, until)
    _tell(ward, patient, "team_paused", when=f"{until_on.day} {until_on:%B}")


def go_on(ward: Ward, patient: Patient) -> None:
    """Check-ins begin again, after a pause or after an alarm that let them rest."""
    _resume(ward, patient, "team_resumed")


def set_mode(ward: Ward, patient: Patient, mode: Mode) -> None:
    """A person of the team looks after them from now on, or nobody does; they are told nothing by it."""
    patients.change(ward.connection, ward.vault, patient.id, mode=mode)


def close(ward: Ward, patient: Patient, why: Closing) -> None:
    """The programme ends, and the person is told how to come back; whoever reads the phone of one who died is not."""
    effects.close(ward.connection, ward.vault, patient, ward.now)
    if why is not Closing.DIED:
        _tell(ward, patient, "stopped")


def reopen(ward: Ward, patient: Patient) -> None:
    """The programme goes on where it was, as after START."""
    _resume(ward, patient, "started")


def _resume(ward: Ward, patient: Patient, phrase: str) -> None:
    effects.resume(ward.connection, ward.vault, patient, ward.now)
    patients.change(ward.connection, ward.vault, patient.id, rests_since=None)
    _tell(ward, patient, phrase)


def _tell(ward: Ward, patient: Patient, phrase: str, **more: str) -> None:
    address = patients.reachable(ward.connection, patient.id)
    in_danger = escalations.current(ward.connection, ward.vault, patient.id) is not None
    if address is None or in_danger or patient.taken_over_by:
        return
    known = facts(
        ward.coach,
        snapshot.person(
            ward.connection, ward.vault, patient, ward.now, site_name=ward.settings.site_name, cover=ward.cover
        ),
    )
    say = Say(fill(variant(ward.coach.phrases[phrase], phrase, int(ward.now.timestamp()) // 60), {**known, **more}))
    at = schedule.after_quiet(ward.now, patient.zone, ward.settings.quiet_from, ward.settings.quiet_until)
    queue(
        ward.connection, ward.vault, address, patient.id, f"programme:{new_id()}", [(say, MessageClass.REPLY)],
        ward.now, at if at > ward.now else None,
    )  # fmt: skip
