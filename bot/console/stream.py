"""Tells open pages of the console that something changed (server-sent events; HTML Living Standard §9.2).

No patient data goes this way: a page that hears of a change fetches its live part, through the gate, as it does by itself
every 15 seconds. One look at the store serves all who listen in this process, so that it costs the same for 1 and 50; so
does one reading of what they then ask for (`shared`).
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from bot.console.desk import Console
from bot.errors import StoreError
from bot.store import changes, sessions
from bot.store.access import may_read

PER_SESSION, AT_ONCE = 6, 300  # pages that listen: of one login, and of all
CHANGED, BEAT = "event: changed\ndata: 1\n\n", ": still here\n\n"


@dataclass(frozen=True)
class Pace:
    """Seconds between looks at the store, between beats (each asks anew whether the session lasts), and of a stream's life."""

    look: float = 0.25
    beat: float = 15.0
    life: float = 600.0


class Tides:
    """Looks at the store while anybody listens, and wakes all who do. For one event loop.

    Args:
        console: whose store it is.
        pace: how often it looks.
    """

    def __init__(self, console: Console, pace: Pace | None = None) -> None:
        self.console, self.pace = console, pace or Pace()
        self._listening: dict[asyncio.Event, str] = {}
        self._looking: asyncio.Task[None] | None = None

    def is_full(self, token: str) -> bool:
        """Whether one more page may not listen."""
        return len(self._listening) >= AT_ONCE or Counter(self._listening.values())[token] >= PER_SESSION

    @contextlib.contextmanager
    def listening(self, token: str) -> Iterator[asyncio.Event]:
        """An event that is set by each change; the listener clears it."""
        event = asyncio.Event()
        self._listening[event] = token
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        try:
            yield event
        finally:
            del self._listening[event]

    async def _look(self) -> None:
        seen = await self._mark()
        while self._listening:
            await asyncio.sleep(self.pace.look)
            mark = await self._mark()
            if mark is not None and mark != seen:
                seen = mark
                self.console.shared.tell(mark)
                for event in self._listening:
                    event.set()

    async def _mark(self) -> tuple[int, ...] | None:
        def read() -> tuple[int, ...]:
            with self.console.store.read() as connection:
                return changes.mark(connection)

        try:
            return await self.console.store.run(read)
        except StoreError:
            return None  # the pages find out by themselves

    async def lasts(self, token: str) -> bool:
        """Whether a session is still one of somebody who may see patients."""

        def read() -> bool:
            console = self.console
            with console.store.read() as connection:
                who = sessions.whose(connection, console.store.vault, token, console.clock.now())
                return who is not None and may_read(who)

        try:
            return await self.console.store.run(read)
        except StoreError:
            return False

    async def events(self, token: str) -> AsyncIterator[str]:
        """The stream of one page, until its life is over or the session is; the browser comes again by itself."""
        over = time.monotonic() + self.pace.life
        with self.listening(token) as event:
            yield BEAT
            while time.monotonic() < over:
                try:
                    async with asyncio.timeout(self.pace.beat):
                        await event.wait()
                except TimeoutError:
                    if not await self.lasts(token):
                        return
                    yield BEAT
                    continue
                event.clear()
                yield CHANGED


def stream(console: Console, pace: Pace | None = None) -> Callable[[Request], Awaitable[Response]]:
    """GET /console/stream."""
    tides = Tides(console, pace)

    async def serve(request: Request) -> Response:
        token = request.cookies.get(console.session_cookie, "")
        if not token or not await tides.lasts(token):
            return Response(status_code=401)
        if tides.is_full(token):
            return Response(status_code=429)
        # X-Accel-Buffering: nginx would keep events back until its buffer is full.
        return StreamingResponse(
            tides.events(token), headers={"X-Accel-Buffering": "no"}, media_type="text/event-stream"
        )

    return serve
