"""Writes a message the way the training lines are written, before anything reads it.

Worth 2.5-4 points of accuracy whatever the classifier (nlu.md): emoji become their names, SMS shorthand and misspelt words
become words. Another language is left alone.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from importlib.resources import files
from itertools import islice
from typing import Dict, FrozenSet, Iterable, List, Mapping, Text

from symspellpy import SymSpell, Verbosity

from dialogue.shorthand import FOREIGN, SHORTHAND

QUOTES = str.maketrans(
    {"\u2018": "'", "\u2019": "'", "\u02bc": "'", "`": "'", "\u00b4": "'", "\u201c": '"', "\u201d": '"'}
)
TOKEN = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*|\w+|[^\w\s]")
REPEATED = re.compile(r"(.)\1{2,}")
PLAIN = re.compile(r"[a-z]+(?:'[a-z]+)?")
SHORTEST = 4  # letters; shorter words have too many neighbours
TWO_EDITS_FROM = 7  # letters; below, one edit
FOREIGN_SHARE = 0.5  # of the words unknown: another language, nothing is corrected
FOREIGN_WORDS = 3  # unknown words that it takes to say so
FOREIGN_SIGNS = 2  # small words of another language that say so as well
SUGGESTED = 30_000  # of the 82,765 words: the commonest may be suggested, all of them count as known
DOMAIN_WEIGHT = 10**7  # one occurrence in the training text counts like so many in the frequency list
KNOWN_FROM = 2  # occurrences in the training text; a word written once may be a slip of the writer's


@lru_cache(maxsize=1)
def frequencies() -> Dict[Text, int]:
    """The English words of symspellpy's list and how often they occur, commonest first."""
    lines = (files("symspellpy") / "frequency_dictionary_en_82_765.txt").read_text("utf-8-sig").splitlines()
    pairs = (line.split() for line in lines)
    return {word: int(count) for word, count in pairs}


class Normaliser:
    """Rewrites messages, with the words of the training text as its own.

    Args:
        vocabulary: Words of the training text and how often they occur there.
    """

    def __init__(self, vocabulary: Mapping[Text, int]) -> None:
        self.vocabulary = dict(vocabulary)
        own = {word: count for word, count in vocabulary.items() if count >= KNOWN_FROM}
        english = frequencies()
        self.known: FrozenSet[Text] = frozenset(english) | frozenset(own)
        self.speller = SymSpell(max_dictionary_edit_distance=2, prefix_length=7)
        for word in islice(english, SUGGESTED):
            self.speller.create_dictionary_entry(word, english[word] + DOMAIN_WEIGHT * own.get(word, 0))
        for word in own.keys() - english.keys():
            if PLAIN.fullmatch(word):
                self.speller.create_dictionary_entry(word, DOMAIN_WEIGHT * own[word])

    def __call__(self, text: Text) -> Text:
        """The message in plain lower-case words, never empty unless the message is."""
        words = tokens(text)
        return " ".join(words if self._is_foreign(words) else [self.respelt(word) for word in words])

    def _is_foreign(self, words: List[Text]) -> bool:
        lettered = [word for word in words if word[0].isalpha()]
        unknown = sum(word not in self.known for word in lettered)
        if sum(word in FOREIGN for word in lettered) >= FOREIGN_SIGNS:
            return True
        return unknown >= FOREIGN_WORDS and unknown > FOREIGN_SHARE * len(lettered)

    def respelt(self, word: Text) -> Text:
        """The nearest known word, or the word itself."""
        if word in self.known or not PLAIN.fullmatch(word):
            return word
        single = re.sub(r"(.)\1+", r"\1", word)
        if single in self.known:
            return single
        if len(word) < SHORTEST:
            return word
        edits = 2 if len(word) >= TWO_EDITS_FROM else 1
        found = self.speller.lookup(word, Verbosity.CLOSEST, max_edit_distance=edits)  # TOP breaks ties by hash seed
        return min(found, key=lambda near: (near.distance, -near.count, near.term)).term if found else word


def tokens(text: Text) -> List[Text]:
    """Words and signs of a message, cleaned but not yet spelt."""
    text = unicodedata.normalize("NFKC", named_emoji(text)).translate(QUOTES).lower()
    found: List[Text] = []
    for word in TOKEN.findall(REPEATED.sub(r"\1\1", text)):
        found.extend(SHORTHAND.get(word, word).split())
    return found


def named_emoji(text: Text) -> Text:
    """Replaces emoji by their Unicode names; joiners, skin tones and variation marks go."""
    if text.isascii():
        return text
    return "".join(_named(sign) for sign in text)


def _named(sign: Text) -> Text:
    code = ord(sign)
    if 0xFE00 <= code <= 0xFE0F or 0x1F3FB <= code <= 0x1F3FF or code == 0x200D:
        return ""
    if code >= 0x2190 and unicodedata.category(sign) == "So":
        return f" {unicodedata.name(sign, '').lower()} "
    return sign


def counted(texts: Iterable[Text]) -> Dict[Text, int]:
    """How often each word occurs in the training text."""
    counts: Dict[Text, int] = {}
    for text in texts:
        for word in tokens(text):
            counts[word] = counts.get(word, 0) + 1
    return counts
