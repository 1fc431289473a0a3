"""Compiles phrases of the rules to spaCy Matcher patterns over plain words.

https://spacy.io/api/matcher: a Matcher tries each of its patterns at each token, so every phrase has a Matcher of its own and
is tried only on a sentence that holds a word from each of its required places (`needs`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any

from spacy.matcher import Matcher
from spacy.tokens import Doc
from spacy.vocab import Vocab

from bot.content.safety_phrases import Choice, Edge, Gap, Listed, Number, Part, Phrase, Word
from bot.safety.normal import Normaliser
from bot.safety.wordforms import counts, forms

EDGE = "^"
OTHER = "•"  # stands for every word that no rule names: the words of patients do not stay in spaCy's string store
MOST_PATTERNS = 4
NEGATIONS = ("not", "never", "not_really", "no", "without")  # a gap never jumps these: "I will not kill myself"


@dataclass(frozen=True)
class Place:
    """One place of a flat pattern: the words that fit (None: any), and how often, as a Matcher operator."""

    words: frozenset[str] | None
    times: str = ""


Flat = tuple[Place, ...]
_NOTHING: list[Flat] = [()]


@dataclass(frozen=True)
class Path:
    """A sequence laid out.

    Attributes:
        steps: for each stretch, how many words may stand before it, and its flat patterns.
        trail: how many words may follow the last.
    """

    steps: tuple[tuple[int, tuple[Flat, ...]], ...]
    trail: int


class Grammar:
    """Knows lists and spelling, and lays phrases flat."""

    def __init__(self, lists: dict[str, tuple[Phrase, ...]], normaliser: Normaliser) -> None:
        self._lists = lists
        self._plain = cache(normaliser.phrase)
        self._flat_lists: dict[str, list[Flat]] = {}

    def flat(self, parts: Sequence[Part]) -> list[Flat]:
        """All flat patterns of a sequence."""
        ways = [self._part(part) for part in parts]
        return [tuple(place for way in chosen for place in way) for chosen in product(*ways)]

    def path(self, parts: Sequence[Part]) -> Path:
        """The sequence as stretches with gaps between them.

        Every way of one part goes with every way of the next, so that a whole phrase may have a hundred thousand flat
        patterns; its stretches have a few each. A stretch holds a required word, as a Matcher can't match nothing.
        """
        steps: list[tuple[int, list[Flat]]] = []
        gap, current = 0, _NOTHING
        for part in parts:
            is_gap = isinstance(part.what, Gap)
            ways = self._part(part)
            if _requires(current) and (is_gap or len(current) * len(ways) > MOST_PATTERNS):
                steps.append((gap, current))
                gap, current = 0, _NOTHING
            if isinstance(part.what, Gap) and current == _NOTHING:
                gap += part.what.up_to
            else:
                current = [flat + way for flat in current for way in ways]
        if _requires(current):
            return Path(tuple((before, tuple(flats)) for before, flats in [*steps, (gap, current)]), 0)
        if current != _NOTHING:  # optional words at the end go with the stretch before them
            before, last = steps.pop()
            between = (Place(None, f"{{0,{gap}}}"),) if gap else ()
            steps.append((before, [flat + between + way for flat in last for way in current]))
            gap = 0
        return Path(tuple((before, tuple(flats)) for before, flats in steps), gap)

    def _part(self, part: Part) -> list[Flat]:
        ways = self._ways(part)
        if not part.optional:
            return ways
        if len(ways) == 1 and len(ways[0]) == 1 and not ways[0][0].times:
            return [(Place(ways[0][0].words, "?"),)]
        return [*ways, ()]

    def _ways(self, part: Part) -> list[Flat]:
        match part.what:
            case Word(text, inflected):
                return self._word(text, inflected)
            case Listed(name, 0):
                return self._listed(name)
            case Listed(name, up_to):
                singles = [way[0].words for way in self._listed(name) if len(way) == 1]
                return [(Place(frozenset().union(*(words or () for words in singles)), f"{{0,{up_to}}}"),)]
            case Number(least):
                return [(Place(counts(least)),)]
            case Gap(up_to):
                return [(Place(None, f"{{0,{up_to}}}"),)]
            case Edge():
                return [(Place(frozenset({EDGE})),)]
            case Choice(ways):
                return _merge_singles(flat for way in ways for flat in self.flat(way) if flat)

    def _word(self, text: str, inflected: bool) -> list[Flat]:
        words = self._plain(text)
        if inflected and len(words) == 1:
            return [(Place(forms(words[0])),)]
        return [tuple(Place(frozenset({word})) for word in words)]

    def _listed(self, name: str) -> list[Flat]:
        if name not in self._flat_lists:
            entries = (flat for phrase in self._lists[name] for flat in self.flat(phrase.together[0]))
            self._flat_lists[name] = _merge_singles(entries)
        return self._flat_lists[name]


def _merge_singles(ways: Iterable[Flat]) -> list[Flat]:
    single: set[str] = set()
    rest: dict[Flat, None] = {}
    for way in ways:
        if len(way) == 1 and not way[0].times and way[0].words is not None:
            single |= way[0].words
        else:
            rest[way] = None
    return [*([(Place(frozenset(single)),)] if single else []), *rest]


def _requires(ways: Sequence[Flat]) -> bool:
    return all(any(not place.times for place in way) for way in ways)


def _required(flat: Flat) -> tuple[frozenset[str], ...]:
    return tuple(p.words for p in flat if not p.times and p.words and p.words != {EDGE})


def needs(flats: Sequence[Flat]) -> list[frozenset[str]]:
    """Sets of words of which a sentence must hold one each, for any of the flat patterns to be found in it."""
    required = [_required(flat) for flat in flats]
    if not all(required):
        return []
    if len(required) == 1:
        return list(required[0])
    shared = [words for words in required[0] if all(words in other for other in required[1:])]
    return shared or [frozenset().union(*(min(sets, key=len) for sets in required))]


@dataclass(frozen=True)
class Finder:
    """One flat pattern, ready. A pattern of one place is looked up; longer ones are left to spaCy's Matcher."""

    needs: tuple[frozenset[str], ...]
    single: frozenset[str] | None
    matcher: Matcher | None

    def find(self, doc: Doc, words: Sequence[str]) -> Iterable[tuple[int, int]]:
        """Spans of the document, edges counted."""
        if self.single is not None:
            return [(at, at + 1) for at, word in enumerate(words) if word in self.single]
        return [(start, end) for _, start, end in self.matcher(doc)] if self.matcher else []


class Stretches:
    """All stretches, each once, however many phrases share it."""

    def __init__(self, vocab: Vocab) -> None:
        self._vocab = vocab
        self._numbers: dict[tuple[Flat, ...], int] = {}
        self._by_word: list[dict[str, list[Finder]]] = []
        self.needs: list[list[frozenset[str]]] = []
        self.words: set[str] = {EDGE, *NEGATIONS}

    def add(self, flats: tuple[Flat, ...]) -> int:
        """The number of the stretch that finds any of the flat patterns; made if it is new."""
        if flats not in self._numbers:
            self._numbers[flats] = len(self._by_word)
            self._by_word.append(_by_word(self._finder(flat) for flat in flats))
            self.needs.append(needs(flats))
            self.words |= {word for flat in flats for place in flat for word in place.words or ()}
        return self._numbers[flats]

    def find(self, number: int, doc: Doc, words: Sequence[str], present: frozenset[str]) -> list[tuple[int, int]]:
        """Where a stretch stands.

        Args:
            number: from `add`.
            doc: the sentence between its edges.
            words: its words, edges too.
            present: the same as a set.

        Returns:
            First token and the one after the last, edges counted.
        """
        found: set[tuple[int, int]] = set()
        by_word = self._by_word[number]
        for finder in {id(f): f for word in by_word.keys() & present for f in by_word[word]}.values():
            if not any(need.isdisjoint(present) for need in finder.needs):
                found.update(finder.find(doc, words))
        return sorted(found)

    def _finder(self, flat: Flat) -> Finder:
        if len(flat) == 1 and not flat[0].times and flat[0].words is not None:
            return Finder(_required(flat), flat[0].words, None)
        matcher = Matcher(self._vocab, validate=False)
        matcher.add("flat", [[_spacy_token(place) for place in flat]])
        return Finder(_required(flat), None, matcher)


def _by_word(finders: Iterable[Finder]) -> dict[str, list[Finder]]:
    """The finders under the words of the narrowest place that each requires; one that requires only an edge, under it."""
    index: dict[str, list[Finder]] = defaultdict(list)
    for finder in finders:
        for word in min(finder.needs, key=len, default=frozenset({EDGE})):
            index[word].append(finder)
    return dict(index)


def _spacy_token(place: Place) -> dict[str, Any]:
    token: dict[str, Any] = {}
    if place.words is None:
        token["ORTH"] = {"NOT_IN": list(NEGATIONS)}
    else:
        token["ORTH"] = next(iter(place.words)) if len(place.words) == 1 else {"IN": sorted(place.words)}
    if place.times:
        token["OP"] = place.times
    return token


def document(vocab: Vocab, words: Sequence[str]) -> Doc:
    """A sentence as spaCy's Doc."""
    return Doc(vocab, words=list(words))
