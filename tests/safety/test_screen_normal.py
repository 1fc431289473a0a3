"""What phones write becomes the words that rules know, each in its place in the original."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.once import rules

NORMAL = rules().normaliser

TABLE = [
    ("case", "I WANT To Die", "i want to die"),
    ("curly quote", "I don’t want", "i do not want"),
    ("no apostrophe", "dont cant wont im ive", "do not can not will not i am i have"),
    ("contractions", "she'll they've he'd we're", "she will they have he would we are"),
    ("is and of", "he's my mum's", "he is my mum"),
    ("full width", "ｋｉｌｌ", "kill"),
    ("accents", "suïcïde", "suicide"),
    ("zero width", "k\u200bi\u200dll", "kill"),
    ("bidi marks", "\u202ekill\u202c", "kill"),
    ("Cyrillic", "\u0441ut m\u0443self", "cut myself"),
    ("Greek", "d\u03b9\u03b5", "die"),
    ("leet", "k1ll my5elf", "kill myself"),
    ("leet signs", "d!e $uicide", "die suicide"),
    ("leet inside", "su1c1de 5uicide", "suicide suicide"),
    ("spaced letters", "k i l l  m y s e l f", "kill myself"),
    ("spaced in a run", "k i l l m y s e l f", "kill myself"),
    ("dotted letters", "d.i.e", "die"),
    ("repeated letters", "diiiie pleeease killll", "die kill"),
    ("stars", "su*cide k*ll k***", "suicide kill kill"),
    ("sms", "gonna do it 2nite", "going to do it tonight"),
    ("sms to be", "wanna b dead", "want to be dead"),
    ("slang", "kms", "kill myself"),
    ("dropped letter", "suicde", "suicide"),
    ("swapped letters", "myslef overdsoe", "myself overdose"),
    ("four letters swapped", "wnat", "want"),
    ("no vowels", "thnk", "think"),
    ("dictation", "kill my self with an over dose", "kill myself with an overdose"),
    ("sounded out", "sue aside", "suicide"),
    ("spoken signs", "i am low comma very low period", "i am low very low"),
    ("fillers go", "I just really fucking want", "i want"),
    ("not really stays", "not really", "not_really"),
    ("emoji", "💊🔪", "epills pills eknife knife"),
    ("emoji with skin and selector", "☠️", "eskull skull"),
    ("number words", "twenty tablets", "20 tablets"),
    ("weights are not counts", "took 30 mg", "took a_weight mg"),
    ("glued weights", "took 30mg", "took a_weight mg"),
    ("one is a pronoun", "no one", "nobody"),
    ("ordinary words stay", "bills tables putting grape", "bills tables putting grape"),
    ("shoulder words stay", "the skill of filling hills", "the skill of filling hills"),
]


@pytest.mark.parametrize(("written", "plain"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_writing_becomes_plain_words(written: str, plain: str) -> None:
    words = [token.text for sentence in NORMAL.sentences(written) for token in sentence]
    assert " ".join(words) == plain


def test_offsets_point_into_the_original() -> None:
    text = "Hey 😊 I’m gonna k\u200b1ll my5elf 2nite"
    found = {token.text: text[token.start : token.end] for s in NORMAL.sentences(text) for token in s}
    assert found["kill"] == "k\u200b1ll"
    assert found["myself"] == "my5elf"
    assert found["tonight"] == "2nite"


def test_sentences_and_clauses_part_the_words() -> None:
    first, second = NORMAL.sentences("I'm low, not lost but tired. Back is bad")
    assert [token.clause for token in first] == [0, 0, 0, 1, 1, 2, 2]
    assert first[-1].side == 1
    assert second[0].text == "back"


@given(st.text(max_size=300))
def test_any_text_gives_offsets_within_it(text: str) -> None:
    for sentence in NORMAL.sentences(text):
        assert all(0 <= token.start < token.end <= len(text) for token in sentence)
