"""`make faults`: kill -9 in the middle of conversations, on SQLite and on PostgreSQL; the last line is the verdict.

KILLS: kills on each database (10). SEED: of all chance (that of the clock). DATABASES: `sqlite postgresql`.
"""

from __future__ import annotations

import json
import os
import sys
import time

from bot import rasa
from tests.faults.run import run
from tests.faults.verdict import Verdict


def main() -> int:
    """Run all; 1 where anything was lost, doubled, left without an answer or out of order."""
    kills, seed = int(os.environ.get("KILLS", "10")), int(os.environ.get("SEED", str(int(time.time()))))
    started, done, total = time.monotonic(), 0, Verdict()

    def say(line: str) -> None:
        print(f"{time.monotonic() - started:6.1f} s  {line}", flush=True)

    rasa.train_if_changed(lambda line: say(f"training: {line}"))
    say(f"seed {seed} (SEED={seed} repeats it)")
    for on in os.environ.get("DATABASES", "sqlite postgresql").split():
        made, verdict = run(on, kills, seed, say)
        say(
            f"{on}: {made} kills, {verdict.messages} messages, {verdict.replies} replies, "
            f"{verdict.told_lost} times told that a reply may be missing, {verdict.safety_again} crisis replies sent again"
        )
        for note in verdict.notes:
            say(f"{on}: {note}")
        done += made
        total.add(verdict)
    counts = {name: getattr(total, name) for name in ("lost", "doubled", "unanswered", "out_of_order")}
    print(json.dumps({"kills": done, **counts}), flush=True)
    return int(any(counts.values()))


if __name__ == "__main__":
    sys.exit(main())
