"""Reading updates never raises, and our names for Telegram's things are those of PTB."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from telegram import Message
from telegram.constants import InlineKeyboardButtonLimit, MessageLimit, UpdateType

from bot.channels.telegram import Ignored, parse
from bot.channels.telegram.parse import KINDS, SERVICE
from bot.channels.telegram.polling import ALLOWED_UPDATES
from bot.channels.telegram.sender import CAPTION_UNITS, TEXT_UNITS
from bot.conversation.message import Inbound

LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
ANYTHING: st.SearchStrategy[Any] = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["chat", "id", "type", "from", "text", "caption", "data", "message", "poll", "reply_markup"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=5,
)
UPDATES = st.fixed_dictionaries(
    {"update_id": st.integers() | LEAVES}, optional=dict.fromkeys(ALLOWED_UPDATES, ANYTHING)
)
PRIVATE = {"id": 7, "type": "private"}


@settings(max_examples=40, deadline=None)
@given(UPDATES | st.dictionaries(st.text(max_size=4), ANYTHING, max_size=3))
def test_no_update_raises(update: dict[str, object]) -> None:
    assert isinstance(parse(update, "42"), Inbound | Ignored | None)


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.sampled_from([*KINDS, "text", "caption", "from", "media_group_id"]), ANYTHING, max_size=4))
def test_no_message_raises(fields: dict[str, object]) -> None:
    parse({"update_id": 1, "message": {"chat": PRIVATE, **fields}}, "42")


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(codec=None, exclude_categories=()), max_size=60))
def test_words_arrive_whole(text: str) -> None:
    known = parse({"update_id": 1, "message": {"chat": PRIVATE, "text": text}}, "42")
    assert isinstance(known, Inbound)
    known.text.encode()


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 10**18 - 1), st.integers(1, 999))
def test_a_button_s_data_fits_and_comes_back(outbox_id: int, choice: int) -> None:
    data = f"v1:{outbox_id}:{choice}"
    assert len(data.encode()) <= InlineKeyboardButtonLimit.MAX_CALLBACK_DATA
    known = parse({"update_id": 1, "callback_query": {"id": "1", "from": {"id": 7}, "data": data}}, "42")
    assert isinstance(known, Inbound)
    assert (known.prompt, known.choice) == (outbox_id, choice)


def test_two_bots_never_share_a_key() -> None:
    update = {"update_id": 1, "message": {"chat": PRIVATE, "text": "hi"}}
    one, other = parse(update, "42"), parse(update, "43")
    assert isinstance(one, Inbound)
    assert isinstance(other, Inbound)
    assert one.provider_key != other.provider_key


def test_our_limits_and_names_are_those_of_the_library() -> None:
    assert (TEXT_UNITS, CAPTION_UNITS) == (MessageLimit.MAX_TEXT_LENGTH, MessageLimit.CAPTION_LENGTH)
    assert set(ALLOWED_UPDATES) <= {kind.value for kind in UpdateType}
    assert (set(KINDS) | SERVICE) <= set(Message.__slots__)
