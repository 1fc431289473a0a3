"""Claims what is due and turns it into messages: check-ins, reminders, look-ins, the end of a pause, what the coach is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from bot.clock import Clock, local
from bot.coaching import effects, schedule
from bot.coaching.effects import CHECKIN, LOOK_IN, REMINDER, RESUME, STATEMENT
from bot.coaching.turns import Coaching
from bot.conversation.compose import Classed, queue
from bot.conversation.message import MessageClass
from bot.errors import StoreError
from bot.program.silence import Contact, contact
from bot.program.turn import Say
from bot.safety.context import ANSWER_WITHIN_HOURS
from bot.store import diary, due, inbox, lanes, outbox, patients
from bot.store.database import Store
from bot.store.patients import Address, Patient, State
from bot.store.types import PatientId, new_id

log = structlog.get_logger()

EVERY_SECONDS = 1.0
LANE_BUSY = timedelta(seconds=5)
ASKED = timedelta(hours=1)
TALKING = timedelta(minutes=15)  # a check-in does not break into what is being talked about
LATE_AT_NIGHT = timedelta(minutes=30)  # most delay of a check-in whose time the person chose within quiet hours
LATEST = timedelta(hours=4)  # a check-in that could not go out by then is left out, not sent at a strange hour


@dataclass(frozen=True)
class Duty:
    """One due row while it is worked."""

    connection: Connection
    patient: Patient
    address: Address
    at: datetime
    now: datetime


class Scheduler:
    """Sends what is due.

    Args:
        store: the database.
        coaching: begins check-ins.
        clock: the present.
        sent: called when rows may be waiting in the outbox.
    """

    def __init__(self, store: Store, coaching: Coaching, clock: Clock, sent: Callable[[], None]) -> None:
        self.store, self.coaching, self.clock, self.sent = store, coaching, clock, sent

    async def run(self) -> None:
        """Tick for ever; an absent store is waited out."""
        while True:
            try:
                await asyncio.to_thread(self.tick)
            except StoreError as error:
                log.error("store.away", why=str(error))
            await asyncio.sleep(EVERY_SECONDS)

    def tick(self) -> int:
        """Work all that is due now; tells how much that was. Each row is one transaction: a crash repeats none."""
        with self.store.read() as connection:
            ripe = due.ripe(connection, self.clock.now())
        for patient_id, kind, at in ripe:
            self._work(patient_id, kind, at)
        if ripe:
            self.sent()
        return len(ripe)

    def _work(self, patient_id: PatientId, kind: str, at: datetime) -> None:
        now, holder = self.clock.now(), new_id()
        with self.store.write() as connection:
            if due.of(connection, patient_id).get(kind) != at:
                return  # changed or done by another process meanwhile
            lanes.put(connection, patient_id, now)
            if not lanes.claim(connection, patient_id, holder, now):
                due.set_at(connection, patient_id, kind, now + LANE_BUSY)
                return
            due.clear(connection, patient_id, kind)
            patient = patients.get(connection, self.store.vault, patient_id)
            if patient.taken_over_by:  # a person talks with them: the coach keeps quiet
                due.set_at(connection, patient_id, kind, now + TALKING)
                lanes.release(connection, patient_id, holder)
                return
            address = patients.reachable(connection, patient_id)
            if address is not None:
                HANDLERS[kind](self, Duty(connection, patient, address, at, now))
            lanes.release(connection, patient_id, holder)

    def checkin(self, duty: Duty) -> None:
        """The daily message: the check-in, or what a long silence calls for (curriculum §8)."""
        next_at = schedule.next_checkin(duty.now, duty.patient.checkin_time, duty.patient.zone, after_today=True)
        due.set_at(duty.connection, duty.patient.id, CHECKIN, next_at)
        if STATEMENT not in due.of(duty.connection, duty.patient.id):
            due.set_at(duty.connection, duty.patient.id, STATEMENT, duty.now + schedule.STATEMENT_EVERY)
        if duty.patient.state is not State.ACTIVE or duty.patient.rests_since:
            return
        if self._too_late(duty) or self._done_today(duty):
            return
        if self._is_talking(duty):
            due.set_at(duty.connection, duty.patient.id, CHECKIN, duty.now + TALKING)
            return
        silent = duty.patient.unanswered
        self._contact(duty, contact(silent), silent)

    def _contact(self, duty: Duty, kind: Contact, silent: int) -> None:
        patients.change(duty.connection, self.store.vault, duty.patient.id, unanswered=silent + 1)
        match kind:
            case Contact.CHECKIN:
                says = self.coaching.begin(duty.connection, duty.patient, "checkin", "programme")
                remind = schedule.reminder(
                    duty.now,
                    duty.patient.zone,
                    self.coaching.settings.quiet_from,
                    self.coaching.settings.quiet_until,
                )
                if remind and silent == 0:
                    due.set_at(duty.connection, duty.patient.id, REMINDER, remind)
            case Contact.CHOICE:
                says = self.coaching.begin(duty.connection, duty.patient, "silence", "programme")
            case Contact.ONE_DIGIT:
                says = self.coaching.begin(duty.connection, duty.patient, "one_digit", "programme")
            case Contact.WEEKLY:
                says = [self.coaching.phrase(duty.connection, duty.patient, "silence_week")]
            case Contact.LAST:
                says = [self.coaching.phrase(duty.connection, duty.patient, "silence_last")]
                due.clear(duty.connection, duty.patient.id, CHECKIN)
            case Contact.NONE:
                return
        self._queue(duty, CHECKIN, says)

    def reminder(self, duty: Duty) -> None:
        """The one reminder of an unanswered check-in, while its question is the open one."""
        waits = self.coaching.waits_for(duty.connection, duty.patient, CHECKIN)
        if waits and duty.patient.state is State.ACTIVE and not duty.patient.rests_since:
            self._queue(duty, REMINDER, [self.coaching.phrase(duty.connection, duty.patient, "reminder")])

    def look_in(self, duty: Duty) -> None:
        """The look-in after a flare that was agreed; a check-in that is open asks after the flare itself."""
        if self.coaching.waits_for(duty.connection, duty.patient, CHECKIN) or self._is_talking(duty):
            return
        if duty.patient.state is State.ACTIVE and not duty.patient.rests_since and not self._is_quiet(duty, duty.now):
            self._queue(duty, LOOK_IN, self.coaching.begin(duty.connection, duty.patient, LOOK_IN, "programme"))

    def resume(self, duty: Duty) -> None:
        """A pause has run out: check-ins begin again."""
        if duty.patient.state is State.PAUSED:
            effects.resume(duty.connection, self.store.vault, duty.patient, duty.now)

    def statement(self, duty: Duty) -> None:
        """What the coach is and is not, once more; the next check-in sets when it is due again.

        It never comes between a safety question and its answer, which is judged by what was said last.
        """
        settings = self.coaching.settings
        if duty.patient.state not in (State.ACTIVE, State.PAUSED, State.ENROLLING):
            return
        if not duty.patient.rests_since and contact(duty.patient.unanswered) is not Contact.CHECKIN:
            return  # they have fallen silent: words into silence are few, and useful by themselves
        at = schedule.after_quiet(duty.now, duty.patient.zone, settings.quiet_from, settings.quiet_until)
        if self._is_asked(duty):
            at += ASKED
        elif self._is_talking(duty):
            at += TALKING
        if at > duty.now:
            due.set_at(duty.connection, duty.patient.id, STATEMENT, at)
            return
        self._queue(duty, STATEMENT, self.coaching.statement(duty.connection, duty.patient))

    def _is_asked(self, duty: Duty) -> bool:
        """Whether a safety question has no answer yet, and may still get one."""
        said = outbox.recent(duty.connection, self.store.vault, duty.patient.id, 1)
        wrote = inbox.recent(duty.connection, self.store.vault, duty.patient.id, 1)
        open_since = said[-1].created_at if said and said[-1].asked else None
        answered = open_since is not None and bool(wrote) and wrote[-1].received_at > open_since
        within = timedelta(hours=ANSWER_WITHIN_HOURS)
        return open_since is not None and not answered and duty.now - open_since <= within

    def _done_today(self, duty: Duty) -> bool:
        today = local(duty.now, duty.patient.zone).date()
        rows = diary.checkins_of(duty.connection, self.store.vault, duty.patient.id, today)
        return any(row.completed_at for row in rows)

    def _too_late(self, duty: Duty) -> bool:
        """Hours late, or in quiet hours that the person did not choose: today's is left out."""
        chosen = self._is_quiet(duty, duty.at) and duty.now - duty.at < LATE_AT_NIGHT
        return duty.now - duty.at > LATEST or (self._is_quiet(duty, duty.now) and not chosen)

    def _is_quiet(self, duty: Duty, at: datetime) -> bool:
        settings = self.coaching.settings
        return schedule.is_quiet(at, duty.patient.zone, settings.quiet_from, settings.quiet_until)

    def _is_talking(self, duty: Duty) -> bool:
        """Whether the person wrote a moment ago and is in the middle of something."""
        last = inbox.recent(duty.connection, self.store.vault, duty.patient.id, 1)
        if not last or duty.now - last[0].received_at > TALKING:
            return False
        return bool(self.coaching.open_question(duty.connection, duty.patient))

    def _queue(self, duty: Duty, kind: str, says: list[Say]) -> None:
        key = f"{kind}:{duty.patient.id}:{local(duty.now, duty.patient.zone).date()}"
        classed: list[Classed] = [(say, MessageClass.CHECKIN) for say in says]
        queue(duty.connection, self.store.vault, duty.address, duty.patient.id, key, classed, duty.now)


HANDLERS: Mapping[str, Callable[[Scheduler, Duty], None]] = {
    CHECKIN: Scheduler.checkin,
    REMINDER: Scheduler.reminder,
    LOOK_IN: Scheduler.look_in,
    RESUME: Scheduler.resume,
    STATEMENT: Scheduler.statement,
}
