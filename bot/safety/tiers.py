"""Tiers and kinds of risk, the words in which the screen, the replies and the console speak of it."""

from __future__ import annotations

from enum import StrEnum


class Tier(StrEnum):
    """How grave a message is (safety.md §1). Compares by gravity, so `max` of tiers is the gravest."""

    NONE = "none"
    WATCH = "watch"
    URGENT = "urgent"
    EMERGENCY = "emergency"

    @property
    def rank(self) -> int:
        """0 for none to 3 for emergency."""
        return _RANKS[self.value]

    # A StrEnum would compare by the alphabet, in which "emergency" comes first: every comparison is written anew.
    def __lt__(self, other: str) -> bool:
        return self.rank < _RANKS[other]

    def __le__(self, other: str) -> bool:
        return self.rank <= _RANKS[other]

    def __gt__(self, other: str) -> bool:
        return self.rank > _RANKS[other]

    def __ge__(self, other: str) -> bool:
        return self.rank >= _RANKS[other]


_RANKS = {"none": 0, "watch": 1, "urgent": 2, "emergency": 3}


class Kind(StrEnum):
    """What the risk is about; it chooses the numbers in the reply."""

    NONE = "none"
    SUICIDE = "suicide"
    SELF_HARM = "self_harm"
    OVERDOSE = "overdose"
    MEDICAL = "medical"
    ABUSE = "abuse"
    HOPELESSNESS = "hopelessness"
    OTHER_PERSON = "other_person"


# Which kind names a message in which several of one tier stand: the one whose help can least wait goes first.
KIND_ORDER = (
    Kind.OVERDOSE, Kind.SUICIDE, Kind.MEDICAL, Kind.ABUSE, Kind.OTHER_PERSON, Kind.SELF_HARM, Kind.HOPELESSNESS, Kind.NONE,
)  # fmt: skip
