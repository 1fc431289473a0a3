"""One run: patients talk with the product while its processes are killed at random instants."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Callable

from bot.clock import SystemClock
from bot.errors import StoreError
from bot.store.database import Store
from tests.faults.kills import killers
from tests.faults.people import SCRIPTS, Talker, talk
from tests.faults.site import Site, keep_logs, site
from tests.faults.verdict import Verdict, is_settled, judge
from tests.support.people import make_patient

SETTLE_SECONDS = 150.0
CALM_SECONDS = (0.0, 3.0)  # between two kills
TALK_FIRST = 0.8  # how often the talk must have gone on before the next kill; else it may hit what is just starting
TALK_SECONDS = 25.0
LAST_WORDS_SECONDS = 4.0


async def _kill(here: Site, kills: int, chance: random.Random, say: Callable[[str], None]) -> int:
    """Kill so many times, the gateway most often, as it holds most that can be lost."""
    ways, done = killers(here.product, here.cluster), 0
    names = [*ways, "gateway", "gateway"]
    while done < kills:
        if chance.random() < TALK_FIRST:
            await _something_said(here)
        await asyncio.sleep(chance.uniform(*CALM_SECONDS))
        name = chance.choice(names)
        if await asyncio.to_thread(ways[name]):
            done += 1
            say(f"kill {done}/{kills}: {name}; {len(here.provider.accepted)} replies so far")
    return done


async def _something_said(here: Site) -> None:
    before, deadline = len(here.provider.accepted), time.monotonic() + TALK_SECONDS
    while len(here.provider.accepted) < before + 2 and time.monotonic() < deadline:
        await asyncio.sleep(0.05)


async def play(
    here: Site, talkers: list[Talker], kills: int, seed: int, say: Callable[[str], None]
) -> tuple[int, Verdict]:
    """The whole run on a site; how many kills there were, and what they did."""
    here.product.start()
    say(f"ready after {await asyncio.to_thread(here.product.wait_until_ready):.1f} s")
    until = asyncio.Event()
    talks = [asyncio.create_task(talk(one, here.product.webhook, here.provider, seed, until)) for one in talkers]
    done = await _kill(here, kills, random.Random(seed), say)
    await asyncio.to_thread(here.product.wait_until_ready)
    before = {one.chat: here.provider.to(one.chat) for one in talkers}
    await asyncio.sleep(LAST_WORDS_SECONDS)  # the talk goes on
    until.set()
    await asyncio.gather(*talks)
    say("waiting for what is still to be answered …")
    settled = await asyncio.to_thread(_settle, here.store)
    say(f"everything settled after {settled:.1f} s; ended in {await asyncio.to_thread(here.product.stop):.1f} s")
    verdict = judge(here.store, talkers, here.provider.accepted)
    for one in talkers:
        if here.provider.to(one.chat) == before[one.chat]:
            verdict.note("unanswered", f"{one.chat}: the talk did not go on")
    return done, verdict


def _settle(store: Store) -> float:
    started = time.monotonic()
    while time.monotonic() - started < SETTLE_SECONDS:
        with contextlib.suppress(StoreError):
            if is_settled(store):
                break
        time.sleep(0.3)
    return time.monotonic() - started


def run(on: str, kills: int, seed: int, say: Callable[[str], None]) -> tuple[int, Verdict]:
    """A run on a fresh site; its folder is left in place where something went wrong."""
    with site(on, seed) as here:
        talkers = [
            Talker(make_patient(here.store, SystemClock(), on="telegram", day=5, at="23:55").number, script)
            for script in SCRIPTS
        ]
        done, verdict = asyncio.run(play(here, talkers, kills, seed, lambda line: say(f"{on}: {line}")))
        if verdict.notes:
            keep_logs(here.home, f"evenday-faults-logs-{on}")
        return done, verdict
