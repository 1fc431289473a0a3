"""From a message to the probability of each intent. Knows nothing of Rasa.

Kernel ridge regression in one step: the likeness of two messages is 4·exp(2·(cosine of their MiniLM vectors - 1)) plus the
cosine of their letter grams plus that of their word grams. Trained on one writer and tested on the other (60 intents,
3,505 lines each way): 73.1 / 76.1 %; MiniLM and TF-IDF logistic regressions averaged in log space: 70.9 / 74.4 %, and
three times the time to fit. Out of scope is one of the intents.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Callable, Dict, Optional, Sequence, Text, Tuple

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.linalg.blas import ssyrk
from scipy.sparse import csr_matrix

from dialogue.encoder import Encoder, VectorCache
from dialogue.features import Grams
from dialogue.normal import Normaliser, counted

SENSE = 4.0  # weight of meaning against surface; 2 loses .01, 8 and 16 lose .001-.006 (one writer to the other)
WIDTH = 2.0  # of the kernel on cosines; 1.5-3 alike, 4 loses .03 alone
RIDGE = 0.3  # .1-1 alike
SHARPNESS = 20.0  # one temperature, by log loss on the development set: ECE .031; 14: .054, 30: .053
FREQUENT = 150  # lines a gram occurs in, to be a dense column; 120-250 alike
RANKED = 10
RISK = "risk_"
SHORT = 16  # letters: yes, no thanks, 10, 15 and 12. What many people write says nothing of one; longer texts are never kept
SHORT_KEPT = 1000
RISK_SHOWN = 0.05  # a danger this likely is always in the ranking: the sum of risk_* is what finds the most

Told = Callable[[Text], None]


class Understanding:
    """A fitted model.

    Args:
        intents: Names, in the order of the columns.
        vectors: MiniLM vectors of the training lines.
        pulls: Weight of each training line for each intent.
        surface: Weight of each gram for each intent.
        grams: The grams known.
        normalise: How a message is cleaned first.
        encoder: What made the vectors.
    """

    def __init__(
        self,
        intents: Sequence[Text],
        vectors: np.ndarray,
        pulls: np.ndarray,
        surface: np.ndarray,
        grams: Grams,
        normalise: Normaliser,
        encoder: Encoder,
    ) -> None:
        self.intents = list(intents)
        self.dangers = np.array([name.startswith(RISK) for name in intents])
        self.vectors = np.ascontiguousarray(vectors, np.float32)
        self.pulls = np.ascontiguousarray(pulls, np.float32)
        self.surface = np.ascontiguousarray(surface, np.float32)
        self.grams = grams
        self.normalise = normalise
        self.encoder = encoder
        self._ranking_of_short = lru_cache(SHORT_KEPT)(self._ranking)

    @classmethod
    def fitted(
        cls, lines: Sequence[Text], intents: Sequence[Text], cache: Path, told: Optional[Told] = None
    ) -> Understanding:
        """Learns from labelled lines.

        Args:
            lines: As people write them.
            intents: One for each line.
            cache: Folder of the vectors of earlier trainings.
            told: Called with a sentence on each stage.
        """
        tell = told or (lambda sentence: None)
        names = sorted(set(intents))
        vocabulary = counted(lines)
        normalise, encoder = Normaliser(vocabulary), Encoder(threads=2)
        clean = [normalise(line) for line in lines]
        vectors = rounded(VectorCache(cache, encoder.name).encode(clean, encoder, progress(tell)))
        tell(f"fitting {len(names)} intents on {len(lines):,} lines")
        grams = Grams.learned(clean)
        pulls, surface = solved(vectors, grams, clean, np.searchsorted(names, intents), len(names))
        return cls(names, vectors, pulls, surface, grams, normalise, encoder)

    def scores(self, text: Text) -> np.ndarray:
        """The probability of each intent, in the order of `intents`."""
        line = self.normalise(text)
        likeness = SENSE * np.exp(WIDTH * (self.vectors @ self.encoder.one(line) - 1))
        places, values = self.grams.of(line)
        sums = likeness @ self.pulls + values @ self.surface[places]
        raised = np.exp(SHARPNESS * (sums - sums.max()))
        return raised / raised.sum()

    def ranking(self, text: Text) -> Sequence[Tuple[Text, float]]:
        """The likeliest ten intents, best first, then any danger above 5 %; of the commonest short texts from memory."""
        return self._ranking_of_short(text) if len(text) <= SHORT else self._ranking(text)

    def _ranking(self, text: Text) -> Tuple[Tuple[Text, float], ...]:
        chances = self.scores(text)
        order = np.argsort(-chances)
        rest = order[RANKED:]
        shown = [*order[:RANKED], *rest[self.dangers[rest] & (chances[rest] > RISK_SHOWN)]]
        return tuple((self.intents[place], round(float(chances[place]), 4)) for place in shown)

    def save(self, folder: Path) -> None:
        """Writes the arrays, the vectors in half precision, and the words as JSON."""
        folder.mkdir(parents=True, exist_ok=True)
        arrays = {"pulls": self.pulls, "surface": self.surface, "weights": self.grams.weights}
        np.savez(folder / "weights.npz", vectors=self.vectors.astype(np.float16), **arrays)
        words = {
            "encoder": self.encoder.name,
            "intents": self.intents,
            "grams": self.grams.names,
            "letter_grams": self.grams.letter_grams,
            "vocabulary": self.normalise.vocabulary,
        }
        (folder / "words.json").write_text(json.dumps(words, ensure_ascii=False), "utf-8")

    @classmethod
    def read(cls, folder: Path, threads: int = 1) -> Understanding:
        """Reads what `save` wrote.

        Raises:
            ValueError: The vectors were made by another encoder; train again.
        """
        words: Dict[Text, object] = json.loads((folder / "words.json").read_text("utf-8"))
        encoder = Encoder(threads)
        if words["encoder"] != encoder.name:
            raise ValueError(f"model made with encoder {words['encoder']}, here is {encoder.name}: train again")
        with np.load(folder / "weights.npz", allow_pickle=False) as arrays:
            grams = Grams(words["grams"], words["letter_grams"], arrays["weights"])
            parts = (arrays["vectors"], arrays["pulls"], arrays["surface"])
            model = cls(words["intents"], *parts, grams, Normaliser(words["vocabulary"]), encoder)
        model.scores("hello")  # loads what loads at first use
        return model


def rounded(vectors: np.ndarray) -> np.ndarray:
    """As they will be read back from half precision, so that the model is fitted on what it will see."""
    return vectors.astype(np.float16).astype(np.float32)


def solved(
    vectors: np.ndarray, grams: Grams, lines: Sequence[Text], labels: np.ndarray, count: int
) -> Tuple[np.ndarray, np.ndarray]:
    """Solves (K + ridge) · pulls = targets; folds the grams' part into weights of the grams."""
    surface = grams.matrix(lines)
    kernel = products(surface)
    meaning = ssyrk(1.0, np.asfortranarray(vectors.T), trans=1, lower=1)
    kernel += SENSE * np.exp(WIDTH * (meaning - 1))
    kernel[np.diag_indices_from(kernel)] += RIDGE
    targets = np.full((len(labels), count), -1 / count, np.float32)
    targets[np.arange(len(labels)), labels] += 1
    pulls = cho_solve(cho_factor(kernel, lower=True, overwrite_a=True, check_finite=False), targets, check_finite=False)
    return pulls, surface.T @ pulls


def products(rows: csr_matrix) -> np.ndarray:
    """All products of rows with rows, in the lower triangle: 1.4 s of CPU for 7,000 lines, all sparse 4 s."""
    frequent = np.bincount(rows.indices, minlength=rows.shape[1]) > FREQUENT
    rare = rows[:, ~frequent]
    kernel = ssyrk(1.0, np.asfortranarray(rows[:, frequent].toarray().T), trans=1, lower=1)
    kernel += (rare @ rare.T).toarray(order="F")
    return kernel


def progress(tell: Told) -> Callable[[int, int], None]:
    """Says how many new lines are to be encoded, then every thousandth."""
    said = [-1]

    def told(done: int, total: int) -> None:
        if said[0] < 0:
            tell(f"encoding {total:,} new lines")
        if done // 1000 > said[0]:
            said[0] = done // 1000
            if said[0]:
                tell(f"  {done:,} of {total:,}")

    return told
