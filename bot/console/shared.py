"""One reading of the store for all consoles that are told of a change in the same instant.

When a case is opened, fifty consoles ask for it at once. Read by each of them, what is the same for all would take the
server a second and more, in which somebody in danger waits to be seen.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from bot.store import changes
from bot.store.access import Connection

Found = TypeVar("Found")
SECONDS = 2.0  # so long after a change was told, all who ask for it get the same reading


class Shared:
    """Readings by name. A request whose transaction sees another state than was told reads by itself.

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

    def of(self, name: str, connection: Connection, read: Callable[[], Found]) -> Found:
        """What is to be read, as this transaction sees it, or as another one read it that sees the same.

        Args:
            name: of what is read.
            connection: the open transaction.
            read: reads it in that; must not depend on who asks.
        """
        if time.monotonic() >= self._until:
            return read()
        mark = changes.mark(connection)
        if mark != self._told:
            return read()
        with self._reading:
            kept = self._found.get(name)
            if kept is None or kept[0] != mark:
                kept = self._found[name] = (mark, read())
            found: Found = kept[1]
            return found
