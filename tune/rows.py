"""Reads the lines that the second opinion learns from, made legible as the product makes them."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from bot.content.safety_rules import load
from bot.safety.opinion.legible import Reader
from bot.safety.opinion.second import COACH, JOINT, NOW, PERSON
from bot.safety.rules import Rules
from bot.settings import ROOT

LINES, SAFETY, UTTERANCES = ROOT / "data" / "screen", ROOT / "data" / "coach" / "safety", ROOT / "data" / "nlu"
FAMILY = 20  # neighbouring lines are twins: held out together or not at all
OFTEN = {
    "thoughts": 8
}  # short answers and everyday thoughts: few lines, and half of what is said, so they are read that often
# Utterances of the dialogue's own training text are ordinary talk; these topics hold sadness and danger as well.
NOT_ORDINARY = frozenset({"safety", "feelings", "medical"})
COACH_WORDS = ROOT / "data" / "coach" / "en"
_NOT_SAID = frozenset({"id", "title", "why", "source", "intents", "cues", "examples", "sets", "ask", "kind", "when"})
_SLOT = re.compile(r"\{[^}]*\}")
# Answers that say nothing by themselves; behind an ordinary question of the coach they are harmless.
ANSWERS = (
    "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "1", "2", "6.5", "yes", "yes please", "y", "yeah", "yep", "no",
    "no thanks", "n", "nope", "nah", "ok", "okay", "k", "done", "later", "not now", "not today", "skip", "maybe",
    "not sure", "dont know", "idk", "sometimes", "a bit", "fine", "good", "bad", "same", "worse", "better", "thanks", "hi",
    "hello", "menu", "help", "stop", "10:30", "8am", "after lunch", "in the evening", "twenty minutes", "15 min",
    "half an hour", "walking", "gardening", "washing up", "my back", "left knee", "who are you?", "why?",
    "what do you mean", "how long does it take", "check in", "again", "all of it", "none", "nothing", "both", "👍", "🙂",
)  # fmt: skip
_FORM = re.compile(r"(\S+) (\S+) (\S+) \| (.+)$")


@dataclass(frozen=True)
class Row:
    """One labelled message, legible.

    Attributes:
        text: as the model reads it, with what was said before in front.
        raw: the message as it was written; "" where it was read in a conversation.
        family: lines of one family are held out together.
    """

    text: str
    raw: str
    tier: str
    kind: str
    family: str


def read_all(root: Path = LINES) -> list[Row]:
    """Every line of data/screen, then ordinary utterances of data/nlu.

    Raises:
        ValueError: a line has another form; names file and line.
    """
    read = Reader(Rules(load(SAFETY)).normaliser)
    found = [*_lines(read, root / "lines"), *_conversations(read, root / "conversations"), *_utterances(read)]
    return [*found, *_answers(read)]


def coach_words() -> list[str]:
    """What the coach says and asks, legible; not the questions whose answers may show risk."""
    read = Reader(Rules(load(SAFETY)).normaliser)
    files = (yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(COACH_WORDS.rglob("*.yml")))
    return sorted({read(_SLOT.sub("that", text)).text.strip() for content in files for text in _said_in(content)})


def _said_in(node: object) -> Iterator[str]:
    if isinstance(node, str):
        if " " in node and len(node) > 12:
            yield node
    elif isinstance(node, list):
        for one in node:
            yield from _said_in(one)
    elif isinstance(node, dict) and "risk" not in node:
        for key, one in node.items():
            if key not in _NOT_SAID:
                yield from _said_in(one)


def _answers(read: Reader) -> Iterator[Row]:
    chance = random.Random(1)
    for words in coach_words():
        text = read(chance.choice(ANSWERS)).text.strip()
        yield Row(f"{COACH}{words}{JOINT}{NOW}{text}", "", "none", "none", "nlu answers")


def _lines(read: Reader, folder: Path) -> Iterator[Row]:
    for path in sorted(folder.glob("*.txt")):
        written = [line for line in path.read_text(encoding="utf-8").splitlines() if line]
        for number, line in enumerate(written):
            found = _FORM.match(line)
            if not found:
                raise ValueError(f"{path}: `{line[:40]}…` is not `tier kind style | text`")
            raw = found[4].replace("\\n", "\n")
            row = Row(read(raw).text.strip(), raw, found[1], found[2], f"{path.stem} {number // FAMILY}")
            yield from [row] * OFTEN.get(path.stem, 1)


def _conversations(read: Reader, folder: Path) -> Iterator[Row]:
    for path in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
            row = json.loads(line)
            text = f"{_said(read, row['before'])}{JOINT}{NOW}{read(row['text']).text.strip()}"
            yield Row(text, "", row["tier"], row["kind"], f"{path.stem} {number // FAMILY}")


def _said(read: Reader, before: Sequence[str | Mapping[str, str]]) -> str:
    lines = [
        f"{PERSON}{read(entry).text.strip()}" if isinstance(entry, str) else f"{COACH}{read(entry['bot']).text.strip()}"
        for entry in before
        if isinstance(entry, str) or "bot" in entry
    ]
    return JOINT.join(lines)


def _utterances(read: Reader) -> Iterator[Row]:
    for path in sorted(UTTERANCES.glob("*/*.yml")):
        if path.parent.name in NOT_ORDINARY:
            continue
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            for example in block["examples"].splitlines():
                raw = example.removeprefix("- ").strip()
                if raw:
                    yield Row(read(raw).text.strip(), raw, "none", "none", f"nlu {block['intent']}")
