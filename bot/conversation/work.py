"""Works a lane: one patient's waiting messages, in order, each offered to the dialogue and its replies queued."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection

from bot.clock import Clock
from bot.conversation.compose import Classed, queue
from bot.conversation.dialogue import Dialogue, Heard
from bot.conversation.message import MessageClass
from bot.errors import DialogueDown, LeaseLost, StoreError
from bot.program.turn import Say
from bot.store import inbox, lanes, patients, positions
from bot.store.database import Store
from bot.store.inbox import Message
from bot.store.patients import Patient
from bot.store.types import MessageId, PatientId, new_id

log = structlog.get_logger()

# Waits between tries of a message that the dialogue could not take: about ten minutes in all, then a person is needed.
PSEUDONYM = 12  # characters of an id that Rasa sees
STORE_AWAY = timedelta(seconds=1)
# One of the coach's own lines, by name, filled for a person.
Words = Callable[[Connection, Patient, str], Say]
RETRY_SECONDS = (0.5, 1, 2, 3, 5, 5, 10, 15, 30, 30, 60, 60, 120, 120, 120)


@dataclass(frozen=True)
class Job:
    """One message to work.

    Attributes:
        sender: who Rasa takes it to be from.
        is_open: whether a question is open in the store.
        is_decided: an action has answered it already, and then something died: to ask again might answer it twice,
            as the first answer may have opened a question.
    """

    message: Message
    sender: str
    is_open: bool
    is_decided: bool


class Worker:
    """Works lanes. Any number may run, in any number of processes: the lane's lease keeps them apart.

    Args:
        store: the database.
        dialogue: Rasa.
        words: gives the coach's own lines.
        clock: the present.
        is_alarm: waits until the screen has heard a message out; whether it raised an alarm.
        apology_after_seconds: wait after which a person is told that the answer is late.
        sent: called with a channel when rows may be waiting in its outbox; with "" after an alarm, when pages may, too.
    """

    def __init__(
        self,
        store: Store,
        dialogue: Dialogue,
        words: Words,
        clock: Clock,
        is_alarm: Callable[[MessageId], Awaitable[bool]],
        apology_after_seconds: float,
        sent: Callable[[str], None] = lambda _channel: None,
    ) -> None:
        self.store, self.dialogue, self.words, self.clock = store, dialogue, words, clock
        self.is_alarm = is_alarm
        self.apology_after, self.sent = timedelta(seconds=apology_after_seconds), sent
        self._unreleased: dict[PatientId, str] = {}  # lanes that we hold, and could not give back

    async def work_lane(self, patient_id: PatientId) -> datetime | None:
        """Work all of a patient's waiting messages; when the lane is ready again, None where it is empty."""
        holder = self._unreleased.pop(patient_id, None) or new_id()
        try:
            job = await self.store.run(self._begin, patient_id, holder)
            while job is not None:
                try:
                    heard = await self._heard_out(job, holder)
                    channel, following = await self.store.run(self._finish, job.message, heard, holder)
                except (StoreError, LeaseLost):
                    raise
                except (
                    Exception
                ) as error:  # no dialogue, or a fault that this message brings out: tried again, then parked
                    why = str(error) if isinstance(error, DialogueDown) else type(error).__name__
                    log.warning("dialogue.down", message=job.message.id, attempt=job.message.attempts + 1, why=why)
                    return await self.store.run(self._postpone, job.message, holder)
                job = following
                if channel is not None:
                    self.sent(channel)
            return None
        except LeaseLost:
            log.warning("lane.lost")
            return self.clock.now() + STORE_AWAY
        except StoreError as error:
            log.error("store.away", why=str(error))
            self._unreleased[patient_id] = holder
            return self.clock.now() + STORE_AWAY

    async def _heard_out(self, job: Job, holder: str) -> Heard:
        """Offer it to the dialogue while the screen hears it out, and wait for both: nothing is said before."""
        offered = asyncio.create_task(self._offer(job, holder))
        try:
            if await self.is_alarm(job.message.id):  # it is answered, and Rasa, which may hang, is not waited for
                return Heard("")
            return await offered
        finally:
            offered.cancel()

    async def _offer(self, job: Job, holder: str) -> Heard:
        if job.is_decided:
            return Heard("")
        metadata = {"message": job.message.id, "holder": holder, "open": job.is_open}
        return await self.dialogue.say(job.sender, job.message.text, metadata)

    def _begin(self, patient_id: PatientId, holder: str) -> Job | None:
        with self.store.write(synced=False) as connection:
            if not lanes.claim(connection, patient_id, holder, self.clock.now()):
                return None
            return self._next(connection, patient_id, holder)

    def _next(self, connection: Connection, patient_id: PatientId, holder: str) -> Job | None:
        now = self.clock.now()
        message = inbox.next_waiting(connection, self.store.vault, patient_id)
        if message is None or message.not_before > now:
            lanes.release(connection, patient_id, holder)
            return None
        conversation = positions.conversation(connection, patient_id, now)
        inbox.set_state(connection, message.id, conversation_id=conversation)
        place = positions.get(connection, self.store.vault, patient_id)
        sender = f"{patient_id[:PSEUDONYM]}~{conversation[:PSEUDONYM]}"
        return Job(message, sender, bool(place.get("frames")), any(self._replies(connection, message)))

    def _say(self, connection: Connection, message: Message, name: str, now: datetime) -> str:
        """Queue one of the coach's own lines; tells the channel."""
        patient = patients.get(connection, self.store.vault, message.patient_id)
        says: list[Classed] = [(self.words(connection, patient, name), MessageClass.REPLY)]
        address = patients.address(connection, message.address_id)
        queue(connection, self.store.vault, address, message.patient_id, f"{name}:{message.id}", says, now)
        return address.channel

    def _replies(self, connection: Connection, message: Message) -> list[list[Any]]:
        return [replies for _, _, replies in positions.all_turns(connection, self.store.vault, message.id)]

    def _finish(self, message: Message, heard: Heard, holder: str) -> tuple[str | None, Job | None]:
        """Queue the replies, note the message as done, and take the next one, in one commit.

        Returns:
            The channel of the replies, "" where there was an alarm, None where there are no replies; and the next job.
        """
        with self.store.write(synced=False) as connection:  # `Post` syncs before a reply leaves
            now = self.clock.now()
            lanes.hold(connection, message.patient_id, holder, now)
            says: list[Classed] = []
            waited = inbox.finish(connection, message.id, now, heard.intent or None)
            for replies in self._replies(connection, message) if waited else ():  # else it was answered by an alarm
                says += [(Say(text, tuple(labels), asked), MessageClass(kind)) for text, labels, asked, kind in replies]
            if waited and not says:
                log.warning("message.silent", message=message.id)
            address = patients.address(connection, message.address_id)
            queue(connection, self.store.vault, address, message.patient_id, f"reply:{message.id}", says, now)
            following = self._next(connection, message.patient_id, holder)
        if any(kind is MessageClass.SAFETY for _, kind in says):
            return "", following
        return address.channel if says else None, following

    def _postpone(self, message: Message, holder: str) -> datetime | None:
        """Try a message again later; tell the person once that it is late; park it when no try is left."""
        with self.store.write() as connection:
            lanes.hold(connection, message.patient_id, holder)
            now = self.clock.now()
            spent = message.attempts >= len(RETRY_SECONDS)
            wait = timedelta(seconds=RETRY_SECONDS[min(message.attempts, len(RETRY_SECONDS) - 1)])
            state = inbox.PARKED if spent else inbox.WAITING
            inbox.set_state(connection, message.id, state=state, attempts=message.attempts + 1, not_before=now + wait)
            if spent:
                log.error("message.parked", message=message.id)
            if spent or now - message.received_at >= self.apology_after:
                self.sent(self._say(connection, message, "slow", now))
            return lanes.release(connection, message.patient_id, holder)
