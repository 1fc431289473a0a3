"""The second opinion: it reads through disguises, points at words that stand in the text, may raise and never lower."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.app import SCREEN_MODEL
from bot.errors import ContentError
from bot.safety.evaluation import Share, report, score
from bot.safety.opinion.legible import Reader
from bot.safety.opinion.second import LAYER, SecondOpinion
from bot.safety.screen import Said, Screen, screen_row
from bot.safety.tiers import Tier
from tests.support.once import rule_book, rules, screen, whole_screen

BOOK = rule_book()
READER = Reader(rules().normaliser)
OPINION = SecondOpinion(SCREEN_MODEL, rules().normaliser)
BOTH, RULES = whole_screen(), screen()
SETS = Path(__file__).parent / "sets"
LINES = Path(__file__).parents[2] / "data" / "screen"


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (SETS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("I CAN'T go on", "i can not go on"),
        ("g01ng t0 the shop", "going to the shop"),
        ("s l e e p ok", "sleep ok"),
        ("🌉 im here", "bridge at night i am here"),
        ("one\n\ntwo", "one / two"),
        ("ｆｕｌｌ ｗｉｄｔｈ", "full width"),
        ("", ""),
    ],
)
def test_a_message_is_made_legible(written: str, read: str) -> None:
    assert READER(written).text.strip() == read


@given(
    st.one_of(
        st.text(max_size=120), st.lists(st.sampled_from(["k1ll", "🌉", " ", "s a d", "\n", "é", "u", "!"])).map("".join)
    )
)
@settings(max_examples=200, deadline=None)
def test_each_letter_that_is_read_has_its_place_in_the_original(text: str) -> None:
    legible = READER(text)
    assert len(legible.text) == len(legible.starts) == len(legible.ends)
    assert all(0 <= start < end <= len(text) for start, end in zip(legible.starts, legible.ends, strict=True))


@given(st.text(max_size=300))
@settings(max_examples=60, deadline=None)
def test_any_text_is_read_and_evidence_lies_within_it(text: str) -> None:
    for finding in OPINION.findings(text, [("coach", "Are you safe right now?")]):
        assert finding.evidence
        assert all(0 <= piece.start < piece.end <= len(text) and piece.layer == LAYER for piece in finding.evidence)


def test_a_message_without_a_letter_or_figure_gets_no_opinion() -> None:
    assert OPINION.findings("…!?") == []


ORDINARY = [
    ("coach", "How is your pain now, 0 to 10? (0 = none, 10 = worst)"),
    ("person", "check in"),
    ("coach", "And the night?"),
]


@pytest.mark.parametrize(
    "answer", ["6", "0", "10", "1", "yes", "no", "ok", "menu", "who are you?", "5 hours", "on and off"]
)
def test_an_ordinary_answer_to_the_coach_is_no_alarm(answer: str) -> None:
    assert not OPINION.findings(answer, ORDINARY)


def test_words_that_mean_nothing_alone_are_read_with_risk_that_was_told() -> None:
    said = [Said("person", "I want to die", 0.2, tier=Tier.URGENT), Said("coach", "I am glad that you told me.", 0.2)]
    assert BOTH.judge("tonight, it is all laid out", said).tier is Tier.EMERGENCY


COACH = Said("coach", "How was the night?", 0.1)


@pytest.mark.parametrize(
    ("before", "along"),
    [
        ([COACH], False),
        ([Said("person", "a walk", 5.0), COACH], False),
        ([Said("person", "I want to die", 0.2, tier=Tier.URGENT), COACH], True),
        ([Said("coach", "Are you safe right now?", 0.1, asked="safe_now")], True),
        ([COACH, Said("person", "and then I", 0.1)], True),
        ([COACH, Said("person", "and then I", 5.0)], False),
    ],
)
def test_what_was_said_is_read_along_only_where_it_may_change_the_sense(
    before: list[Said], along: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = BOTH._conversation.opinion._encoder  # type: ignore[union-attr]
    read, contexts = encoder.read, []

    def heard(text: str, context: str = "") -> Any:
        contexts.append(context)
        return read(text, context)

    monkeypatch.setattr(encoder, "read", heard)
    BOTH.judge("the tomatoes are ripe", before)
    assert [bool(context) for context in contexts] == [False, True][: 1 + along]


def test_what_stands_at_the_end_of_a_very_long_message_is_read() -> None:
    long = "The bus was late again and we had soup with my sister, who sends her love. " * 45
    assert len(long) > 3000
    assert any(
        finding.tier >= Tier.URGENT
        for finding in OPINION.findings(long + "I have the rope and I will hang myself tonight.")
    )


FLOORS = {
    "emergency said emergency": 0.93,
    "emergency with any alarm": 0.945,
    "urgent said urgent or above": 0.90,
    "watch said watch or above": 0.93,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["clinician", "volunteer"])
def test_recall_on_lines_of_writers_who_saw_no_training_line_keeps_its_floor(name: str) -> None:
    labelled = rows(name)
    found = score(labelled, [BOTH.judge(row["text"]).tier for row in labelled]).measures
    assert {measure: found[measure].rate for measure, floor in FLOORS.items() if found[measure].rate < floor} == {}
    assert found["false alarms (none said urgent or above)"].rate <= 0.17  # every second harmless line is a twin


@pytest.mark.slow
@pytest.mark.parametrize(("name", "floor"), [("conversations", 0.96), ("conversations_development", 0.94)])
def test_danger_in_a_conversation_is_caught_in_time_and_held(name: str, floor: float) -> None:
    right = 0
    cases = [case for case in rows(name) if case["expected_tier"] != "none"]
    for case in cases:
        expected, after = Tier(case["expected_tier"]), int(case["after"])
        tiers = [verdict.tier for verdict in BOTH.standing(case["messages"])]
        right += max(tiers[: after + 1]) >= expected and tiers[-1] >= expected
    assert right / len(cases) >= floor


@pytest.mark.slow
@pytest.mark.parametrize("name", ["clinician", "volunteer"])
def test_no_layer_lowers_what_another_found(name: str) -> None:
    for row in rows(name)[::4]:
        assert BOTH.judge(row["text"]).tier >= RULES.judge(row["text"]).tier


def test_the_same_answer_is_read_with_its_question() -> None:
    ordinary = BOTH.judge("yes", [Said("coach", "Did you go for your walk?", 0.1)])
    asked = BOTH.judge("yes", [Said("person", "I want to die", 0.2), Said("coach", "Do you have a plan?", 0.1)])
    assert ordinary.tier is Tier.NONE
    assert asked.tier is Tier.EMERGENCY


@pytest.mark.parametrize(
    "text", ["6", "yes", "no", "I can't do this any more", "and then it will be over", "10, 15 and 12", "", "🌉"]
)
@pytest.mark.parametrize(
    "before",
    [
        [],
        [COACH],
        [Said("person", "I want to die", 0.2, tier=Tier.URGENT), COACH],
        [Said("coach", "Are you safe right now?", 0.1, asked="safe_now")],
        [Said("person", "everything is too much", 30.0, tier=Tier.WATCH), COACH],
    ],
)
def test_read_in_stages_a_message_comes_to_the_same(text: str, before: list[Said]) -> None:
    forget(BOTH)
    first = BOTH.first(text, before)
    staged = BOTH.full(BOTH.with_alone(first, BOTH.alone(text)))
    assert staged == BOTH.judge(text, before)
    forget(BOTH)
    assert staged == BOTH.judge(text, before)
    assert first.verdict.tier <= staged.tier
    assert not first.is_full or first.verdict == staged


def test_short_texts_are_read_once_and_longer_ones_never_kept() -> None:
    screen = BOTH
    forget(screen)
    for text in ("quite all right", "the tomatoes are ripe by now"):
        assert not screen.is_known(text)
        screen.judge(text)
    assert screen.is_known("Quite all right") and screen.is_known("7")
    assert not screen.is_known("the tomatoes are ripe by now")


def forget(screen: Screen) -> None:
    """Take from a screen what it has kept of short texts."""
    assert screen._conversation.opinion
    screen._conversation.opinion._known.clear()


def key(text: str) -> str:
    return re.sub(r"\W+", " ", text.lower()).strip()


def test_no_measuring_line_is_trained_on() -> None:
    measured = {key(row["text"]) for name in ("clinician", "volunteer") for row in rows(name)}
    trained = {
        key(line.split(" | ", 1)[1])
        for path in (LINES / "lines").glob("*.txt")
        for line in path.read_text("utf-8").splitlines()
        if " | " in line
    }
    assert len(trained) > 18_000
    assert not {text for text in measured & trained if len(text) > 12}


FORM = re.compile(
    r"^(emergency|urgent|watch|none) (suicide|self_harm|overdose|medical|abuse|hopelessness|other_person|none) [a-z_]+ \| \S.*$"
)


def test_every_training_line_has_its_form() -> None:
    for path in (LINES / "lines").glob("*.txt"):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            assert not line or FORM.match(line), f"{path.name}:{number}"
            assert not line or (line.split()[0] == "none") == (line.split()[1] == "none"), f"{path.name}:{number}"


@pytest.mark.slow
def test_a_model_that_was_tampered_with_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "screen"
    shutil.copytree(SCREEN_MODEL, folder)
    with (folder / "tokenizer.json").open("a") as file:
        file.write(" ")
    with pytest.raises(ContentError, match="not the file"):
        Screen(BOOK, folder)


def test_a_model_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match=r"manifest\.json"):
        Screen(BOOK, tmp_path)


def test_shares_have_wilsons_interval() -> None:
    low, high = Share(46, 46).interval
    assert (round(low, 3), high) == (0.923, 1.0)
    assert Share(0, 0).interval == (0.0, 1.0)


def test_scores_count_by_tier_kind_and_style() -> None:
    labelled = [
        {"tier": "emergency", "kind": "suicide", "style": "sms"},
        {"tier": "emergency", "kind": "suicide", "style": "veiled"},
        {"tier": "none", "kind": "none", "style": "sms"},
    ]
    found = score(labelled, [Tier.EMERGENCY, Tier.URGENT, Tier.URGENT])
    assert found.measures["emergency said emergency"] == Share(1, 2)
    assert found.measures["emergency with any alarm"] == Share(2, 2)
    assert found.measures["false alarms (none said urgent or above)"] == Share(1, 1)
    assert found.groups["style"][("veiled", Tier.EMERGENCY)] == Share(0, 1)
    assert any("sms" in line for line in report(found))


@pytest.mark.slow
def test_a_row_names_the_layer_that_saw_it() -> None:
    answer = screen_row(Screen(BOOK, SCREEN_MODEL, without=["rules"]), {"text": "I am going to kill myself tonight"})
    evidence = answer["evidence"]
    assert isinstance(evidence, list)
    assert {piece["layer"] for piece in evidence} == {LAYER}
