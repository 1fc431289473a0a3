"""Measures that both sides share: percentiles, memory of a process tree, waiting for an address."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import httpx

WARM_UP = 30
TURNS = 300
PATIENTS = 16
EACH = 24


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which a share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


def tree(pid: int) -> list[int]:
    """A process and all its descendants."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split() if Path(f"/proc/{pid}").exists() else []
    return [pid, *(found for child in children for found in tree(int(child)))]


def memory_mb(pid: int) -> float:
    """Proportional set size of a process tree, in MB: shared pages are counted once."""
    total = 0
    for found in tree(pid):
        try:
            lines = Path(f"/proc/{found}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


async def until_up(url: str, process: subprocess.Popen[bytes], seconds: float = 300) -> None:
    """Wait until an address answers 200.

    Raises:
        RuntimeError: the process ended or took too long.
    """
    deadline = time.monotonic() + seconds
    async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise RuntimeError(f"{process.args!r} ended with code {process.returncode}")
            try:
                if (await client.get(url)).status_code == httpx.codes.OK:
                    return
            except httpx.HTTPError:
                pass
            await asyncio.sleep(0.1)
    raise RuntimeError(f"{url} did not answer in {seconds:.0f} s")


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process tree."""
    found = tree(process.pid)
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(10)
    for pid in found:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    process.wait()


async def latencies(turn: Callable[[int], Awaitable[float]], count: int) -> list[float]:
    """Milliseconds of turns, one after another."""
    for number in range(WARM_UP):
        await turn(number)
    return [await turn(WARM_UP + number) for number in range(count)]


async def throughput(turn: Callable[[int, int], Awaitable[float]], patients: int, each: int) -> float:
    """Turns a second with that many patients at once, each writing again as soon as the answer is there."""

    async def one(patient: int) -> None:
        for number in range(each):
            await turn(patient, number)

    started = time.perf_counter()
    await asyncio.gather(*(one(patient) for patient in range(patients)))
    return patients * each / (time.perf_counter() - started)
