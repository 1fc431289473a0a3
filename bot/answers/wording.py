"""Text arrives raw from phones; this brings it to one plain form and finds corrections and questions in it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")

MAX_RAW = 4000
"""Characters looked at before whitespace is collapsed; the rest of a longer message is not read."""
HEAD_READ, TAIL_READ = 400, 200
"""Characters read of the plain form: an answer opens a long message or ends it."""
MOST_CORRECTIONS = 4
"""Of more self-corrections only the last are read."""
MOST_GUESSED_WORDS = 12
"""In longer texts slips of the pen are not sought."""

_MARKS = str.maketrans(
    {
        "‘": "'",
        "’": "'",
        "‛": "'",
        "ʼ": "'",
        "`": "'",
        "´": "'",
        "′": "'",
        "“": '"',
        "”": '"',
        "„": '"',
        "«": '"',
        "»": '"',
        "–": "-",
        "—": "-",
        "−": "-",
        "‐": "-",
        "‑": "-",
        "‒": "-",
        "―": "-",
        "🔟": " 10 ",
        "~": " ",
        "≈": " ",
        "\u00a0": " ",
        "¿": " ",
        "¡": " ",
        "؟": "?",
        "？": "?",
        "،": ",",
        "💯": "💯",
        "…": "... ",
    }
)
_FRACTIONS = (("½", ".5", "half"), ("¼", ".25", "quarter"), ("¾", ".75", "three quarters"))
_GONE = {"Mn", "Me", "Cf", "Cc", "Cs", "Sk"}
_KEEP = "\n\t ^"
_CORRECTION = re.compile(
    r"\b(?:no,? ?wait|wait,? ?no|hang on|hold on|wait|(?:scratch|strike|ignore|forget) that|sorry,? i me[a]?nt?|"
    r"i meant to say|i meant|i mean|sorry|correction|make (?:that|it)|change (?:that|it) to|or rather|"
    r"no rather|actually|"
    r"oops|whoops|ops|typo|on second thoughts?|no let's say|tell a lie)\b[,.:;!\s-]*|\*(?=\w)"
)
_ASKS_BACK = re.compile(
    r"^(?:(?:sorry|hi|hello|hey|um+|erm*|ok|so|but|and|please|hmm+|wait|well)[,.!\s]+)*"
    r"(?:(?:what|why|how|who|whose|where|when|which|wdym|huh|pardon|eh)\b(?!\s+(?:about|if|not)\b)|"
    r"(?:i )?(?:don'?t|do not|dont) (?:really )?understand)"
)
_POLAR = re.compile(
    r"^(?:(?:sorry|hi|hello|hey|um+|ok|so|but|and|hmm+|well)[,.!\s]+)*"
    r"(?:do|does|did|is|are|am|can|could|should|would|will|may|have|has|must)\s+(?:i|you|u|we|it|that|this|"
    r"the|there|they|my|\d)"
)
_MID_QUESTION = re.compile(
    r"\b(?:what do (?:you|u) mean|what does|what is (?:a|the|this)|do you mean|wdym|what counts)\b"
)


def plain(text: str) -> str:
    """The text in lower case, without accents, invisible signs, curly quotes or foreign digits; spaces collapsed.

    Only the first `MAX_RAW` characters are looked at, so the cost is bounded.
    """
    text = _with_fractions(" ".join(text[:MAX_RAW].split()).translate(_MARKS))
    if not text.isascii():
        text = unicodedata.normalize("NFC", "".join(map(_letter, unicodedata.normalize("NFKD", text))))
    return _ends(" ".join(text.casefold().split()))


def tidy(text: str) -> str:
    """The text as the person wrote it, trimmed, with spaces collapsed and invisible signs gone."""
    return " ".join("".join(filter(_is_visible, text.replace("’", "'"))).split())


def corrected(text: str, read: Callable[[str], T | None]) -> T | None:
    """What `read` makes of the last part of a self-correction that gives a value: "6" in "5, scratch that, 6"."""
    for part in reversed(corrections(text)[-MOST_CORRECTIONS:]):
        value = read(part)
        if value is not None:
            return value
    return None


def corrections(text: str) -> list[str]:
    """The text cut at "no wait", "I mean", "scratch that" and the like; a single part where there is none."""
    parts = [part.strip() for part in _CORRECTION.split(text)]
    return [part for part in parts if part] or [""]


def asks_back(text: str) -> bool:
    """Whether the text asks what, why or how; "how about 9am?" and "what about Tuesday?" do not."""
    return bool(_ASKS_BACK.search(text) or _MID_QUESTION.search(text))


def is_question(text: str) -> bool:
    """Whether the text is a question of any form; "7?" alone is not."""
    return asks_back(text) or bool(_POLAR.search(text) and text.rstrip().endswith("?"))


def one_slip(said: str, meant: str) -> bool:
    """Whether at most one letter was missed, added, swapped with its neighbour or mistaken."""
    if said == meant:
        return True
    if abs(len(said) - len(meant)) > 1:
        return False
    start = _shared(said, meant)
    said, meant = said[start:], meant[start:]
    if len(said) == len(meant):
        return said[1:] == meant[1:] or (said[:2] == meant[1::-1] and len(said) > 1 and said[2:] == meant[2:])
    return said[1:] == meant if len(said) > len(meant) else said == meant[1:]


def nearest(said: str, known: Iterable[str], least: int = 5) -> str | None:
    """The one known word that is one slip away; null if none or several are, or if either is short."""
    if len(said) < least:
        return None
    found = {word for word in known if len(word) >= least and one_slip(said, word)}
    return found.pop() if len(found) == 1 else None


def near(text: str, known: Iterable[str], least: int = 5) -> set[str]:
    """The known words one slip away from any word of a short text; none for a text of many words."""
    said = [word for word in words(text) if len(word) >= least]
    if len(said) > MOST_GUESSED_WORDS:
        return set()
    return {word for word in known if len(word) >= least and any(one_slip(heard, word) for heard in said)}


def words(text: str) -> list[str]:
    """The words of a plain text, apostrophes kept inside."""
    return re.findall(r"[^\W_]+(?:'[^\W_]+)*", text)


def _ends(text: str) -> str:
    return text if len(text) <= HEAD_READ + TAIL_READ else f"{text[:HEAD_READ]} ... {text[-TAIL_READ:]}"


def _is_visible(sign: str) -> bool:
    return sign in " \n\t\u200d" or unicodedata.category(sign) not in ("Cc", "Cf", "Cs")


def _shared(one: str, other: str) -> int:
    length = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        length += 1
    return length


def _with_fractions(text: str) -> str:
    for sign, after_digit, alone in _FRACTIONS:
        if sign in text:
            text = re.sub(rf"(?<=\d)\s*{sign}", after_digit, text).replace(sign, f" {alone} ")
    return text


def _letter(sign: str) -> str:
    if sign.isascii():
        return sign
    digit = unicodedata.decimal(sign, None)
    if digit is not None:
        return str(digit)
    return "" if unicodedata.category(sign) in _GONE and sign not in _KEEP else sign
