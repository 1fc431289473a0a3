"""The in-process loop that wakes lanes. It may be wrong without harm: a sweep finds every lane that has waiting rows."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import datetime, timedelta

import structlog

from bot.clock import Clock
from bot.conversation.work import Worker
from bot.errors import StoreError
from bot.store import lanes
from bot.store.database import Store
from bot.store.types import PatientId

log = structlog.get_logger()

LANES_AT_ONCE = 8  # more only queue up in Rasa, which works one message at a time
SWEEP_EVERY = timedelta(seconds=30)
LOOK_EVERY_SECONDS = 0.5


class Engine:
    """Wakes lanes on this machine.

    Args:
        store: the database.
        worker: works one lane.
        clock: the present.
    """

    def __init__(self, store: Store, worker: Worker, clock: Clock) -> None:
        self.store, self.worker, self.clock = store, worker, clock
        self._wake = asyncio.Event()
        self._busy: dict[PatientId, asyncio.Task[None]] = {}
        self._again: set[PatientId] = set()
        self._swept_at: datetime | None = None

    def wake(self, patient_id: PatientId) -> None:
        """A lane has work now."""
        if patient_id in self._busy:
            self._again.add(patient_id)
        elif len(self._busy) < LANES_AT_ONCE:
            self._busy[patient_id] = asyncio.create_task(self._work(patient_id))
        else:
            self._wake.set()

    def look_again(self) -> None:
        """Lanes may have become ready by another way than a message."""
        self._wake.set()

    async def run(self) -> None:
        """Look for ready lanes for ever; what `wake` started goes on beside it."""
        freed = False
        while True:
            self._wake.clear()
            try:
                if not freed:
                    await self.store.run(self._free_all)
                    freed = True
                for patient_id in await self.store.run(self._ready):
                    if patient_id not in self._busy and len(self._busy) < LANES_AT_ONCE:
                        self._busy[patient_id] = asyncio.create_task(self._work(patient_id))
            except StoreError as error:
                log.error("store.away", why=str(error))
            # Not `wait_for`: in Python 3.11 it forgets that it was cancelled if the event comes at the same moment.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_SECONDS):
                    await self._wake.wait()

    def _free_all(self) -> None:
        if not self.store.is_sqlite:
            return  # other machines may hold lanes: their leases run out by themselves
        with self.store.write() as connection:
            lanes.free_all(connection)

    def _ready(self) -> list[PatientId]:
        now = self.clock.now()
        if self._swept_at is None or now - self._swept_at > SWEEP_EVERY:
            self._swept_at = now
            with self.store.write() as connection:
                found = lanes.sweep(connection, now)
            if found:
                log.warning("lanes.swept", count=found)
        with self.store.read() as connection:
            return lanes.ready(connection, now)

    async def _work(self, patient_id: PatientId) -> None:
        again_at: datetime | None = None
        try:
            while True:
                self._again.discard(patient_id)
                again_at = await self.worker.work_lane(patient_id)
                if patient_id not in self._again:
                    break
        except Exception as error:  # the lane is found again when its lease runs out
            log.error("lane.broken", error=type(error).__name__)
        finally:
            if len(self._busy) >= LANES_AT_ONCE:
                self._wake.set()  # a lane that found no room may wait
            self._busy.pop(patient_id, None)
            self._again.discard(patient_id)
        if again_at is not None:
            seconds = max(0.05, (again_at - self.clock.now()).total_seconds())
            asyncio.get_running_loop().call_later(seconds, self.wake, patient_id)

    @property
    def idle(self) -> bool:
        """Whether no lane is being worked."""
        return not self._busy
