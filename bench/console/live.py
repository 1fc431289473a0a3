"""Fifty consoles are open while people write that they are in danger: how soon does each hear of it, and show it?

The server is a process of its own, on a socket: 50 pages that listen can't be told apart from a server's own work in one
process. A cry is committed from here, with message, escalation and history, as reception does. Each console hears of it by
its stream, and fetches the part of the page that changes, as its script does, all of them at once.
"""

from __future__ import annotations

import asyncio
import re
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field

import aiohttp
from sqlalchemy import select

from bench.clock import end, percentile, until_up
from bench.console.desk import console, log_in
from bench.console.kept import opened
from bot.console.desk import Console
from bot.store import inbox, opening, tables
from bot.store.access import READERS
from bot.store.patients import State
from bot.store.types import PatientId, StaffId

CONSOLES, CRIES = 50, 20
APART_SECONDS = 1.5
LONGEST_SECONDS = 10.0
MOST_SECONDS = 1.0
CHANGED = b"event: changed\n"
MARK = re.compile(r'data-mark="([0-9a-f]+)"')


@dataclass
class Heard:
    """Seconds from a commit until consoles had heard of it, and until they had fetched what changed."""

    event: list[float] = field(default_factory=list)
    shown: list[float] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Whether every console showed every cry, soon enough."""
        return len(self.shown) == CONSOLES * CRIES and percentile(self.shown, 0.95) <= MOST_SECONDS

    def told(self) -> str:
        """In words."""
        rows = {"heard": self.event, "shown": self.shown}
        figures = ", ".join(
            f"{name} p50 {percentile(found, 0.5):.2f}, p95 {percentile(found, 0.95):.2f}, longest {max(found):.2f} s"
            for name, found in rows.items()
        )
        return f"{CONSOLES} consoles, {CRIES} cries: {figures}{'' if self.is_good else '  TOO MUCH'}"


@dataclass
class Open:
    """One open queue: its stream, and the mark of what it shows."""

    client: aiohttp.ClientSession
    stream: aiohttp.ClientResponse
    address: str
    mark: str = ""

    async def fetch(self) -> None:
        """Fetch what changed."""
        async with self.client.get(self.address, params={"mark": self.mark}) as answer:
            text = await answer.text()
        found = MARK.search(text)
        if found:
            self.mark = found[1]

    async def follow(self, committed: asyncio.Future[float], heard: Heard) -> None:
        """Wait for the next change; how long it took."""
        while await self.stream.content.readline() != CHANGED:
            pass
        at = time.monotonic()
        await self.fetch()
        shown, began = time.monotonic(), await committed
        heard.event.append(at - began)
        heard.shown.append(shown - began)


@contextmanager
def _served(url: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-m", "bench.console.served", url, str(port)])
    try:
        yield process, f"http://127.0.0.1:{port}/console"
    finally:
        end(process)


@asynccontextmanager
async def _opened(desk: Console, base: str) -> AsyncIterator[list[Open]]:
    """Consoles of different staff, two of each while there are enough."""
    with desk.store.read() as connection:
        ids = list(connection.scalars(select(tables.staff.c.id).where(tables.staff.c.role.in_(READERS))))
    async with AsyncExitStack() as stack:
        found = []
        for n in range(CONSOLES):
            token = f"console {n}"
            log_in(desk, StaffId(ids[n % len(ids)]), token)
            client = aiohttp.ClientSession(cookies={desk.session_cookie: token})
            await stack.enter_async_context(client)
            stream = await stack.enter_async_context(client.get(f"{base}/stream"))
            stream.raise_for_status()
            found.append(Open(client, stream, f"{base}/live"))
        for one in found:
            await one.fetch()
        yield found


def _calm(desk: Console) -> list[PatientId]:
    """Patients without an open escalation, so that each cry opens one."""
    never = tables.patients.c.id.not_in(select(tables.escalations.c.patient_id))
    query = select(tables.patients.c.id).where(never, tables.patients.c.state == State.ACTIVE).limit(CRIES)
    with desk.store.read() as connection:
        return [PatientId(one) for one in connection.scalars(query)]


def _cry(desk: Console, who: PatientId) -> float:
    """Somebody is in danger; when that was committed."""
    vault, now, said = desk.store.vault, desk.clock.now(), "I can't do this any more. I want to die tonight."
    with desk.store.write() as connection:
        address = connection.execute(
            select(tables.addresses.c.id).where(tables.addresses.c.patient_id == who)
        ).scalar_one()
        made = inbox.put(
            connection, vault, patient_id=who, address_id=address, provider_key=f"cry:{who}", form="text", text=said,
            choice=None, received_at=now, tier="emergency", kind="suicide",
            evidence=[{"start": 28, "end": 47, "layer": "rules", "rule": "suicide.means_ready"}], state=inbox.DONE,
        )  # fmt: skip
        assert made is not None
        opening.note(connection, vault, who, made, "emergency", "suicide", now)
    return time.monotonic()


async def hear(url: str) -> Heard:
    """Open all consoles, and let people cry one after another."""
    desk, heard = console(opened(url)), Heard()
    with _served(url) as (process, base):
        await until_up(f"{base}/login", process)
        async with _opened(desk, base) as consoles:
            for n, who in enumerate(_calm(desk)):
                await asyncio.sleep(APART_SECONDS + n % 7 / 20)  # at no fixed place between two looks of the server
                committed: asyncio.Future[float] = asyncio.get_running_loop().create_future()
                waiting = [asyncio.create_task(one.follow(committed, heard)) for one in consoles]
                committed.set_result(await asyncio.to_thread(_cry, desk, who))
                _, late = await asyncio.wait(waiting, timeout=LONGEST_SECONDS)
                for task in late:
                    task.cancel()
    desk.store.close()
    return heard
