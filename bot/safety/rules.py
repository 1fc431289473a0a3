"""The compiled rules: finds which of them fire on a text, and on which words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby, islice, product

from spacy.tokens import Doc
from spacy.vocab import Vocab

from bot.content.safety_models import RuleBook
from bot.content.safety_phrases import Canceller
from bot.content.safety_phrases import Sequence as Parts
from bot.safety.normal import Normaliser, Token
from bot.safety.patterns import EDGE, NEGATIONS, OTHER, Grammar, Stretches, document
from bot.safety.tiers import Kind, Tier

WINDOW_WORDS = 60
WINDOW_STEP = 36
TOGETHER_WITHIN_WORDS = 40
_MOST_SPANS = 8  # of one part in one message: enough to find an uncancelled one, and bounds the work on a long text

Span = tuple[int, int]
Place = tuple[int, int, Span]  # first word and the one after the last, counted through the message; offsets


@dataclass(frozen=True)
class Hit:
    """A rule that fired. `spans` are offsets in the text, one for each part of its phrase."""

    rule: str
    tier: Tier
    kind: Kind
    spans: tuple[Span, ...]


@dataclass(frozen=True)
class _Chain:
    """Stretches one after the other: the last one, the words that may stand before it, and the chain in front.

    `trail` is how many words may follow; `key` names the chain in a window's notes.
    """

    key: int
    number: int
    gap: int
    front: _Chain | None
    first_gap: int
    trail: int
    needs: tuple[frozenset[str], ...]


@dataclass(frozen=True)
class _Part:
    rule: int
    phrase: int
    place: int
    chain: _Chain


@dataclass(frozen=True)
class _Phrase:
    rule: int
    parts: tuple[_Part, ...]
    needs: list[frozenset[str]]


@dataclass(frozen=True)
class _Cancel:
    before: _Chain | None
    after: _Chain | None
    anywhere: _Chain | None


@dataclass
class _Window:
    """A sentence, or a piece of a very long one, ready to be searched."""

    tokens: Sequence[Token]
    doc: Doc
    plain: Sequence[str]
    words: frozenset[str]
    first: int
    found: dict[int, list[Span]] = field(default_factory=dict)
    cancels: dict[int, list[_Cancel]] = field(default_factory=dict)
    cancelled: dict[tuple[int, int, int], bool] = field(default_factory=dict)

    def is_gap(self, end: int, start: int, most: int) -> bool:
        """Whether at most so many words stand between, none of them a negation."""
        return 0 <= start - end <= most and not any(self.plain[at] in NEGATIONS for at in range(end, start))


class _Windows:
    """The windows of a message, and which of them hold a word. A sentence that was sent before adds nothing."""

    def __init__(self, windows: Iterable[_Window]) -> None:
        self._all = list({tuple(window.plain): window for window in windows}.values())
        self.by_word: dict[str, set[int]] = defaultdict(set)
        self.said: dict[int, list[tuple[_Window, Span]]] = {}
        self._holding: dict[frozenset[str], set[int]] = {}
        for number, window in enumerate(self._all):
            for word in window.words:
                self.by_word[word].add(number)

    def with_all(self, needs: Iterable[frozenset[str]]) -> list[_Window]:
        """Windows that hold a word of every one of the sets, in order."""
        numbers: set[int] | None = None
        for need in needs:
            numbers = self._with_any(need) if numbers is None else numbers & self._with_any(need)
            if not numbers:
                return []
        return [self._all[number] for number in sorted(numbers or ())]

    def _with_any(self, words: frozenset[str]) -> set[int]:
        if words not in self._holding:
            self._holding[words] = set().union(*(self.by_word[word] for word in words & self.by_word.keys()))
        return self._holding[words]


class Rules:
    """All rules of the book, compiled once."""

    def __init__(self, book: RuleBook) -> None:
        self.book = book
        self._vocab = Vocab()
        self._grammar = Grammar(book.lists, Normaliser(book.spelling))
        self._stretches = Stretches(self._vocab)
        self._keys: dict[tuple[int, int, int], int] = {}
        self._parts = [
            self._part(index, number, place, parts)
            for index, rule in enumerate(book.rules)
            for number, phrase in enumerate(rule.says)
            for place, parts in enumerate(phrase.together)
        ]
        self._cancels = [[self._cancel(canceller) for canceller in rule.unless] for rule in book.rules]
        self._known = frozenset(self._stretches.words)
        self.normaliser = Normaliser(book.spelling, self._known)
        self._index = self._index_phrases()
        self._order = {rule.id: index for index, rule in enumerate(book.rules)}

    def _chain(self, parts: Parts) -> _Chain | None:
        if not parts:
            return None
        path = self._grammar.path(parts)
        chain: _Chain | None = None
        for gap, flats in path.steps:
            chain = self._link(chain, gap, self._stretches.add(flats))
        return replace(chain, trail=path.trail) if chain else None

    def _link(self, front: _Chain | None, gap: int, number: int) -> _Chain:
        key = self._keys.setdefault((front.key if front else -1, gap if front else 0, number), len(self._keys))
        needs = (*(front.needs if front else ()), *self._stretches.needs[number])
        return _Chain(key, number, gap, front, front.first_gap if front else gap, 0, needs)

    def _part(self, rule: int, phrase: int, place: int, parts: Parts) -> _Part:
        chain = self._chain(parts)
        assert chain is not None, "a phrase without words is refused when it is read"
        return _Part(rule, phrase, place, chain)

    def _cancel(self, canceller: Canceller) -> _Cancel:
        return _Cancel(*(self._chain(parts) for parts in (canceller.before, canceller.after, canceller.anywhere)))

    def _index_phrases(self) -> dict[str, list[_Phrase]]:
        """Word -> phrases that can't fire without it or one of its like; each phrase under its rarest required place."""
        frequency: dict[str, int] = defaultdict(int)
        for part in self._parts:
            for word in set().union(*part.chain.needs):
                frequency[word] += 1
        index: dict[str, list[_Phrase]] = defaultdict(list)
        for _, group in groupby(self._parts, key=lambda part: (part.rule, part.phrase)):
            parts = tuple(group)
            required = [words for part in parts for words in part.chain.needs]
            required.sort(key=lambda words: sum(frequency[word] for word in words))
            for word in required[0]:
                index[word].append(_Phrase(parts[0].rule, parts, required))
        return dict(index)

    def fired(self, text: str) -> list[Hit]:
        """Every rule that fires on the text, in the order of the book; a rule once for each way it was said."""
        windows = _Windows(self._windows(self.normaliser.sentences(text)))
        words = frozenset(windows.by_word)
        hits = [hit for phrase in self._candidates(words) for hit in self._hits(phrase, windows)]
        return sorted(hits, key=lambda hit: (self._order[hit.rule], hit.spans))

    def _candidates(self, words: frozenset[str]) -> list[_Phrase]:
        near = {id(phrase): phrase for word in words for phrase in self._index.get(word, ())}
        return [phrase for phrase in near.values() if not any(need.isdisjoint(words) for need in phrase.needs)]

    def _hits(self, phrase: _Phrase, windows: _Windows) -> Iterator[Hit]:
        said = []
        for part in phrase.parts:
            said.append(self._said(part.chain, windows))
            if not said[-1]:
                return
        places = [list(islice(self._uncancelled(phrase.rule, found), _MOST_SPANS)) for found in said]
        rule = self.book.rules[phrase.rule]
        for chosen in product(*places):
            if max(at for at, _, _ in chosen) - min(end for _, end, _ in chosen) <= TOGETHER_WITHIN_WORDS:
                yield Hit(rule.id, Tier(rule.tier), Kind(rule.kind), tuple(span for _, _, span in chosen))

    def _said(self, chain: _Chain, windows: _Windows) -> list[tuple[_Window, Span]]:
        if chain.key not in windows.said:
            holding = windows.with_all(chain.needs)
            windows.said[chain.key] = [(w, span) for w in holding for span in _widest(self._spans(chain, w))]
        return windows.said[chain.key]

    def _windows(self, sentences: Iterable[list[Token]]) -> Iterator[_Window]:
        first = 0
        for tokens in sentences:
            for start in range(0, max(1, len(tokens) - (WINDOW_WORDS - WINDOW_STEP)), WINDOW_STEP):
                piece = tokens[start : start + WINDOW_WORDS]
                words = [EDGE, *(token.text if token.text in self._known else OTHER for token in piece), EDGE]
                yield _Window(piece, document(self._vocab, words), words, frozenset(words), first + start)
            first += len(tokens)

    def _uncancelled(self, rule: int, found: Iterable[tuple[_Window, Span]]) -> Iterator[Place]:
        for window, (start, end) in found:
            if self._is_cancelled(rule, window, start, end):
                continue
            first, last = max(start, 1), min(end, len(window.tokens) + 1)  # without the edges
            letters = (window.tokens[first - 1].start, window.tokens[last - 2].end)
            yield window.first + first, window.first + last, letters

    def _is_cancelled(self, rule: int, window: _Window, start: int, end: int) -> bool:
        key = (rule, start, end)
        if key not in window.cancelled:
            if rule not in window.cancels:
                window.cancels[rule] = [c for c in self._cancels[rule] if self._could_cancel(c, window)]
            window.cancelled[key] = any(self._cancels_span(c, window, start, end) for c in window.cancels[rule])
        return window.cancelled[key]

    def _could_cancel(self, cancel: _Cancel, window: _Window) -> bool:
        chains = (cancel.anywhere, cancel.before, cancel.after)
        return all(self._cancelling(chain, window) for chain in chains if chain)

    def _cancels_span(self, cancel: _Cancel, window: _Window, start: int, end: int) -> bool:
        if cancel.anywhere:
            side = _at(window, start).side
            return any(_at(window, at).side == side for at, _ in self._cancelling(cancel.anywhere, window))
        return self._stands_before(cancel.before, window, start) and self._stands_after(cancel.after, window, end)

    def _stands_before(self, chain: _Chain | None, window: _Window, start: int) -> bool:
        if not chain:
            return True
        clause = _at(window, start).clause
        return any(
            0 <= start - stop <= chain.trail and (at == 0 or _at(window, at).clause == clause)
            for at, stop in self._cancelling(chain, window)
        )

    def _stands_after(self, chain: _Chain | None, window: _Window, end: int) -> bool:
        if not chain:
            return True
        clause = _at(window, end - 1).clause
        return any(
            0 <= at - end <= chain.first_gap and _at(window, stop - 1).clause == clause
            for at, stop in self._cancelling(chain, window)
        )

    def _cancelling(self, chain: _Chain, window: _Window) -> list[Span]:
        if chain.key in window.found:
            return window.found[chain.key]
        return [] if any(need.isdisjoint(window.words) for need in chain.needs) else self._spans(chain, window)

    def _spans(self, chain: _Chain, window: _Window) -> list[Span]:
        """Where all the stretches stand one after the other: each is found alone, then joined across its gap."""
        if chain.key not in window.found:
            last = self._stretches.find(chain.number, window.doc, window.plain, window.words)
            if chain.front and last:
                fronts = self._spans(chain.front, window)
                last = sorted({(s, e) for s, seam in fronts for at, e in last if window.is_gap(seam, at, chain.gap)})
            window.found[chain.key] = last
        return window.found[chain.key]


def _at(window: _Window, place: int) -> Token:
    """The token at a place of the document, in which the edges count."""
    return window.tokens[min(max(place - 1, 0), len(window.tokens) - 1)]


def _widest(spans: Sequence[Span]) -> list[Span]:
    """Spans without those that lie within another one."""
    out: list[Span] = []
    for span in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not out or span[1] > out[-1][1]:
            out.append(span)
    return out
