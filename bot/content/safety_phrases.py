"""The small language in which clinicians write what a dangerous message may say; data/coach/safety/README.md tells it."""

from __future__ import annotations

import re
from dataclasses import dataclass

_PIECE = re.compile(
    r"\s*(?:(?P<gap>\.\.(?P<gap_n>\d))|(?P<list>\$(?P<name>[a-z_]+)(?:\.\.(?P<list_n>\d))?)"
    r"|(?P<number>#(?P<least>\d+)\+|#)|(?P<sign>[()|?^&*])|(?P<word>[\w'’-]+)(?P<forms>~)?)"
)


class PhraseError(ValueError):
    """A phrase can't be read; the text says what to write instead."""


@dataclass(frozen=True)
class Word:
    """One word; with `forms`, any of its -s, -ed, -ing and irregular forms."""

    text: str
    forms: bool = False


@dataclass(frozen=True)
class Listed:
    """One entry of a named list, or with `up_to` a run of up to so many of its one-word entries."""

    name: str
    up_to: int = 0


@dataclass(frozen=True)
class Number:
    """A number of at least `least`, in digits or words."""

    least: int = 0


@dataclass(frozen=True)
class Gap:
    """Up to `up_to` words of any kind."""

    up_to: int


@dataclass(frozen=True)
class Edge:
    """Start or end of a sentence."""


@dataclass(frozen=True)
class Choice:
    """One of several sequences."""

    ways: tuple[tuple[Part, ...], ...]


@dataclass(frozen=True)
class Part:
    """One place in a phrase."""

    what: Word | Listed | Number | Gap | Edge | Choice
    optional: bool = False


Sequence = tuple[Part, ...]


@dataclass(frozen=True)
class Phrase:
    """What `says:` holds in one line: sequences that must all stand near each other, in any order."""

    text: str
    together: tuple[Sequence, ...]


@dataclass(frozen=True)
class Canceller:
    """What `unless:` holds in one line: words before and after what was matched, or (`anywhere`) in its sentence."""

    text: str
    before: Sequence = ()
    after: Sequence = ()
    anywhere: Sequence = ()


def read_phrase(text: str) -> Phrase:
    """Read one line of `says:`.

    Raises:
        PhraseError: a sign, bracket or name is out of place, or nothing but optional parts is asked for.
    """
    reader = _Reader(text)
    together = [reader.sequence()]
    while reader.take("&"):
        together.append(reader.sequence())
    reader.finish()
    for sequence in together:
        _need_a_word(sequence, text)
    return Phrase(text, tuple(together))


def read_canceller(text: str) -> Canceller:
    """Read one line of `unless:`; `*` in it stands for the words that the rule matched.

    Raises:
        PhraseError: as for `read_phrase`.
    """
    reader = _Reader(text)
    before = reader.sequence(empty=True)
    if not reader.take("*"):
        reader.finish()
        _need_a_word(before, text)
        return Canceller(text, anywhere=before)
    after = reader.sequence(empty=True)
    reader.finish()
    if not before and not after:
        raise PhraseError("* alone would cancel every match: write the words before or after it")
    return Canceller(text, before=before, after=after)


def listed_names(sequence: Sequence) -> list[str]:
    """Names of all lists that a sequence uses, at any depth."""
    names: list[str] = []
    for part in sequence:
        if isinstance(part.what, Listed):
            names.append(part.what.name)
        elif isinstance(part.what, Choice):
            names.extend(name for way in part.what.ways for name in listed_names(way))
    return names


def _need_a_word(sequence: Sequence, text: str) -> None:
    if all(part.optional or isinstance(part.what, Gap | Edge) for part in sequence):
        raise PhraseError(f'"{text}" would match nothing in particular: one word must be required')


@dataclass
class _Reader:
    text: str
    at: int = 0

    def _peek(self) -> re.Match[str] | None:
        return _PIECE.match(self.text, self.at)

    def take(self, sign: str) -> bool:
        found = self._peek()
        if found and found["sign"] == sign:
            self.at = found.end()
            return True
        return False

    def finish(self) -> None:
        rest = self.text[self.at :].strip()
        if rest:
            raise PhraseError(f'can\'t read from "{rest}" in "{self.text}"')

    def sequence(self, empty: bool = False) -> Sequence:
        parts: list[Part] = []
        while (found := self._peek()) and found["sign"] not in (")", "&", "*"):
            if found["sign"] == "|" or found["sign"] == "?":
                raise PhraseError(f'"{found["sign"]}" stands after nothing in "{self.text}"')
            parts.append(self._part())
        if not parts and not empty:
            raise PhraseError(f'words are missing in "{self.text}"')
        return tuple(parts)

    def _part(self) -> Part:
        ways = [self._atom()]
        while self.take("|"):
            ways.append(self._atom())
        what = ways[0][0].what if len(ways) == 1 and len(ways[0]) == 1 else _merge(ways)
        return Part(what, self.take("?"))

    def _atom(self) -> Sequence:
        found = self._peek()
        if not found or (found["sign"] and found["sign"] not in "(^"):
            raise PhraseError(f'a word is missing near "{self.text[self.at :]}" in "{self.text}"')
        self.at = found.end()
        if found["sign"] == "(":
            return self._group()
        if found["gap"]:
            return (Part(Gap(int(found["gap_n"]))),)
        if found["list"]:
            return (Part(Listed(found["name"], int(found["list_n"] or 0))),)
        if found["number"]:
            return (Part(Number(int(found["least"] or 0))),)
        if found["sign"] == "^":
            return (Part(Edge()),)
        return (Part(Word(found["word"].lower(), bool(found["forms"]))),)

    def _group(self) -> Sequence:
        ways: list[Sequence] = [self._branch()]
        while self.take("|"):
            ways.append(self._branch())
        if not self.take(")"):
            raise PhraseError(f'a closing ")" is missing in "{self.text}"')
        return ways[0] if len(ways) == 1 and len(ways[0]) == 1 else (Part(Choice(tuple(ways))),)

    def _branch(self) -> Sequence:
        parts: list[Part] = []
        while (found := self._peek()) and found["sign"] not in (")", "|", "&", "*"):
            atom = self._atom()
            what = atom[0].what
            parts.append(Part(what, self.take("?")))
        if not parts or all(part.optional or isinstance(part.what, Gap) for part in parts):
            raise PhraseError(f'an empty choice stands in "{self.text}": put the ? after the bracket')
        return tuple(parts)


def _merge(ways: list[Sequence]) -> Choice:
    flat: list[Sequence] = []
    for way in ways:
        single = way[0].what if len(way) == 1 else None
        flat.extend(single.ways if isinstance(single, Choice) else (way,))
    return Choice(tuple(flat))
