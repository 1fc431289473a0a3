"""The pure parts: marks in a text, the ten around, words for times and trends."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.console import times, words
from bot.console.lines import Line, Span, spans, window
from bot.console.look import TEMPLATES, closed, environment
from bot.console.trend import bar, sentence

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


def piece(start: int, end: int) -> dict[str, Any]:
    return {"start": start, "end": end}


@pytest.mark.parametrize(
    ("evidence", "marked"),
    [
        ([], []),
        ([piece(0, 3)], ["one"]),
        ([piece(4, 7), piece(0, 3)], ["one", "two"]),
        ([piece(0, 5), piece(2, 7)], ["one two"]),
        ([piece(4, 700)], ["two"]),
        ([piece(-5, 3)], ["one"]),
        ([piece(5, 2), piece(9, 12)], []),
    ],
    ids=["none", "one", "two, unordered", "overlap", "beyond the end", "before the start", "nonsense"],
)
def test_words_are_marked_where_the_evidence_says(evidence: list[dict[str, Any]], marked: list[str]) -> None:
    assert [span.text for span in spans("one two", evidence) if span.marked] == marked


@given(st.text(max_size=80), st.lists(st.tuples(st.integers(-9, 99), st.integers(-9, 99)), max_size=5))
def test_no_evidence_changes_the_text(text: str, offsets: list[tuple[int, int]]) -> None:
    assert "".join(span.text for span in spans(text, [piece(*pair) for pair in offsets])) == text


def line(number: int) -> Line:
    return Line(number, True, NOW, (Span("x", False),), "", "none", "", False, "", "", ())


@pytest.mark.parametrize(
    ("count", "place", "first", "last"),
    [(30, 15, 10, 20), (30, 28, 19, 29), (30, 0, 0, 10), (4, 2, 0, 3), (1, 0, 0, 0)],
    ids=["in the middle", "near the end", "at the start", "few", "alone"],
)
def test_the_ten_around(count: int, place: int, first: int, last: int) -> None:
    found = window([line(i) for i in range(count)], place)
    assert (found[0].id, found[-1].id) == (first, last)


@pytest.mark.parametrize(
    ("minutes", "told"),
    [
        (-5, "less than a minute"),
        (0.5, "less than a minute"),
        (59, "59 min"),
        (125, "2 h 5 min"),
        (1500, "1 day"),
        (4400, "3 days"),
    ],
)
def test_ages_are_told(minutes: float, told: str) -> None:
    assert times.age(NOW - timedelta(minutes=minutes), NOW) == told


@pytest.mark.parametrize(
    ("zone", "told"),
    [
        ("Europe/London", "13:00 BST"),
        ("Asia/Kolkata", "17:30 IST"),
        ("America/Sao_Paulo", "09:00 UTC-03:00"),
        ("UTC", "12:00 UTC"),
    ],
)
def test_times_name_their_zone(zone: str, told: str) -> None:
    assert times.clock_time(NOW, zone) == told
    assert times.when(NOW, zone) == f"Wed 1 Jul 2026, {told}"


@pytest.mark.parametrize(
    ("scores", "told"),
    [
        ([], "No pain was told."),
        ([4], "Pain was told once: 4 of 10."),
        ([4, 6, 4], "Pain is 4 of 10, as at the start."),
        ([4, 7.5], "Pain went up from 4 to 7.5 of 10."),
        ([7, 2], "Pain went down from 7 to 2 of 10."),
    ],
)
def test_a_trend_is_told_in_words(scores: list[float], told: str) -> None:
    assert sentence("pain", scores) == told


@pytest.mark.parametrize(("number", "width"), [(-1, 0), (0, 0), (7.5, 75), (10, 100), (99, 100)])
def test_a_bar_is_as_long_as_its_score(number: float, width: int) -> None:
    assert f'class="bar-score" width="{width}"' in bar(number, "pain")


@pytest.mark.parametrize(
    ("value", "told"),
    [(None, "–"), (True, "yes"), ([1, "two"], "1, two"), ({"a_b": 2.0}, "a b: 2"), ("text", "text"), ([], "–")],
)
def test_stored_values_are_told_plainly(value: object, told: str) -> None:
    assert words.plain(value) == told


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("Ana", ""),
        ("\u202eanA", "\u202c"),
        ("\u202eanA\u202c", ""),
        ("\u2067a\u202eb", "\u202c\u2069"),
        ("\u2067a\u202eb\u2069", ""),
        ("\u202ea\u2069\u202c", ""),
        ("\u202c\u2069", ""),
    ],
)
def test_a_text_that_turns_the_direction_ends_that_itself(text: str, ends: str) -> None:
    assert closed(text) == text + ends
    assert environment().from_string("<b>{{ name }}</b>").render(name=f"<i>{text}") == f"<b>&lt;i&gt;{text}{ends}</b>"


def test_a_page_takes_from_the_parts_what_it_uses_and_no_more() -> None:
    for page in TEMPLATES.glob("*.html"):
        words_of = page.read_text("utf-8")
        taken = re.findall(r'{% from "parts.html" import ([^%]+?) %}', words_of)
        unused = [name for names in taken for name in names.split(", ") if f"{name}(" not in words_of]
        assert unused == [], page.name


@pytest.mark.parametrize("part", ["queue_rows", "queue_demo", "demo_remove"])
def test_what_takes_the_focus_in_the_live_queue_keeps_it_by_an_id(part: str) -> None:
    takes = re.findall(r"<(?:a|button|summary)\b[^>]*>", (TEMPLATES / f"{part}.html").read_text("utf-8"))
    assert takes and [one for one in takes if 'id="' not in one] == []
