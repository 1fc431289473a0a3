"""Rasa as a process: trained when its files changed, started on loopback, waited for."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx

from bot.errors import SettingsError
from bot.settings import ROOT
from dialogue.fingerprint import is_current

PYTHON = ROOT / ".venv-rasa" / "bin" / "python"
MODEL = ROOT / "models" / "evenday.tar.gz"
STOP_SECONDS = 3.0
PR_SET_PDEATHSIG = 1  # prctl(2)


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(**more: str) -> dict[str, str]:
    """The environment of a process of Rasa's: no setting or key of ours, no telemetry, loopback only."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("EVENDAY_")}
    return {**kept, "PYTHONPATH": str(ROOT), "RASA_TELEMETRY_ENABLED": "false", "SANIC_HOST": "127.0.0.1", **more}


def die_with_parent() -> None:
    """In a child, before it becomes its program: end when the parent does, so that a killed supervisor leaves no orphan."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _python() -> str:
    if not PYTHON.exists():
        raise SettingsError("Rasa's environment is missing: run `make setup`")
    return str(PYTHON)


def train_if_changed(say: Callable[[str], None]) -> None:
    """Train the model unless it is that of the present files.

    Raises:
        SettingsError: there is no environment for Rasa, or training failed (its words were said).
    """
    if is_current(MODEL, ROOT):
        return
    for line in run_lines(["-m", "dialogue.train", "--out", str(MODEL)]):
        say(line)


def run_lines(arguments: list[str]) -> Iterator[str]:
    """Lines that a program of Rasa's environment prints, as they come.

    Raises:
        SettingsError: it failed; its last words are in the message.
    """
    process = subprocess.Popen(
        [_python(), *arguments],
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    last = ""
    for line in process.stdout:
        last = line.rstrip()
        yield last
    if process.wait():
        raise SettingsError(f"`{' '.join(arguments[:2])}` failed: {last}")


def start(port: int, action_port: int, log: Path | None = None) -> subprocess.Popen[bytes]:
    """Start Rasa's server on loopback with the trained model."""
    out = log.open("ab") if log else subprocess.DEVNULL
    return subprocess.Popen(
        command(port),
        cwd=ROOT,
        env=environment(ACTION_ENDPOINT=f"http://127.0.0.1:{action_port}/webhook"),
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=out,
        preexec_fn=die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509  # one system call, no lock
    )


def command(port: int) -> list[str]:
    """The command line of Rasa's server."""
    return [_python(), "-m", "dialogue.serve", "--model", str(MODEL), "--port", str(port)]


async def wait_until_up(url: str, process: subprocess.Popen[bytes], seconds: float = 120) -> None:
    """Wait until Rasa answers.

    Raises:
        SettingsError: it ended, or took longer than `seconds`.
    """
    deadline = time.monotonic() + seconds
    async with httpx.AsyncClient(trust_env=False) as client:
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise SettingsError("Rasa ended while it started: see var/log/rasa.log")
            try:
                if (await client.get(f"{url}/", timeout=2)).status_code == httpx.codes.OK:
                    return
            except httpx.HTTPError:
                pass
            await asyncio.sleep(0.1)
    raise SettingsError(f"Rasa did not answer within {seconds:.0f} seconds")


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process: kindly, then surely."""
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
