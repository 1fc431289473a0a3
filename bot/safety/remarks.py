"""Hears what people say of our own verdicts: that we missed a danger, or that an alarm was none. Pure."""

from __future__ import annotations

from dataclasses import replace

from bot.content.safety_models import RuleBook
from bot.safety.rules import Hit, Rules


class Remarks:
    """Knows the phrases of remarks.yml. Build once and keep."""

    def __init__(self, book: RuleBook) -> None:
        self._rules = Rules(replace(book, rules=book.remarks))

    def of(self, text: str) -> Hit | None:
        """The gravest remark in a text; its tier is none where it says that an alarm was none."""
        return max(self._rules.fired(text), key=lambda hit: hit.tier.rank, default=None)
