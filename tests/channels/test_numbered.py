"""Buttons for channels that have none."""

from __future__ import annotations

from bot.channels.numbered import messages, numbered
from bot.channels.segments import utf16_units


def test_buttons_become_numbered_lines() -> None:
    assert numbered("Did you sleep?", ("Yes", "No")) == "Did you sleep?\n1 Yes\n2 No"


def test_a_text_without_buttons_stays_as_it_is() -> None:
    assert numbered("Good night.", ()) == "Good night."


def test_choices_stay_together_when_the_text_is_cut() -> None:
    assert messages("One two three. Four five six.", ("Yes", "No"), 22, utf16_units) == [
        "One two three.",
        "Four five six.",
        "1 Yes\n2 No",
    ]


def test_choices_stay_with_the_last_part_where_they_fit() -> None:
    assert messages("One two three. Four five.", ("Yes", "No"), 22, utf16_units) == [
        "One two three.",
        "Four five.\n1 Yes\n2 No",
    ]


def test_choices_that_fit_in_no_message_are_cut_too() -> None:
    assert messages("Which?", ("a long answer", "another one"), 16, utf16_units) == [
        "Which?",
        "1 a long answer",
        "2 another one",
    ]
