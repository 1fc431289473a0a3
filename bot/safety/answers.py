"""Knows the coach's own safety questions and what an answer to them means: only a clear, free no is a no (safety.md §1)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from bot.content.safety_models import Asked, Rule, RuleBook
from bot.content.safety_phrases import Phrase
from bot.safety.rules import Rules
from bot.safety.tiers import Kind, Tier

# Beyond so many words, an answer that says neither yes, no nor maybe is talk: it is judged by what it says.
LONG_ANSWER_WORDS = 8
LONG_ANSWER_WORDS_READ = 4  # the same where the second opinion reads it together with the question
_NAMES = ("not_a_clear_no", "no", "yes", "all_of_it", "about_medicine")


class Answer(StrEnum):
    """How an answer is taken."""

    YES = "yes"
    NO = "no"
    UNCLEAR = "unclear"


@dataclass(frozen=True)
class Meaning:
    """What an answer comes to."""

    tier: Tier
    kind: str
    question: str


class Answers:
    """Recognises questions and reads answers."""

    def __init__(self, book: RuleBook) -> None:
        self._questions = book.questions
        asks = [_as_rule(f"asks.{q.id}", q.asks) for q in book.questions]
        answers = [_as_rule(name, getattr(book.answers, name)) for name in _NAMES]
        self._asks = Rules(replace(book, rules=tuple(asks)))
        self._answers = Rules(replace(book, rules=tuple(answers)))

    def question(self, text: str, asked: str | None, after_risk: bool) -> Asked | None:
        """The safety question that a coach's text asks; None for any other text.

        Args:
            text: what the coach said.
            asked: the id under which it was asked; "": known to ask none; None: not known, and read from the text.
            after_risk: whether the person had spoken of risk before; some wordings mean a plan to die only then.
        """
        for question in self._questions:
            if asked is not None and asked in question.ids:
                return question
        if asked == "" or (asked is None and "?" not in text):
            return None
        found = {hit.rule for hit in self._asks.fired(text)}
        usable = (q for q in self._questions if after_risk or not q.only_after_risk)
        return next((q for q in usable if f"asks.{q.id}" in found), None)

    def meaning(self, question: Asked, text: str, is_read_by_others: bool = False) -> Meaning:
        """What the text means as an answer to the question.

        Args:
            is_read_by_others: another layer reads question and answer together, so that talk is its to judge.
        """
        good_is_yes = question.yes == "none"
        answer = self.read(text, good_is_yes)
        tier = Tier({Answer.YES: question.yes, Answer.NO: question.no, Answer.UNCLEAR: question.unclear}[answer])
        words = len(text.split())
        if answer is Answer.UNCLEAR and is_read_by_others and words > LONG_ANSWER_WORDS_READ:
            tier = tier if self._is_hedged(text) else Tier.NONE
        elif answer is Answer.UNCLEAR and words > LONG_ANSWER_WORDS:
            tier = Tier.NONE if question.kind == Kind.MEDICAL else min(tier, Tier.URGENT)
        return Meaning(tier, question.kind, question.id)

    def is_hesitation(self, text: str) -> bool:
        """Whether a text is a single word, or none, that answers nothing: "hmm", "…"."""
        return len(text.split()) <= 1 and self.read(text) is Answer.UNCLEAR

    def _is_hedged(self, text: str) -> bool:
        return any(hit.rule == "not_a_clear_no" for hit in self._answers.fired(text))

    def read(self, text: str, good_is_yes: bool = False) -> Answer:
        """Yes, no or unclear; silence and signs are unclear.

        Args:
            text: the answer.
            good_is_yes: for "are you safe?": there "no, I'm fine" reassures, so a yes is looked for first.
        """
        found = {hit.rule for hit in self._answers.fired(text)}
        if "not_a_clear_no" in found:
            return Answer.UNCLEAR if "yes" not in found or good_is_yes else Answer.YES
        order = (Answer.YES, Answer.NO) if good_is_yes else (Answer.NO, Answer.YES)
        return next((answer for answer in order if answer.value in found), Answer.UNCLEAR)

    def says_all_of_it(self, text: str) -> bool:
        """Whether the text says "the whole of it", as the last step of a rise over days."""
        return any(hit.rule == "all_of_it" for hit in self._answers.fired(text))

    def speaks_of_medicine(self, text: str) -> bool:
        """Whether the text names a medicine, a dose or a drink."""
        return any(hit.rule == "about_medicine" for hit in self._answers.fired(text))


def _as_rule(name: str, phrases: tuple[Phrase, ...]) -> Rule:
    return Rule(name, "watch", "hopelessness", "", phrases, (), (), (), Path(), 0)
