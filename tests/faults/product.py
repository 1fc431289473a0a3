"""The real product: `evenday run` with its own supervisor, gateway and Rasa, and the ways to kill each of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx

from bot.rasa import free_port
from tests.faults.provider import BOT_ID, SECRET, TOKEN

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 120.0
PORT_FREE_SECONDS = 15.0


class Product:
    """One site.

    Args:
        home: its folder.
        database_url: its database; "" is SQLite in `home`.
        key: its sealing key.
        provider_url: where the Bot API is.
        port: of the gateway; 0: a free one.
        settings: others, by their names.
    """

    def __init__(
        self, home: Path, database_url: str, key: str, provider_url: str, port: int = 0, **settings: str
    ) -> None:
        self.home, self.port = home, port or free_port()
        self.webhook = f"http://127.0.0.1:{self.port}/telegram/{BOT_ID}"
        kept = {name: value for name, value in os.environ.items() if not name.startswith("EVENDAY_")}
        self._environment = {
            **kept,
            "EVENDAY_HOME": str(home),
            "EVENDAY_DATABASE_URL": database_url,
            "EVENDAY_KEYS": key,
            "EVENDAY_TELEGRAM_TOKEN": TOKEN,
            "EVENDAY_TELEGRAM_SECRET": SECRET,
            "EVENDAY_TELEGRAM_API_URL": provider_url,
            "EVENDAY_PUBLIC_URL": "https://coach.example",
            **{f"EVENDAY_{name.upper()}": value for name, value in settings.items()},
        }
        self._supervisor: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the supervisor, once the port of the one before is free."""
        deadline = time.monotonic() + PORT_FREE_SECONDS
        while self._answers("/healthz") is not None and time.monotonic() < deadline:
            time.sleep(0.1)
        with (self.home / "supervisor.log").open("ab") as log:
            self._supervisor = subprocess.Popen(
                [sys.executable, "-m", "bot.cli", "run", "--port", str(self.port)],
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def is_ready(self) -> bool:
        """Whether a reply can be given."""
        return self._answers("/readyz") == httpx.codes.OK

    def wait_until_ready(self) -> float:
        """Seconds that it took.

        Raises:
            RuntimeError: it took too long, or the supervisor ended.
        """
        started = time.monotonic()
        while not self.is_ready():
            if self._supervisor is None or self._supervisor.poll() is not None:
                raise RuntimeError(f"the supervisor ended: see {self.home / 'supervisor.log'}")
            if time.monotonic() - started > READY_SECONDS:
                raise RuntimeError(f"not ready after {READY_SECONDS:.0f} s: see {self.home / 'log'}")
            time.sleep(0.1)
        return time.monotonic() - started

    def _answers(self, path: str) -> int | None:
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}{path}", timeout=3, trust_env=False).status_code
        except httpx.HTTPError:
            return None

    def kill_supervisor(self) -> None:
        """Kill the supervisor (its parts end with it), and start another, as a service manager would."""
        assert self._supervisor is not None
        self._supervisor.kill()
        self._supervisor.wait()
        self.start()

    def kill_part(self, name: str) -> bool:
        """Kill the gateway or Rasa; False where it is not running just now."""
        return self.signal_part(name, signal.SIGKILL)

    def signal_part(self, name: str, number: signal.Signals) -> bool:
        """Send a signal to the gateway or Rasa; False where it is not running just now."""
        marks = {"gateway": "bot.cli serve", "rasa": "dialogue.serve"}
        for child in self._children():
            if marks[name] in _command_line(child):
                os.kill(child, number)
                return True
        return False

    def _children(self) -> list[int]:
        assert self._supervisor is not None
        file = Path(f"/proc/{self._supervisor.pid}/task/{self._supervisor.pid}/children")
        try:
            return [int(pid) for pid in file.read_text().split()]
        except OSError:
            return []

    def stop(self) -> float:
        """End it as Ctrl-C does; seconds that it took."""
        if self._supervisor is None or self._supervisor.poll() is not None:
            return 0.0
        started = time.monotonic()
        self._supervisor.send_signal(signal.SIGINT)
        try:
            self._supervisor.wait(15)
        except subprocess.TimeoutExpired:
            self._supervisor.kill()
            self._supervisor.wait()
        return time.monotonic() - started


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""
