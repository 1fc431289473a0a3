"""`python -m bench`: both sides in one run. The last line is one JSON object: each figure as ours / starter's."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import uvloop

from bench import ours, starter


def say(line: str) -> None:
    """Progress, at once."""
    print(line, flush=True)


def ratios(mine: dict[str, Any], theirs: dict[str, Any]) -> dict[str, float]:
    """The figures of the goal; day365 is ours on day 365 / ours on day 1."""
    found = {
        "turn_p50": mine["p50_ms"] / theirs["p50_ms"],
        "turn_p95": mine["p95_ms"] / theirs["p95_ms"],
        "throughput": mine["turns_per_s"] / theirs["turns_per_s"],
        "memory": mine["memory_mb"] / theirs["memory_mb"],
        "boot": mine["boot_s"] / theirs["boot_s"],
        "train": mine["train_s"] / theirs["train_s"],
        "day365": mine["day365_p50_ms"] / mine["day1_p50_ms"],
    }
    return {name: round(value, 3) for name, value in found.items()}


async def main() -> int:
    """Measure both sides and print them."""
    with tempfile.TemporaryDirectory(prefix="evenday-bench-") as name:
        folder = Path(name)
        mine = await ours.measure(folder / "ours", say)
        say("ours     " + ours.as_json(mine))
        theirs = await starter.measure(folder / "starter", say)
        say("starter  " + ours.as_json(theirs))
    short = {side: {k: round(v, 3) for k, v in raw.items()} for side, raw in (("ours", mine), ("starter", theirs))}
    print(json.dumps({**ratios(mine, theirs), "raw": short}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(uvloop.run(main()))  # the client shares the cores with what it measures
