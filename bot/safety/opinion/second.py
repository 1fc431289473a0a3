"""Turns chances into findings: how grave, what about, and on which words it rests. May raise a tier, never lower one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from bot.safety.findings import Evidence, Finding
from bot.safety.normal import Normaliser
from bot.safety.opinion.legible import Legible, Reader
from bot.safety.opinion.model import KINDS, TIERS, Encoder, Reading
from bot.safety.tiers import Kind, Tier

LAYER = "opinion"
COACH, PERSON, NOW = "coach: ", "me: ", "now: "
JOINT = " / "
HINT = 0.42  # from this chance of any risk on, a message is read with what was said before, too
SHOWN_SHARE = 0.6  # of what speaks for the tier: the words that bring so much of it are shown
MOST_SPANS = 4
# Letters of texts whose readings are kept: a number, a time, yes, no thanks. Longer ones say whose they are.
SHORT, MOST_KNOWN = 12, 4096


class SecondOpinion:
    """The statistical layer. Build once and keep.

    Args:
        folder: of the model.
        normaliser: knows disguises and short forms.

    Raises:
        ContentError: the model's files are not there or not whole.
    """

    def __init__(self, folder: Path, normaliser: Normaliser) -> None:
        self._encoder, self._read = Encoder(folder), Reader(normaliser)
        thresholds: Mapping[str, float] = self._encoder.manifest["thresholds"]
        self._from = [(tier, float(thresholds[tier.value])) for tier in (Tier.EMERGENCY, Tier.URGENT, Tier.WATCH)]
        self._known: dict[str, list[Reading]] = {}

    def findings(self, text: str, before: Sequence[tuple[str, str]] = (), *, wary: bool = False) -> list[Finding]:
        """What the model finds in a message, read alone and, where that may change its sense, with what was said before.

        Read with ordinary talk around it, ordinary talk is misread more often than danger is missed without it.

        Args:
            text: the message.
            before: who ("person" or "coach") said what, oldest first.
            wary: whether to read it with these in any case; else only where it hints at risk by itself.
        """
        legible = self._read(text)
        if _is_mute(legible, wary):
            return []
        readings = self._alone(legible.text)
        if before and (wary or _hints(readings)):
            readings += self._in_context(legible, before)
        return self._findings(readings, legible)

    def at_hand(self, text: str, before: Sequence[tuple[str, str]] = (), *, wary: bool = False) -> list[Finding] | None:
        """The same where the encoder need not run: nothing to read, or short words that it knows; else None."""
        legible = self._read(text)
        if _is_mute(legible, wary):
            return []
        readings = self._known.get(legible.text)
        if readings is None or (before and (wary or _hints(readings))):
            return None
        return self._findings(readings, legible)

    def _alone(self, legible: str) -> list[Reading]:
        """Readings of a text by itself; those of short ones are kept, as everybody says "yes" and "not now"."""
        readings = self._known.get(legible)
        if readings is None:
            readings = self._encoder.read(legible)
            if len(legible) <= SHORT and len(self._known) < MOST_KNOWN:
                self._known[legible] = readings
        return list(readings)

    def _findings(self, readings: Sequence[Reading], legible: Legible) -> list[Finding]:
        found = (self._finding(reading, legible) for reading in readings)
        return [finding for finding in found if finding]

    def _in_context(self, legible: Legible, before: Sequence[tuple[str, str]]) -> list[Reading]:
        said = [f"{COACH if who == 'coach' else PERSON}{self._read(text).text}" for who, text in before]
        return self._encoder.read(legible.text, JOINT.join([*said, NOW]))

    def _finding(self, reading: Reading, legible: Legible) -> Finding | None:
        tier = next((tier for tier, threshold in self._from if reading.at_least(tier) >= threshold), None)
        if tier is None:
            return None
        kinds = reading.kinds[: KINDS.index(Kind.NONE)]
        return Finding(tier, KINDS[int(np.argmax(kinds))], _evidence(reading, legible, tier))


def _is_mute(legible: Legible, wary: bool) -> bool:
    """Whether there is nothing to read: a bare number says nothing by itself."""
    return not any(letter.isalpha() or (wary and letter.isdigit()) for letter in legible.text)


def _hints(readings: Sequence[Reading]) -> bool:
    return max(reading.at_least(Tier.WATCH) for reading in readings) >= HINT


def _evidence(reading: Reading, legible: Legible, tier: Tier) -> tuple[Evidence, ...]:
    """The words whose share speaks most for the tier rather than for none, joined where they touch."""
    for_it = reading.shares[:, TIERS.index(tier)] - reading.shares[:, 0]
    order = np.argsort(-for_it)
    speaking = float(np.clip(for_it, 0, None).sum())
    chosen: set[int] = set()
    told = 0.0
    for token in order:
        if told >= SHOWN_SHARE * speaking or for_it[token] <= 0:
            break
        chosen.add(int(token))
        told += float(for_it[token])
    spans = _words([reading.spans[token] for token in sorted(chosen)], legible.text)
    top = sorted(spans, key=lambda span: span[0] - span[1])[:MOST_SPANS]
    return tuple(
        Evidence(legible.starts[start], legible.ends[end - 1], LAYER, f"{LAYER}.{tier.value}")
        for start, end in sorted(top)
    ) or (Evidence(0, len(legible.starts) and legible.ends[-1], LAYER, f"{LAYER}.{tier.value}"),)


def _words(spans: Sequence[tuple[int, int]], text: str) -> list[tuple[int, int]]:
    """Pieces of words made whole, and neighbours with nothing but a space between joined."""
    out: list[tuple[int, int]] = []
    for first, last in spans:
        start, end = _whole(first, last, text)
        if out and start <= out[-1][1] + 1:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return out


def _whole(start: int, end: int, text: str) -> tuple[int, int]:
    while start > 0 and text[start - 1].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum():
        end += 1
    return start, end
