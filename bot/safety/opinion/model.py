"""Runs the tuned encoder: a text in, chances of each tier and kind out, with each token's share in them.

The weights and how they were made stand in models/screen (see its manifest.json and `tune/`). The last layer is linear on
the mean of the tokens, so each token's share of the sum is known exactly: that is the evidence that staff see.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from bot.errors import ContentError
from bot.safety.tiers import Kind, Tier

Floats = NDArray[np.float32]

TIERS = (Tier.NONE, Tier.WATCH, Tier.URGENT, Tier.EMERGENCY)
KINDS = (
    Kind.SUICIDE, Kind.SELF_HARM, Kind.OVERDOSE, Kind.MEDICAL, Kind.ABUSE, Kind.HOPELESSNESS, Kind.OTHER_PERSON, Kind.NONE,
)  # fmt: skip
MODEL, TOKENIZER, MANIFEST = "model.onnx", "tokenizer.json", "manifest.json"
LONGEST_TOKENS = 128  # of one window, the two marks at its ends included
STEP_TOKENS = 84  # of long messages, windows overlap by a third, so that a sentence is whole in one of them


@dataclass(frozen=True)
class Reading:
    """What the encoder makes of one window of a text.

    Attributes:
        tiers: chance of each of `TIERS`, float32 (4,).
        kinds: chance of each of `KINDS`, float32 (8,).
        shares: each token's part in each tier's score, float32 (tokens, 4).
        spans: each token's place in the text that was read, (start, end).
    """

    tiers: Floats
    kinds: Floats
    shares: Floats
    spans: tuple[tuple[int, int], ...]

    def at_least(self, tier: Tier) -> float:
        """The chance that the text is of that tier or a graver one."""
        return float(self.tiers[tier.rank :].sum())


class Encoder:
    """The tuned encoder. Opened once (0.3 s); answers in about 5 ms a window of 20 tokens on one thread.

    Args:
        folder: where weights, tokenizer and manifest lie.

    Raises:
        ContentError: a file is absent or is not the one that the manifest describes.
    """

    def __init__(self, folder: Path) -> None:
        self.manifest = _manifest(folder)
        self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._start, self._end = (int(self.manifest["marks"][name]) for name in ("start", "end"))
        self._warmth = float(self.manifest["temperature"])
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # the cores are shared with Rasa
        self._session = onnxruntime.InferenceSession(str(folder / MODEL), options, providers=["CPUExecutionProvider"])

    def read(self, text: str, context: str = "") -> list[Reading]:
        """Readings of a text, one for each window; a message of ordinary length is one.

        Args:
            text: a legible message.
            context: what was said before, in the form that the manifest names; read with the first window, as far as it fits.
        """
        coded = self._tokenizer.encode(text, add_special_tokens=False)
        before = self._tokenizer.encode(context, add_special_tokens=False).ids if context else []
        room = LONGEST_TOKENS - 2
        if len(coded.ids) + len(before) <= room:
            return [self._window(before, coded.ids, coded.offsets)]
        starts = range(0, max(1, len(coded.ids) - (room - STEP_TOKENS)), STEP_TOKENS)
        kept = before[-(room // 2) :] if len(coded.ids) <= room // 2 else []
        return [self._window(kept, coded.ids[at : at + room], coded.offsets[at : at + room]) for at in starts]

    def _window(self, before: list[int], ids: list[int], spans: list[tuple[int, int]]) -> Reading:
        row = np.array([[self._start, *before, *ids, self._end]], np.int64)
        mask = np.ones_like(row, np.float32)
        scores: Floats = self._session.run(None, {"ids": row, "mask": mask})[0][0]
        mean = scores.mean(axis=0)
        own: Floats = scores[1 + len(before) : 1 + len(before) + len(ids), : len(TIERS)] / np.float32(len(scores))
        return Reading(_chances(mean[: len(TIERS)] / self._warmth), _chances(mean[len(TIERS) :]), own, tuple(spans))


def _chances(scores: Floats) -> Floats:
    raised = np.exp(scores - scores.max())
    return np.asarray(raised / raised.sum(), np.float32)


def _manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    try:
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        for name, digest in manifest["files"].items():
            if hashlib.sha256((folder / name).read_bytes()).hexdigest() != digest:
                raise ContentError(folder / name, 0, "is not the file that manifest.json describes: check it out anew")
    except (OSError, ValueError, KeyError) as error:
        raise ContentError(path, 0, f"can't be read ({type(error).__name__}): check models/screen out anew") from None
    return manifest
