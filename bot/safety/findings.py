"""What the screen found: single findings, and the verdict that they come to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.safety.tiers import KIND_ORDER, Kind, Tier


@dataclass(frozen=True)
class Evidence:
    """Words that decided: offsets into the original text, the layer that saw them ("rules", "context", …), its rule."""

    start: int
    end: int
    layer: str
    rule: str


@dataclass(frozen=True)
class Finding:
    """One reason for a tier."""

    tier: Tier
    kind: Kind
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True)
class Verdict:
    """Tier and kind of a message, and the words for it; no evidence where the tier is none."""

    tier: Tier
    kind: Kind
    evidence: tuple[Evidence, ...]


def verdict_of(findings: Iterable[Finding]) -> Verdict:
    """The gravest tier, the kind among its findings that can least wait, and all evidence for that tier."""
    graded = list(findings)
    tier = max((finding.tier for finding in graded), default=Tier.NONE)
    if tier is Tier.NONE:
        return Verdict(Tier.NONE, Kind.NONE, ())
    top = [finding for finding in graded if finding.tier is tier]
    kind = min((finding.kind for finding in top), key=KIND_ORDER.index)
    evidence = dict.fromkeys(piece for finding in top for piece in finding.evidence)
    return Verdict(tier, kind, tuple(sorted(evidence, key=lambda e: (e.start, e.end, e.layer, e.rule))))
