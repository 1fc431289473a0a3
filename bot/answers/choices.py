"""Reads which of the shown options someone picks: by number, ordinal, letter, or (part of) its text."""

from __future__ import annotations

import re

from bot.answers.quantities.numbers import in_digits
from bot.answers.wording import asks_back, corrections, one_slip, plain, words

LEAST_TYPO_LETTERS = 4
"""Words of an option shorter than this must be spelled right."""

_NTH = {
    "first": 1,
    "1st": 1,
    "second": 2,
    "2nd": 2,
    "third": 3,
    "3rd": 3,
    "fourth": 4,
    "4th": 4,
    "fifth": 5,
    "5th": 5,
    "sixth": 6,
    "6th": 6,
    "seventh": 7,
    "7th": 7,
    "eighth": 8,
    "8th": 8,
    "ninth": 9,
    "9th": 9,
    "tenth": 10,
    "10th": 10,
}
_LAST = re.compile(r"\b(?:last|bottom|final)(?!\s+(?:night|week|time|month|year|but))\b")
_SECOND_LAST = re.compile(r"\b(?:second (?:to|from) last|last but one|penultimate|second last)\b")
_TOP = re.compile(r"\b(?:top|former)\b")
_MIDDLE = re.compile(r"\b(?:middle|centre|center)\b")
_LATTER = re.compile(r"\blatter\b")
_NONE = re.compile(
    r"\b(?:any|either|neither|none|both|all of them|whichever|whatever|don'?t (?:mind|care)|dont (?:mind|"
    r"care)|not bothered|you (?:choose|pick|decide)|no preference|nothing|not sure|dunno|idk)\b"
)
_NEGATED = re.compile(
    r"\b(?:not|no|except|but not|rather than|instead of|isn'?t|don'?t want|anything but|never|hate|without)"
    r"\s+(?:the\s+|number\s+|option\s+|do\s+|doing\s+|a\s+)*([\w' -]+?)(?=[,.;!]|\bbut\b|\bso\b|$)"
)
_ONLY_LETTER = re.compile(
    r"^\W*(?:(?:option|answer|letter|choice|number|i'?d say|i'?ll (?:go|take)(?: for| with)?|go with|it'?s|"
    r"its|pick|the|maybe|probably|definitely|um+|hmm+|let'?s (?:go with|do|say))\W+)*([a-j])\b(?:\W*(?:pls|"
    r"please|thanks?|thx|ta|x+|i think|thank you|for me|then)\b)*\W*$"
)
_OPTION_LETTER = re.compile(r"\b(?:option|answer|letter|choice)\s+([a-j])\b|(?:^|\s)\(?([b-hj])\)|^([a-j])[).:]")
_OTHER_NUMBER = re.compile(
    r"\b\d+(?:\.\d+)?\s*(?:hours?|hrs?|mins?|minutes?|days?|weeks?|years?|times|am|pm|mg|%|/\s*\d+|"
    r"out of \d+|of the|nights?|steps?)\b|\d+[:.]\d+"
)
_STOP = frozenset(
    "a an and the of to for in on at with my your i me it is or do be this that please want like would "
    "some more go try one about how get not so but if you we day".split()
)


_LISTED = re.compile(r"\bor\b|\band\b|&|/|,|\+")
_REASON = re.compile(r"\b(?:because|cos|coz|cuz|as i|since|so that|so i)\b.*$")


def read_choice(text: str, options: tuple[str, ...]) -> int | None:
    """The 1-based place of the option picked; null for none, two, out of range, "any", "neither" and questions."""
    if not options or asks_back(text):
        return None
    plain_options = [plain(option) for option in options]
    for part in reversed(corrections(_again(text))):
        found = _picked(_REASON.sub("", part) or part, plain_options)
        if found:
            return found.pop() if len(found) == 1 and 1 <= min(found) <= len(options) else None
    return None


def _again(text: str) -> str:
    return re.sub(r"(?<=\w)\s*[,.]+\s*(?:no|nope)[,.]?\s+(?=the |number |option |\d)", " no wait ", text)


def _picked(text: str, options: list[str]) -> set[int]:
    exact = {at for at, option in enumerate(options, 1) if option and _bare(text) == _bare(option)}
    if exact:
        return exact
    kept = (
        _NEGATED.sub(" ", text)
        if re.search(r"[^\W_]", _NEGATED.sub(" ", text))
        else text
        if not _NEGATED.search(text)
        else ""
    )
    named = _by_text(kept, options) - _whole_named(" ".join(_NEGATED.findall(text)), options)
    if _NONE.search(text) and not named:
        return set()
    counted = _by_number(kept)
    if len(named) == 1:
        return named | (counted if re.search(r"^\W*\d", kept) or " or " in kept else set())
    return named or counted or _by_place(kept, len(options)) or _by_letter(kept)


def _bare(text: str) -> str:
    return " ".join(words(text))


def _whole_named(text: str, options: list[str]) -> set[int]:
    return _by_text(text, options) if text else set()


def _by_number(text: str) -> set[int]:
    said = in_digits(_OTHER_NUMBER.sub(" ", in_digits(text)))
    if re.search(r"(?:^|\s)-\d", said):
        return {0}
    return {int(found) for found in re.findall(r"(?<![\d.:/])(\d{1,9})(?![\d:/]|\.\d|st|nd|rd|th)", said)}


def _by_place(text: str, count: int) -> set[int]:
    if _SECOND_LAST.search(text):
        return {count - 1}
    found = {_NTH[word] for word in words(text) if word in _NTH}
    found |= {count} if _LAST.search(text) else set()
    found |= {1} if _TOP.search(text) else set()
    found |= {2} if _LATTER.search(text) and count == 2 else set()
    return found | ({(count + 1) // 2} if _MIDDLE.search(text) and count % 2 else set())


def _by_letter(text: str) -> set[int]:
    found = _ONLY_LETTER.search(text) or _OPTION_LETTER.search(text)
    letter = next((group for group in found.groups() if group), None) if found else None
    return {ord(letter) - ord("a") + 1} if letter else set()


def _by_text(text: str, options: list[str]) -> set[int]:
    said = words(text)
    whole = {
        at for at, option in enumerate(options, 1) if _bare(option) and f" {_bare(option)} " in f" {' '.join(said)} "
    }
    if whole:
        rest = [word for word in said if word not in " ".join(_bare(options[at - 1]) for at in whole).split()]
        return _longest(whole, options) | (_partly_named(rest, options) if _LISTED.search(text) else set())
    return _partly_named(said, options)


def _partly_named(said: list[str], options: list[str]) -> set[int]:
    scores = {at: _overlap(said, option, options) for at, option in enumerate(options, 1)}
    best = max(scores.values())
    return {at for at, score in scores.items() if score and (score == best or score >= 1)} if best else set()


def _longest(found: set[int], options: list[str]) -> set[int]:
    inside = {
        at for at in found for other in found if at != other and _bare(options[at - 1]) in _bare(options[other - 1])
    }
    return found - inside or found


def _overlap(said: list[str], option: str, options: list[str]) -> int:
    amounts = {word for word in said if word.isdecimal()}
    if amounts and not amounts & set(words(option)):
        return 0  # "14 days" is not "3 days"
    own = [word for word in words(option) if word not in _STOP and not word.isdecimal()]
    shared = [word for word in own if not any(word in words(other) for other in options if other != option)]
    return sum(any(_same(heard, word) for heard in said) for word in shared)


def _same(heard: str, word: str) -> bool:
    if heard == word or (
        len(word) >= LEAST_TYPO_LETTERS and len(heard) >= LEAST_TYPO_LETTERS and one_slip(heard, word)
    ):
        return True
    stem = min(len(heard), len(word)) >= 4 and (_stem(heard) == _stem(word))
    return (
        stem
        or (len(heard) >= 4 and word.startswith(heard))
        or (len(word) > 6 and len(heard) > 6 and _stem(heard)[:6] == _stem(word)[:6])
    )


def _stem(word: str) -> str:
    for end in ("ations", "ation", "ings", "ing", "ed", "es", "s", "e"):
        if word.endswith(end) and len(word) - len(end) >= 3:
            return word[: -len(end)]
    return word
