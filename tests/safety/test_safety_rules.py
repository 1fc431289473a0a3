"""Every rule does what its examples say, and a broken rule is named with file and line."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.content.safety_models import Rule
from bot.content.safety_phrases import PhraseError, read_canceller, read_phrase
from bot.content.safety_rules import RuleBook, check_examples, load
from bot.errors import ContentError
from bot.safety.screen import fired_rules
from tests.support.once import rule_book

FOLDER = Path(__file__).parents[2] / "data" / "coach" / "safety"
BOOK = rule_book()
FIRED = fired_rules(BOOK)


@pytest.mark.parametrize("rule", BOOK.rules, ids=lambda rule: rule.id)
def test_a_rule_holds_on_its_own_examples(rule: object) -> None:
    one = [entry for entry in BOOK.rules if entry is rule]
    check_examples(RuleBook(tuple(one), BOOK.lists, BOOK.spelling, BOOK.questions, BOOK.answers), FIRED)


@pytest.mark.parametrize("remark", BOOK.remarks, ids=lambda remark: remark.id)
def test_a_remark_on_our_verdicts_holds_on_its_own_examples(remark: Rule) -> None:
    one = replace(BOOK, rules=(remark,))
    check_examples(one, fired_rules(one))


@pytest.mark.slow
def test_an_example_of_a_remark_that_fails_is_named(tmp_path: Path) -> None:
    file = _copy(tmp_path) / "remarks.yml"
    file.write_text(file.read_text("utf-8").replace('"you missed my check-in"', '"you missed it"'), "utf-8")
    with pytest.raises(ContentError, match=r"remark\.missed_something catches"):
        load(tmp_path, fired_rules)


def test_remarks_are_no_rules_of_the_screen() -> None:
    assert not FIRED("you missed that") and not FIRED("that was a cry for help")


def test_every_rule_has_examples_on_both_sides() -> None:
    assert [rule.id for rule in (*BOOK.rules, *BOOK.remarks) if len(rule.holds) < 2 or not rule.against] == []


BREAKS: list[tuple[str, Callable[[str], str], str]] = [
    ("open bracket", lambda text: text.replace("(mood|feeling) 1", "(mood|feeling 1"), "closing"),
    ("unknown list", lambda text: text.replace("(mood|feeling) 1", "$moods 1"), "no list"),
    ("unknown group", lambda text: text.replace('"@fiction"', '"@fictions"'), "no group"),
    ("only optional", lambda text: text.replace("mood ..1 1 ^", "mood? ..1"), "required"),
    ("doubled id", lambda text: text.replace("hopelessness.mood_alone", "hopelessness.burden"), "twice"),
    ("unknown key", lambda text: text.replace("tier: watch", "tier: grave", 1), "tier"),
]


@pytest.mark.parametrize(("break_it", "says"), [row[1:] for row in BREAKS], ids=[row[0] for row in BREAKS])
def test_a_broken_file_is_named_with_its_line(tmp_path: Path, break_it: Callable[[str], str], says: str) -> None:
    file = _copy(tmp_path) / "hopelessness.yml"
    file.write_text(break_it(file.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(ContentError, match=says) as caught:
        load(tmp_path)
    assert caught.value.file.endswith("hopelessness.yml")
    assert caught.value.line > 1


@pytest.mark.slow
def test_an_example_that_fails_is_named_with_its_line(tmp_path: Path) -> None:
    file = _copy(tmp_path) / "hopelessness.yml"
    text = file.read_text(encoding="utf-8").replace('"mood 7 pain 1"', '"mood 0 pain 1"')
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ContentError, match="mood_alone catches") as caught:
        load(tmp_path, fired_rules)
    lines = text.splitlines()
    assert lines[caught.value.line - 1].strip() == "examples:"


@pytest.mark.parametrize("text", ["", "(a|b", "a|", "|a", "a)", "b? c?", "..3", "^", "a & ", "(a?|b)", "&"])
def test_a_phrase_that_means_nothing_is_refused(text: str) -> None:
    with pytest.raises(PhraseError):
        read_phrase(text)


def test_a_lone_star_would_cancel_everything_and_is_refused() -> None:
    with pytest.raises(PhraseError, match="cancel every match"):
        read_canceller("*")


def _copy(folder: Path) -> Path:
    shutil.copytree(FOLDER, folder, dirs_exist_ok=True)
    return folder
