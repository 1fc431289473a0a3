"""Reads a mood: a 0-10 number if one is said, else one of five levels from words, slang and emoji."""

from __future__ import annotations

import re

from bot.answers.quantities.scores import HIGH, LOW, read_score
from bot.answers.tables.feelings import ASCII_FACES, EMOJI, LEVELS, WORDS
from bot.answers.wording import corrected, is_question

_LEVEL_OF = {phrase: level for level in LEVELS for phrase in WORDS[level].split("|")}
_PHRASE = re.compile(
    r"(?<![\w'])(?:"
    + "|".join(re.escape(phrase) for phrase in sorted(_LEVEL_OF, key=len, reverse=True))
    + r")(?![\w']|-\w)"
)
_EMOJI_LEVEL = {sign: level for level, signs in EMOJI.items() for sign in signs}
_NEGATION = re.compile(
    r"\b(?:not|isn'?t|aint|ain't|wasn'?t|don'?t|dont|didn'?t|never|no|hardly|far from|anything but|nothing|"
    r"nae|can'?t say|cant say|wouldn'?t say|wouldnt say|not been|haven'?t been)\s+"
    r"(?:(?:feel|feeling|felt|so|too|very|that|really|particularly|all that|especially|exactly|the|a|an|"
    r"doing|overly|super|terribly|as|quite|it'?s|it|i'?m|been|in|my|mood|day|entirely|completely|totally|"
    r"much|having|to|even|sure i'?m)\s+)*$"
)
_STRONG = re.compile(
    r"\b(?:very|v|really|so|extremely|super|incredibly|absolutely|totally|terribly|awfully|bloody|dead|"
    r"proper|ever so|seriously|pretty damn|damn|deeply|rly|sooo*)\s+$"
)
_WEAK = re.compile(
    r"\b(?:a (?:bit|little|tad|touch)|bit|slightly|kinda|kind of|sort of|sorta|somewhat|fairly|quite|"
    r"pretty|rather|mildly|not all|little)\s+$"
)
_FLIPPED = {"very_low": "ok", "low": "ok", "ok": "low", "good": "low", "very_good": "low"}
_PAST = re.compile(
    r"\b(?:was|were|yesterday|earlier|last (?:night|week)|this morning|used to|usually|normally|had been|"
    r"been)\b"
)
_NOW = re.compile(r"\b(?:now|today|better|currently|tonight|at the moment|picked up|improved)\b")
_CLAUSES = re.compile(r"\b(?:but|though|although|however|yet)\b|[;.!\n]|,(?=.*\bnow\b)")
_NOT_MOOD = re.compile(
    r"\b(?:ok(?:ay)?|well|right|good (?:morning|evening|afternoon|question|night)|oh well|"
    r"thank you very much|very much|like hell)\b(?=[,:]?\s+(?:so|i|it'?s|um|let|what|then|no|the|hmm|that)\b)"
    r"|\bgood (?:morning|evening|afternoon|night|question)\b|\bas well\b|\b(?:sit|sat|lie|lay|lying|calm|"
    r"slow|wind|went|going|write|up and) down (?=and|for|on|now)|\bbetter not\b|\bbetter go\b|\bday off\b|"
    r"\bslept (?:well|badly|ok)\b|\bhow well\b|^hell+o\b|\b(?:back|neck|knee|hip|pain|shoulder|leg)s?(?:'s|"
    r" is| was)? (?:(?:very|really|so|quite|pretty) )?(?:bad|awful|terrible|horrible)\b"
)


def read_mood(text: str, scale: str | None = None) -> int | float | str | None:
    """A 0-10 number if one is said, else "very_low", "low", "ok", "good" or "very_good"; null if neither is said."""
    if is_question(text):
        return None
    low, high = bounds(scale)
    said = corrected(text, lambda part: read_score(part, low, high))
    if said is not None:
        return said
    return None if re.search(r"^\W*-?\d+(?:\.\d+)?\W*$", text) else corrected(text, _level)


def bounds(scale: str | None) -> tuple[int, int]:
    """The ends that a scale note names ("1-5" gives 1 and 5); 0 and 10 where it names none."""
    found = re.search(r"\b(\d{1,2})\s*(?:-|–|to)\s*(\d{1,3})\b", scale or "")
    return (int(found[1]), int(found[2])) if found else (LOW, HIGH)


def _level(text: str) -> str | None:
    text = _NOT_MOOD.sub(" ", text)
    levels = [(clause, level) for clause in _CLAUSES.split(text) if (level := _clause_level(clause))]
    present = [level for clause, level in levels if _NOW.search(clause)] if len(levels) > 1 else []
    plain = [level for clause, level in levels if not _PAST.search(clause)]
    return next(iter(present or plain or [level for _, level in levels]), None) or _face(text)


def _clause_level(clause: str) -> str | None:
    found = _PHRASE.search(clause)
    if found is None:
        return None
    level, before = _LEVEL_OF[found[0]], clause[: found.start()]
    if _NEGATION.search(before):
        return _FLIPPED[level]
    if _STRONG.search(before):
        return {
            "low": "very_low"
            if found[0] in ("low", "down", "sad", "bad", "poor", "unhappy", "blue", "depressed")
            else "low",
            "good": "very_good",
        }.get(level, level)
    return "low" if _WEAK.search(before) and level == "very_low" else level


def _face(text: str) -> str | None:
    emoji = [_EMOJI_LEVEL[sign] for sign in text if sign in _EMOJI_LEVEL]
    if emoji:
        return emoji[0]
    return next((level for pattern, level in ASCII_FACES if re.search(pattern, text)), None)
