"""The pages under docs/safety: every test that they name exists, ratings follow the matrix, replies are reviewed as they stand."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
SAFETY = ROOT / "docs" / "safety"
HAZARDS = (SAFETY / "hazards.md").read_text("utf-8")
LOG, PENDING = HAZARDS.split("\n## Pending tests\n")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.(?:py|yml)(?:::\w+)?)`", LOG)))
SEVERITIES = ("minor", "significant", "considerable", "major", "catastrophic")


@cache
def text(file: str) -> str:
    """A file of the project."""
    return (ROOT / file).read_text("utf-8")


@pytest.mark.parametrize("named", NAMED)
def test_every_test_that_the_hazard_log_names_exists(named: str) -> None:
    file, _, name = named.partition("::")
    assert (ROOT / file).exists()
    assert not name or re.search(rf"^\s*(async )?def {name}\(", text(file), re.MULTILINE)


def test_every_hazard_has_its_parts() -> None:
    hazards = re.findall(r"^## (H\d\d)\n\n(.*?)(?=^## |\Z)", LOG, re.MULTILINE | re.DOTALL)
    assert [name for name, _ in hazards] == [f"H{n:02}" for n in range(1, len(hazards) + 1)]
    assert len(hazards) >= 25
    for name, words in hazards:
        for part in ("Cause:", "Effect:", "Before:", "After:", "Owner: clinical safety officer of the site."):
            assert part in words, f"{name} lacks {part}"
        controls = re.findall(r"^\| (?!control|---)(.+?) \| (.+) \|$", words, re.MULTILINE)
        assert controls, f"{name} has no control"
        assert all(re.search(r"`(tests/|pending: P)", shown) for _, shown in controls), (
            f"{name}: a control without its test"
        )


def test_risks_follow_the_matrix() -> None:
    rows = re.findall(
        r"^\| (very high|high|medium|low|very low) \| (\d) \| (\d) \| (\d) \| (\d) \| (\d) \|$", LOG, re.MULTILINE
    )
    matrix = {row[0]: dict(zip(SEVERITIES, row[1:], strict=True)) for row in rows}
    assert len(matrix) == 5
    rated = re.findall(r"(?:Before|After): (\w+), (very low|low|medium|high|very high), risk (\d)", LOG)
    assert len(rated) >= 50
    assert [one for one in rated if matrix[one[1]][one[0]] != one[2]] == []


def test_what_is_pending_stands_in_one_place() -> None:
    waiting = re.findall(r"^\| (P\d\d) \| (.+?) \| (.+?) \|$", PENDING, re.MULTILINE)
    used = set(re.findall(r"`pending: (P\d\d)`", LOG))
    assert {name for name, _, _ in waiting} == used, "a line for each, and none besides"
    arrived = [f"{name}: {test}" for name, _, test in waiting if _is_there(test)]
    if arrived:
        print("fill in, and drop the line:", *arrived, sep="\n  ")


def _is_there(named: str) -> bool:
    file, _, name = named.partition("::")
    return bool(name) and (ROOT / file).exists() and f"def {name}(" in text(file)


CRISIS = yaml.safe_load((ROOT / "data" / "coach" / "crisis" / "en.yml").read_text("utf-8"))
REPLIES = [
    pytest.param(f"| {tier} | {kind} |", text, id=f"{part} {tier} {kind}")
    for part in ("replies", "help_word")
    for tier, kinds in CRISIS[part].items()
    for kind, reply in kinds.items()
    for text in reply["say"]
]
WORDINGS = [
    pytest.param(f"| {name}{'' if which == 'ask' else ', ' + which} |", question[which], id=f"question {name} {which}")
    for name, question in CRISIS["questions"].items()
    for which in ("first", "ask", "again")
    if which in question
]
OTHERS = [pytest.param("|", CRISIS[name], id=name) for name in ("hide", "after_hide")]


@pytest.mark.parametrize(("row", "text"), [*REPLIES, *WORDINGS, *OTHERS])
def test_every_reply_is_reviewed_as_it_stands(row: str, text: str) -> None:
    """A changed text is read again by docs/safety/vera-mh.md's questions, and its row written anew."""
    wanted = f"{row} {text.strip().replace(chr(10), '<br>')} |"
    found = [line for line in (SAFETY / "vera-mh.md").read_text("utf-8").splitlines() if line.startswith(wanted)]
    assert found, f"no row: {wanted}"
    assert all(cell.strip() for line in found if row != "|" for cell in line.strip("|").split(" | "))
