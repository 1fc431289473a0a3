"""Phase two: Rasa hangs, the database goes away, a route of pages fails, and processes are killed; people in danger write on."""

from __future__ import annotations

import asyncio
import itertools
import random
import signal
import sqlite3
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing

from bench.safety.people import Line
from bench.safety.sink import FIRST
from bench.safety.verdict import Cry, Trouble, answered_after
from bench.safety.ward import Plan, Ward, crisis_answers
from tests.faults.kills import killers
from tests.faults.people import Talker

RASA_HANGS_SECONDS, DATABASE_GONE_SECONDS, ROUTE_FAILS_SECONDS = 15.0, 12.0, 20.0
AROUND_SECONDS = 3.0  # within so long people write and a process is killed, each at a random instant
ANSWERED_FIRST = 0.8  # how often the next kill waits for answers; else it may hit what is just starting
ANSWERED_SECONDS = 25.0
NOT_EXPLAINING = {"rasa"}  # what a kill of it leaves unknown: nothing that safety needs
Failure = Callable[[list[Talker]], Awaitable[None]]  # while some people write


class Storm:
    """One run of it; `troubles` is when a repeat of what was handed over is meant."""

    def __init__(self, here: Ward, line: Line, plan: Plan, say: Callable[[str], None]) -> None:
        self.here, self.line, self.plan, self.say = here, line, plan, say
        self.troubles: list[Trouble] = []
        self._chance = random.Random(plan.seed)
        self._writing: set[asyncio.Task[Cry]] = set()
        self._turns = itertools.count()

    async def rage(self) -> None:
        """All of it, in an order that the seed gives: kills, and three longer failures spread among them."""
        failures: dict[int, Failure] = {1: self._rasa_hangs, 2: self._database_gone, 3: self._route_fails}
        at: dict[int, list[Failure]] = defaultdict(list)
        for n, failure in failures.items():
            at[max(1, self.plan.kills * n // 4)].append(failure)
        groups = self._groups(self.plan.kills + len(failures))
        for number, name in enumerate(self._names(), 1):
            await self._kill(number, name, next(groups))
            for failure in at[number]:
                await failure(next(groups))
        await asyncio.gather(*self._writing)

    def _names(self) -> list[str]:
        """Which process each kill hits: each of them, then the gateway most often, as it holds most that can be lost."""
        every = list(killers(self.here.site.product, self.here.site.cluster))
        chosen = every + self._chance.choices([*every, "gateway", "gateway"], k=self.plan.kills)
        names = chosen[: self.plan.kills]
        self._chance.shuffle(names)
        return names

    def _groups(self, rounds: int) -> Iterator[list[Talker]]:
        """Who writes in each round: everybody once, and once more in the next round."""
        late, before = self.here.late, list[Talker]()
        for n in range(rounds):
            mine = late[len(late) * n // rounds : len(late) * (n + 1) // rounds]
            yield [*mine, *before] or [self._chance.choice(late)]
            before = mine

    def _write(self, group: list[Talker], within_seconds: float) -> list[asyncio.Task[Cry]]:
        tasks = [
            asyncio.create_task(self.line.cry(one, next(self._turns), self._chance.uniform(0, within_seconds)))
            for one in group
        ]
        self._writing |= set(tasks)
        return tasks

    async def _kill(self, number: int, name: str, group: list[Talker]) -> None:
        kill = killers(self.here.site.product, self.here.site.cluster)[name]
        tasks = self._write(group, AROUND_SECONDS)
        await asyncio.sleep(self._chance.uniform(0, AROUND_SECONDS))
        at = time.monotonic()
        while not await asyncio.to_thread(kill):
            await asyncio.sleep(0.2)
            at = time.monotonic()
        if name not in NOT_EXPLAINING:
            self.troubles.append(Trouble(at, time.monotonic()))
        self.say(f"kill {number}/{self.plan.kills}: {name}, while {len(group)} at risk write")
        if self._chance.random() < ANSWERED_FIRST:
            await self._answered(tasks)

    async def _answered(self, tasks: list[asyncio.Task[Cry]]) -> str:
        """Wait until those who wrote are answered, within limits; how long the slowest answer took, in words."""
        cries, deadline = await asyncio.gather(*tasks), time.monotonic() + ANSWERED_SECONDS
        while True:
            answers = crisis_answers(self.here)
            took = [answered_after(answers, cry) for cry in cries]
            if None not in took:
                return f"the slowest answer took {max(one or 0.0 for one in took):.1f} s"
            if time.monotonic() > deadline:
                return f"{took.count(None)} are not answered yet"
            await asyncio.sleep(0.2)

    async def _during(self, what: str, seconds: float, group: list[Talker], failing: Callable[[], None]) -> None:
        await asyncio.to_thread(self.here.site.product.wait_until_ready)
        self.say(f"{what} for {seconds:.0f} s, while {len(group)} at risk write")
        tasks = self._write(group, seconds - 2)
        await asyncio.to_thread(failing)
        self.say(f"… over; {await self._answered(tasks)}")

    async def _rasa_hangs(self, group: list[Talker]) -> None:
        def hang() -> None:
            while not self.here.site.product.signal_part("rasa", signal.SIGSTOP):
                time.sleep(0.2)
            time.sleep(RASA_HANGS_SECONDS)
            self.here.site.product.signal_part("rasa", signal.SIGCONT)

        await self._during("Rasa hangs", RASA_HANGS_SECONDS, group, hang)

    async def _database_gone(self, group: list[Talker]) -> None:
        cluster, file = self.here.site.cluster, self.here.site.home / "evenday.sqlite"

        def be_gone() -> None:
            since = time.monotonic()
            if cluster:
                cluster.stop("immediate")
                time.sleep(DATABASE_GONE_SECONDS)
                cluster.start()
            else:
                _lock_out(str(file), DATABASE_GONE_SECONDS)
            self.troubles.append(Trouble(since, time.monotonic()))

        await self._during("the database is gone", DATABASE_GONE_SECONDS, group, be_gone)

    async def _route_fails(self, group: list[Talker]) -> None:
        def fail() -> None:
            self.here.sink.failing.add(FIRST)
            time.sleep(ROUTE_FAILS_SECONDS)
            self.here.sink.failing.discard(FIRST)

        await self._during("the first route of pages fails", ROUTE_FAILS_SECONDS, group, fail)


def _lock_out(file: str, seconds: float) -> None:
    """Hold SQLite's write lock, longer than the product waits for it: the like of a server that is restarted."""
    with closing(sqlite3.connect(file, timeout=30, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        time.sleep(seconds)
        connection.execute("ROLLBACK")
