"""The harness itself, run short: three kills on each database, in the middle of conversations."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace

from bot.clock import SystemClock
from bot.store.outbox import OutboxRow
from bot.store.types import PatientId
from tests.faults.people import Talker
from tests.faults.product import ROOT
from tests.faults.provider import Accepted
from tests.faults.verdict import Verdict, _judge_one

SEED = "11"  # kills gateway, Rasa, gateway; and gateway, PostgreSQL, a backend. `make faults` kills supervisors too.


def test_kills_in_the_middle_of_conversations_lose_and_double_nothing() -> None:
    runs = [  # side by side, as most of the time is waiting
        subprocess.Popen(
            [sys.executable, "-m", "tests.faults"],
            cwd=ROOT,
            env={**os.environ, "KILLS": "3", "SEED": SEED, "DATABASES": on},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for on in ("sqlite", "postgresql")
    ]
    said = [run.communicate(timeout=400)[0] for run in runs]
    verdicts = [json.loads(out.splitlines()[-1]) for out in said]
    right = {"kills": 3, "lost": 0, "doubled": 0, "unanswered": 0, "out_of_order": 0}
    assert verdicts == [right, right], "\n".join(said)[-6000:]
    assert [run.returncode for run in runs] == [0, 0]


def row(row_id: int, key: str, state: str = "sent") -> OutboxRow:
    """A row of the outbox."""
    now = SystemClock().now()
    return OutboxRow(
        row_id, PatientId("p"), "a", "telegram", "reply", f"text {row_id}", (), None, None, now, None, state, 1, now,
        key, None,
    )  # fmt: skip


def judged(ids: dict[str, int], rows: list[OutboxRow], accepted: list[str], by_provider: dict[int, int]) -> Verdict:
    """What the harness would say of one talker who sent messages 1 and 2."""
    verdict, talker = Verdict(), Talker("700", (), ["1", "2"], ["one", "two"])
    got = [Accepted(n, "700", text, 0.0) for n, text in enumerate(accepted, 1)]
    _judge_one(verdict, talker, ids, rows, got, by_provider, dict.fromkeys(ids.values(), "done"))
    return verdict


STORED = {"telegram:42:1": 11, "telegram:42:2": 12}
ROWS = [row(1, "reply:11:0"), row(2, "reply:12:0")]


def counts(verdict: Verdict) -> tuple[int, int, int, int]:
    """Lost, doubled, unanswered, out of order."""
    return verdict.lost, verdict.doubled, verdict.unanswered, verdict.out_of_order


def test_the_judge_sees_what_is_right() -> None:
    assert counts(judged(STORED, ROWS, ["text 1", "text 2"], {1: 1, 2: 2})) == (0, 0, 0, 0)


def test_the_judge_sees_what_is_lost() -> None:
    assert counts(judged({"telegram:42:1": 11}, ROWS[:1], ["text 1"], {1: 1})) == (1, 0, 0, 0)


def test_the_judge_sees_what_is_doubled() -> None:
    verdict = judged(STORED, ROWS, ["text 1", "text 1", "text 2"], {1: 1, 3: 2})
    assert counts(verdict) == (0, 1, 0, 0)


def test_the_judge_sees_what_is_unanswered() -> None:
    rows = [ROWS[0], row(2, "reply:12:0", "unknown")]
    assert counts(judged(STORED, rows, ["text 1"], {1: 1})) == (0, 0, 1, 0)
    told = [*rows, row(3, "lost:2")]
    assert counts(judged(STORED, told, ["text 1", "text 3"], {1: 1, 2: 3})) == (0, 0, 0, 0)


def test_the_judge_sees_what_is_out_of_order() -> None:
    assert counts(judged(STORED, ROWS, ["text 2", "text 1"], {1: 2, 2: 1})) == (0, 0, 0, 1)
    swapped = {"telegram:42:1": 12, "telegram:42:2": 11}
    assert judged(swapped, ROWS, ["text 1", "text 2"], {1: 1, 2: 2}).out_of_order == 1


def test_crisis_words_may_come_again_and_nothing_else() -> None:
    safety = replace(row(1, "now:11:0"), message_class="safety", attempts=2)
    verdict = judged(STORED, [safety, ROWS[1]], ["text 1", "text 1", "text 2"], {2: 1, 3: 2})
    assert counts(verdict) == (0, 0, 0, 0)
    assert verdict.safety_again == 1
