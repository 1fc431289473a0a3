"""What a page is shown of the store, and how it is woken."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from web_place import Place, a_place

from bot.channels.web import Cursor, Side, WebSender, numbers_of
from bot.channels.web.stream import Pace, events
from bot.content.crisis.check import load_crisis
from bot.conversation.message import MessageClass
from bot.conversation.send import Post
from bot.settings import ROOT
from bot.store import patients

START = Cursor()
NOBODY = "0" * 32
ANA = "a" * 32


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = a_place(tmp_path)
    yield made
    made.store.close()


def said(place: Place, after: Cursor = START, browser: str = ANA) -> list[str]:
    return [shown.text for shown in place.view.since(browser, after)]


def buttons(place: Place) -> list[tuple[str, ...]]:
    return [shown.buttons for shown in place.view.since(ANA, START) if shown.side is Side.COACH]


def test_both_sides_stand_in_the_order_in_which_they_were_said(place: Place) -> None:
    for number in range(4):
        place.hear(ANA, f"mine {number}", f"key {number}")
        place.clock.turn(timedelta(seconds=1))
        place.say(ANA, f"theirs {number}")
        place.clock.turn(timedelta(seconds=1))
    assert said(place) == [f"{side} {number}" for number in range(4) for side in ("mine", "theirs")]
    assert said(place, browser=NOBODY) == []


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        ("waiting", True),
        ("sending", True),
        ("sent", True),
        ("delivered", True),
        ("unknown", True),
        ("failed", False),
        ("dropped", False),
    ],
)
def test_a_row_is_shown_unless_it_was_taken_back(place: Place, state: str, shown: bool) -> None:
    place.say(ANA, "a", state=state)
    assert said(place) == (["a"] if shown else [])


@pytest.mark.parametrize(
    ("kind", "key", "shown"),
    [
        (MessageClass.SAFETY, "reply:1:0", True),
        (MessageClass.REPLY, "now:1:0", True),
        (MessageClass.REPLY, "reply:1:0", False),
        (MessageClass.CHECKIN, "checkin:1", False),
    ],
)
def test_after_stop_a_waiting_row_is_not_shown_early(place: Place, kind: MessageClass, key: str, shown: bool) -> None:
    place.say(ANA, "a", key=key, kind=kind)
    address = place.address(ANA)
    with place.store.write() as connection:
        patients.change_address(connection, address.id, opted_out_at=place.clock.now())
    assert bool(said(place)) is shown


def test_a_check_in_that_is_too_late_is_not_shown(place: Place) -> None:
    place.say(ANA, "a", expires_at=place.clock.now() + timedelta(hours=4))
    assert said(place) == ["a"]
    place.clock.turn(timedelta(hours=5))
    assert said(place) == []


def test_only_the_newest_prompt_has_buttons_until_it_is_answered(place: Place) -> None:
    place.say(ANA, "first", ("Yes", "No"))
    place.clock.turn(timedelta(seconds=1))
    place.say(ANA, "second", ("0", "1"))
    place.clock.turn(timedelta(seconds=1))
    place.say(ANA, "and a word more")
    assert buttons(place) == [(), ("0", "1"), ()]
    place.clock.turn(timedelta(seconds=1))
    place.hear(ANA, "1", "key")
    assert buttons(place) == [(), (), ()]


def test_other_people_and_other_channels_are_not_shown(place: Place) -> None:
    place.say(ANA, "for Ana")
    place.say("b" * 32, "for Ben")
    assert said(place) == ["for Ana"]


def test_a_long_conversation_is_read_from_where_the_page_is(place: Place) -> None:
    for number in range(100):
        place.hear(ANA, str(number), f"key {number}", state="done")
    whole = place.view.since(ANA, START)
    for after in (0, 50, 95, 99, 100):
        cursor = START.past(whole[:after])
        assert said(place, cursor) == [str(number) for number in range(after, 100)]


@pytest.mark.parametrize(
    ("text", "cursor"),
    [
        ("", START),
        ("3.14", Cursor(3, 14)),
        ("3", None),
        ("-1.0", None),
        ("1.2.3", None),
        ("a.b", None),
        ("1.2\n", None),
    ],
)
def test_cursors_are_read_strictly(text: str, cursor: Cursor | None) -> None:
    assert Cursor.parse(text) == cursor
    assert cursor is None or Cursor.parse(str(cursor)) == cursor


def test_the_coach_writes_until_it_has_answered_or_is_late(place: Place) -> None:
    assert not place.view.is_writing(ANA)
    place.hear(ANA, "a", "key 1")
    assert place.view.is_writing(ANA)
    place.answered(ANA)
    assert not place.view.is_writing(ANA)
    place.hear(ANA, "b", "key 2")
    place.clock.turn(timedelta(minutes=2))
    assert not place.view.is_writing(ANA)


def test_a_message_that_is_sent_wakes_the_stream_and_settles(place: Place) -> None:
    post = Post(place.store, WebSender(place.bell), place.clock)

    async def listen() -> list[str]:
        pace = Pace(beat=30, watch=30, life=60)
        stream = events(place.view, place.bell, ANA, START, pace)
        first = await anext(stream)
        assert place.bell.listeners(ANA) == 1
        place.say(ANA, "a", ("Yes",))
        assert await post.send_waiting() == 1
        second = await asyncio.wait_for(anext(stream), 5)
        await stream.aclose()  # type: ignore[attr-defined]  # an async generator
        return [first, second]

    first, second = asyncio.run(listen())
    assert '"messages": []' in first
    [message] = json.loads(second.split("data: ")[1])["messages"]
    assert (message["text"], message["buttons"]) == ("a", ["Yes"])
    assert place.bell.listeners(ANA) == 0
    assert said(place) == ["a"]
    assert asyncio.run(post.send_waiting()) == 0


def test_every_country_of_the_content_has_numbers_that_dial() -> None:
    book = load_crisis(ROOT / "data" / "coach" / "crisis", date(2026, 11, 24))
    countries = numbers_of(book)
    assert countries[-1].code == "XX"
    for country in countries:
        assert country.lines[0].what == "Emergency"
        assert len(country.lines) > 1
        for line in country.lines:
            assert line.href.startswith(("tel:", "sms:", "https://")) or "WhatsApp" in line.say or country.code == "XX"
