"""Starts the gateway and Rasa, restarts what dies or hangs, and ends everything within five seconds.

Ours rather than a library's, for three things together: readiness over HTTP, a model that is trained first, and links
printed once a reply can be given (docs/adr/004).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from bot import rasa
from bot.crypto import new_key
from bot.errors import SettingsError
from bot.settings import ENV_FILE, ROOT, Settings

WATCH_SECONDS = 0.2
HEALTH_EVERY_SECONDS = 5.0
HUNG_AFTER_FAILURES = 6
STOP_SECONDS = 3.0
BACKOFF_SECONDS = (0.0, 0.5, 1.0, 2.0, 5.0, 10.0)
CALM_SECONDS = 60.0
ALARM_SECONDS = 60.0  # a gateway that has not been well for so long: nobody is answered, and it can't tell so itself


@dataclass
class Part:
    """One process that must run.

    Attributes:
        command: its command line.
        environment: all of its environment.
        health: URL that answers while it is well.
        grace_seconds: how long it may take to start.
    """

    name: str
    command: list[str]
    environment: dict[str, str]
    health: str
    log: Path
    grace_seconds: float
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    deaths: int = 0
    next_start: float = 0.0
    failures: int = 0
    well_at: float = 0.0
    alarmed: bool = False

    def start(self) -> None:
        """Start it; its output goes to its log."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C reaches the supervisor alone, which ends the parts in order
                preexec_fn=rasa.die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509  # one system call, no lock
            )
        self.started, self.failures = time.monotonic(), 0

    @property
    def is_dead(self) -> bool:
        """Whether the process has ended."""
        return self.process is None or self.process.poll() is not None


class Supervisor:
    """Keeps parts running until it is told to stop.

    Args:
        parts: what must run.
        say: prints a line for the operator.
        tell: reaches the operator elsewhere: title, text; None: nobody is told.
    """

    def __init__(
        self, parts: list[Part], say: Callable[[str], None], tell: Callable[[str, str], bool] | None = None
    ) -> None:
        self.parts, self.say, self.tell = parts, say, tell
        self._stop = asyncio.Event()

    def stop(self) -> None:
        """End everything soon."""
        self._stop.set()

    async def run(self, ready_url: str, on_ready: Callable[[], None]) -> None:
        """Run until stopped; `on_ready` is called once, when `ready_url` answers 200."""
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, self.stop)
        for part in self.parts:
            part.start()
            part.well_at = time.monotonic()
        greeting = asyncio.create_task(self._greet(ready_url, on_ready))
        health = asyncio.create_task(self._watch_health())
        try:
            while not self._stop.is_set():
                for part in self.parts:
                    self._revive(part)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stop.wait(), WATCH_SECONDS)
        finally:
            greeting.cancel()
            health.cancel()
            await asyncio.to_thread(self._end_all)

    def _revive(self, part: Part) -> None:
        if not part.is_dead:
            return
        now = time.monotonic()
        if part.process is not None:
            code = part.process.returncode
            if now - part.started > CALM_SECONDS:
                part.deaths = 0
            wait = BACKOFF_SECONDS[min(part.deaths, len(BACKOFF_SECONDS) - 1)]
            part.deaths, part.next_start, part.process = part.deaths + 1, now + wait, None
            self.say(f"{part.name} ended (code {code}); starting it again. Its log: {part.log}")
        if now >= part.next_start:
            part.start()

    async def _watch_health(self) -> None:
        async with httpx.AsyncClient(trust_env=False, timeout=HEALTH_EVERY_SECONDS) as client:
            while True:
                await asyncio.sleep(HEALTH_EVERY_SECONDS)
                for part in self.parts:
                    await self._alarm(client, part)
                    if part.is_dead or time.monotonic() - part.started < part.grace_seconds:
                        continue
                    part.failures = 0 if await _answers(client, part.health) else part.failures + 1
                    if part.failures >= HUNG_AFTER_FAILURES and part.process is not None:
                        self.say(f"{part.name} does not answer; ending it")
                        part.process.kill()

    async def _alarm(self, client: httpx.AsyncClient, part: Part) -> None:
        """Tell the operator, once, of a part that has not been well for a minute, and once when it is again."""
        now = time.monotonic()
        if not part.is_dead and await _answers(client, part.health):
            part.well_at = now
        down = now - part.well_at > max(ALARM_SECONDS, part.grace_seconds)
        if down == part.alarmed or self.tell is None:
            return
        part.alarmed = down
        text = (
            f"{part.name} has not answered for a minute, and is being started again" if down else f"{part.name} is back"
        )
        self.say(text)
        await asyncio.to_thread(self.tell, "Evenday: trouble" if down else "Evenday: over", text)

    async def _greet(self, url: str, on_ready: Callable[[], None]) -> None:
        async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
            while not await _answers(client, url):
                await asyncio.sleep(0.1)
        on_ready()

    def _end_all(self) -> None:
        for part in self.parts:
            if part.process is not None:
                part.process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for part in self.parts:
            if part.process is None:
                continue
            try:
                part.process.wait(max(0.05, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                part.process.kill()
                part.process.wait()


async def _answers(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(url)).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def parts(settings: Settings) -> list[Part]:
    """The gateway and, unless one runs elsewhere, Rasa, on ports that are free."""
    action_port = settings.action_port or rasa.free_port()
    rasa_port = settings.rasa_port or rasa.free_port()
    rasa_url = settings.rasa_url or f"http://127.0.0.1:{rasa_port}"
    logs = settings.home / "log"
    logs.mkdir(parents=True, exist_ok=True)
    given = {
        "EVENDAY_HOST": settings.host,
        "EVENDAY_PORT": str(settings.port),
        "EVENDAY_ACTION_PORT": str(action_port),
        "EVENDAY_RASA_URL": rasa_url,
    }
    gateway = Part(
        "gateway",
        [sys.executable, "-m", "bot.cli", "serve"],
        {**os.environ, **given},
        f"http://127.0.0.1:{settings.port}/healthz",
        logs / "gateway.log",
        30,
    )
    if settings.rasa_url:
        return [gateway]
    endpoint = f"http://127.0.0.1:{action_port}/webhook"
    environment = rasa.environment(ACTION_ENDPOINT=endpoint)
    return [Part("rasa", rasa.command(rasa_port), environment, f"{rasa_url}/", logs / "rasa.log", 120), gateway]


def prepare_home(home: Path) -> bool:
    """Make the home folder and, at the first start, its keys; tells whether it was the first.

    Raises:
        SettingsError: the folder can't be written.
    """
    file = home / ENV_FILE
    try:
        home.mkdir(parents=True, exist_ok=True)
        if file.exists() or os.environ.get("EVENDAY_KEYS"):
            return False
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as out:
            out.write(
                "# Made at the first start. Keep a copy of this file apart from the backups: without the key they open nothing.\n"
            )
            out.write(f"EVENDAY_KEYS={new_key()}\nEVENDAY_TELEGRAM_SECRET={secrets.token_urlsafe(32)}\n")
    except OSError as error:
        raise SettingsError(
            f"{home} can't be written ({error.strerror}): set EVENDAY_HOME to a folder that can"
        ) from None
    return True
