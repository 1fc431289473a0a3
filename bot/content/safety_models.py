"""What stands in data/coach/safety, as types: the files as they are written, and the rule book they make."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from bot.content.safety_phrases import Canceller, Phrase

TierName = Literal["watch", "urgent", "emergency"]
KindName = Literal["suicide", "self_harm", "overdose", "medical", "abuse", "hopelessness", "other_person"]
AnswerTier = Literal["none", "watch", "urgent", "emergency"]
KINDS: tuple[KindName, ...] = (
    "suicide", "self_harm", "overdose", "medical", "abuse", "hopelessness", "other_person",
)  # fmt: skip


def _entries(text: object) -> object:
    return [entry.strip() for entry in text.split(",") if entry.strip()] if isinstance(text, str) else text


# Entries with commas between them in one text: no quotes to forget, YAML's bare `no` stays a word, and it reads fast.
Entries = Annotated[list[str], BeforeValidator(_entries)]


class Strict(BaseModel):
    """A model that knows all its keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Examples(Strict):
    """Texts that a rule must catch, and that it must leave alone."""

    holds: list[str] = Field(alias="for", min_length=2)
    against: list[str] = Field(default_factory=list)


class RuleText(Strict):
    """One rule as it is written."""

    id: str = Field(pattern=r"^[a-z_]+\.[a-z_0-9]+$")
    tier: AnswerTier
    why: str = Field(min_length=10)
    says: list[str] = Field(min_length=1)
    unless: list[str] = Field(default_factory=list)
    even_if: list[str] = Field(default_factory=list)
    examples: Examples


class DangerText(RuleText):
    """A rule on danger: it gives a tier."""

    tier: TierName


class RuleFile(Strict):
    """<kind>.yml."""

    unless: list[str] = Field(default_factory=list)
    rules: list[DangerText]


class RemarkFile(Strict):
    """remarks.yml: what people say of our own verdicts."""

    unless: list[str] = Field(default_factory=list)
    rules: list[RuleText]


class ListFile(Strict):
    """lists.yml."""

    lists: dict[str, Entries]
    unless: dict[str, list[str]]


class Spelling(Strict):
    """How phones, thumbs and disguises spell: see spelling.yml.

    Attributes:
        words: one written word -> the words it stands for.
        phrases: several written words -> the words they stand for.
        emoji: emoji -> words.
        key_words: words looked for behind leet, stars, spaced letters and (from five letters) single typos.
        not_typos: words near a key word that are words of their own.
    """

    words: dict[str, str]
    phrases: dict[str, str]
    emoji: dict[str, str]
    key_words: Entries
    not_typos: Entries


class QuestionText(Strict):
    """A question of the coach whose answer is judged: see questions.yml."""

    id: str
    kind: Literal["suicide", "self_harm", "overdose", "medical", "abuse", "other_person", "in_play"]
    asks: list[str] = Field(min_length=1)
    ids: list[str] = Field(default_factory=list)
    yes: AnswerTier
    no: AnswerTier
    unclear: AnswerTier
    only_after_risk: bool = False


class QuestionFile(Strict):
    """questions.yml."""

    questions: list[QuestionText]
    no: list[str]
    not_a_clear_no: list[str]
    yes: list[str]
    all_of_it: list[str]
    about_medicine: list[str]


@dataclass(frozen=True)
class Rule:
    """One rule, read. `line` is where it stands in `file`."""

    id: str
    tier: AnswerTier
    kind: KindName
    why: str
    says: tuple[Phrase, ...]
    unless: tuple[Canceller, ...]
    holds: tuple[str, ...]
    against: tuple[str, ...]
    file: Path
    line: int


@dataclass(frozen=True)
class Asked:
    """A question of the coach, read."""

    id: str
    kind: str
    ids: tuple[str, ...]
    asks: tuple[Phrase, ...]
    yes: AnswerTier
    no: AnswerTier
    unclear: AnswerTier
    only_after_risk: bool


@dataclass(frozen=True)
class Answers:
    """Phrases that make an answer a yes, a no, or a no that isn't clear, and that say "the whole of it" of medicine."""

    yes: tuple[Phrase, ...]
    no: tuple[Phrase, ...]
    not_a_clear_no: tuple[Phrase, ...]
    all_of_it: tuple[Phrase, ...]
    about_medicine: tuple[Phrase, ...]


@dataclass(frozen=True)
class RuleBook:
    """All that the screen knows.

    Attributes:
        remarks: what a person says of an earlier verdict: of tier none, that an alarm was none; else, that we missed it.
    """

    rules: tuple[Rule, ...]
    lists: dict[str, tuple[Phrase, ...]]
    spelling: Spelling
    questions: tuple[Asked, ...]
    answers: Answers
    remarks: tuple[Rule, ...] = ()
