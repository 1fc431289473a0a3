"""Finds the key words of risk behind leet, stars, spaced letters, doubled letters and single typos."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import product

_LEET: dict[str, str] = {
    "0": "o", "1": "il", "!": "il", "|": "il", "3": "e", "4": "a", "@": "a", "5": "s", "$": "s", "7": "t", "8": "b", "9": "g",
}  # fmt: skip
_SHORTEST_TYPO = 5
_SHORTEST_SWAP = 4  # in four letters only two swapped neighbours are a typo: "wnat"; one changed letter is another word
_MOST_READINGS = 16
_FEWEST_CONSONANTS = 3
_LONGEST_WORD = 24  # no key word in disguise is longer; bounds the work on floods of letters
_LONGEST_RUN = 80
_RUN = re.compile(r"(.)\1{2,}")
_STARS = re.compile(r"\*+")


class Disguises:
    """Knows the key words and gives back the one behind a written word, if there is one."""

    def __init__(self, key_words: Iterable[str], not_typos: Iterable[str], known: frozenset[str]) -> None:
        self._keys = tuple(dict.fromkeys(key_words))
        self._key_set = frozenset(self._keys)
        self._targets = self._key_set | known
        self._not_typos = frozenset(not_typos) | known | self._key_set
        self._near = {near: key for key in reversed(self._keys) if len(key) >= _SHORTEST_TYPO for near in _shorter(key)}
        self._bare: dict[str, str] = {_bare(key): key for key in reversed(self._keys) if len(key) >= _SHORTEST_SWAP}
        self._longest = max(map(len, self._keys), default=0)

    def reveal(self, word: str) -> str | None:
        """The key word that `word` hides; None where it hides none."""
        if len(word) > _LONGEST_WORD:
            return None
        if "*" in word:
            return self._behind_stars(word)
        if any(sign in _LEET for sign in word) and any(sign.isalpha() for sign in word):
            return self._behind_leet(word)
        return self._behind_runs(word) or self._typo(word) or self._without_vowels(word)

    def split(self, letters: str) -> list[str] | None:
        """Key words that, written without a space, give `letters`; None where they don't."""
        if len(letters) > _LONGEST_RUN:
            return None
        best: list[list[str] | None] = [[]] + [None] * len(letters)
        for end in range(1, len(letters) + 1):
            for start in range(max(0, end - self._longest), end):
                before, word = best[start], self._as_key(letters[start:end])
                if before is not None and word and (best[end] is None or len(before) + 1 < len(best[end] or ())):
                    best[end] = [*before, word]
        return best[-1]

    def _as_key(self, word: str) -> str | None:
        return word if word in self._key_set else next((r for r in _readings(word) if r in self._key_set), None)

    def _behind_stars(self, word: str) -> str | None:
        # "k*ll" first means one letter a star; "s***e" is also written with too few or too many stars
        exact = re.compile(_STARS.sub(lambda stars: "[a-z]" * len(stars[0]), word))
        loose = re.compile(_STARS.sub("[a-z]{1,6}", word)) if word.count("*") > 1 else exact
        shapes = (exact, loose)
        return next((key for shape in shapes for key in self._keys if len(key) > 2 and shape.fullmatch(key)), None)

    def _behind_leet(self, word: str) -> str | None:
        for reading in _readings(word):
            if reading in self._targets:
                return reading
            near = self._typo(reading) if len(reading) > _SHORTEST_TYPO else None
            if near:
                return near
        return None

    def _behind_runs(self, word: str) -> str | None:
        if not _RUN.search(word) and not (len(word) > 1 and word[-1] == word[-2]):
            return None
        for width in (2, 1):
            short = _RUN.sub(r"\1" * width, word)
            for reading in (short, _undouble(short)):
                if reading in self._targets and reading != word:
                    return reading
        return None

    def _without_vowels(self, word: str) -> str | None:
        """ "thnk", "nthng": a word without any vowel is its consonants; needs three to be told from an abbreviation."""
        if len(word) < _FEWEST_CONSONANTS or word in self._not_typos or _bare(word) != word:
            return None
        return self._bare.get(word)

    def _typo(self, word: str) -> str | None:
        if len(word) < _SHORTEST_SWAP or word in self._not_typos or not word.isalpha():
            return None
        swapped = next((key for key in _swaps(word) if key in self._key_set), None)
        if swapped or len(word) < _SHORTEST_TYPO - 1:
            return swapped
        if word in self._near:
            return self._near[word]
        for near in _shorter(word):
            if near in self._key_set and len(near) >= _SHORTEST_TYPO:
                return near
            key = self._near.get(near)
            if key and len(key) == len(word) and _is_one_slip(word, key):
                return key
        return None


def _readings(word: str) -> list[str]:
    choices = [_LEET.get(sign, sign) for sign in word]
    return ["".join(reading) for _, reading in zip(range(_MOST_READINGS), product(*choices), strict=False)]


def _bare(word: str) -> str:
    return re.sub("[aeiou]", "", word)


def _undouble(word: str) -> str:
    return re.sub(r"(.)\1$", r"\1", word)


def _shorter(word: str) -> list[str]:
    return [word[:at] + word[at + 1 :] for at in range(len(word))]


def _swaps(word: str) -> list[str]:
    return [word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(len(word) - 1)]


def _is_one_slip(word: str, key: str) -> bool:
    """One letter replaced; the first letter is nearly always typed right."""
    wrong = [at for at in range(len(key)) if word[at] != key[at]]
    return len(wrong) == 1 and wrong[0] > 0
