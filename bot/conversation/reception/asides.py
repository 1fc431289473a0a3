"""Small messages around risk that mean something of their own, by what came just before them.

"0" after a reply that offered to end and hide; a first "skip" to a question on danger that a skill asked; a word that
another line asks for ("START", "SHOUT"), sent to us by mistake. The screen alone would take the first two for an unclear
answer, which counts as the graver one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

from bot.content.crisis.book import CrisisBook
from bot.program.move import Move, move
from bot.safety.follow import ANSWER_WITHIN_HOURS
from bot.safety.screen import Said

_ZERO = re.compile(r"^\W*(?:0|zero)\W*$", re.IGNORECASE)
_SKIPS = re.compile(
    r"^\W*(?:(?:please|can|could|may|we|i|i'?d|i'?ll|let'?s|want|like|to|you|ok(?:ay)?|just|rather|will|would|prefer)\W+)*"
    r"(?:skip|pass)(?:\W+(?:it|this|that|one|the|question|please|on|for|now))*\W*$",
    re.IGNORECASE,
)


class Aside(StrEnum):
    """What a message is besides what it says."""

    HIDE = "hide"
    PASSED_OVER = "passed over"


def aside(book: CrisisBook, text: str, before: Sequence[Said], *, question_may_wait: bool) -> Aside | None:
    """What a message is by what came before it; None for most.

    Args:
        before: both sides, in order.
        question_may_wait: the open safety question may be passed over once: it is asked again, more plainly.
    """
    last = next((said for said in reversed(before) if said.who == "coach"), None)
    if last is None or last.hours_before > ANSWER_WITHIN_HOURS:
        return None
    if _ZERO.match(text) and book.offered_to_hide(last.text):
        return Aside.HIDE
    wrote = next((said.text for said in reversed(before) if said.who == "person"), "")
    return Aside.PASSED_OVER if question_may_wait and _passes(text) and not _passes(wrote) else None


def _passes(text: str) -> bool:
    return move(text) in (Move.SKIP, Move.LATER, Move.BACK, Move.REPEAT) or bool(_SKIPS.match(text))
