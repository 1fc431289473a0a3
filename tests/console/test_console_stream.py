"""Open pages hear of changes within a second, however many there are, and the stream tells nothing else to anybody."""

from __future__ import annotations

import asyncio
import itertools
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import pytest
import uvicorn
from clinic import Clinic, build
from starlette.applications import Starlette
from starlette.routing import Route

from bot.console.stream import AT_ONCE, PER_SESSION, Pace, stream
from bot.conversation import takeover
from bot.store import changes, sessions, staff
from bot.store.types import StaffId

QUICK = Pace(look=0.05, beat=0.3, life=60)
BEATS = (b": still here\n", b"\n")


class Served:
    """A clinic whose stream is served on a port, as uvicorn serves it."""

    def __init__(self, clinic: Clinic, pace: Pace) -> None:
        self.clinic, self._numbers = clinic, itertools.count()
        app = Starlette(routes=[Route("/console/stream", stream(clinic.console, pace))])
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}/console/stream"
        self.server = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1))
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.socket]}, daemon=True)
        self.thread.start()
        while not self.server.started:
            time.sleep(0.01)

    def member(self, login: str, role: str = "supervisor") -> str:
        """A session of a new member of staff."""
        return self.session(self.clinic.staff(login, login.title(), role))

    def session(self, who: StaffId, *, awaits_code: bool = False) -> str:
        """A session of a member."""
        token = f"session-{next(self._numbers)}"
        with self.clinic.store.write() as connection:
            sessions.begin(connection, who, token, self.clinic.clock.now(), awaits_code=awaits_code)
        return token

    async def open(self, stack: AsyncExitStack, token: str = "") -> aiohttp.ClientResponse:
        """A page that listens, until the stack is closed."""
        cookies = {"evenday_console": token} if token else {}
        client = await stack.enter_async_context(aiohttp.ClientSession(cookies=cookies))
        return await stack.enter_async_context(client.get(self.url))

    def stop(self) -> None:
        """End the server."""
        self.server.should_exit = True
        self.thread.join(5)
        self.socket.close()
        self.clinic.store.close()


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """Serves a clinic: `serve(pace)`."""
    made: list[Served] = []

    def start(pace: Pace = QUICK) -> Served:
        made.append(Served(build(tmp_path), pace))
        return made[-1]

    yield start
    for one in made:
        one.stop()


async def heard(page: aiohttp.ClientResponse, seconds: float = 5.0) -> float | None:
    """When a change was heard, None where the stream ended first; nothing but beats may come before.

    Raises:
        TimeoutError: neither came.
    """
    async with asyncio.timeout(seconds):
        while line := await page.content.readline():
            if line == b"event: changed\n":
                assert await page.content.readline() == b"data: 1\n"
                return time.monotonic()
            assert line in BEATS, line
    return None


@pytest.mark.slow
def test_fifty_pages_hear_of_an_emergency_within_a_second(serve: Callable[..., Served]) -> None:
    served = serve(Pace())  # the pace that is in force
    tokens = [served.member(f"member{n}") for n in range(25)] * 2

    async def work() -> float:
        async with AsyncExitStack() as stack:
            pages = [await served.open(stack, token) for token in tokens]
            waiting = [asyncio.create_task(heard(page)) for page in pages]
            await asyncio.sleep(1)
            await asyncio.to_thread(served.clinic.emergency)
            committed = time.monotonic()
            times = await asyncio.gather(*waiting)
            return max(at or 1e9 for at in times) - committed

    assert asyncio.run(work()) < 1.0


def test_each_step_of_staff_and_each_line_of_a_chat_is_told(serve: Callable[..., Served]) -> None:
    served = serve()
    clinic, token = served.clinic, served.member("ana")
    who, _ = clinic.emergency()

    def take_over() -> None:
        with clinic.store.write() as connection:
            ana = staff.by_login(connection, clinic.store.vault, "ana")
            assert ana is not None
            takeover.begin(
                connection, clinic.store.vault, clinic.console.coach, who.patient_id, ana.id, clinic.clock.now()
            )

    steps = [
        lambda: clinic.take(who.patient_id, "ana", "Ana"),
        take_over,
        lambda: clinic.writes(who, "are you there?"),
    ]

    async def work() -> None:
        async with AsyncExitStack() as stack:
            page = await served.open(stack, token)
            for step in steps:
                await asyncio.sleep(0.2)
                step()
                assert await heard(page) is not None

    asyncio.run(work())


def test_who_only_chats_wakes_nobody(serve: Callable[..., Served]) -> None:
    served = serve()
    token = served.member("ana")
    who = served.clinic.patient()

    async def work() -> None:
        async with AsyncExitStack() as stack:
            page = await served.open(stack, token)
            await asyncio.sleep(0.2)
            served.clinic.writes(who, "my knee is better")
            with pytest.raises(TimeoutError):
                await heard(page, 0.7)

    asyncio.run(work())


@pytest.mark.parametrize("who", ["nobody", "a stranger", "a researcher", "one who owes the code", "one who logged out"])
def test_whoever_may_not_see_patients_hears_nothing(who: str, serve: Callable[..., Served]) -> None:
    served = serve()
    tokens = {
        "nobody": "",
        "a stranger": "made-up",
        "a researcher": served.member("rob", "researcher"),
        "one who owes the code": served.session(served.clinic.staff("cy", "Cy"), awaits_code=True),
        "one who logged out": served.member("ana"),
    }
    with served.clinic.store.write() as connection:
        sessions.close(connection, tokens["one who logged out"])

    async def work() -> int:
        async with AsyncExitStack() as stack:
            return (await served.open(stack, tokens[who])).status

    assert asyncio.run(work()) == 401


def test_a_stream_ends_with_its_session(serve: Callable[..., Served]) -> None:
    served = serve()
    token = served.member("ana")

    async def work() -> None:
        async with AsyncExitStack() as stack:
            page = await served.open(stack, token)
            with served.clinic.store.write() as connection:
                sessions.close(connection, token)
            assert await heard(page) is None

    asyncio.run(work())


def test_a_stream_ends_with_its_life_so_that_none_is_for_ever(serve: Callable[..., Served]) -> None:
    served = serve(Pace(look=0.05, beat=0.1, life=0.3))
    token = served.member("ana")

    async def work() -> None:
        async with AsyncExitStack() as stack:
            assert await heard(await served.open(stack, token)) is None

    asyncio.run(work())


def test_one_login_can_not_take_all_streams(serve: Callable[..., Served]) -> None:
    served = serve()
    greedy, other = served.member("ana"), served.member("bea")

    async def work() -> list[int]:
        async with AsyncExitStack() as stack:
            found = [(await served.open(stack, greedy)).status for _ in range(PER_SESSION + 2)]
            return [*found, (await served.open(stack, other)).status]

    assert asyncio.run(work()) == [200] * PER_SESSION + [429] * 2 + [200]
    assert PER_SESSION < AT_ONCE


def test_a_page_that_goes_away_makes_room(serve: Callable[..., Served]) -> None:
    served = serve()
    token = served.member("ana")

    async def work() -> int:
        for _ in range(2):
            async with AsyncExitStack() as stack:
                for _ in range(PER_SESSION):
                    await served.open(stack, token)
        for _ in range(20):  # the server hears of it within a beat
            async with AsyncExitStack() as stack:
                status = (await served.open(stack, token)).status
            if status == 200:
                break
            await asyncio.sleep(0.1)
        return status

    assert asyncio.run(work()) == 200


def test_the_mark_is_found_by_indexes_alone(serve: Callable[..., Served]) -> None:
    served = serve()
    statement = changes.STATEMENT.compile(served.clinic.store.engine, compile_kwargs={"literal_binds": True})
    with served.clinic.store.read() as connection:
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}")]
    # Of vigils there is a row for each person in danger, not for each patient.
    assert [step for step in plan if step.startswith("SCAN") and "CONSTANT" not in step and "vigils" not in step] == []
