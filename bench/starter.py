"""The other side: what `rasa init` makes, trained and served as it comes (DIET, TED, UnexpecTED), over REST."""

from __future__ import annotations

import itertools
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp

from bench import clock
from bot.rasa import PYTHON, free_port

SAYS = ("hello", "good morning", "I am great", "so sad", "yes", "no", "are you a bot?", "see you later")


def environment() -> dict[str, str]:
    """As a user would start it, without telemetry; the project's own modules are out of sight."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith("EVENDAY_") and name != "PYTHONPATH"
    }
    return {**kept, "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3"}


def run(folder: Path, *arguments: str) -> None:
    """One command of Rasa's, to its end.

    Raises:
        RuntimeError: it failed; its log is named.
    """
    log = folder / "rasa.log"
    with log.open("ab") as out:
        command = [str(PYTHON), "-m", "rasa", *arguments]
        done = subprocess.run(command, cwd=folder, env=environment(), stdout=out, stderr=out, check=False)
    if done.returncode:
        raise RuntimeError(f"rasa {arguments[0]} failed: see {log}")


async def measure(folder: Path, say: Callable[[str], None]) -> dict[str, Any]:
    """Train, boot, turn p50/p95 (ms), turns/s, memory (MB) of the starter."""
    folder.mkdir(parents=True, exist_ok=True)
    say("starter: rasa init")
    run(folder, "init", "--no-prompt", "--init-dir", str(folder))
    for model in (folder / "models").glob("*.tar.gz"):
        model.unlink()
    say("starter: training")
    started = time.perf_counter()
    run(folder, "train", "--force")
    found: dict[str, Any] = {"train_s": time.perf_counter() - started}
    say("starter: booting")
    port = free_port()
    with (folder / "serve.log").open("ab") as log:
        started = time.perf_counter()
        command = [str(PYTHON), "-m", "rasa", "run", "-i", "127.0.0.1", "-p", str(port)]
        process = subprocess.Popen(command, cwd=folder, env=environment(), stdout=log, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}"
        await _first_answer(url, process)
        found["boot_s"] = time.perf_counter() - started
        say("starter: turns")
        found |= await _turns(url)
        found["memory_mb"] = clock.memory_mb(process.pid)
    finally:
        clock.end(process)
    return found


async def _first_answer(url: str, process: subprocess.Popen[bytes]) -> None:
    await clock.until_up(f"{url}/", process)
    async with aiohttp.ClientSession() as client:
        while not await _say(client, url, "boot", "hello"):
            pass


async def _say(client: aiohttp.ClientSession, url: str, sender: str, text: str) -> bool:
    async with client.post(f"{url}/webhooks/rest/webhook", json={"sender": sender, "message": text}) as answer:
        return answer.ok and bool(await answer.json())


async def _turns(url: str) -> dict[str, Any]:
    count = itertools.count()
    async with aiohttp.ClientSession() as client:

        async def turn(patient: int, number: int) -> float:
            # A new sender every eight turns: a long conversation would slow it down, which is not our point here.
            sender = f"p{patient}-{number // len(SAYS)}-{next(count) // 10_000}"
            started = time.perf_counter()
            await _say(client, url, sender, SAYS[number % len(SAYS)])
            return (time.perf_counter() - started) * 1000

        times = await clock.latencies(lambda number: turn(99, number), clock.TURNS)
        speed = await clock.throughput(turn, clock.PATIENTS, clock.EACH)
    return {"p50_ms": clock.percentile(times, 0.5), "p95_ms": clock.percentile(times, 0.95), "turns_per_s": speed}
