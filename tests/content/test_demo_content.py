"""The made-up people as content: what is wrong in their file is refused with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.app import CONTENT
from bot.content.coach import Coach
from bot.content.demo import FILE, NOBODYS, load_demo
from bot.errors import ContentError
from tests.support.demo import people

WHOLE = (CONTENT / "demo" / FILE).read_text(encoding="utf-8")


def test_every_number_is_one_that_nobody_has() -> None:
    assert len(people().people) == 6
    assert all(NOBODYS.fullmatch(person.address) for person in people().people)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        pytest.param('"+447700900417"', '"+447911123456"', "kept for fiction", id="a number that somebody may have"),
        pytest.param("address: demo-malik", "address: '123456789'", "kept for fiction", id="a chat that may be"),
        pytest.param("channel: telegram\n    address: demo-malik", "channel: sms\n    address: demo-malik", "fiction",
                     id="no number on SMS"),
        pytest.param("zone: America/Chicago", "zone: Europe/London", "no zone of US", id="a zone of another country"),
        pytest.param("country: GB", "country: ZZ", "no zone of ZZ", id="a country that is not served"),
        pytest.param("who: mara, does: acknowledge", "who: tess, does: acknowledge", "none of the colleagues",
                     id="a colleague whom nobody made"),
        pytest.param("does: second_read", "does: third_read", "Input should be", id="a step that there is not"),
        pytest.param("means: ask_pacing", "means: ask_nothing", "nothing answers the intent", id="an intent of no use"),
        pytest.param("begins: checkin", "begins: checkout", "no conversation", id="a talk that does not exist"),
        pytest.param("      - minutes_ago: 12\n", "      - days_ago: 1\n", "either days_ago and time", id="no time"),
        pytest.param("sorry. nobody", "sorry… nobody", "plain SMS characters", id="a sign that no SMS holds"),
        pytest.param("[4, 5, 4, 4, null", "[11, 5, 4, 4, null", "less than or equal to 10", id="a score beyond 10"),
        pytest.param("[4, 5, 4, 4, null", "[4, 4, null", "as many numbers", id="a day without its number"),
        pytest.param('time: "12:40"', 'time: "29:59"', "should match pattern", id="a time that no day has"),
        pytest.param("reached: true", "reached: false", "Input should be True", id="a contact in vain"),
        pytest.param("lost control of my bladder. Is that the pain again?\"\n            shows: emergency",
                     "lost control of my bladder. Is that the pain again?\"", "is of nobody", id="a case of nothing"),
        pytest.param("checkin_time: \"09:30\"", "checkin_tiem: \"09:30\"", "checkin_tiem", id="a misspelt key"),
    ],
)  # fmt: skip
def test_what_is_broken_is_refused_with_its_line(
    coach: Coach, tmp_path: Path, before: str, after: str, told: str
) -> None:
    assert before in WHOLE
    (tmp_path / FILE).write_text(WHOLE.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(ContentError, match=told) as refused:
        load_demo(tmp_path, coach)
    assert refused.value.line > 1
