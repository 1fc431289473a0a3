"""The sending half: the row in the outbox is the delivery, so all that is left to do is to wake open pages."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from bot.conversation.message import Outcome, Outgoing, SendResult


class Bell:
    """Wakes the streams of an address. For one event loop: all of its methods are called there.

    Pages open at another process find out by looking now and then (`stream.Pace`).
    """

    def __init__(self) -> None:
        self._listening: dict[str, set[asyncio.Event]] = {}
        self.is_closed = False

    def close(self) -> None:
        """The gateway stops: streams end at their next beat, or at once where this is called on their loop."""
        self.is_closed = True
        for address in list(self._listening):
            self.ring(address)

    def ring(self, address: str) -> None:
        """Something is new for this address."""
        for event in self._listening.get(address, ()):
            event.set()

    def listeners(self, address: str) -> int:
        """How many streams this address has open."""
        return len(self._listening.get(address, ()))

    @property
    def all_listeners(self) -> int:
        """How many streams are open."""
        return sum(map(len, self._listening.values()))

    @contextmanager
    def listen(self, address: str) -> Iterator[asyncio.Event]:
        """An event that is set by each ring; the listener clears it."""
        event = asyncio.Event()
        self._listening.setdefault(address, set()).add(event)
        try:
            yield event
        finally:
            self._listening[address].discard(event)
            if not self._listening[address]:
                del self._listening[address]


class WebSender:
    """A `Sender` that never fails: who opens the page later finds the message there.

    Args:
        bell: the one that `routes` was given.
    """

    channel = "web"

    def __init__(self, bell: Bell) -> None:
        self._bell = bell

    async def send(self, outgoing: Outgoing) -> SendResult:
        """SENT at once; `provider_id` is our own. See `Sender.send`."""
        self._bell.ring(outgoing.address)
        return SendResult(Outcome.SENT, provider_id=f"web:{outgoing.id}")

    async def typing(self, address: str) -> None:
        """Let open pages look whether the coach is writing."""
        self._bell.ring(address)
