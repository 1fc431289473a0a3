"""Our side: the whole product under its supervisor, written to over Telegram's webhook, answering a stand-in Bot API.

A turn is measured from the webhook's request until another process (this one) sees in the database that the message is
answered: stored, screened, understood, acted on, its replies queued to send. That is what the starter's HTTP answer is.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs

import aiohttp
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bench import clock
from bot import rasa
from bot.app import CONTENT
from bot.cli import history
from bot.clock import SystemClock
from bot.content.coach import Coach, load
from bot.conversation.message import MessageClass
from bot.crypto import Vault, new_key
from bot.rehearsal import served
from bot.settings import ROOT
from bot.store import inbox, outbox, patients
from bot.store.database import Store
from bot.store.migrate import migrate
from bot.store.prepared import tell_driver

TOKEN, SECRET = "1000:bench", "bench"
# One ordinary exchange: answers of each kind, a skill, interruptions, small talk.
SAYS = (
    "can we do the check-in", "6", "who reads this?", "5", "no", "thanks", "I would like to pace myself", "hoovering",
    "what are you exactly?", "I do too much", "10, 15 and 12", "not now",
)  # fmt: skip


WATCH_SECONDS = 0.001  # each look is late by half of it, and takes 30 us


async def bot_api(request: Request) -> Response:
    """A stand-in for Telegram's Bot API: any method."""
    method = request.url.path.rsplit("/", 1)[-1]
    if method == "getMe":
        me = {"id": 1000, "is_bot": True, "first_name": "Bench", "username": "bench_bot"}
        return JSONResponse({"ok": True, "result": me})
    if method != "sendMessage":
        return JSONResponse({"ok": True, "result": True})
    chat = int(parse_qs(await request.body())[b"chat_id"][0])
    message = {"message_id": 1, "date": int(time.time()), "chat": {"id": chat, "type": "private"}}
    return JSONResponse({"ok": True, "result": message})


class People:
    """Patients who write over the webhook, each waiting until the message is answered."""

    def __init__(self, client: aiohttp.ClientSession, url: str, store: Store) -> None:
        self._client, self._url, self._store = client, url, store
        self._updates = itertools.count(1)
        self._waiting: dict[str, asyncio.Future[float]] = {}

    async def turn(self, chat: int, text: str) -> float:
        """Milliseconds from the request until the replies are queued."""
        number = next(self._updates)
        person = {"id": chat, "is_bot": False, "first_name": "B"}
        where = {"id": chat, "type": "private"}
        message = {"message_id": number, "date": int(time.time()), "chat": where, "from": person, "text": text}
        done = self._waiting[f"telegram:1000:{number}"] = asyncio.get_running_loop().create_future()
        started = time.perf_counter()
        async with self._client.post(
            f"{self._url}/telegram/1000",
            json={"update_id": number, "message": message},
            headers={"X-Telegram-Bot-Api-Secret-Token": SECRET},
        ) as answer:
            answer.raise_for_status()
        answered: float = await asyncio.wait_for(done, 30)
        return (answered - started) * 1000

    async def watch(self) -> None:
        """See which messages are answered, for ever; the rows are read only when something was committed.

        To read them at every look took a fifth of a core from what is measured.
        """
        seen = -1
        with self._store.engine.connect() as watching:
            while True:
                version = tell_driver(watching, "PRAGMA data_version")[0][0][0] if self._waiting else seen
                if version != seen:
                    seen = version
                    with self._store.read() as connection:
                        answered = inbox.answered(connection, list(self._waiting))
                    for key in answered:
                        self._waiting.pop(key).set_result(time.perf_counter())
                await asyncio.sleep(WATCH_SECONDS)


def train(say: Callable[[str], None]) -> dict[str, float]:
    """Seconds of training: with no vector cached, and with all of them."""
    found = {}
    vectors = ROOT / ".cache"
    for name, cached in (("train_first_s", False), ("train_s", True)):
        say(f"ours: training ({'vectors cached' if cached else 'first time'})")
        if not cached:
            for file in vectors.glob("vectors*"):
                file.unlink() if file.is_file() else None
        started = time.perf_counter()
        list(rasa.run_lines(["-m", "dialogue.train", "--out", str(rasa.MODEL), "--force"]))
        found[name] = time.perf_counter() - started
    return found


async def measure(folder: Path, say: Callable[[str], None]) -> dict[str, Any]:
    """The same figures for ours, and a turn on day 365 beside day 1."""
    coach = load(CONTENT, SystemClock().now().date())
    found: dict[str, Any] = dict(train(say))
    folder.mkdir(parents=True, exist_ok=True)
    key, port, api_port = new_key(), rasa.free_port(), rasa.free_port()
    store = Store(f"sqlite:///{folder / 'evenday.sqlite'}", Vault([key]))
    _populate(store, coach)
    environment = {
        **os.environ, "EVENDAY_HOME": str(folder), "EVENDAY_KEYS": key,
        "EVENDAY_TELEGRAM_TOKEN": TOKEN, "EVENDAY_TELEGRAM_SECRET": SECRET,
        "EVENDAY_TELEGRAM_API_URL": f"http://127.0.0.1:{api_port}", "EVENDAY_TELEGRAM_PER_SECOND": "100000",
        "EVENDAY_PUBLIC_URL": f"http://127.0.0.1:{port}", "EVENDAY_LOG_LEVEL": "warning",
    }  # fmt: skip
    async with AsyncExitStack() as stack:
        app = Starlette(routes=[Route("/{path:path}", bot_api, methods=["GET", "POST"])])
        await stack.enter_async_context(served(app, api_port))
        say("ours: booting")
        started = time.perf_counter()
        with (folder / "run.log").open("ab") as log:
            command = [sys.executable, "-m", "bot.cli", "run", "--port", str(port)]
            process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        stack.callback(clock.end, process)
        url = f"http://127.0.0.1:{port}"
        await clock.until_up(f"{url}/readyz", process)
        found["boot_s"] = time.perf_counter() - started
        client = await stack.enter_async_context(aiohttp.ClientSession())
        people = People(client, url, store)
        watch = asyncio.create_task(people.watch())
        found |= await _turns(people, say)
        watch.cancel()
        found["memory_mb"] = clock.memory_mb(process.pid)
    store.close()
    return found


async def _turns(people: People, say: Callable[[str], None]) -> dict[str, Any]:
    say("ours: turns")
    times = await clock.latencies(lambda number: people.turn(99, SAYS[number % len(SAYS)]), clock.TURNS)
    say("ours: 16 patients at once")
    speed = await clock.throughput(
        lambda patient, number: people.turn(100 + patient, SAYS[number % len(SAYS)]), clock.PATIENTS, clock.EACH
    )
    say("ours: day 1 and day 365")
    days: dict[int, list[float]] = {1: [], 365: []}
    for number in range(clock.WARM_UP + 10 * len(SAYS)):
        for day, found in days.items():  # in turn, so that the machine's moods fall on both alike
            found.append(await people.turn(1000 + day, SAYS[number % len(SAYS)]))
    medians = {day: clock.percentile(found[clock.WARM_UP :], 0.5) for day, found in days.items()}
    return {
        "p50_ms": clock.percentile(times, 0.5),
        "p95_ms": clock.percentile(times, 0.95),
        "turns_per_s": speed,
        "day1_p50_ms": medians[1],
        "day365_p50_ms": medians[365],
    }


def _populate(store: Store, coach: Coach) -> None:
    """Enrolled patients, two of them with a history: one day, and a year with its messages."""
    migrate(store)
    now = SystemClock().now()
    for chat, day in [(99, 20), *((100 + n, 20) for n in range(clock.PATIENTS)), (1001, 1), (1365, 365)]:
        setup = history.Setup(day=day, country="GB", checkin_time="03:00")
        stage: Any = SimpleNamespace(
            gateway=SimpleNamespace(store=store, coach=coach),
            clock=SimpleNamespace(now=lambda: now),
            mailbox=SimpleNamespace(channel="telegram"),
            address=str(chat),
        )
        history.make(stage, setup, "Europe/London")
        if day == 365:
            _messages(store, str(chat), day, now)


def _messages(store: Store, chat: str, days: int, now: Any) -> None:
    with store.write() as connection:
        address = patients.find(connection, store.vault, "telegram", chat)
        assert address is not None
        for number in range(days * 6):
            at = now - timedelta(days=days) + timedelta(hours=4 * number)
            inbox.put(
                connection, store.vault, patient_id=address.patient_id, address_id=address.id,
                provider_key=f"old:{chat}:{number}", form="text", text="a text of an ordinary length, as people write", choice=None,
                received_at=at, tier="none", kind="none", evidence=[], state=inbox.DONE,
            )  # fmt: skip
            outbox.put(
                connection, store.vault, patient_id=address.patient_id, address_id=address.id, dedupe_key=f"old:{chat}:{number}",
                message_class=MessageClass.REPLY, rank=1, text="An answer of an ordinary length, as the coach gives.", now=at,
            )  # fmt: skip
        outbox.settle_all(connection, address.patient_id)


def as_json(values: dict[str, Any]) -> str:
    """One line of JSON with short numbers."""
    return json.dumps({name: round(value, 3) if isinstance(value, float) else value for name, value in values.items()})
