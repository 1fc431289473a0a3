"""Answers are read as the tables say, and no text whatever breaks a reader."""

from __future__ import annotations

import re
import time
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.answers import Kind, Question, Value, read, read_json

TABLES = sorted(Path(__file__).parent.glob("*.yml"))
TODAY = date(2026, 5, 14)
OPTIONS = ("Breathing", "Gentle stretching", "A short walk")
WORDS = [
    "was",
    "7",
    "now",
    "4",
    "not",
    "no",
    "wait",
    "sorry",
    "half",
    "past",
    "quarter",
    "to",
    "six",
    "seven",
    "out",
    "of",
    "ten",
    "hours",
    "mins",
    "am",
    "pm",
    "monday",
    "to",
    "friday",
    "except",
    "the",
    "3rd",
    "next",
    "week",
    "back",
    "left",
    "knee",
    "yes",
    "no",
    "maybe",
    "a",
    "b",
    "first",
    "or",
    "and",
    "-",
    "/",
    ":",
    ".",
    ",",
    "07700",
    "900123",
    "born",
    "1961",
    "spanish",
    "london",
    "call",
    "me",
    "I'd",
    "like",
    "👍",
    "99999999999",
    "-3",
    "½",
    "7️⃣",
    "don't",
]
ANY_TEXT = st.one_of(st.text(max_size=80), st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join))
MOODS = {"very_low", "low", "ok", "good", "very_good"}
SLOWEST_SECONDS = 0.02
LONG_TEXTS = (
    "7 " * 5000, "a" * 10_000, "1" * 10_000, " " * 10_000, "not " * 2500, "Monday to " * 1000, "é😀 " * 3000,
    "I was 7 now 4 and, " * 500,
    "-1/2:3." * 1400, "half past " * 1000, "no wait 5 " * 1000, "my left " * 1200, "( 0 " * 2500, "the 3rd of " * 900,
)  # fmt: skip
BROKEN_ROWS: list[dict[str, Any]] = [
    {"ask": "colour", "text": "red"},
    {"ask": ["mood"], "text": "x"},
    {"ask": "mood", "text": 7},
    {"ask": "mood"},
    {"ask": "choice", "text": "1", "options": "a"},
    {"ask": "date", "text": "x", "today": "soon"},
    {"ask": "date", "text": "x", "today": 5},
    {"ask": "date", "text": "x", "region": 4},
]


@cache
def _tables() -> list[dict[str, Any]]:
    return [yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader) for path in TABLES]


@cache
def _groups() -> list[Any]:
    return [
        pytest.param(table["ask"], group, id=f"{table['ask']}: {group['about']}")
        for table in _tables()
        for group in table["groups"]
    ]


def _rows() -> list[tuple[dict[str, Any], Value | None]]:
    return [
        (_row(ask, group, text), value)
        for ask, group in (param.values for param in _groups())
        for text, value in group["rows"]
    ]


def _row(ask: str, group: dict[str, Any], text: str) -> dict[str, Any]:
    return {"ask": ask, "text": text, **group.get("question", {})}


def _question(kind: Kind) -> Question:
    return Question(kind, options=OPTIONS if kind is Kind.CHOICE else (), today=TODAY, region="GB")


@pytest.mark.parametrize(("ask", "group"), _groups())
def test_answers_are_read_as_the_table_says(ask: str, group: dict[str, Any]) -> None:
    got = [[text, read_json(_row(ask, group, text))] for text, _ in group["rows"]]
    assert got == group["rows"]


def test_every_kind_has_a_table_of_forty_rows() -> None:
    sizes = {table["ask"]: sum(len(group["rows"]) for group in table["groups"]) for table in _tables()}
    assert set(sizes) == set(Kind)
    assert min(sizes.values()) >= 40


def _is_well_formed(kind: Kind, value: Value) -> bool:
    match kind:
        case Kind.PAIN_LEVEL | Kind.SCORE:
            return isinstance(value, int | float) and 0 <= value <= 10 and value * 2 == int(value * 2)
        case Kind.MOOD:
            return value in MOODS or (isinstance(value, int | float) and 0 <= value <= 10)
        case Kind.SLEEP_HOURS:
            return isinstance(value, int | float) and 0 <= value <= 24
        case Kind.MINUTES:
            return isinstance(value, int) and 0 <= value <= 1440
        case Kind.NUMBERS:
            return isinstance(value, list) and all(isinstance(one, int) and 0 <= one <= 1440 for one in value)
        case Kind.TIME_OF_DAY:
            return isinstance(value, str) and bool(re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value))
        case Kind.DATE:
            return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
        case Kind.AGE:
            return isinstance(value, int) and 0 <= value <= 120
        case Kind.CHOICE:
            return value in (1, 2, 3)
        case Kind.YES_NO:
            return value in ("yes", "no")
        case Kind.PARTLY:
            return value in ("yes", "partly", "no")
        case Kind.PHONE:
            return isinstance(value, str) and bool(re.fullmatch(r"\+\d{7,15}", value))
        case Kind.COUNTRY:
            return isinstance(value, str) and bool(re.fullmatch(r"[A-Z]{2}", value))
        case Kind.LANGUAGE_NAME:
            return isinstance(value, str) and bool(re.fullmatch(r"[a-z]{2}", value))
        case Kind.DAYS | Kind.BODY_PART:
            return bool(value)
        case Kind.ACTIVITY | Kind.NAME | Kind.TEXT | Kind.ZONE:
            return isinstance(value, str) and bool(value.strip())


@settings(max_examples=100, deadline=None, derandomize=True)
@given(ANY_TEXT)
def test_no_text_raises_and_every_value_is_well_formed(text: str) -> None:
    for kind in Kind:
        value = read(_question(kind), text)
        assert value is None or _is_well_formed(kind, value), (kind, value)


@pytest.mark.parametrize("score", range(11))
@pytest.mark.parametrize(
    "wrapped", ["{}", " {} ", "{}.", "{}/10", "it's {}", "{} out of ten", "I'd say {} thanks", "a {}!", "hmm... {}"]
)
def test_every_score_is_read(score: int, wrapped: str) -> None:
    for kind in (Kind.PAIN_LEVEL, Kind.SCORE, Kind.MOOD):
        assert read(Question(kind), wrapped.format(score)) == score


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.sampled_from(_rows()), st.sampled_from([" ", "\n", "\t  ", "\u00a0"]))
def test_case_and_spaces_do_not_matter(param: tuple[dict[str, Any], Value | None], space: str) -> None:
    row, value = param
    if row["ask"] in ("text", "name", "activity"):
        return
    text = row["text"].replace(" ", space) if "\n" not in row["text"] else row["text"]
    assert read_json({**row, "text": f"{space}{text.upper()}{space}"}) == value


@pytest.mark.parametrize("text", LONG_TEXTS, ids=range(len(LONG_TEXTS)))
def test_long_text_is_read_at_once(text: str) -> None:
    for kind in Kind:
        read(_question(kind), text)
        assert min(_seconds(kind, text) for _ in range(2)) < SLOWEST_SECONDS, kind


def _seconds(kind: Kind, text: str) -> float:
    start = time.process_time()
    read(_question(kind), text)
    return time.process_time() - start


@pytest.mark.parametrize("row", BROKEN_ROWS)
def test_broken_row_is_refused(row: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"needed|isoformat"):
        read_json(row)
