"""What an SMS costs, and where texts are cut. The table is the one at the end of the channels' requirements."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.graphemes import boundaries
from bot.channels.segments import split, utf16_units
from bot.content.gsm import GSM, GSM_PAIRS, count, plain

FAMILY, WALES, THUMB, KEYCAP, SPAIN = "👩‍👩‍👧", "🏴󠁧󠁢󠁷󠁬󠁳󠁿", "👍🏽", "5️⃣", "🇪🇸"

WORDS = st.text(st.sampled_from("abcé€ê.!? \n😀👩\u200d🏽🇪🇸\u0301{}"), max_size=400)


@pytest.mark.parametrize(
    ("text", "parts", "encoding"),
    [
        ("", 0, "GSM-7"),
        ("a" * 160, 1, "GSM-7"),
        ("a" * 161, 2, "GSM-7"),
        ("a" * 306, 2, "GSM-7"),
        ("a" * 307, 3, "GSM-7"),
        ("a" * 159 + "€", 2, "GSM-7"),
        ("a" * 158 + "€", 1, "GSM-7"),
        ("é" * 70, 1, "GSM-7"),
        ("é" * 160, 1, "GSM-7"),
        ("ê" * 70, 1, "UCS-2"),
        ("ê" * 71, 2, "UCS-2"),
        ("’", 1, "UCS-2"),
        ("a" * 152 + "€" + "a" * 152, 3, "GSM-7"),  # 306 septets, but the pair would be cut at 153
        ("a" * 151 + "€" + "a" * 153, 2, "GSM-7"),
        ("😀" * 35, 1, "UCS-2"),
        ("😀" * 36, 2, "UCS-2"),
        ("😀" * 66, 2, "UCS-2"),  # 33 to a part: the 34th would be cut at 67
        ("😀" * 67, 3, "UCS-2"),
    ],
)
def test_segments_are_counted_as_the_networks_do(text: str, parts: int, encoding: str) -> None:
    assert (count(text).parts, count(text).encoding) == (parts, encoding)


@pytest.mark.parametrize("char", "ÇèéùìòàñüöäåØßΔ£¥§¿¡¤\n\r")
def test_these_are_one_septet(char: str) -> None:
    assert (count(char).encoding, count(char).units) == ("GSM-7", 1)


@pytest.mark.parametrize("char", "^{}\\[]~|€\f")
def test_these_are_two_septets(char: str) -> None:
    assert (count(char).encoding, count(char).units) == ("GSM-7", 2)


@pytest.mark.parametrize("char", "’“”–—…çáíóúêâ\u00a0\t`")
def test_these_only_look_like_gsm(char: str) -> None:
    assert count(char).encoding == "UCS-2"


def test_the_alphabets_have_the_standard_s_size() -> None:
    assert (len(GSM), len(GSM_PAIRS)) == (127, 10)  # 128 less the escape itself


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Don’t “rush” – rest…", 'Don\'t "rush" - rest...'),
        ("a\u00a0b\tc", "a b c"),
        ("cafe\u0301", "café"),
        ("½ an hour", "1/2 an hour"),
        ("\ufeffhi\u200b", "hi"),
        ("It’s fine 😀", "It’s fine 😀"),  # UCS-2 either way: nothing to win
        ("é à ñ {ok}", "é à ñ {ok}"),
        ("…" * 60, "…" * 60),  # one segment of UCS-2 is cheaper than two of GSM-7
    ],
)
def test_plain_does_what_a_smart_encoder_does(text: str, expected: str) -> None:
    assert plain(text) == expected


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=300))
def test_plain_is_idempotent_and_never_dearer_than_composed_text(text: str) -> None:
    assert plain(plain(text)) == plain(text)


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=400), st.text(max_size=5))
def test_a_longer_text_never_costs_less(text: str, more: str) -> None:
    assert count(text).parts <= count(text + more).parts
    assert count(plain(text)).parts <= count(text).parts or plain(text) != text


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("", 5, []),
        ("  \n ", 5, []),
        ("one two", 20, ["one two"]),
        ("one two three", 9, ["one two", "three"]),
        ("First one. Second one here.", 18, ["First one.", "Second one here."]),
        ("Breathe in.\n\nBreathe out. Rest.", 21, ["Breathe in.", "Breathe out. Rest."]),
        ("Hi.\n\nA long sentence follows here", 30, ["Hi.\n\nA long sentence follows", "here"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("an abcdefghij", 5, ["an", "abcde", "fghij"]),
        ("😀😀😀", 4, ["😀😀", "😀"]),
        (FAMILY * 2, 8, [FAMILY, FAMILY]),
        (f"He said “go.” {THUMB}", 14, ["He said “go.”", THUMB]),
        ("5 mg 30\u00a0mg", 8, ["5 mg", "30\u00a0mg"]),
    ],
)
def test_texts_are_cut_where_a_reader_would_pause(text: str, limit: int, expected: list[str]) -> None:
    assert split(text, limit) == expected


def test_a_grapheme_beyond_the_limit_is_cut_at_last() -> None:
    assert "".join(split(FAMILY, 3)) == FAMILY


def test_an_escape_pair_goes_whole_to_the_next_text() -> None:
    texts = split("a" * 152 + "€" + "a" * 400, 1, lambda text: count(text).parts)
    assert "".join(texts) == "a" * 152 + "€" + "a" * 400
    assert all(count(text).parts == 1 for text in texts)


def test_a_limit_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="1 or more"):
        split("a", 0)


@settings(max_examples=40, deadline=None)
@given(WORDS, st.integers(12, 80))
def test_parts_fit_and_lose_nothing_but_white_space(text: str, limit: int) -> None:
    parts = split(text, limit)
    assert all(parts)
    assert all(utf16_units(part) <= limit for part in parts)
    assert re.sub(r"\s", "", "".join(parts)) == re.sub(r"\s", "", text)


@settings(max_examples=40, deadline=None)
@given(WORDS, st.integers(1, 3))
def test_sms_parts_fit_their_segments(text: str, limit: int) -> None:
    parts = split(text, limit, lambda part: count(part).parts)
    assert all(count(part).parts <= limit for part in parts)
    assert re.sub(r"\s", "", "".join(parts)) == re.sub(r"\s", "", text)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(st.sampled_from("abcxyz’-"), min_size=1, max_size=12), max_size=60), st.integers(12, 60))
def test_no_word_is_cut_that_fits(words: list[str], limit: int) -> None:
    assert [word for part in split(" ".join(words), limit) for word in part.split()] == words


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from([FAMILY, WALES, THUMB, KEYCAP, SPAIN, "e\u0301", "a", "각", "각"]), max_size=40))
def test_no_grapheme_is_cut(graphemes: list[str]) -> None:
    text = "".join(graphemes)
    whole: set[int] = set()
    for grapheme in graphemes:
        whole.add(len(grapheme) + max(whole, default=0))
    assert set(boundaries(text)) <= whole
    position = 0
    for part in split(text, 20):
        position += len(part)
        assert position in whole
