"""Checks the sentences of content: placeholders that exist, plain SMS characters, length, and ease of reading."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pyphen

from bot.content.gsm import GSM, GSM_PAIRS
from bot.content.source import Source

LONGEST = 306  # two joined SMS segments of GSM-7
HARDEST = 8.0  # reading grade at which a warning is due; the aim is 6 (curriculum §9)
SHORTEST_GRADED = 8  # words; a formula means nothing below that
SAID = frozenset(
    {"say", "again", "passed", "done", "opens", "follow_up", "options", "offer", "instead", "say_without_data"}
)
# What texts may name besides answers of the same conversation; tests hold this list and `bot.program.facts` together.
FACTS = frozenset(
    "checked_in_today checkin_time checkins_7d checkins_change coach country cover crisis_line day emergency_number"
    " first_name flare_card flare_eases flare_open flare_small flare_tells mode next_minutes next_skill next_title"
    " pacing_activity pacing_base pain pain_above_mean pain_before pain_mean pain_week practice_follow_up practice_open"
    " practice_what practice_when practices_7d region rotation site_name turn unfinished unfinished_title week zone_count"
    " value what when"
    " skill asked".split()
)
Path = tuple[str | int, ...]


def check(source: Source, answers: frozenset[str] = frozenset()) -> list[str]:
    """Check every sentence of a file.

    Args:
        source: a skill, replies.yml or phrases.yml.
        answers: ids of steps, which texts may name as well.

    Returns:
        Warnings, each with file and line: what reads hard.

    Raises:
        ContentError: a placeholder that nothing fills, a character that makes an SMS three times as long, or a text
            longer than two segments.
    """
    warnings = []
    for path, text in _texts(source.data, (), isinstance(source.data, Mapping) and "phrases" in source.data):
        unknown = set(re.findall(r"\{(\w+)\}", text)) - FACTS - answers
        if unknown:
            raise source.error(path, f"{{{min(unknown)}}} is neither a fact nor a step of this conversation")
        odd = {sign for sign in text if sign not in GSM and sign not in GSM_PAIRS}
        if odd:
            raise source.error(
                path, f'"{min(odd)}" is no plain SMS character: it would make the text three times as long'
            )
        if len(text) > LONGEST:
            raise source.error(path, f"is {len(text)} characters long: at most {LONGEST} fit two SMS segments")
        if grade(text) > HARDEST:
            warnings.append(
                f"{source.file}:{source.line(path)}: reads hard (grade {grade(text):.0f}): shorter words and sentences"
            )
    return warnings


def _texts(data: Any, path: Path, said: bool) -> Iterator[tuple[Path, str]]:
    if isinstance(data, str) and said:
        yield path, data
    elif isinstance(data, Mapping):
        for key, value in data.items():
            yield from _texts(value, (*path, key), said or key in SAID)
    elif isinstance(data, list):
        for number, value in enumerate(data):
            yield from _texts(value, (*path, number), said)


def grade(text: str) -> float:
    """Flesch-Kincaid reading grade (Kincaid et al. 1975): US school years; 0 for a text too short to be graded."""
    plain = re.sub(r"\{\w+\}", "it", text)
    words = re.findall(r"[A-Za-z']+", plain)
    sentences = [part for part in re.split(r"[.!?:;]+", plain) if part.strip()]
    if len(words) < SHORTEST_GRADED:
        return 0.0
    syllables = sum(len(_hyphens().positions(word)) + 1 for word in words)
    return 0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59


@cache
def _hyphens() -> pyphen.Pyphen:
    return pyphen.Pyphen(lang="en_US")
