"""Small readings of a whole message: moves, keywords, bare numbers, conditions, calculations."""

from __future__ import annotations

from typing import Any

import pytest

from bot.program import reading
from bot.program.calculation import calculate
from bot.program.condition import holds
from bot.program.move import Keyword, Move, keyword, move
from bot.program.wording import day_names, fill, variant


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("skip", Move.SKIP),
        ("Skip!", Move.SKIP),
        ("next question", Move.SKIP),
        ("??", Move.REPEAT),
        ("what?", Move.REPEAT),
        ("later", Move.LATER),
        ("Not now.", Move.LATER),
        ("go back", Move.BACK),
        ("skip 1", None),
        ("1", None),
        ("I will do it later", None),
        ("", None),
    ],
)
def test_moves(text: str, told: Move | None) -> None:
    assert move(text) is told


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("STOP", Keyword.STOP),
        ("stop.", Keyword.STOP),
        ("/stop", Keyword.STOP),
        ("stop all", Keyword.STOP),
        ("Unsubscribe", Keyword.STOP),
        ("QUIT", Keyword.STOP),
        ("START", Keyword.START),
        ("help", Keyword.HELP),
        ("stop the pain", None),
        ("please help", None),
        ("I can't stop", None),
    ],
)
def test_keywords(text: str, word: Keyword | None) -> None:
    assert keyword(text) is word


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("7", 7),
        ("7/10", 7),
        (" 10. ", 10),
        ("0", 0),
        ("6.5", 6.5),
        ("6,5", 6.5),
        ("8 out of 10", 8),
        ("11", None),
        ("7 apples", None),
        ("1 2", None),
        ("", None),
        ("seven", None),
    ],
)
def test_bare_numbers(text: str, number: float | None) -> None:
    assert reading.bare_number(text) == number


@pytest.mark.parametrize(
    ("text", "nothing"),
    [
        ("no", True),
        ("Nothing really", True),
        ("idk", True),
        ("I don't know", True),
        ("nobody", True),
        ("not sure", True),
        ("no one listens to me", False),
        ("nothing helps but heat", False),
        ("my sister", False),
        ("not much, a walk", False),
    ],
)
def test_nothing_to_say(text: str, nothing: bool) -> None:
    assert reading.says_nothing(text) is nothing


@pytest.mark.parametrize(
    ("text", "back"),
    [
        ("ok", True),
        ("I'm back", True),
        ("ok I'm here now", True),
        ("let's go on", True),
        ("hi", True),
        ("ready", True),
        ("my back hurts", False),
        ("no", False),
        ("5", False),
        ("yes I did it", False),
        ("", False),
    ],
)
def test_being_back(text: str, back: bool) -> None:
    assert reading.is_back(text) is back


CONDITIONS = [
    ({}, {}, True),
    ({"pain": {"at_least": 4}}, {"pain": 4}, True),
    ({"pain": {"at_least": 4}}, {"pain": 3.5}, False),
    ({"pain": {"below": 4}}, {}, False),
    ({"pain": {"above": 1, "at_most": 3}}, {"pain": 3}, True),
    ({"pain": {"known": True}}, {"pain": 0}, True),
    ({"name": {"known": False}}, {"name": ""}, True),
    ({"trap": "none"}, {"trap": "none"}, True),
    ({"trap": ["a", "b"]}, {"trap": "b"}, True),
    ({"trap": {"not": "a"}}, {}, True),
    ({"card": True}, {"card": "yes"}, True),
    ({"card": False}, {"card": "yes"}, False),
    ({"pain": {"at_least": 1}}, {"pain": True}, False),
    ({"a": 1, "b": 2}, {"a": 1, "b": 3}, False),
]


@pytest.mark.parametrize(("condition", "values", "held"), CONDITIONS)
def test_conditions(condition: dict[str, Any], values: dict[str, Any], held: bool) -> None:
    assert holds(condition, values) is held


CALCULATIONS = [
    ("pacing_base", [[10, 15, 12]], 10),
    ("pacing_base", [1], 1),
    ("pacing_base", [None], None),
    ("pacing_base", [[]], None),
    ("halved", [9], 4),
    ("halved", [1], 1),
    ("halved", [None], None),
    ("difference", [7, 4], 3),
    ("difference", [4, None], None),
    ("first_known", [None, 8], 8),
    ("first_known", [4, 8], 4),
    ("rounds", [10, 5], 2),
    ("rounds", [0, 5], None),
]


@pytest.mark.parametrize(("name", "given", "value"), CALCULATIONS)
def test_calculations(name: str, given: list[Any], value: Any) -> None:
    assert calculate(name, given) == value


def test_texts_are_filled_without_holes_and_never_twice() -> None:
    assert fill("Hello {name}, pain {pain}", {"name": "", "pain": 5.0}) == "Hello , pain 5"
    assert fill("{a} and {b}", {"a": "{b}", "b": 1}) == "{b} and 1"
    assert fill("{days}", {"days": ["Mon", "Tue", "Wed"]}) == "Mon, Tue and Wed"
    assert day_names(["mon", "thu"]) == "Monday and Thursday"
    assert day_names(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]) == "every day"


def test_no_variant_comes_back_before_all_have_been() -> None:
    assert len({variant("abcde", "seed", day) for day in range(5)}) == 5
    assert variant((), "seed", 1) == ""
