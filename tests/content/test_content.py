"""The checker names file and line of whatever is wrong, and the content that ships is sound."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from bot.app import CONTENT
from bot.content import prose
from bot.content.coach import Coach, hard_to_read, load
from bot.content.source import read
from bot.errors import ContentError
from bot.program.facts import facts
from bot.program.person import Person

TODAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def coach() -> Coach:
    return load(CONTENT, TODAY)


def test_the_content_that_ships_is_sound_and_easy_to_read(coach: Coach) -> None:
    assert len(coach.skills) > 20
    assert hard_to_read(CONTENT) == []


def test_every_fact_that_texts_may_name_is_worked_out(coach: Coach) -> None:
    known = set(facts(coach, Person(today=TODAY)))
    later = {
        "practice_when",
        "unfinished",
        "unfinished_title",
        "value",
        "what",
        "when",
        "skill",
        "asked",
    }  # set where they are needed
    assert known - {"zones", "zones_values"} <= prose.FACTS
    assert prose.FACTS - known <= later


def _replaced(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new, 1)


BROKEN = [
    ("no yaml", "en/skills/breathing.yml", lambda text: text + "\n  - [", "is not YAML"),
    ("a key twice", "en/skills/breathing.yml", lambda text: text + "\nid: breathing\n", "stands here twice"),
    ("a misspelt key", "en/skills/breathing.yml", _replaced("title:", "titel:"), "titel"),
    (
        "another id than the file's",
        "en/skills/breathing.yml",
        _replaced("id: breathing", "id: breathe"),
        "same as the file",
    ),
    ("an unknown kind of answer", "en/skills/breathing.yml", _replaced("ask: score", "ask: skore"), "ask"),
    ("an intent of another skill", "en/skills/sleep.yml", _replaced("ask_sleep_help", "ask_pacing"), "already opens"),
    (
        "a risk on another answer",
        "en/skills/flare_now.yml",
        _replaced('when: {red: "yes"}, tier', 'when: {rad: "yes"}, tier'),
        "own answer",
    ),
    (
        "a risk that can't hold",
        "en/skills/flare_now.yml",
        _replaced('when: {red: "yes"}, tier', 'when: {red: "y"}, tier'),
        "in quotes",
    ),
    ("a tier that is none", "en/skills/flare_now.yml", _replaced("tier: emergency", "tier: emergncy"), "tier"),
    ("an unknown safety question", "en/skills/flare_now.yml", _replaced("red_flags", "redflags"), "names a question"),
    ("a reply to a skill's intent", "en/replies.yml", _replaced("  greet:", "  ask_pacing:"), "already opens"),
    (
        "an unknown skill in the programme",
        "programme.yml",
        _replaced("skills: [pacing]", "skills: [pacng]"),
        "no skill",
    ),
]


@pytest.mark.parametrize(("file", "change", "what"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_a_broken_file_is_named_with_its_line(
    tmp_path: Path, file: str, change: Callable[[str], str], what: str
) -> None:
    folder = tmp_path / "coach"
    shutil.copytree(CONTENT, folder)
    target = folder / file
    target.write_text(change(target.read_text("utf-8")), "utf-8")

    with pytest.raises(ContentError) as error:
        load(folder, TODAY)

    assert error.value.file == str(target)
    assert error.value.line > 0
    assert what in str(error.value)


SENTENCES = [
    ("an unknown placeholder", "Well done, {frist_name}.", "neither a fact nor a step"),
    ("a curly quote", "That’s noted.", "no plain SMS character"),
    ("a text of three segments", "a " * 160, "characters long"),
]


@pytest.mark.parametrize(("sentence", "what"), [row[1:] for row in SENTENCES], ids=[row[0] for row in SENTENCES])
def test_a_sentence_that_can_not_be_sent_is_refused(tmp_path: Path, sentence: str, what: str) -> None:
    file = tmp_path / "phrases.yml"
    file.write_text(f"phrases:\n  noted:\n    - 'fine'\n    - \"{sentence}\"\n", "utf-8")

    with pytest.raises(ContentError, match=what) as error:
        prose.check(read(file))

    assert error.value.line == 4


def test_long_words_and_sentences_are_warned_of(tmp_path: Path) -> None:
    file = tmp_path / "phrases.yml"
    hard = "Persistent nociceptive sensitisation necessitates systematically individualised behavioural interventions."
    file.write_text(f"phrases:\n  noted: ['{hard}', 'Thank you. I have that down. We can go on.']\n", "utf-8")

    (warning,) = prose.check(read(file))

    assert "reads hard" in warning
    assert f"{file}:2" in warning
