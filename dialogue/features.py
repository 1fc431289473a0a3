"""The surface of a message as weighted grams: letters within words (2-4) and words (1-2), each part TF-IDF of length one.

The same few lines serve training and answering; scikit-learn's vectorisers give the same numbers, 1 ms later a message.
"""

from __future__ import annotations

from collections import Counter
from itertools import chain, pairwise
from typing import Dict, Iterable, Iterator, Sequence, Text, Tuple

import numpy as np
from scipy.sparse import csr_matrix

LETTERS = (2, 3, 4)
SEEN_IN = 2  # lines a gram must occur in


class Grams:
    """The grams known and their weights.

    Args:
        names: Grams in the order of their columns; letter grams first.
        letter_grams: How many of them are of letters.
        weights: Inverse document frequency of each.
    """

    def __init__(self, names: Sequence[Text], letter_grams: int, weights: np.ndarray) -> None:
        self.names = list(names)
        self.letter_grams = letter_grams
        self.weights = weights.astype(np.float32)
        self._letters: Dict[Text, int] = {name: place for place, name in enumerate(self.names[:letter_grams])}
        self._words: Dict[Text, int] = {
            name: place for place, name in enumerate(self.names[letter_grams:], start=letter_grams)
        }

    @classmethod
    def learned(cls, lines: Sequence[Text]) -> Grams:
        """The grams that occur in two lines or more.

        Args:
            lines: Normalised training lines.
        """
        letters, words = counted(map(letter_grams, lines)), counted(map(word_grams, lines))
        names = [*letters, *words]
        seen_in = np.array([*letters.values(), *words.values()], np.float64)
        return cls(names, len(letters), np.log((1 + len(lines)) / (1 + seen_in)) + 1)

    def of(self, line: Text) -> Tuple[np.ndarray, np.ndarray]:
        """Columns and values of one normalised line."""
        parts = [self._part(self._letters, letter_grams(line)), self._part(self._words, word_grams(line))]
        return np.concatenate([places for places, _ in parts]), np.concatenate([values for _, values in parts])

    def _part(self, known: Dict[Text, int], grams: Iterable[Text]) -> Tuple[np.ndarray, np.ndarray]:
        counts = Counter(known[gram] for gram in grams if gram in known)
        places = np.fromiter(counts.keys(), np.int32, len(counts))
        values = (1 + np.log(np.fromiter(counts.values(), np.float32, len(counts)))) * self.weights[places]
        return places, values / max(float(np.linalg.norm(values)), 1e-9)

    def matrix(self, lines: Sequence[Text]) -> csr_matrix:
        """One row a line."""
        rows = [self.of(line) for line in lines]
        ends = np.cumsum([0, *(len(places) for places, _ in rows)])
        columns = np.concatenate([places for places, _ in rows])
        values = np.concatenate([values for _, values in rows])
        return csr_matrix((values, columns, ends), shape=(len(rows), len(self.names)))


def letter_grams(line: Text) -> Iterator[Text]:
    """Runs of 2-4 letters within words; a word's ends count as a space."""
    for word in line.split():
        padded = f" {word} "
        for size in LETTERS:
            if size >= len(padded):
                yield padded
                break
            for start in range(len(padded) - size + 1):
                yield padded[start : start + size]


def word_grams(line: Text) -> Iterator[Text]:
    """Words and pairs of neighbours."""
    words = line.split()
    return chain(words, (f"{first} {second}" for first, second in pairwise(words)))


def counted(lines: Iterable[Iterable[Text]]) -> Dict[Text, int]:
    """In how many lines each gram occurs, without the rare ones."""
    counts: Dict[Text, int] = {}
    for grams in lines:
        for gram in set(grams):
            counts[gram] = counts.get(gram, 0) + 1
    return {gram: count for gram, count in sorted(counts.items()) if count >= SEEN_IN}
