"""Judges a message with what was said before it: split sentences, answers to safety questions, and the trend of days."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from bot.safety.answers import Answers
from bot.safety.findings import Evidence, Finding, Verdict, verdict_of
from bot.safety.opinion.second import Alone, SecondOpinion
from bot.safety.rules import Hit, Rules
from bot.safety.tiers import Kind, Tier

JOIN_WITHIN_HOURS = 1.0
JOIN_MESSAGES = 3
JOIN_MOST_LETTERS = 400  # a sentence that a thumb sent in pieces is short; longer messages stand alone
ANSWER_WITHIN_HOURS = 48.0
READ_WITH = 4  # messages of both sides that the second opinion reads along
READ_WITHIN_HOURS = 72.0
# safety.md §4: two watch days of three, or watch with a falling mood trend, is urgent.
ANOTHER_DAY_HOURS = 8.0
THREE_DAYS_HOURS = 72.0
RISE_WITHIN_HOURS = 168.0
MOOD_FALL = 2
_MOOD = re.compile(r"\bmood\D{0,12}?(\d{1,2})\b", re.IGNORECASE)


@dataclass(frozen=True)
class Said:
    """One earlier message of a conversation.

    Attributes:
        who: "person" or "coach".
        text: what was said.
        hours_before: hours before the message that is judged; 0 if unknown.
        asked: id of the safety question that the coach's text asked, "" where it surely asked none; None: not known.
        tier: what the screen made of the person's words when they came.
    """

    who: Literal["person", "coach"]
    text: str
    hours_before: float
    asked: str | None = None
    tier: Tier = Tier.NONE


@dataclass(frozen=True)
class First:
    """What is found in a message before the encoder has read it.

    Attributes:
        text: the message.
        before: what was said before it, oldest first.
        by_rules: by the rules, in the message alone.
        placed: by its place: split sentences, answers to safety questions.
        trend: by the trend of days, over `by_rules` and `read`.
        read: by the second opinion; None where its encoder has to read the message first.
        alone: the encoder's reading of the text alone, if that is known.
    """

    text: str
    before: tuple[Said, ...]
    by_rules: tuple[Finding, ...] = ()
    placed: tuple[Finding, ...] = ()
    trend: tuple[Finding, ...] = ()
    read: tuple[Finding, ...] | None = None
    alone: Alone | None = None

    @property
    def is_full(self) -> bool:
        """Whether the encoder has nothing to read."""
        return self.read is not None

    @property
    def findings(self) -> list[Finding]:
        """All that is found so far."""
        return [*self.by_rules, *(self.read or ()), *self.placed, *self.trend]

    @property
    def verdict(self) -> Verdict:
        """What that comes to; without the encoder's reading it may turn out graver, never less grave."""
        return verdict_of(self.findings)


class Conversation:
    """Finds what a message means in its conversation.

    Args:
        rules: the first layer.
        opinion: the second; None where its model is not there.
    """

    def __init__(self, rules: Rules, opinion: SecondOpinion | None = None) -> None:
        self._rules, self.opinion = rules, opinion
        self._answers = Answers(rules.book)

    def first(self, text: str, before: Sequence[Said]) -> First:
        """What is found at once, by the rules and the place of the message."""
        by_rules = tuple(_finding(hit) for hit in self._rules.fired(text))
        placed = (*self._joined(text, before), *self._answer(text, before)) if before else ()
        return self.with_alone(First(text, tuple(before), by_rules, placed, self._trend(text, by_rules, before)), None)

    def with_alone(self, first: First, alone: Alone | None) -> First:
        """The same with the encoder's reading of the text alone, if that is known, which mostly leaves nothing to read."""
        near = _near(first.before)
        if self.opinion is None:
            return self._with_read(first, [])
        return self._with_read(
            replace(first, alone=alone),
            self.opinion.at_hand(first.text, _spoken(near), wary=_is_wary(near), alone=alone),
        )

    def full(self, first: First) -> list[Finding]:
        """Everything found in a message, alone and with what came before, by every layer."""
        if first.is_full or self.opinion is None:
            return first.findings
        near = _near(first.before)
        read = self.opinion.findings(first.text, _spoken(near), wary=_is_wary(near), alone=first.alone)
        return self._with_read(first, read).findings

    def _with_read(self, first: First, read: Sequence[Finding] | None) -> First:
        if not read:
            return first if read is None else replace(first, read=())
        return replace(first, read=tuple(read), trend=self._trend(first.text, [*first.by_rules, *read], first.before))

    def completes_harmlessly(self, text: str, before: Sequence[Said]) -> bool:
        """Whether the message ends the sentence of the one before so that no rule fires on the whole."""
        if not before or before[-1].who != "person" or before[-1].hours_before > JOIN_WITHIN_HOURS:
            return False
        last = before[-1].text
        return bool(self._rules.fired(last)) and not self._rules.fired(f"{last} {text}")

    def _joined(self, text: str, before: Sequence[Said]) -> list[Finding]:
        found: list[Finding] = []
        earlier = ""
        for said in _recent(before):
            earlier = f"{said.text} {earlier}"
            if len(earlier) > JOIN_MOST_LETTERS:
                break
            seam = len(earlier)
            hits = self._rules.fired(earlier + text)
            found.extend(_across(hit, seam) for hit in hits if _is_across(hit, seam))
        return found

    def _answer(self, text: str, before: Sequence[Said]) -> list[Finding]:
        coach = self._asking(before)
        if coach is None or coach.hours_before > ANSWER_WITHIN_HOURS:
            return []
        if coach.asked == "":  # known to ask none, as most are
            return []
        kind = self._kind_in_play(before)
        question = self._answers.question(coach.text, coach.asked, kind is not None)
        if question is None:
            return []
        meaning = self._answers.meaning(question, text, is_read_by_others=self.opinion is not None)
        chosen = (kind or Kind.SUICIDE) if meaning.kind == "in_play" else Kind(meaning.kind)
        return [_context(meaning.tier, chosen, text, f"answer.{meaning.question}")]

    def _asking(self, before: Sequence[Said]) -> Said | None:
        """The coach's line that the message answers: the last one, or the one before a single "hmm"."""
        if before[-1].who == "coach":
            return before[-1]
        hesitated = len(before) > 1 and before[-2].who == "coach" and self._answers.is_hesitation(before[-1].text)
        return before[-2] if hesitated else None

    def _kind_in_play(self, before: Sequence[Said]) -> Kind | None:
        """The kind of the last risk at urgent or above, that the person spoke of or gave in answer to a question."""
        for at in range(len(before) - 1, -1, -1):
            said = before[at]
            if said.who == "coach":
                continue
            verdict = verdict_of(map(_finding, self._rules.fired(said.text)))
            if verdict.tier >= Tier.URGENT:
                return verdict.kind
            coach = before[at - 1] if at and before[at - 1].who == "coach" else None
            question = self._answers.question(coach.text, coach.asked, after_risk=False) if coach else None
            if question and self._answers.meaning(question, said.text).tier >= Tier.URGENT:
                return Kind.SUICIDE if question.kind == "in_play" else Kind(question.kind)
        return None

    def _trend(self, text: str, alone: Sequence[Finding], before: Sequence[Said]) -> tuple[Finding, ...]:
        if not before:
            return ()
        tier = max((finding.tier for finding in alone), default=Tier.NONE)
        earlier = [said for said in before if said.who == "person" and said.hours_before <= RISE_WITHIN_HOURS]
        found: list[Finding] = []
        if tier is Tier.WATCH and (self._was_watch(earlier) or _mood_falls(text, earlier)):
            kind = verdict_of(alone).kind
            found.append(_context(Tier.URGENT, kind, text, "trend.two_watch_days"))
        if (
            earlier
            and tier < Tier.EMERGENCY
            and self._answers.says_all_of_it(text)
            and self._spoke_of_medicine(earlier)
        ):
            found.append(_context(Tier.EMERGENCY, Kind.OVERDOSE, text, "trend.all_of_it"))
        return tuple(found)

    def _was_watch(self, earlier: Sequence[Said]) -> bool:
        days = [said for said in earlier if ANOTHER_DAY_HOURS <= said.hours_before <= THREE_DAYS_HOURS]
        return any(said.tier is not Tier.NONE or self._rules.fired(said.text) for said in days)

    def _spoke_of_medicine(self, earlier: Sequence[Said]) -> bool:
        return any(self._answers.speaks_of_medicine(said.text) for said in earlier)


def _near(before: Sequence[Said]) -> list[Said]:
    """What the second opinion reads along."""
    return [said for said in before[-READ_WITH:] if said.hours_before <= READ_WITHIN_HOURS]


def _spoken(near: Sequence[Said]) -> list[tuple[str, str]]:
    return [(said.who, said.text) for said in near]


def _is_wary(near: Sequence[Said]) -> bool:
    """Whether what was said makes it likely that the message means more than its own words."""
    if not near:
        return False
    in_pieces = near[-1].who == "person" and near[-1].hours_before <= JOIN_WITHIN_HOURS
    return in_pieces or any(said.tier is not Tier.NONE or said.asked for said in near)


def _recent(before: Sequence[Said]) -> list[Said]:
    """The person's last messages, newest first, that may be parts of one sentence with the next."""
    out: list[Said] = []
    for said in reversed(before):
        if (
            said.hours_before > JOIN_WITHIN_HOURS
            or len(out) == JOIN_MESSAGES
            or (said.who == "coach" and "?" in said.text)
        ):
            break
        if said.who == "person":
            out.append(said)
    return out


def _mood_falls(text: str, earlier: Sequence[Said]) -> bool:
    moods = [int(found[1]) for said in (*(s.text for s in earlier), text) for found in _MOOD.finditer(said)]
    return len(moods) > 1 and moods[-2] - moods[-1] >= MOOD_FALL and moods[-1] == min(moods)


def _finding(hit: Hit) -> Finding:
    return Finding(hit.tier, hit.kind, tuple(Evidence(start, end, "rules", hit.rule) for start, end in hit.spans))


def _is_across(hit: Hit, seam: int) -> bool:
    return min(start for start, _ in hit.spans) < seam < max(end for _, end in hit.spans)


def _across(hit: Hit, seam: int) -> Finding:
    spans = [(max(start, seam) - seam, end - seam) for start, end in hit.spans if end > seam]
    return Finding(hit.tier, hit.kind, tuple(Evidence(start, end, "context", hit.rule) for start, end in spans))


def _context(tier: Tier, kind: Kind, text: str, rule: str) -> Finding:
    return Finding(tier, kind, (Evidence(0, len(text), "context", rule),))
