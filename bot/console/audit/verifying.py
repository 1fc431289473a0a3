"""Verifies the chain beside the pages: one walk at a time, in a thread that rests, so that nobody waits for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from bot.clock import Clock
from bot.store import chain
from bot.store.database import Store
from bot.store.types import StaffId

log = structlog.get_logger()

WAITED = 2.0  # seconds that the page waits for a walk, which is some 100,000 entries; a longer one goes on without it
REST = 0.003  # seconds after each piece, which takes as long: the gateway has the machine for half of the time


@dataclass(frozen=True)
class Progress:
    """A walk that is under way: when it began, and how many entries held up to now."""

    began_at: datetime
    count: int


@dataclass
class Verifying:
    """The walk of this process, if one is under way.

    Attributes:
        walk: walks the chain of a store; told where to say how far it is, and how to rest.
        waited: seconds that whoever begins a walk waits for its end.
    """

    walk: Callable[[Store, Callable[[int], None], chain.Rest], chain.Walk] = chain.walk
    waited: float = WAITED
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _progress: Progress | None = None
    _thread: threading.Thread | None = None

    @property
    def progress(self) -> Progress | None:
        """How far it is; None where none is under way."""
        return self._progress

    def start(self, store: Store, clock: Clock, staff_id: StaffId) -> None:
        """Begin a walk, unless one is under way, and wait for its end for some seconds."""
        with self._lock:
            if self._progress is None:
                self._progress = Progress(clock.now(), 0)
                self._thread = threading.Thread(
                    target=self._walk, args=(store, clock, staff_id), name="audit", daemon=True
                )
                self._thread.start()
        self.wait(self.waited)

    def wait(self, seconds: float) -> None:
        """Wait for the end of the walk that is under way, for so many seconds."""
        thread = self._thread
        if thread is not None:
            thread.join(seconds)

    def _walk(self, store: Store, clock: Clock, staff_id: StaffId) -> None:
        try:
            found = self.walk(store, self._said, lambda: time.sleep(REST))
            with store.write() as connection:
                chain.keep(connection, store.vault, found, staff_id, clock.now())
            log.info("audit.verified", count=found.count, state="whole" if found.broken_at is None else "broken")
        except Exception as error:  # told by class alone; who asked sees that no result came
            log.error("audit.verify_failed", error=type(error).__name__)
        finally:
            self._progress = None

    def _said(self, count: int) -> None:
        if self._progress is not None:
            self._progress = Progress(self._progress.began_at, count)
