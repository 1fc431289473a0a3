"""Judges a run: what each person in danger got and when, and what was lost, doubled or left unanswered. Pure.

An answer or a page may come twice only where nobody can know whether it went: safety goes at least once, as no provider
takes a key that makes a second call harmless (docs/adr/010, 012). So a repeat counts as doubled unless a process was
killed, or the database was away, about when the first one was handed over.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bench.clock import percentile

SETTLED_WITHIN_SECONDS = 5.0  # after a hand-over: by then it is written down, unless something is broken
IN_FLIGHT_SECONDS = 0.5  # what was on the wire when its sender was killed may still be accepted
ROUTES_IN_EMERGENCY = 2


@dataclass(frozen=True)
class Cry:
    """One message of somebody at risk. `at` is when it was first offered to the gateway (seconds, one steady clock)."""

    chat: str
    number: str
    at: float
    is_emergency: bool


@dataclass(frozen=True)
class Answer:
    """Crisis words that the provider took."""

    chat: str
    text: str
    at: float


@dataclass(frozen=True)
class HandOver:
    """A page that a route took. `page` tells it from all others: the secret of its link, and the how-manieth time."""

    route: str
    code: str
    page: str
    at: float


@dataclass(frozen=True)
class Kept:
    """What the store holds of one person.

    Attributes:
        stored: numbers of their messages.
        escalated: those that stand in an escalation's history.
        codes: of each escalation all codes under which staff were paged for it.
        answers: texts of the crisis replies.
    """

    stored: frozenset[str] = frozenset()
    escalated: frozenset[str] = frozenset()
    codes: tuple[frozenset[str], ...] = ()
    answers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Trouble:
    """A kill, or a time without the database: what was handed over just then may be handed over again."""

    since: float
    until: float


@dataclass(frozen=True)
class Seen:
    """All that was seen of a run."""

    cries: Sequence[Cry]
    kept: Mapping[str, Kept]
    answers: Sequence[Answer]
    hand_overs: Sequence[HandOver]
    troubles: Sequence[Trouble] = ()

    @property
    def opening(self) -> list[Cry]:
        """The first message of each person: that of which staff are told; those after it join its escalation."""
        first: dict[str, Cry] = {}
        for cry in sorted(self.cries, key=lambda cry: cry.at):
            first.setdefault(cry.chat, cry)
        return list(first.values())


@dataclass
class Verdict:
    """What went wrong, each with a line that says where; `again` counts the repeats that are meant."""

    lost: int = 0
    doubled: int = 0
    unanswered: int = 0
    again: int = 0
    notes: list[str] = field(default_factory=list)

    def note(self, kind: str, words: str, count: int = 1) -> None:
        """Count something that went wrong."""
        setattr(self, kind, getattr(self, kind) + count)
        self.notes.append(f"{kind}: {words}")

    def add(self, other: Verdict) -> None:
        """Count another verdict's to this one."""
        for name in ("lost", "doubled", "unanswered", "again"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.notes += other.notes


def judge(seen: Seen) -> Verdict:
    """All that can be told of a run once it has settled."""
    verdict = Verdict()
    for cry in seen.cries:
        kept = seen.kept.get(cry.chat, Kept())
        if cry.number not in kept.stored:
            verdict.note("lost", f"{cry.chat}: message {cry.number} was taken and is not stored")
        elif cry.number not in kept.escalated:
            verdict.note("lost", f"{cry.chat}: message {cry.number} has no escalation")
        if answered_after(seen.answers, cry) is None:
            verdict.note("unanswered", f"{cry.chat}: message {cry.number} got no crisis words")
    for cry in seen.opening:
        _judge_person(verdict, seen, cry.chat)
    _judge_pages(verdict, seen)
    return verdict


def _judge_person(verdict: Verdict, seen: Seen, chat: str) -> None:
    kept, cries = seen.kept.get(chat, Kept()), [cry for cry in seen.cries if cry.chat == chat]
    if len(kept.codes) > 1:
        verdict.note("doubled", f"{chat}: {len(kept.codes)} escalations of one episode", len(kept.codes) - 1)
    routes = {one.route for one in _pages_of(seen, chat)}
    wanted = ROUTES_IN_EMERGENCY if any(cry.is_emergency for cry in cries) else 1
    if kept.codes and len(routes) < wanted:
        verdict.note("lost", f"{chat}: was to be paged by {wanted} routes, and was by {sorted(routes)}")
    times: dict[str, list[float]] = defaultdict(list)
    for answer in seen.answers:
        if answer.chat == chat:
            times[answer.text].append(answer.at)
    meant = Counter(kept.answers)
    for text, at in times.items():
        most = max(1, min(meant[text], len(cries)))  # each message is answered, at times in the same words
        _count(verdict, seen, f"{chat}: crisis words", at, most)


def _judge_pages(verdict: Verdict, seen: Seen) -> None:
    times: dict[tuple[str, str], list[float]] = defaultdict(list)
    for one in seen.hand_overs:
        times[one.code, one.page].append(one.at)
    for (code, _), at in times.items():
        _count(verdict, seen, f"a page of {code}", at, 1)


def _count(verdict: Verdict, seen: Seen, what: str, times: Iterable[float], most: int) -> None:
    """Count what came more often than it is meant to: as repeated where trouble explains it, else as doubled."""
    ordered = sorted(times)
    surplus = len(ordered) - most
    if surplus <= 0:
        return
    explained = min(surplus, sum(_in_doubt(at, seen.troubles) for at in ordered[:-1]))
    verdict.again += explained
    if surplus > explained:
        apart = ", ".join(f"{at - ordered[0]:.1f}" for at in ordered)
        verdict.note("doubled", f"{what} came {len(ordered)} times (at {apart} s)", surplus - explained)


def _in_doubt(at: float, troubles: Sequence[Trouble]) -> bool:
    first, last = at - IN_FLIGHT_SECONDS, at + SETTLED_WITHIN_SECONDS
    return any(trouble.since <= last and trouble.until >= first for trouble in troubles)


def _pages_of(seen: Seen, chat: str) -> list[HandOver]:
    codes = {code for each in seen.kept.get(chat, Kept()).codes for code in each}
    return [one for one in seen.hand_overs if one.code in codes]


def answered_after(answers: Iterable[Answer], cry: Cry) -> float | None:
    """Seconds from a message's first offer to the provider's taking of crisis words; None: it never did."""
    found = [one.at - cry.at for one in answers if one.chat == cry.chat and one.at >= cry.at]
    return min(found) if found else None


def paged_after(seen: Seen, cry: Cry, routes: int = 1) -> float | None:
    """Seconds until a page was taken by so many routes; None: it never was."""
    first: dict[str, float] = {}
    for one in sorted(_pages_of(seen, cry.chat), key=lambda one: one.at):
        if one.at >= cry.at:
            first.setdefault(one.route, one.at)
    ordered = sorted(first.values())
    return ordered[routes - 1] - cry.at if len(ordered) >= routes else None


def answer_times(seen: Seen) -> list[float | None]:
    """Of each message, the seconds until crisis words."""
    return [answered_after(seen.answers, cry) for cry in seen.cries]


def page_times(seen: Seen, routes: int = 1) -> list[float | None]:
    """Of each person's first message (of the emergencies among them, for two routes) the seconds until staff were told."""
    return [paged_after(seen, cry, routes) for cry in seen.opening if cry.is_emergency or routes == 1]


def p99(values: Iterable[float | None], never: float) -> float:
    """The 99th percentile in seconds; what never came counts as `never`, the time that was waited."""
    known = [never if value is None else value for value in values]
    return percentile(known, 0.99) if known else never
