"""`make bench-safety`: people in danger among many who chat, first while all is well, then while everything fails.

Phase one: within a minute RISK patients write that they are in danger, among CHATTING others who each write every half
minute. Timed from the webhook's request, p99: escalation and screening committed, crisis words taken by the (stand-in)
provider, first page taken by a route. Phase two, as many others at risk: Rasa hangs, the database goes away (PostgreSQL is
restarted, SQLite locked), the first route of pages fails, and processes are killed with -9, KILLS times altogether.

lost: a message of danger that is not stored, has no escalation, or of which staff were told by too few routes (emergency:
two). doubled: two escalations of an episode; crisis words or a page twice where no kill or outage makes that right.
unanswered: no crisis words. Last line: one JSON object. Ends with 1 where a goal is missed: commit 1 s, answer 2 s, page 5 s,
zeros. RISK: 50. CHATTING: 500. KILLS: 20. SEED: of all chance (that of the clock). DATABASES: `sqlite postgresql`.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time

from bench.safety.run import Found, run
from bench.safety.verdict import Verdict
from bench.safety.ward import Plan
from bot import rasa

GOALS = {"commit_p99_s": 1.0, "answer_p99_s": 2.0, "page_p99_s": 5.0, "lost": 0, "doubled": 0, "unanswered": 0}


def summary(found: list[Found]) -> dict[str, float]:
    """The worst time of all runs, and the sum of each count."""
    total = Verdict()
    for one in found:
        total.add(one.verdict)
    times = {name: round(max(getattr(one, name) for one in found), 3) for name in list(GOALS)[:3]}
    return {**times, **{name: getattr(total, name) for name in list(GOALS)[3:]}}


def is_good(figures: dict[str, float]) -> bool:
    """Whether every goal is met."""
    return all(figures[name] < goal or figures[name] == goal == 0 for name, goal in GOALS.items())


def main() -> int:
    """Run all; 1 where a goal is missed."""
    form = argparse.RawDescriptionHelpFormatter
    argparse.ArgumentParser("make bench-safety", description=__doc__, formatter_class=form).parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the product ends with us
    given, started = os.environ.get, time.monotonic()
    plan = Plan(
        risk=max(1, int(given("RISK", "50"))),
        chatting=int(given("CHATTING", "500")),
        kills=max(1, int(given("KILLS", "20"))),
        seed=int(given("SEED", str(int(time.time())))),
    )

    def say(line: str) -> None:
        print(f"{time.monotonic() - started:6.1f} s  {line}", flush=True)

    rasa.train_if_changed(lambda line: say(f"training: {line}"))
    say(f"seed {plan.seed} (SEED={plan.seed} repeats it)")
    found = []
    for on in given("DATABASES", "sqlite postgresql").split():
        one = run(on, plan, lambda line, on=on: say(f"{on}: {line}"))  # type: ignore[misc]  # a default binds the name
        for note in one.verdict.notes:
            say(f"{on}: {note}")
        say(f"{on}: {json.dumps(summary([one]))}")
        found.append(one)
    figures = summary(found)
    print(json.dumps(figures), flush=True)
    return int(not is_good(figures))


if __name__ == "__main__":
    sys.exit(main())
