"""Writes a message the way the second opinion has learned to read, and remembers where each letter stood.

Small letters, disguises taken off, emoji by their names, short forms written out. The words of a rule are not what it
reads (those lose too much): punctuation and grammar stay.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.safety.letters import Letters, plain_letters
from bot.safety.normal import Normaliser

_PIECE = re.compile(r"(?P<line>[ \t]*\n\s*)|(?P<space>[ \t]+)|(?P<word>[\w$@*!|']*[\w$@*|'])")
_SIGNS_IN_WORDS = frozenset("0123456789$@*|!")
_NAMELESS = re.compile(r"\b(face|sign|symbol|with|black|white|heavy)\b")
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_PICTURES = range(0x1F000, 0x1FB00)
LINE = " / "


class EmojiNames(Mapping[str, str]):
    """Each emoji -> its Unicode name in small letters."""

    def __contains__(self, sign: object) -> bool:
        return isinstance(sign, str) and (ord(sign) in _PICTURES or unicodedata.category(sign) in ("So", "Sk"))

    def __getitem__(self, sign: str) -> str:
        if unicodedata.category(sign) == "Sk" or ord(sign) in _SKIN_TONES:
            return ""
        return _NAMELESS.sub("", unicodedata.name(sign, "").lower())

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


_EMOJI = EmojiNames()


@dataclass(frozen=True)
class Legible:
    """A message as it is read.

    Attributes:
        text: what the model sees.
        starts: for each of its letters, the offset in the original at which what it stands for begins.
        ends: the same, for the end.
    """

    text: str
    starts: list[int]
    ends: list[int]


class Reader:
    """Makes messages legible.

    Args:
        normaliser: knows disguises and short forms.
    """

    def __init__(self, normaliser: Normaliser) -> None:
        self._normaliser = normaliser

    def __call__(self, text: str) -> Legible:
        """The message as the model reads it; never raises."""
        letters = plain_letters(text, _EMOJI)
        out = _Writer(letters)
        at = 0
        for start, end, words in self._normaliser.spaced_out(letters.text):
            self._copy(out, at, start)
            out.put(" ".join(self._word(word) for word in words.split()), start, end)
            at = end
        self._copy(out, at, len(letters.text))
        return out.done()

    def _copy(self, out: _Writer, start: int, end: int) -> None:
        at = start
        for found in _PIECE.finditer(out.letters.text, start, end):
            out.keep(at, found.start())
            if found["line"]:
                out.put(LINE, *found.span())
            elif found["space"]:
                out.put(" ", *found.span())
            else:
                out.put(self._word(found[0]), *found.span())
            at = found.end()
        out.keep(at, end)

    def _word(self, word: str) -> str:
        short = self._normaliser.written_out(word)
        if short is not None:
            return short
        if any(sign in _SIGNS_IN_WORDS for sign in word) and any(sign.isalpha() for sign in word):
            return self._normaliser.revealed(word) or word
        return word


class _Writer:
    """Collects the letters and where each came from."""

    def __init__(self, letters: Letters) -> None:
        self.letters = letters
        self._text: list[str] = []
        self._starts: list[int] = []
        self._ends: list[int] = []

    def keep(self, start: int, end: int) -> None:
        """Take letters over as they are."""
        for at in range(start, end):
            self._add(self.letters.text[at], at, at + 1)

    def put(self, words: str, start: int, end: int) -> None:
        """Write `words` for the letters from `start` to `end`."""
        if words == self.letters.text[start:end]:
            self.keep(start, end)
        else:
            for letter in words:
                self._add(letter, start, end)

    def _add(self, letter: str, start: int, end: int) -> None:
        if letter == " " and (not self._text or self._text[-1] == " "):
            return
        self._text.append(letter)
        self._starts.append(self.letters.starts[start])
        self._ends.append(self.letters.ends[end - 1])

    def done(self) -> Legible:
        """What was written."""
        return Legible("".join(self._text), self._starts, self._ends)
