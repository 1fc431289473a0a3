"""Writes what a turn decided: one small function an effect, all in the turn's own transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from bot.clock import local
from bot.coaching import schedule, snapshot
from bot.content.coach import Coach
from bot.crypto import Vault
from bot.errors import ContentError
from bot.program.facts import mood_number, next_skill, told_practice
from bot.program.person import Person
from bot.program.turn import Effect
from bot.store import diary, due, outbox, patients, positions
from bot.store.patients import Patient, State

CHECKIN, REMINDER, LOOK_IN, RESUME = "checkin", "reminder", "look_in", "resume"
STATEMENT = "statement"  # of what the coach is and is not
FOREVER_DAYS = 365


@dataclass(frozen=True)
class Desk:
    """What writing needs: the open transaction, whose turn it is, and when."""

    connection: Connection
    vault: Vault
    coach: Coach
    patient: Patient
    person: Person
    now: datetime


def apply(desk: Desk, effects: tuple[Effect, ...]) -> None:
    """Write every effect of a turn, in order.

    Raises:
        ContentError: content names an effect that does not exist (the checker refuses that before).
    """
    for effect in effects:
        name = f"set {effect.target.partition('.')[0]}" if effect.name == "set" else effect.name
        if name not in EFFECTS:
            raise ContentError(effect.skill, 0, f'nothing is done by "{name}"')
        EFFECTS[name](desk, effect)


def _change(desk: Desk, **values: Any) -> None:
    patients.change(desk.connection, desk.vault, desk.patient.id, **values)


def _today(desk: Desk) -> str:
    on = local(desk.now, desk.patient.zone).date()
    return diary.checkin(desk.connection, desk.vault, desk.patient.id, on, desk.now)


def _set_checkin(desk: Desk, effect: Effect) -> None:
    name = effect.target.partition(".")[2]
    number = mood_number(effect.value)
    diary.tell(desk.connection, desk.vault, _today(desk), name, number, effect.value)
    due.clear(desk.connection, desk.patient.id, REMINDER)


def _set_profile(desk: Desk, effect: Effect) -> None:
    name = effect.target.partition(".")[2]
    _change(desk, **{name: effect.value})
    country = desk.coach.countries.get(effect.value) if name == "country" else None
    if country:
        _change(desk, zone=country.zones[0].zone)
    fresh = patients.get(desk.connection, desk.vault, desk.patient.id)
    if fresh.state is State.ACTIVE and name in ("checkin_time", "zone", "country"):
        _schedule(desk, fresh)


def _schedule(desk: Desk, patient: Patient, *, after_today: bool = False) -> None:
    at = schedule.next_checkin(desk.now, patient.checkin_time, patient.zone, after_today=after_today)
    due.set_at(desk.connection, patient.id, CHECKIN, at)


def _set_practice(desk: Desk, effect: Effect) -> None:
    agreed = told_practice(desk.person)
    if agreed is None:
        return
    name = effect.target.partition(".")[2]
    state = str(effect.value) if name == "done" else None
    diary.revise(desk.connection, desk.vault, agreed.id, desk.now, state=state, **{name: effect.value})


def _set_consent(desk: Desk, effect: Effect) -> None:
    if effect.value == "yes":
        patients.give_consent(desk.connection, desk.patient.id, consent_version(desk.coach), desk.now)


def consent_version(coach: Coach) -> str:
    """Names the wording that was agreed to: a hash of the whole enrolment conversation."""
    return hashlib.sha256(coach.skills["enrolment"].model_dump_json().encode()).hexdigest()


def _nothing(desk: Desk, effect: Effect) -> None:
    """For what is kept by the effect that follows."""


def _enrol(desk: Desk, effect: Effect) -> None:
    _change(desk, state=State.ACTIVE, enrolled_at=desk.now, unanswered=0)
    _schedule(desk, patients.get(desk.connection, desk.vault, desk.patient.id), after_today=True)


def _decline(desk: Desk, effect: Effect) -> None:
    _change(desk, state=State.DECLINED)
    patients.withdraw_consent(desk.connection, desk.patient.id, desk.now)
    due.clear(desk.connection, desk.patient.id)


def _pause(desk: Desk, effect: Effect) -> None:
    days = effect.value if isinstance(effect.value, int) else 7
    pause(desk.connection, desk.vault, desk.patient, desk.now + timedelta(days=days), ends=days < FOREVER_DAYS)


def pause(connection: Connection, vault: Vault, patient: Patient, until: datetime, *, ends: bool = True) -> None:
    """Check-ins rest until an instant; `ends` False: until the person or staff say so."""
    patients.change(connection, vault, patient.id, state=State.PAUSED, paused_until=until)
    due.clear(connection, patient.id)
    if ends:
        due.set_at(connection, patient.id, RESUME, until)


def _resume(desk: Desk, effect: Effect) -> None:
    resume(desk.connection, desk.vault, desk.patient, desk.now)


def resume(connection: Connection, vault: Vault, patient: Patient, now: datetime) -> None:
    """Check-ins begin again, from the next time that is the person's own."""
    patients.change(connection, vault, patient.id, state=State.ACTIVE, paused_until=None, unanswered=0)
    due.clear(connection, patient.id, RESUME)
    due.set_at(connection, patient.id, CHECKIN, schedule.next_checkin(now, patient.checkin_time, patient.zone))


def _stop(desk: Desk, effect: Effect) -> None:
    stop(desk.connection, desk.vault, desk.patient, desk.now)


def stop(connection: Connection, vault: Vault, patient: Patient, now: datetime) -> None:
    """STOP: final until START, on every channel of the person's; what waits is not sent any more."""
    if patient.state in (State.ACTIVE, State.PAUSED):
        patients.change(connection, vault, patient.id, state=State.STOPPED)
    for address in patients.addresses_of(connection, patient.id):
        patients.change_address(connection, address.id, opted_out_at=now)
    due.clear(connection, patient.id)
    outbox.drop_waiting(connection, patient.id, "opted out")


def close(connection: Connection, vault: Vault, patient: Patient, now: datetime) -> None:
    """The programme ends: nothing is due, open or waiting any more.

    No address is shut, as STOP would: what they write is screened and answered, and START begins again.
    """
    patients.change(connection, vault, patient.id, state=State.STOPPED, paused_until=None, unanswered=0)
    due.clear(connection, patient.id)
    positions.put(connection, vault, patient.id, {}, now)
    outbox.drop_waiting(connection, patient.id, "closed")


def _request(desk: Desk, what: str, words: Any = None) -> None:
    request(desk.connection, desk.vault, desk.patient, what, desk.now, words)


def request(
    connection: Connection, vault: Vault, patient: Patient, what: str, now: datetime, words: Any = None
) -> None:
    """Put a matter on the staff's list, once; words that come later are added to it."""
    rows = diary.exercises_of(connection, vault, patient.id)
    open_one = next(
        (row for row in rows if row.kind == diary.REQUEST and row.skill == what and row.state == diary.OPEN), None
    )
    if open_one:
        if words:
            diary.revise(connection, vault, open_one.id, now, words=words)
        return
    data = {"what": what, "words": words}
    diary.keep(connection, vault, patient.id, "request", what, "open", data, now)


def _delete_data(desk: Desk, effect: Effect) -> None:
    _request(desk, "delete_data")
    due.clear(desk.connection, desk.patient.id)
    _change(desk, state=State.STOPPED)
    patients.withdraw_consent(desk.connection, desk.patient.id, desk.now)


def _export_data(desk: Desk, effect: Effect) -> None:
    _request(desk, "export_data")


def _tell_coach(desk: Desk, effect: Effect) -> None:
    _request(desk, "talk_to_human", effect.value)


def _look_in_later(desk: Desk, effect: Effect) -> None:
    at = schedule.look_in(desk.now, desk.patient.zone, effect.value)
    if at:
        due.set_at(desk.connection, desk.patient.id, LOOK_IN, at)


def _checkin_done(desk: Desk, effect: Effect) -> None:
    diary.complete(desk.connection, _today(desk), desk.now)
    due.clear(desk.connection, desk.patient.id, REMINDER)
    if desk.patient.state is State.ACTIVE:
        _schedule(desk, desk.patient, after_today=True)


def _set_flare(desk: Desk, effect: Effect) -> None:
    flare = snapshot.open_flare(diary.exercises_of(desk.connection, desk.vault, desk.patient.id))
    if flare:
        name = effect.target.partition(".")[2]
        diary.revise(desk.connection, desk.vault, flare.id, desk.now, **{name: effect.value})
        due.clear(desk.connection, desk.patient.id, LOOK_IN)


def _flare_began(desk: Desk, effect: Effect) -> None:
    """Noted at the first word: who falls silent in the middle of a flare is asked about it the next morning all the same."""
    diary.keep(desk.connection, desk.vault, desk.patient.id, snapshot.FLARE, effect.skill, "began", {}, desk.now)


def _not_today(desk: Desk, effect: Effect) -> None:
    skill = effect.target or next_skill(desk.coach, desk.person)
    if skill:
        diary.keep(desk.connection, desk.vault, desk.patient.id, snapshot.DECLINED, skill, "declined", {}, desk.now)


def _record(desk: Desk, effect: Effect) -> None:
    flare = effect.target == snapshot.FLARE and snapshot.open_flare(
        diary.exercises_of(desk.connection, desk.vault, desk.patient.id)
    )
    if flare and flare.state == "began":
        diary.revise(desk.connection, desk.vault, flare.id, desk.now, state="kept", **effect.value)
        return
    diary.keep(
        desk.connection, desk.vault, desk.patient.id, effect.target, effect.skill, "kept", effect.value, desk.now
    )


def _practice(desk: Desk, effect: Effect) -> None:
    diary.keep(
        desk.connection, desk.vault, desk.patient.id, diary.PRACTICE, effect.skill, "agreed", effect.value, desk.now
    )


def _delivered(desk: Desk, effect: Effect) -> None:
    skill = desk.coach.skills[effect.skill]
    if effect.target == "left" or not (skill.record or skill.practice):  # else the record or practice itself shows it
        diary.keep(desk.connection, desk.vault, desk.patient.id, "delivered", effect.skill, effect.target, {}, desk.now)


EFFECTS: Mapping[str, Callable[[Desk, Effect], None]] = {
    "set checkin": _set_checkin,
    "set profile": _set_profile,
    "set practice": _set_practice,
    "set flare": _set_flare,
    "set consent": _set_consent,
    "set adult": _nothing,
    "set pause_days": _nothing,
    "enrol": _enrol,
    "decline": _decline,
    "pause": _pause,
    "resume": _resume,
    "stop": _stop,
    "delete_data": _delete_data,
    "export_data": _export_data,
    "tell_coach": _tell_coach,
    "look_in_later": _look_in_later,
    "checkin_done": _checkin_done,
    "close": _nothing,
    "alarm": _nothing,  # raised by whoever decides the turn (coaching.turns)
    "flare_began": _flare_began,
    "not_today": _not_today,
    "record": _record,
    "practice": _practice,
    "delivered": _delivered,
}
