"""After a safety question: was it answered, and which question comes next? Used where the screen saw no (new) danger."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from enum import StrEnum

from bot.answers import Kind as AnswerKind
from bot.answers import Question, read
from bot.content.crisis.book import CrisisBook, CrisisMessage
from bot.safety.crisis import follow_up
from bot.safety.tiers import Kind, Tier

ANSWER_WITHIN_HOURS = 24.0
# Rules of the screen that say what a question would ask: whoever spoke of thoughts of suicide is not asked for them.
SAID_UNASKED = {"suicide.thoughts": "thoughts"}
LONGEST_ANSWER_WORDS = 12
_STARTS_AS_ANSWER = re.compile(
    r"^\W*(no|nah|nope|never|not|none|yes|yeah|yep|i'?m|im|i am|i have|i haven'?t|don'?t)\b", re.IGNORECASE
)


class Reading(StrEnum):
    """What a message was to the safety question that was open."""

    ANSWER = "answer"
    OTHER = "other"


def carry_on(
    book: CrisisBook, asked: str, text: str, tier: Tier, kind: Kind, known: Collection[str] = ()
) -> tuple[Reading, CrisisMessage | None]:
    """What follows an answer that raised no alarm.

    Args:
        asked: id of the question.
        tier: of the open escalation; a watch is asked one question and then let go on.
        known: questions that need no asking, as they were answered unasked with a yes.

    Returns:
        Whether it was an answer at all, and the next question, None where all is asked.
    """
    answer = read(Question(AnswerKind.YES_NO), text)
    words = len(text.split())
    if answer is None and not (words <= LONGEST_ANSWER_WORDS and _STARTS_AS_ANSWER.match(text)):
        return Reading.OTHER, None
    if tier is Tier.WATCH and answer != "yes":
        return Reading.ANSWER, None
    return Reading.ANSWER, follow_up(book, asked, "yes" if answer == "yes" else "no", kind, known)


def known_questions(asked: str | None, tier: Tier, kind: Kind, rules: Iterable[str] = ()) -> frozenset[str]:
    """Questions that need no asking after an alarm: what was just answered, and what was said unasked.

    Args:
        rules: of the screen, that the message met.
    """
    known = {asked} if asked else set()
    known |= {SAID_UNASKED[rule] for rule in rules if rule in SAID_UNASKED}
    if kind is Kind.SUICIDE and tier.rank >= Tier.URGENT.rank:
        known |= {"wish"}
    if kind is Kind.SUICIDE and tier is Tier.EMERGENCY:
        known |= {"thoughts"}
    return frozenset(known)
