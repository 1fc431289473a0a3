"""Hears messages out: the encoder reads beside the dialogue what the rules let pass, before any reply to it is queued.

A reading takes 5-50 ms of a core; within the transaction that stores a message all others would wait for it. Invariant 3
holds as before: where the reading is grave, the verdict, the escalation and the crisis words are one commit. What a
process that died had not heard out is heard out by the next one, from the store, whether Rasa is up or not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import structlog

from bot.clock import Clock
from bot.conversation.receive import Received, Reception, Unheard
from bot.conversation.standby import Standby
from bot.errors import StoreError
from bot.safety.opinion.second import Alone
from bot.safety.screen import First, Verdict
from bot.store import lanes
from bot.store.types import MessageId

log = structlog.get_logger()

Ahead = asyncio.Future[Alone | None] | None
THREADS = 2  # one reading keeps a core busy
LOOK_EVERY_SECONDS = 1.0
UNHEARD_FOR = timedelta(seconds=1)  # what waits for longer, and was not taken in here, is heard out from the store


class SecondHearing:
    """Hears messages out, each once.

    Args:
        reception: judges, and raises the alarm.
        standby: answers from memory where the store goes away between the message and its alarm.
        clock: the present.
        raised: called with what became of a message whose reading was grave.
    """

    def __init__(
        self, reception: Reception, standby: Standby, clock: Clock, raised: Callable[[Received], None]
    ) -> None:
        self.reception, self.standby, self.clock, self.raised = reception, standby, clock, raised
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="hearing")
        self._heard: dict[MessageId, asyncio.Task[bool] | None] = {}  # None: there was nothing left to hear

    def read_ahead(self, text: str) -> Ahead:
        """Begin to read a text, alone, while it is being stored."""
        if self.reception.hearing.is_known(text):
            return None
        return asyncio.get_running_loop().run_in_executor(self._threads, self.reception.hearing.alone, text)

    def begin(self, received: Received, ahead: Ahead = None) -> None:
        """A message was taken in that waits for the dialogue: hear it out, if that is not done."""
        if received.waits and received.message_id is not None:
            self._begin(received.message_id, received.unheard, ahead)

    async def is_alarm(self, message_id: MessageId) -> bool:
        """Wait until a message is heard out; whether it was grave, and is answered therefore.

        Raises:
            StoreError: the database is away.
        """
        if message_id not in self._heard:
            self._begin(message_id, await self.reception.store.run(self.reception.unheard, message_id))
        task = self._heard[message_id]
        # Shielded: a worker that gives up must not end what raises an alarm.
        return task is not None and await asyncio.shield(task)

    def _begin(self, message_id: MessageId, unheard: Unheard | None, ahead: Ahead = None) -> None:
        if self._heard.get(message_id) is None:
            self._heard[message_id] = asyncio.create_task(self._hear(unheard, ahead)) if unheard else None

    async def read(self, first: First, ahead: Ahead = None) -> Verdict:
        """The verdict of every layer; the event loop goes on meanwhile."""
        hearing = self.reception.hearing
        if ahead is not None:
            first = hearing.with_alone(first, await ahead)
        if first.is_full:
            return first.verdict
        return await asyncio.get_running_loop().run_in_executor(self._threads, hearing.full, first)

    async def run(self) -> None:
        """Hear out, for ever, what no worker has come to and another process took in."""
        while True:
            try:
                await self.look()
            except StoreError as error:
                log.error("store.away", why=str(error))
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def look(self) -> None:
        """Hear out what waits and was not taken in here, one after another; forget what waits no more.

        Raises:
            StoreError: the database is away.
        """
        known = list(self._heard)
        waiting = await self.reception.store.run(self._waiting)
        for message_id in waiting:
            await self.is_alarm(message_id)
        for message_id in set(known).difference(waiting):
            task = self._heard[message_id]
            if task is None or task.done():
                del self._heard[message_id]

    def close(self) -> None:
        """Let the threads go."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _waiting(self) -> list[MessageId]:
        with self.reception.store.read() as connection:
            return lanes.waiting(connection, self.clock.now() - UNHEARD_FOR)

    async def _hear(self, unheard: Unheard, ahead: Ahead) -> bool:
        verdict = await self.read(unheard.first, ahead)
        if verdict.tier <= unheard.tier:
            return False
        try:
            self.raised(await self.reception.store.run(self.reception.alarm, unheard, verdict))
        except StoreError as error:  # danger does not wait for a database
            log.error("store.away", why=str(error))
            await self._stand_in(unheard, verdict)
        return True

    async def _stand_in(self, unheard: Unheard, verdict: Verdict) -> None:
        try:
            await self.standby.receive(unheard.inbound, verdict)
        except StoreError:
            self._heard.pop(unheard.message_id, None)  # neither database nor disk: asked again, it is heard again
            raise
