"""The screen as a whole: never raises, points into the text, is fast, and keeps its floors on our own set."""

from __future__ import annotations

import json
import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.safety.screen import Said, screen_row
from bot.safety.tiers import Kind, Tier
from tests.support.once import screen

SCREEN = screen()
ROWS = [json.loads(line) for line in (Path(__file__).parent / "own_set.jsonl").read_text(encoding="utf-8").splitlines()]
EMERGENCIES = ["I am going to kill myself tonight", "I have taken forty paracetamol", "He is hitting me right now"]
HARMLESS = ["The weather is fine.", "I slept seven hours.", "My sister brought soup.", "We watched the match."]
ALPHABET = st.sampled_from(
    ["kill", "myself", "die", "not", "pills", "tonight", " ", "💊", "k1ll", "*", ".", "\n", "'", "é", "9"]
)


def _share(tier: Tier, at_least: Tier) -> float:
    rows = [row for row in ROWS if row["tier"] == tier]
    return sum(SCREEN.judge(row["text"]).tier >= at_least for row in rows) / len(rows)


def test_the_own_set_is_large_and_half_harmless() -> None:
    assert len(ROWS) >= 600
    mild = [row for row in ROWS if row["tier"] in (Tier.NONE, Tier.WATCH)]
    assert len(mild) >= 0.45 * len(ROWS)
    assert {row["kind"] for row in ROWS} == {kind.value for kind in Kind}
    assert len({row["text"] for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize(
    ("tier", "at_least", "floor"),
    [
        (Tier.EMERGENCY, Tier.URGENT, 0.83),
        (Tier.EMERGENCY, Tier.EMERGENCY, 0.82),
        (Tier.URGENT, Tier.URGENT, 0.91),
        (Tier.WATCH, Tier.WATCH, 0.90),
    ],
)
def test_recall_of_the_rules_alone_keeps_its_floor(tier: Tier, at_least: Tier, floor: float) -> None:
    assert _share(tier, at_least) >= floor


def test_false_alarms_on_the_own_set_keep_their_ceiling() -> None:
    assert _share(Tier.NONE, Tier.URGENT) <= 0.01


def test_tiers_compare_by_gravity() -> None:
    assert max(Tier) is Tier.EMERGENCY
    assert sorted(Tier) == [Tier.NONE, Tier.WATCH, Tier.URGENT, Tier.EMERGENCY]


@given(st.one_of(st.text(max_size=200), st.lists(ALPHABET, max_size=30).map("".join)))
@settings(max_examples=150, deadline=None)
def test_any_text_is_judged_and_evidence_lies_within_it(text: str) -> None:
    verdict = SCREEN.judge(text, [Said("person", "I want", 0.1), Said("coach", "Are you safe right now?", 0.1)])
    assert all(0 <= piece.start <= piece.end <= len(text) for piece in verdict.evidence)
    assert (verdict.tier is Tier.NONE) is (verdict.kind is Kind.NONE)


@given(st.sampled_from(EMERGENCIES), st.lists(st.sampled_from(HARMLESS), max_size=4), st.integers(0, 4))
@settings(max_examples=40, deadline=None)
def test_harmless_sentences_around_it_never_lower_an_emergency(emergency: str, around: list[str], at: int) -> None:
    sentences = [*around[:at], emergency + ".", *around[at:]]
    assert SCREEN.judge(" ".join(sentences)).tier is Tier.EMERGENCY


@given(st.lists(st.sampled_from([*HARMLESS, *EMERGENCIES, "jk", "STOP", "forget it"]), min_size=1, max_size=6))
@settings(max_examples=30, deadline=None)
def test_standing_at_urgent_or_above_never_falls(entries: list[str]) -> None:
    tiers = [verdict.tier for verdict in SCREEN.standing(entries)]
    assert all(later >= earlier for earlier, later in pairwise(tiers) if earlier >= Tier.URGENT)


def test_evidence_names_the_words_and_the_rule() -> None:
    text = "Walk went fine. The pills are in my hand."
    (piece, *_) = SCREEN.judge(text).evidence
    assert text[piece.start : piece.end] == "pills are in my hand"
    assert (piece.layer, piece.rule) == ("rules", "suicide.means_ready")


def test_a_row_of_text_is_answered() -> None:
    answer = screen_row(SCREEN, {"text": "I want to die"})
    assert answer["tier"] == "urgent"
    assert answer["kind"] == "suicide"


def test_a_row_of_messages_has_a_tier_for_each_entry() -> None:
    answer = screen_row(
        SCREEN, {"messages": ["hello", {"wait_hours": 24}, "I want to die", {"bot": "Thank you."}, "jk"]}
    )
    assert answer["tiers"] == ["none", "none", "urgent", "urgent", "urgent"]


@pytest.mark.parametrize(
    "row",
    [{}, {"text": 3}, {"messages": []}, {"messages": "x"}, {"messages": [3]}, {"messages": [{}]},
     {"messages": [{"wait_hours": -1}]}, {"messages": [{"wait_hours": "x"}]}, {"messages": [{"bot": 3}]}],
)  # fmt: skip
def test_an_unusable_row_is_refused(row: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"must|needs"):
        screen_row(SCREEN, row)


def _quickest(text: str, tries: int) -> float:
    """Seconds of processor time of the quickest try: what a busy machine adds is not ours."""
    took = []
    for _ in range(tries):
        start = time.process_time()
        SCREEN.judge(text)
        took.append(time.process_time() - start)
    return min(took)


def test_messages_are_judged_in_milliseconds() -> None:
    took = sorted(_quickest(row["text"], 2) for row in ROWS[::5])
    assert took[int(len(took) * 0.95)] < 0.010  # 3 ms on a quiet machine


@pytest.mark.parametrize(
    "piece", ["k i l l ", "!", "a*", "💊", "I want to die tonight. ", "no stops and no risk here "]
)
def test_a_flood_is_judged_in_a_fraction_of_a_second(piece: str) -> None:
    assert _quickest((piece * 10_000)[:10_000], 3) < 0.5
