"""Reads the lines that the second opinion learns from, made legible as the product makes them."""

from __future__ import annotations

import json
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
# Utterances of the dialogue's own training text are ordinary talk; these topics hold sadness and danger as well.
NOT_ORDINARY = frozenset({"safety", "feelings", "medical"})
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
    return [*_lines(read, root / "lines"), *_conversations(read, root / "conversations"), *_utterances(read)]


def _lines(read: Reader, folder: Path) -> Iterator[Row]:
    for path in sorted(folder.glob("*.txt")):
        written = [line for line in path.read_text(encoding="utf-8").splitlines() if line]
        for number, line in enumerate(written):
            found = _FORM.match(line)
            if not found:
                raise ValueError(f"{path}: `{line[:40]}…` is not `tier kind style | text`")
            raw = found[4].replace("\\n", "\n")
            yield Row(read(raw).text.strip(), raw, found[1], found[2], f"{path.stem} {number // FAMILY}")


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
