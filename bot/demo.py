"""Plays the made-up people into a store, as if they had talked with the coach for weeks: by the product's own steps.

Every message is taken in, screened and answered as any is, with a clock that stands where the story is; the trained
model alone is not asked. The people are marked as made up from their first row on, so at no instant does anything of
theirs wait, and nobody is called for them (`store.made_up`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.clock import Clock, TurnedClock, at_local, local
from bot.coaching.effects import consent_version
from bot.coaching.scene import Understood
from bot.coaching.turns import Coaching
from bot.content.coach import Coach
from bot.content.demo import Deed, Demo, DemoPerson, Line, Talk
from bot.conversation.compose import Classed, queue
from bot.conversation.message import Form, Inbound, MessageClass
from bot.conversation.receive import Reception
from bot.errors import ContentError, StoreError
from bot.paging import acknowledge as acknowledging
from bot.program.turn import Say
from bot.safety.cover import Cover
from bot.safety.screen import Screen
from bot.settings import Settings
from bot.store import (
    demos,
    diary,
    escalations,
    handling,
    inbox,
    judging,
    lanes,
    made_up,
    outbox,
    patients,
    positions,
    staff,
)
from bot.store.access import Connection, Role
from bot.store.database import Store
from bot.store.patients import Address, State
from bot.store.steps import Step
from bot.store.types import MessageId, StaffId, new_id

BETWEEN_LINES = timedelta(seconds=50)
AFTER_BEGINNING = timedelta(minutes=3)


@dataclass(frozen=True)
class Stage:
    """What the plays need."""

    store: Store
    coach: Coach
    screen: Screen
    settings: Settings
    cover: Cover
    demo: Demo


def add(stage: Stage, clock: Clock) -> int:
    """Put the made-up people in, dated back from now, in place of those that are there; tells how many.

    Nobody made up stays where this fails.

    Raises:
        ContentError: the screen or the coach does not take a line as the file says; names it by person and line.
        StoreError: the database is away.
    """
    store, now = stage.store, clock.now()
    with store.write() as connection:
        demos.remove(connection)
        colleagues = {key: _colleague(connection, store, key, name, now) for key, name in stage.demo.colleagues.items()}
    try:
        for person in stage.demo.people:
            Play(stage, person, colleagues, now, clock).perform()
    except BaseException:
        with suppress(StoreError), store.write() as connection:
            demos.remove(connection)
        raise
    with store.write() as connection:
        staff.record(
            connection, store.vault, clock.now(), None, "demo.added", "demo", f"{len(stage.demo.people)} people"
        )
    return len(stage.demo.people)


def _colleague(connection: Connection, store: Store, key: str, name: str, now: datetime) -> StaffId:
    """Somebody who may do nothing, and is offered nothing, from their first row on."""
    made = staff.create(connection, store.vault, demos.COLLEAGUE + key, name, made_up.ROLE, staff.NO_PASSWORD, now)
    staff.change(connection, made, closed_at=now)
    return made


@contextmanager
def _at_work(connection: Connection, colleague: StaffId, now: datetime) -> Iterator[None]:
    """They may do something for as long as one step takes: no commit holds somebody who may be offered a real case."""
    staff.change(connection, colleague, role=Role.CLINICIAN, closed_at=None)
    yield
    staff.change(connection, colleague, role=made_up.ROLE, closed_at=now)


class Play:
    """One person's weeks.

    Args:
        stage: store, content and screen.
        person: who.
        colleagues: made-up staff, by what the deeds call them.
        now: the instant from which everything is dated back.
        clock: the present, for the lane's lease.
    """

    def __init__(
        self, stage: Stage, person: DemoPerson, colleagues: Mapping[str, StaffId], now: datetime, clock: Clock
    ) -> None:
        self.stage, self.person, self.colleagues, self.now, self.real = stage, person, colleagues, now, clock
        self.store, self.vault = stage.store, stage.store.vault
        self.clock = TurnedClock(now)
        self.holder = new_id()
        given = (stage.settings, stage.cover)
        self.coaching = Coaching(stage.store, stage.coach, self.clock, *given)
        self.reception = Reception(stage.store, stage.coach, stage.screen, self.clock, *given, self.coaching)
        self.address = self._join()

    def perform(self) -> None:
        """Play all of it; what the coach says arrives."""
        self._check_ins()
        for talk in self.person.talks:
            self._hold()
            self._turn(self._began_at(talk))
            self._talk(talk)
        for deed in self.person.case:
            self._deed(deed)
        with self.store.write() as connection:
            outbox.make_arrive(connection, self.address.patient_id)
            lanes.release(connection, self.address.patient_id, self.holder)

    def _join(self) -> Address:
        who, joined = self.person, self.now - timedelta(days=self.person.joined_days_ago)
        with self.store.write() as connection:
            made = patients.create(
                connection, self.vault, who.channel, who.address, joined, country=who.country, zone=who.zone, demo=True
            )
            patients.change(
                connection, self.vault, made.patient_id, first_name=who.name, coach=who.coach, mode=who.mode,
                state=State.ACTIVE, enrolled_at=joined, checkin_time=who.checkin_time,
            )  # fmt: skip
            patients.give_consent(connection, made.patient_id, consent_version(self.stage.coach), joined)
            lanes.put(connection, made.patient_id, joined)
        return made

    def _hold(self) -> None:
        """The lane is ours, so that no worker of a running gateway takes a line to Rasa."""
        with self.store.write() as connection:
            lanes.claim(connection, self.address.patient_id, self.holder, self.real.now())

    def _turn(self, to: datetime) -> None:
        self.clock.turn(to - self.clock.now())

    def _day(self, days_ago: int) -> date:
        return local(self.now, self.person.zone).date() - timedelta(days=days_ago)

    def _began_at(self, talk: Talk) -> datetime:
        if talk.time is None:
            return self.now - timedelta(minutes=talk.minutes_ago)
        return at_local(self._day(talk.days_ago), time.fromisoformat(talk.time), self.person.zone)

    def _check_ins(self) -> None:
        """The scores of their days; the words that led to them are not played."""
        at_time = time.fromisoformat(self.person.checkin_time)
        count = max((len(scores) for scores in self.person.checkins.values()), default=0)
        with self.store.write() as connection:
            for n in range(count):
                told = {name: scores[n] for name, scores in self.person.checkins.items() if scores[n] is not None}
                day = self._day(count - n + self.person.skips_last_days)
                if told:
                    at = at_local(day, at_time, self.person.zone)
                    made = diary.checkin(connection, self.vault, self.address.patient_id, day, at)
                    for name, score in told.items():
                        diary.tell(connection, self.vault, made, name, score, str(score))
                    diary.complete(connection, made, at + AFTER_BEGINNING)

    def _talk(self, talk: Talk) -> None:
        if talk.begins:
            with self.store.write() as connection:
                who = patients.get(connection, self.vault, self.address.patient_id)
                says = self.coaching.begin(connection, who, talk.begins, "programme")
                classed = [(say, MessageClass.CHECKIN) for say in says]
                self._queue(connection, f"{talk.begins}:{who.id}:{self._day(talk.days_ago)}", classed)
            self._turn(self.clock.now() + AFTER_BEGINNING)
        for line in talk.lines:
            self._line(line)
            self._turn(self.clock.now() + BETWEEN_LINES)

    def _line(self, line: Line) -> None:
        who, key = self.person, f"demo:{new_id()}"
        received = self.reception.receive(Inbound(who.channel, who.address, key, Form.TEXT, line.says))
        if received.tier != line.shows:
            raise self._error(line, f"shows {received.tier} to the screen, not {line.shows}")
        if received.waits and received.message_id is not None:
            self._answer(line, received.message_id)

    def _answer(self, line: Line, message_id: MessageId) -> None:
        """What Rasa's actions do, and the worker after them."""
        heard = Understood(message_id, line.means, 1.0, self.holder)
        if not self.coaching.take_answer(heard) and (not line.means or not self.coaching.start_skill(heard)):
            raise self._error(line, "is no answer to what the coach asks there, and names no intent")
        with self.store.write() as connection:
            turns = positions.all_turns(connection, self.vault, message_id)
            inbox.finish(connection, message_id, self.clock.now(), line.means or None)
            replies = [reply for _, _, kept in turns for reply in kept]
            says = [(Say(text, tuple(labels), asked), MessageClass(kind)) for text, labels, asked, kind in replies]
            self._queue(connection, f"reply:{message_id}", says)

    def _queue(self, connection: Connection, key: str, says: Sequence[Classed]) -> None:
        queue(connection, self.vault, self.address, self.address.patient_id, key, says, self.clock.now())

    def _error(self, line: Line, what: str) -> ContentError:
        where = next(
            f"talk {t + 1}, line {n + 1}"
            for t, talk in enumerate(self.person.talks)
            for n, one in enumerate(talk.lines)
            if one is line
        )
        return ContentError("data/coach/demo/people.yml", 0, f"{self.person.name}, {where}: {what}")

    def _deed(self, deed: Deed) -> None:
        with self.store.write() as connection:
            found = escalations.of_patient(connection, self.vault, self.address.patient_id)[0]
            self._turn(found.opened_at + timedelta(minutes=deed.after_minutes))
            step = Step(connection, self.vault, found.id, self.colleagues[deed.who], self.clock.now())
            with _at_work(connection, step.staff_id, self.now):
                if deed.does == "acknowledge":
                    acknowledging.take(step, self.stage.coach)
                else:
                    DEEDS[deed.does](step, deed)


def _resolve(step: Step, deed: Deed) -> None:
    """With all that the console's form asks for."""
    next_contact_on = step.now.date() + timedelta(days=deed.next_contact_in_days)
    told = {
        "outcome": deed.outcome, "spoken_to": deed.spoken_to, "risk": deed.risk, "means": deed.means,
        "next_contact_on": next_contact_on.isoformat(), "follow_up": deed.follow_up, "go_on": False,
    }  # fmt: skip
    judging.resolve(step, told)


def _contact(step: Step, deed: Deed) -> None:
    handling.log_contact(step, how=deed.how, reached=deed.reached, words=deed.words)


DEEDS: Mapping[str, Callable[[Step, Deed], None]] = {
    "contact": _contact,
    "note": lambda step, deed: handling.note(step, {"note": deed.words}),
    "resolve": _resolve,
    "second_read": lambda step, deed: judging.second_read(step, deed.words),
    "false_alarm": lambda step, deed: judging.mark_false_alarm(step, deed.words),
}
