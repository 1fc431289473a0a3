"""`make bench-console`: every page of the supervisors' console with 100,000 patients, 1,000,000 messages, 2,000 escalations.

A clinic of that size is built once (some minutes on each database) and kept in `.cache/`. Then a supervisor asks for every
page, and takes the commonest steps, each 40 times about different people; the table tells p50, p95 and the longest in ms,
and the largest answer in kB. Last, 50 consoles are open while people write that they are in danger: how long from the commit
until each console has heard of it, and until it shows it. Ends with 1 where p95 is over 100 ms, an answer over 100 kB, or p95
of a live update over 1 s. PATIENTS: 100000. MESSAGES: 1000000. ESCALATIONS: 2000. DATABASES: `sqlite,postgresql`.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import time

from bench.console.asking import HEAD, Figures, ask_all
from bench.console.desk import console
from bench.console.fill import Say
from bench.console.kept import clinic, opened
from bench.console.live import hear
from bench.console.plan import Plan
from bot.serve import spare_the_collector


def run(on: str, plan: Plan, say: Say) -> bool:
    """All of it on one database; whether every goal was met."""
    with clinic(on, plan, say) as url:
        desk = console(opened(url))
        spare_the_collector()  # as the gateway does
        try:
            pages = asyncio.run(ask_all(desk))
        finally:
            desk.store.close()
        tell(on, pages)
        heard = asyncio.run(hear(url))
        say(heard.told())
    return heard.is_good and all(one.is_good for one in pages)


def tell(on: str, pages: list[Figures]) -> None:
    """Print the table."""
    load = ", ".join(f"{one:.2f}" for one in os.getloadavg())
    print(f"\n{on}, machine's load {load} on {os.cpu_count()} cores\n{HEAD}")
    for one in pages:
        print(one.row())
    print(flush=True)


def main() -> int:
    """Run all; 1 where a goal is missed."""
    form = argparse.RawDescriptionHelpFormatter
    argparse.ArgumentParser("make bench-console", description=__doc__, formatter_class=form).parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that PostgreSQL ends with us
    given, started = os.environ.get, time.monotonic()
    plan = Plan(
        patients=int(given("PATIENTS", "100000")),
        messages=int(given("MESSAGES", "1000000")),
        escalations=int(given("ESCALATIONS", "2000")),
    )

    def say(line: str) -> None:
        print(f"{time.monotonic() - started:6.1f} s  {line}", flush=True)

    good = [
        run(on, plan, lambda line, on=on: say(f"{on}: {line}"))  # type: ignore[misc]  # a default binds the name
        for on in given("DATABASES", "sqlite,postgresql").replace(",", " ").split()
    ]
    return int(not all(good))


if __name__ == "__main__":
    sys.exit(main())
