"""Shows what thresholds cost, on families of lines that training left out: `python -m tune.choose --model models/screen`.

Prints the temperature that fits best, and the operating curve of the opinion alone. With `--set EMERGENCY URGENT WATCH` it
writes these thresholds, and the temperature, into the manifest.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.safety.opinion.model import MANIFEST, TIERS, Encoder
from tune.rows import Row, read_all
from tune.train import parted

Floats = NDArray[np.float64]
WARMTHS = np.round(np.arange(0.5, 3.01, 0.1), 2)
STEPS = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)


def logits(encoder: Encoder, rows: list[Row]) -> Floats:
    """Log-chances of each tier at temperature 1, (lines, 4): of a long line those of its gravest window."""
    warmth = float(encoder.manifest["temperature"])
    gravest = (max(encoder.read(row.text), key=lambda one: one.at_least(TIERS[2])).tiers for row in rows)
    return np.array([np.log(np.clip(chances, 1e-9, 1)) * warmth for chances in gravest], np.float64)


def chances(scores: Floats, warmth: float) -> Floats:
    """Chances of each tier, (lines, 4)."""
    raised = np.exp((scores - scores.max(axis=1, keepdims=True)) / warmth)
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), np.float64)


def fitted(scores: Floats, truth: NDArray[np.int64]) -> float:
    """The temperature with the least cross-entropy."""
    losses = [-np.log(chances(scores, warmth)[np.arange(len(truth)), truth]).mean() for warmth in WARMTHS]
    return float(WARMTHS[int(np.argmin(losses))])


def show(found: Floats, truth: NDArray[np.int64]) -> None:
    """The operating curve: what each threshold finds, and what it costs."""
    watch, urgent, emergency = (found[:, at:].sum(axis=1) for at in (1, 2, 3))
    none = truth == 0
    print(
        f"{'from':>5} {'emergency said so':>18} {'any alarm':>10} {'urgent':>7} {'false alarms':>13} {'watch':>6} {'soft':>6}"
    )
    for at in STEPS:
        cells = (
            (emergency >= at)[truth == 3].mean(), (urgent >= at)[truth == 3].mean(), (urgent >= at)[truth == 2].mean(),
            (urgent >= at)[none].mean(), (watch >= at)[truth == 1].mean(), (watch >= at)[none].mean(),
        )  # fmt: skip
        print(
            f"{at:5.2f} "
            + " ".join(f"{100 * cell:{w}.1f}" for cell, w in zip(cells, (18, 10, 7, 13, 6, 6), strict=True))
        )


def main() -> None:
    """Measure, print, and set where asked."""
    parser = argparse.ArgumentParser(prog="python -m tune.choose", description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--set", type=float, nargs=3, metavar=("EMERGENCY", "URGENT", "WATCH"))
    given = parser.parse_args()
    encoder = Encoder(given.model)
    _, held = parted(read_all())
    truth = np.array([[tier.value for tier in TIERS].index(row.tier) for row in held], np.int64)
    scores = logits(encoder, held)
    warmth = fitted(scores, truth)
    print(f"{len(held)} lines held out; temperature {warmth}")
    show(chances(scores, warmth), truth)
    if given.set:
        path = given.model / MANIFEST
        kept = json.loads(path.read_text("utf-8"))
        kept |= {
            "temperature": warmth,
            "thresholds": dict(zip(("emergency", "urgent", "watch"), given.set, strict=True)),
        }
        path.write_text(json.dumps(kept, indent=1), "utf-8")


if __name__ == "__main__":
    main()
