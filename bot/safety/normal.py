"""Turns what a phone sends into plain words, each with its place in the original, so that one rule fits all spellings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from bot.content.safety_models import Spelling
from bot.safety.disguise import Disguises
from bot.safety.letters import Letters, plain_letters
from bot.safety.wordforms import NUMBER_WORDS

_TOKEN = re.compile(
    r"(?P<figure>\d+(?:[.,:/]\d+)+)"
    r"|(?P<word>[$@*]{0,2}[^\W_](?:[^\W_]|\*|['!$@|](?=[^\W_*]))*)"
    r"|(?P<pause>\.{2,}|…|[,;:()\[\]—–]|\s-\s)"
    r"|(?P<end>(?:[.!?]\s*)+)"
    r"|(?P<line>\n+)"  # thumbs break lines inside a sentence: a line ends a clause only
)
_SPACED = re.compile(r"(?<![^\W_'])[a-z0-9@$](?:(?:[.\-_*]|[ ]{1,3}|, ?)[a-z0-9@$!](?![^\W_'])){2,}")
_SPLIT_FIGURE = re.compile(r"(\d+)([a-z]+)$")
_CONTRAST = frozenset({"but", "however", "although", "though", "yet", "except", "anyway"})
_IS = frozenset(
    "he she it that there here what who how where nothing everything everyone everybody nobody today this tonight tomorrow".split()
)
_SPOKEN_PAUSES = frozenset({",", "comma"})  # speech-to-text writes the signs out
_SPOKEN_ENDS = frozenset({".", "period"})
_SHORT = {"m": "am", "re": "are", "ve": "have", "ll": "will", "d": "would"}
_UNITS = frozenset({"mg", "mgs", "mcg", "ug", "ml", "mls", "g", "gram", "grams", "milligrams", "micrograms"})
_GREAT_WEIGHT = 3000  # "took 30 mg" is a weight, not thirty of them; thousands of mg are kept as a number to be counted
_WORD_CACHE = 8192


@dataclass(frozen=True, slots=True)
class Token:
    """One plain word.

    Attributes:
        text: the word, lower case, in the spelling of the rules.
        start: offset of its first letter in the original.
        end: offset after its last letter there.
        clause: number of the clause (commas, brackets, dashes part them).
        side: number of the part of the message before or after a "but".
    """

    text: str
    start: int
    end: int
    clause: int
    side: int


class Normaliser:
    """Splits texts into sentences of plain words."""

    def __init__(self, spelling: Spelling, known: Iterable[str] = ()) -> None:
        self._words = {word: tuple(meaning.split()) for word, meaning in spelling.words.items()}
        self._emoji = spelling.emoji
        self._disguises = Disguises(spelling.key_words, spelling.not_typos, frozenset(known))
        self._known = frozenset(known) | frozenset(spelling.not_typos)
        self._phrases: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
        self.plain = lru_cache(_WORD_CACHE)(self._plain)
        for written, meant in spelling.phrases.items():
            key = tuple(word for piece in written.split() for word in self.plain(piece))
            self._phrases.setdefault(key[0], []).append((key, tuple(meant.split())))
        for entries in self._phrases.values():
            entries.sort(key=lambda entry: -len(entry[0]))

    def sentences(self, text: str) -> list[list[Token]]:
        """The sentences of a text; never raises, empty for a text without words."""
        letters = plain_letters(text, self._emoji)
        out: list[list[Token]] = [[]]
        clause = side = 0
        for word, start, end in self._written(letters):
            if word in _SPOKEN_ENDS:
                clause += 1
                side += 1
                if out[-1]:
                    out.append([])
            elif word in _SPOKEN_PAUSES:
                clause += 1
            else:
                for plain in self.plain(word):
                    if plain in _CONTRAST:
                        clause, side = clause + 1, side + 1
                    out[-1].append(Token(plain, letters.starts[start], letters.ends[end - 1], clause, side))
        return [self._join_phrases(_without_weights(sentence)) for sentence in out if sentence]

    def spaced_out(self, letters: str) -> Iterator[tuple[int, int, str]]:
        """Where words are written "l i k e  t h i s": start, end, and the words. `letters` are plain and small."""
        for spaced in _SPACED.finditer(letters):
            hidden = self._unspaced(spaced)
            if hidden:
                yield spaced.start(), spaced.end(), " ".join(word for word, _, _ in hidden)

    def written_out(self, word: str) -> str | None:
        """What a short form or known slip stands for; None for any other word."""
        return " ".join(self._words.get(word, ())) or None

    def revealed(self, word: str) -> str | None:
        """The word behind a disguise; None where there is none."""
        hidden = self._disguises.reveal(word)
        return " ".join(self._words.get(hidden, (hidden,))) if hidden else None

    def phrase(self, words: str) -> tuple[str, ...]:
        """The plain words of a phrase in a rule."""
        return tuple(token.text for sentence in self.sentences(words) for token in sentence)

    def _written(self, letters: Letters) -> Iterator[tuple[str, int, int]]:
        at = 0
        for spaced in _SPACED.finditer(letters.text):
            hidden = self._unspaced(spaced)
            if hidden:
                yield from self._tokens(letters.text, at, spaced.start())
                yield from hidden
                at = spaced.end()
        yield from self._tokens(letters.text, at, len(letters.text))

    def _unspaced(self, spaced: re.Match[str]) -> list[tuple[str, int, int]] | None:
        signs = [(sign, at) for at, sign in enumerate(spaced[0], spaced.start()) if sign not in " .-_*,"]
        words = self._disguises.split("".join(sign for sign, _ in signs))
        if not words or (len(words) > 1 and max(map(len, words)) < 3):
            return None
        out, used = [], 0
        for word in words:
            out.append((word, signs[used][1], signs[used + len(word) - 1][1] + 1))
            used += len(word)
        return out

    def _tokens(self, text: str, start: int, end: int) -> Iterator[tuple[str, int, int]]:
        for found in _TOKEN.finditer(text, start, end):
            if found["pause"] or found["line"]:
                yield ",", found.start(), found.end()
            elif found["end"]:
                yield ".", found.start(), found.end()
            else:
                yield from self._pieces(found[0].rstrip("*") if found["figure"] else found[0], found.start())

    def _pieces(self, word: str, start: int) -> Iterator[tuple[str, int, int]]:
        if not any(sign in word for sign in "!$@|") or self._disguises.reveal(word):
            yield word, start, start + len(word)
            return
        for piece in re.finditer(r"[^!$@|]+|!", word):
            yield ("." if piece[0] == "!" else piece[0]), start + piece.start(), start + piece.end()

    def _plain(self, word: str) -> tuple[str, ...]:
        """The plain words behind one written word."""
        if word in self._words:
            return self._words[word]
        if "'" in word:
            return self._contraction(word)
        if word in NUMBER_WORDS:
            return (NUMBER_WORDS[word],)
        if word in self._known or word.isdecimal():
            return (word,)
        revealed = self._disguises.reveal(word)
        if revealed:
            return self._words.get(revealed, (revealed,))
        figure = _SPLIT_FIGURE.match(word)
        return (figure[1], figure[2]) if figure else (word,)

    def _contraction(self, word: str) -> tuple[str, ...]:
        stem, _, rest = word.rpartition("'")
        bare = word.replace("'", "")
        if rest == "t" and stem.endswith("n"):
            return self._words.get(bare, (*self.plain(stem[:-1]), "not"))
        if rest in _SHORT:
            return (*self.plain(stem), _SHORT[rest])
        if rest == "s":
            return (*self.plain(stem), "is") if stem in _IS else self.plain(stem)
        return self.plain(bare) if bare else ()

    def _join_phrases(self, tokens: list[Token]) -> list[Token]:
        out: list[Token] = []
        at = 0
        while at < len(tokens):
            size, meant = self._phrase_at(tokens, at)
            if size:
                first, last = tokens[at], tokens[at + size - 1]
                out.extend(Token(word, first.start, last.end, first.clause, first.side) for word in meant)
            else:
                out.append(tokens[at])
            at += size or 1
        return out

    def _phrase_at(self, tokens: list[Token], at: int) -> tuple[int, tuple[str, ...]]:
        for key, meant in self._phrases.get(tokens[at].text, ()):
            if all(at + i < len(tokens) and tokens[at + i].text == word for i, word in enumerate(key)):
                return len(key), meant
        return 0, ()


def _without_weights(tokens: list[Token]) -> list[Token]:
    """The tokens, with the numbers of weights ("30 mg") made words that no rule counts."""
    out = list(tokens)
    for at, (token, unit) in enumerate(pairwise(tokens)):
        if unit.text in _UNITS and token.text.isdecimal() and len(token.text) < 5 and int(token.text) < _GREAT_WEIGHT:
            out[at] = replace(token, text="a_weight")
    return out
