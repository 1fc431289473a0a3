"""One run: patients talk with the product while its processes are killed at random instants."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.clock import SystemClock
from bot.crypto import Vault, new_key
from bot.errors import StoreError
from bot.store.database import Store
from bot.store.migrate import migrate
from tests.faults.people import SCRIPTS, Talker, talk
from tests.faults.product import Product
from tests.faults.provider import Provider
from tests.faults.verdict import Verdict, is_settled, judge
from tests.support import cluster as postgresql
from tests.support.cluster import Cluster
from tests.support.people import make_patient

SETTLE_SECONDS = 150.0
CALM_SECONDS = (0.0, 3.0)  # between two kills
TALK_FIRST = 0.8  # how often the talk must have gone on before the next kill; else it may hit what is just starting
TALK_SECONDS = 25.0
LAST_WORDS_SECONDS = 4.0


@dataclass
class Site:
    """A product, its database and its patients."""

    product: Product
    provider: Provider
    store: Store
    cluster: Cluster | None
    talkers: list[Talker]
    home: Path


@contextlib.contextmanager
def site(on: str, seed: int) -> Iterator[Site]:
    """A site on `sqlite` or `postgresql` with patients who joined some days ago; not started yet."""
    with contextlib.ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=f"evenday-faults-{on}-")))
        cluster = stack.enter_context(postgresql.running()) if on == "postgresql" else None
        url = cluster.create("evenday") if cluster else ""
        key = new_key()
        store = Store(url or f"sqlite:///{home / 'evenday.sqlite'}", Vault([key]))
        stack.callback(store.close)
        migrate(store)
        talkers = [
            Talker(make_patient(store, SystemClock(), on="telegram", day=5, at="23:55").number, script)
            for script in SCRIPTS
        ]
        provider = stack.enter_context(Provider(seed))
        product = Product(home, url, key, provider.url)
        stack.callback(product.stop)
        yield Site(product, provider, store, cluster, talkers, home)


def killers(here: Site) -> dict[str, Callable[[], bool]]:
    """What can be killed: name -> does it, and tells whether there was anything to kill."""

    def supervisor() -> bool:
        here.product.kill_supervisor()
        return True

    found: dict[str, Callable[[], bool]] = {
        "gateway": lambda: here.product.kill_part("gateway"),
        "rasa": lambda: here.product.kill_part("rasa"),
        "supervisor": supervisor,
    }
    if here.cluster:
        found |= {"a backend": lambda: _kill_backend(here.cluster), "postgresql": lambda: _crash(here.cluster)}
    return found


def _kill_backend(cluster: Cluster | None) -> bool:
    assert cluster
    with contextlib.suppress(Exception):  # the server may be starting after the kill before
        for pid in cluster.backends()[:1]:
            os.kill(pid, signal.SIGKILL)  # the postmaster then restarts all of them
            return True
    return False


def _crash(cluster: Cluster | None) -> bool:
    assert cluster
    cluster.restart("immediate")
    return True


async def _kill(here: Site, kills: int, chance: random.Random, say: Callable[[str], None]) -> int:
    """Kill so many times, the gateway most often, as it holds most that can be lost."""
    ways, done = killers(here), 0
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


async def play(here: Site, kills: int, seed: int, say: Callable[[str], None]) -> tuple[int, Verdict]:
    """The whole run on a site; how many kills there were, and what they did."""
    here.product.start()
    say(f"ready after {await asyncio.to_thread(here.product.wait_until_ready):.1f} s")
    until = asyncio.Event()
    talks = [asyncio.create_task(talk(one, here.product.webhook, here.provider, seed, until)) for one in here.talkers]
    done = await _kill(here, kills, random.Random(seed), say)
    await asyncio.to_thread(here.product.wait_until_ready)
    before = {one.chat: here.provider.to(one.chat) for one in here.talkers}
    await asyncio.sleep(LAST_WORDS_SECONDS)  # the talk goes on
    until.set()
    await asyncio.gather(*talks)
    say("waiting for what is still to be answered …")
    settled = await asyncio.to_thread(_settle, here.store)
    say(f"everything settled after {settled:.1f} s; ended in {await asyncio.to_thread(here.product.stop):.1f} s")
    verdict = judge(here.store, here.talkers, here.provider.accepted)
    for one in here.talkers:
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
        done, verdict = asyncio.run(play(here, kills, seed, lambda line: say(f"{on}: {line}")))
        if verdict.notes:
            _keep_logs(here.home, on)
        return done, verdict


def _keep_logs(home: Path, on: str) -> None:
    folder = Path(tempfile.gettempdir()) / f"evenday-faults-logs-{on}"
    folder.mkdir(exist_ok=True)
    for log in [*home.glob("*.log"), *home.glob("log/*.log")]:
        (folder / log.name).write_bytes(log.read_bytes())
