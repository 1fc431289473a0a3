"""Installs stand-ins once and runs them for as long as tests need them."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
CACHE = HERE.parents[2] / ".cache" / "stand-ins"
START_SECONDS = 30.0
INSTALL_SECONDS = 300.0

# Exact versions: a stand-in that changes by itself would fail tests without our doing.
TELEMELYA = ("telemelya==0.2.2", "fakeredis==2.40.0")
TELEGRAM_TEST_API = "telegram-test-api@4.2.1"
PRISM = "@stoplight/prism-cli@5.14.2"  # the last line that runs on Node 20


@contextmanager
def telegram() -> Iterator[str]:
    """telemelya, for sending and webhooks; its address."""
    home = CACHE / "telemelya"
    python = home / "bin" / "python"
    if not (home / "installed").exists():
        _run([sys.executable, "-m", "venv", str(home)])
        _run([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *TELEMELYA])
        (home / "installed").touch()
    port = free_port()
    with _running([str(python), str(HERE / "telegram_stand_in.py"), str(port)], port) as address:
        yield address


@contextmanager
def telegram_polling() -> Iterator[str]:
    """telegram-test-api, for getUpdates; its address."""
    home = _npm("telegram-test-api", TELEGRAM_TEST_API)
    port = free_port()
    with _running([_node(), str(HERE / "telegram_polling.cjs"), str(home), str(port)], port) as address:
        yield address


@contextmanager
def twilio() -> Iterator[str]:
    """Prism with Twilio's own description of its REST API; its address.

    The description is Twilio's and not part of this repository: `EVENDAY_TWILIO_SPEC` names the folder that holds
    `twilio_api_v2010*.json` (from github.com/twilio/twilio-oai, spec/json).
    """
    folder = os.environ.get("EVENDAY_TWILIO_SPEC", "")
    specs = sorted(Path(folder).glob("twilio_api_v2010*.json")) if folder else []
    if not specs:
        pytest.skip("Twilio's API description is not here: set EVENDAY_TWILIO_SPEC to the folder that holds it")
    prism = _npm("prism", PRISM) / "node_modules" / ".bin" / "prism"
    port = free_port()
    command = [str(prism), "mock", "--host", "127.0.0.1", "--port", str(port), "--dynamic", str(specs[0])]
    with _running(command, port) as address:
        yield address


def _npm(name: str, package: str) -> Path:
    _node()
    home = CACHE / name
    if not (home / "installed").exists():
        quiet = ["--no-audit", "--no-fund", "--loglevel=error"]
        _run(["npm", "install", "--prefix", str(home), *quiet, package])
        (home / "installed").touch()
    return home


def _node() -> str:
    found = shutil.which("node")
    if found is None or shutil.which("npm") is None:
        pytest.skip("this stand-in needs Node.js (node and npm), which is not here")
    return found


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False)
    if done.returncode:
        pytest.fail(f"a stand-in could not be installed: {' '.join(command)}\n{done.stderr[-2000:]}")


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _running(command: Sequence[str], port: int) -> Iterator[str]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _await_port(process, port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await_port(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            pytest.fail(f"a stand-in ended by itself with {process.returncode}")
        with socket.socket() as probe:
            probe.settimeout(0.2)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail(f"a stand-in did not open its port in {START_SECONDS:.0f} s")
