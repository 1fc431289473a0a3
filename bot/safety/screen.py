"""The safety screen: reads a message in its conversation and says how grave it is. Pure; no network, store or clock."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from bot.content.safety_models import RuleBook
from bot.safety.context import Conversation, First, Said
from bot.safety.findings import Evidence, Verdict, verdict_of
from bot.safety.opinion.second import Alone, SecondOpinion
from bot.safety.remarks import Remarks
from bot.safety.rules import Rules
from bot.safety.tiers import Kind, Tier

__all__ = ["Evidence", "First", "Said", "Screen", "Verdict", "fired_rules", "screen_row"]

LAYERS = ("rules", "opinion", "context")
# A person's words, {"bot": text, "asked": id or none}, or {"wait_hours": hours}: an entry of a conversation.
Entry = str | Mapping[str, object]
NOTHING = Verdict(Tier.NONE, Kind.NONE, ())


class Screen:
    """Judges messages by rules, by a tuned encoder, and by what was said before. Build once (under 3 s) and keep.

    Its `remarks` hear what people say of its verdicts.

    Args:
        rules: the first layer.
        model: folder of the second opinion's model; None: the other layers alone.
        without: names of `LAYERS` to leave out, to measure what each brings.

    Raises:
        ContentError: the model's files are not there or not whole.
    """

    def __init__(self, rules: RuleBook, model: Path | None = None, without: Collection[str] = ()) -> None:
        compiled = Rules(rules if "rules" not in without else replace(rules, rules=()))
        speller = Rules(rules).normaliser if "rules" in without else compiled.normaliser
        opinion = SecondOpinion(model, speller) if model and "opinion" not in without else None
        self._conversation = Conversation(compiled, opinion)
        self.remarks = Remarks(rules)
        self._alone = "context" in without

    def judge(self, text: str, before: Sequence[Said] = ()) -> Verdict:
        """The tier of one message in its conversation.

        Args:
            text: the message as it came, any length; offsets of the evidence count in it.
            before: what was said before it, oldest first.

        Returns:
            The gravest finding, with the words that decided. Never raises for any text.
        """
        return self.full(self.first(text, before))

    def first(self, text: str, before: Sequence[Said] = ()) -> First:
        """What is found at once, in about 2 ms; `full` has the encoder read what it has to (5-50 ms of a core)."""
        return self._conversation.first(text, () if self._alone else before)

    def is_known(self, text: str) -> bool:
        """Whether the encoder need not run to read a text alone."""
        return self._conversation.opinion is None or self._conversation.opinion.known(text) is not None

    def alone(self, text: str) -> Alone | None:
        """The encoder's reading of a text alone, which needs nothing of its conversation. Any thread may call."""
        return self._conversation.opinion.alone(text) if self._conversation.opinion else None

    def with_alone(self, first: First, alone: Alone | None) -> First:
        """What was found at once and by that reading; mostly it `is_full` then."""
        return self._conversation.with_alone(first, alone)

    def full(self, first: First) -> Verdict:
        """The verdict of every layer. Any thread may call."""
        return verdict_of(self._conversation.full(first))

    def standing(self, entries: Iterable[Entry]) -> list[Verdict]:
        """The person's standing after each entry: held once reached, raised by what follows.

        Only a watch may resolve, and only when the very next message completes the sentence that raised it.

        Raises:
            ValueError: an entry is neither a text, a bot's text nor a wait.
        """
        standings: list[Verdict] = []
        said: list[tuple[Said, float]] = []
        now = 0.0
        held, earlier = NOTHING, NOTHING
        for entry in entries:
            now += _wait(entry)
            line = _line(entry)
            if line is not None and line.who == "person":
                before = [replace(s, hours_before=now - at) for s, at in said]
                verdict = self.judge(line.text, before)
                held, earlier = self._next(verdict, line.text, before, held, earlier)
                line = replace(line, tier=verdict.tier)
            if line is not None:
                said.append((line, now))
            standings.append(held)
        return standings

    def _next(
        self, verdict: Verdict, text: str, before: Sequence[Said], held: Verdict, earlier: Verdict
    ) -> tuple[Verdict, Verdict]:
        if verdict.tier > held.tier:
            return verdict, held
        resolved = held.tier is Tier.WATCH and verdict.tier is Tier.NONE
        if resolved and self._conversation.completes_harmlessly(text, before):
            return earlier, earlier
        return held, held


def fired_rules(book: RuleBook) -> Callable[[str], frozenset[str]]:
    """Text -> ids of the rules that fire on it alone; the content checker tries examples with it."""
    rules = Rules(book)
    return lambda text: frozenset(hit.rule for hit in rules.fired(text))


def screen_row(screen: Screen, row: Mapping[str, object]) -> dict[str, object]:
    """Answer one line of `evenday screen`: {"text": …} or {"messages": […]}.

    Returns:
        tier, kind and evidence; for messages also "tiers", one for each entry, and the rest is of the last standing.

    Raises:
        ValueError: the row has neither, or they are of the wrong type.
    """
    if isinstance(row.get("text"), str):
        return _spoken(screen.judge(str(row["text"])), str(row["text"]))
    messages = row.get("messages")
    if not isinstance(messages, list) or not messages:
        raise ValueError('a row needs "text" (a string) or "messages" (a list that is not empty)')
    standings = screen.standing(messages)
    source = next(
        (m for m, s in zip(messages, standings, strict=True) if s == standings[-1] and isinstance(m, str)), ""
    )
    return {**_spoken(standings[-1], source), "tiers": [standing.tier.value for standing in standings]}


def _spoken(verdict: Verdict, text: str) -> dict[str, object]:
    evidence = [
        {"start": e.start, "end": e.end, "text": text[e.start : e.end], "layer": e.layer, "rule": e.rule}
        for e in verdict.evidence
    ]
    return {"tier": verdict.tier.value, "kind": verdict.kind.value, "evidence": evidence}


def _wait(entry: Entry) -> float:
    if not isinstance(entry, Mapping) or "wait_hours" not in entry:
        return 0.0
    hours = entry["wait_hours"]
    if isinstance(hours, bool) or not isinstance(hours, int | float) or not hours >= 0:
        raise ValueError('"wait_hours" must be a number of hours, 0 or more')
    return float(hours)


def _line(entry: Entry) -> Said | None:
    if isinstance(entry, str):
        return Said("person", entry, 0.0)
    if isinstance(entry, Mapping) and isinstance(entry.get("bot"), str):
        asked = entry.get("asked")
        return Said("coach", str(entry["bot"]), 0.0, asked if isinstance(asked, str) else None)
    if isinstance(entry, Mapping) and "wait_hours" in entry:
        return None
    raise ValueError('an entry must be a text, {"bot": text} or {"wait_hours": number}')
