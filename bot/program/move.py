"""Whole-message commands: read by code before any model, in any state of the dialogue."""

from __future__ import annotations

import re
from enum import StrEnum


class Move(StrEnum):
    """What a person may do with an open question besides answering it."""

    SKIP = "skip"
    REPEAT = "repeat"
    LATER = "later"
    BACK = "back"


class Keyword(StrEnum):
    """Words that must work everywhere, also with the dialogue down (CTIA Messaging Principles; 47 CFR 64.1200(a)(10))."""

    STOP = "stop"
    START = "start"
    HELP = "help"


_WORDS: dict[str, Move] = {
    **dict.fromkeys(
        ("skip", "skip it", "skip this", "skip this one", "pass", "next", "next one", "next question"), Move.SKIP
    ),
    **dict.fromkeys(
        ("repeat", "again", "say again", "what", "?", "??", "???", "huh", "pardon", "come again"), Move.REPEAT
    ),
    **dict.fromkeys(("later", "not now", "maybe later", "busy", "can we do this later"), Move.LATER),
    **dict.fromkeys(("back", "go back", "previous", "undo"), Move.BACK),
}
_STOP = {
    "stop",
    "stopall",
    "stop all",
    "unsubscribe",
    "cancel",
    "end",
    "quit",
    "revoke",
    "optout",
    "opt out",
    "opt-out",
}
_KEYWORDS: dict[str, Keyword] = {
    **dict.fromkeys(_STOP, Keyword.STOP),
    **dict.fromkeys(("start", "unstop", "resume", "opt in", "opt-in"), Keyword.START),
    **dict.fromkeys(("help", "info"), Keyword.HELP),
}
_EDGES = re.compile(r"^[\s\W_]+|[\s\W_]+$")
INTENTS = {"skip_question": Move.SKIP, "repeat_that": Move.REPEAT, "not_now": Move.LATER}


def _bare(text: str) -> str:
    stripped = text.strip()
    return stripped if stripped and set(stripped) == {"?"} else _EDGES.sub("", stripped).casefold()


def move(text: str) -> Move | None:
    """The move that the whole message is, or None."""
    return _WORDS.get(_bare(text)) if len(text) < 40 else None


def keyword(text: str) -> Keyword | None:
    """STOP, START or HELP where that is the whole message, with or without a slash; a word inside a sentence is none."""
    return _KEYWORDS.get(re.sub(r"\s+", " ", _bare(text))) if len(text) < 40 else None
