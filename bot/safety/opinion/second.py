"""Turns chances into findings: how grave, what about, and on which words it rests. May raise a tier, never lower one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
# Letters of texts whose readings are kept, and how many: what many people write says nothing of one.
SHORT, MOST_KNOWN = 16, 4096


@dataclass(frozen=True)
class Alone:
    """A message made legible, and what the encoder makes of it by itself; no readings where it has no letters."""

    legible: Legible
    readings: tuple[Reading, ...]


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
        self._known: dict[str, tuple[Reading, ...]] = {}

    def findings(
        self, text: str, before: Sequence[tuple[str, str]] = (), *, wary: bool = False, alone: Alone | None = None
    ) -> list[Finding]:
        """What the model finds in a message, read alone and, where that may change its sense, with what was said before.

        Read with ordinary talk around it, ordinary talk is misread more often than danger is missed without it.

        Args:
            text: the message.
            before: who ("person" or "coach") said what, oldest first.
            wary: whether to read it with these in any case; else only where it hints at risk by itself.
            alone: what `alone` made of the text, if that is known.
        """
        alone = alone or self.alone(text)
        if _is_mute(alone, wary):
            return []
        readings = alone.readings or self._encoder.read(alone.legible.text)
        if before and (wary or _hints(readings)):
            readings = [*readings, *self._in_context(alone.legible, before)]
        return self._findings(readings, alone.legible)

    def at_hand(
        self, text: str, before: Sequence[tuple[str, str]] = (), *, wary: bool = False, alone: Alone | None = None
    ) -> list[Finding] | None:
        """The same where the encoder need not run (any more); else None."""
        alone = alone or self.known(text)
        if alone is None or (not alone.readings and not _is_mute(alone, wary)):
            return None
        if before and alone.readings and (wary or _hints(alone.readings)):
            return None
        return self._findings(alone.readings, alone.legible)

    def known(self, text: str) -> Alone | None:
        """The reading of a text alone where the encoder need not run: nothing to read, or short words that it knows."""
        legible = self._read(text)
        if not any(letter.isalpha() for letter in legible.text):
            return Alone(legible, ())  # a bare number says nothing by itself
        readings = self._known.get(legible.text)
        return None if readings is None else Alone(legible, readings)

    def alone(self, text: str) -> Alone:
        """The reading of a text alone; those of short ones are kept, as everybody says "yes" and "not now"."""
        alone = self.known(text)
        if alone is None:
            legible = self._read(text)
            alone = Alone(legible, tuple(self._encoder.read(legible.text)))
            if len(legible.text) <= SHORT and len(self._known) < MOST_KNOWN:
                self._known[legible.text] = alone.readings
        return alone

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


def _is_mute(alone: Alone, wary: bool) -> bool:
    """Whether there is nothing to read: a number means something only in its conversation."""
    return not alone.readings and not (wary and any(letter.isdigit() for letter in alone.legible.text))


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
