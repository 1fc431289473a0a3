"""One reading of the store for all consoles that are told of a change in the same instant.

When a case is opened, fifty consoles ask for it at once. Read by each of them, what is the same for all would take the
server a second and more, in which somebody in danger waits to be seen.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from bot.store import changes
from bot.store.access import Connection

Found = TypeVar("Found")
SECONDS = 2.0  # so long after a change was told, all who ask for it get the same reading


class Shared:
    """Readings by name.

    Args:
        seconds: for how long a reading is shared.
    """

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._reading = threading.Lock()
        self._told: tuple[int, ...] | None = None
        self._until = 0.0
        self._found: dict[str, tuple[tuple[int, ...], Any]] = {}

    def tell(self, mark: tuple[int, ...]) -> None:
        """All open pages are about to be told of the change that made this mark (`changes.mark`)."""
        self._told, self._until = mark, time.monotonic() + self._seconds

    def at(self, connection: Connection) -> Reading:
        """For a transaction that begins: what it may have from others, if it sees what was told."""
        if time.monotonic() >= self._until:
            return Reading(self, None)
        mark = changes.mark(connection)
        return Reading(self, mark if mark == self._told else None)

    def of(self, name: str, mark: tuple[int, ...], read: Callable[[], Found]) -> Found:
        """What others have read of a state, or what is read of it now."""
        with self._reading:
            kept = self._found.get(name)
            if kept is None or kept[0] != mark:
                kept = self._found[name] = (mark, read())
            found: Found = kept[1]
            return found


@dataclass(frozen=True)
class Reading:
    """What one transaction reads. `mark`: of the state that it shares with others; None: it reads by itself."""

    shared: Shared
    mark: tuple[int, ...] | None

    def of(self, name: str, read: Callable[[], Found]) -> Found:
        """What is to be read, as this transaction sees it, or as another one read it that sees the same.

        Args:
            name: of what is read.
            read: reads it; must not depend on who asks.
        """
        return read() if self.mark is None else self.shared.of(name, self.mark, read)
