"""Our own half in contract tests: the channel's routes on a real server, and a queue of what came in."""

from __future__ import annotations

import queue
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route

from bot.conversation.message import Inbound
from bot.errors import StoreError

WAIT_SECONDS = 10.0


class Inbox:
    """Takes what the channel hands over; `down` makes it fail as the store does."""

    def __init__(self) -> None:
        self.down = False
        self.aside: list[str] = []
        self._taken: queue.Queue[Inbound] = queue.Queue()

    async def receive(self, inbound: Inbound) -> None:
        """Store."""
        if self.down:
            raise StoreError("the database is away")
        self._taken.put(inbound)

    async def set_aside(self, channel: str, reason: str, raw: bytes) -> None:
        """Keep why something was not understood."""
        self.aside.append(reason)

    def next(self) -> Inbound:
        """What came in next; queue.Empty after ten seconds."""
        return self._taken.get(timeout=WAIT_SECONDS)

    def is_empty(self) -> bool:
        """Nothing waits."""
        return self._taken.empty()


@contextmanager
def serving(routes: Sequence[Route], port: int, at_end: Callable[[], Awaitable[None]]) -> Iterator[None]:
    """Routes on a loopback port, in a thread; `at_end` is awaited there when the server stops."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        await at_end()

    app = Starlette(routes=list(routes), lifespan=lifespan)
    server = uvicorn.Server(uvicorn.Config(app, port=port, loop="asyncio", log_level="critical", ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    started = threading.Event()
    while not server.started and thread.is_alive():
        started.wait(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(WAIT_SECONDS)
