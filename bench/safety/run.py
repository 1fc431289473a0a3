"""One run on one database: a minute of danger among many who chat, then the same while everything fails."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

from bench.safety.people import Line, line
from bench.safety.sink import by_telegram
from bench.safety.storm import Storm
from bench.safety.verdict import Cry, Seen, Trouble, Verdict, answer_times, judge, p99, page_times
from bench.safety.ward import (
    Plan,
    Ward,
    all_escalations,
    crisis_answers,
    is_escalated,
    is_quiet,
    kept,
    patient_id,
    ward,
)
from bot.errors import StoreError
from bot.store.types import PatientId
from tests.faults.people import Talker
from tests.faults.site import keep_logs

WITHIN_SECONDS = 60.0  # everybody at risk of phase one writes in it
CHAT_EVERY_SECONDS = 30.0  # of each who chats
WARM_UP_SECONDS = 10.0
SETTLE_SECONDS = 150.0
WATCH_SECONDS = 0.005
TELL_EVERY_SECONDS = 10.0
Say = Callable[[str], None]


@dataclass(frozen=True)
class Found:
    """The figures of a run."""

    commit_p99_s: float
    answer_p99_s: float
    page_p99_s: float
    verdict: Verdict


@dataclass
class Run:
    """A run under way."""

    here: Ward
    line: Line
    plan: Plan
    say: Say

    def seen(self, cries: Sequence[Cry], troubles: Sequence[Trouble] = ()) -> Seen:
        """What there is to judge about some cries."""
        chats = {cry.chat for cry in cries}
        talkers = [one for one in (*self.here.early, *self.here.late) if one.chat in chats]
        pages = [*self.here.sink.taken, *by_telegram(list(self.here.site.provider.accepted))]
        return Seen(cries, kept(self.here.site.store, talkers), crisis_answers(self.here), pages, troubles)

    async def calm(self) -> tuple[float, float, float]:
        """Phase one: everybody at risk writes within a minute. p99 until committed, answered, paged."""
        self.say(f"{self.plan.risk} at risk write within {WITHIN_SECONDS:.0f} s, {self.plan.chatting} chat")
        chance = random.Random(self.plan.seed)
        commits = await asyncio.gather(
            *(self._cry(one, n, chance.uniform(0, WITHIN_SECONDS)) for n, one in enumerate(self.here.early))
        )
        seen = await self._settled(list(self.line.cries))
        committed = p99(commits, SETTLE_SECONDS)
        self.say(f"while all is well, p99 in s: committed {committed:.3f}, {_told(seen)}")
        return committed, p99(answer_times(seen), SETTLE_SECONDS), p99(page_times(seen), SETTLE_SECONDS)

    async def _cry(self, talker: Talker, which: int, after_seconds: float) -> float | None:
        """Write, and look from outside for the escalation; seconds until it was there."""
        who = patient_id(self.here.site.store, talker)
        await asyncio.sleep(after_seconds)
        watching = asyncio.create_task(self._watch(who))
        cry = await self.line.cry(talker, which, 0)
        with contextlib.suppress(TimeoutError):
            return await asyncio.wait_for(watching, SETTLE_SECONDS) - cry.at
        return None

    async def _watch(self, who: PatientId) -> float:
        while not is_escalated(self.here.site.store, who):
            await asyncio.sleep(WATCH_SECONDS)
        return time.monotonic()

    async def rough(self) -> list[Trouble]:
        """Phase two: others write while everything fails; when that makes a repeat right."""
        before, storm = len(self.line.cries), Storm(self.here, self.line, self.plan, self.say)
        await storm.rage()
        await asyncio.to_thread(self.here.site.product.wait_until_ready)
        seen = await self._settled(self.line.cries[before:])
        self.say(f"while everything fails, p99 in s: {_told(seen)}")
        return storm.troubles

    async def _settled(self, cries: Sequence[Cry]) -> Seen:
        """What is seen once nothing is lost, unanswered or on its way any more, or after long enough."""
        started = told = time.monotonic()
        while True:
            now = time.monotonic()
            with contextlib.suppress(StoreError):
                seen = await asyncio.to_thread(self.seen, cries)
                verdict = judge(seen)
                quiet = not (verdict.lost or verdict.unanswered) and is_quiet(self.here.site.store)
                if quiet or now - started > SETTLE_SECONDS:
                    return seen
            if now - told > TELL_EVERY_SECONDS:
                told = now
                self.say("waiting for what is still on its way …")
            await asyncio.sleep(1.0)


@contextlib.asynccontextmanager
async def _chatting(run: Run) -> AsyncIterator[None]:
    """The crowd chats, and how it goes is told, for as long as the block lasts."""
    until, crowd = asyncio.Event(), line(run.line.webhook)

    async def tell() -> None:
        while True:
            await asyncio.sleep(TELL_EVERY_SECONDS)
            run.say(f"{crowd.said} messages of chat, {len(run.line.cries)} of danger, {len(run.here.sink.taken)} pages")

    chats = [crowd.chat(one, CHAT_EVERY_SECONDS, run.plan.seed, until) for one in run.here.chatting]
    tasks = [asyncio.create_task(one) for one in (*chats, tell())]
    try:
        yield
    finally:
        until.set()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await crowd.client.aclose()


async def play(here: Ward, plan: Plan, say: Say) -> Found:
    """Both phases on a ward."""
    product = here.site.product
    product.start()
    say(f"ready after {await asyncio.to_thread(product.wait_until_ready):.1f} s")
    run = Run(here, line(product.webhook), plan, say)
    try:
        async with _chatting(run):
            await asyncio.sleep(WARM_UP_SECONDS)
            times = await run.calm()
            troubles = await run.rough()
            seen = await asyncio.to_thread(run.seen, list(run.line.cries), troubles)
    finally:
        await run.line.client.aclose()
    verdict, real = judge(seen), sum(len(kept.codes) for kept in seen.kept.values())
    say(f"{all_escalations(here.site.store) - real} of {plan.chatting} who only chat were taken to be in danger")
    say(f"{verdict.again} answers and pages went again where nobody could know whether they went")
    say(f"ended in {await asyncio.to_thread(product.stop):.1f} s")
    return Found(*times, verdict)


def _told(seen: Seen) -> str:
    times = {
        "answered": answer_times(seen),
        "first page": page_times(seen),
        "emergency by two routes": page_times(seen, 2),
    }
    told = ", ".join(f"{name} {p99(found, SETTLE_SECONDS):.3f}" for name, found in times.items())
    return f"{told} ({len(seen.cries)} messages)"


def run(on: str, plan: Plan, say: Say) -> Found:
    """A run on a fresh ward; its logs are kept where something went wrong."""
    say("making the patients …")
    with ward(on, plan) as here:
        good = False
        try:
            found = asyncio.run(play(here, plan, say))
            good = not found.verdict.notes
            return found
        finally:
            if not good:
                say(f"its logs are kept in {keep_logs(here.site.home, f'evenday-bench-safety-logs-{on}')}")
