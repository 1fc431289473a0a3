"""The forms of the files with numbers and fixed texts for a person in danger."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

# Spelt out here, as content lies below `bot.safety`, whose enums have the same words.
TIERS = ("emergency", "urgent", "watch")
KINDS = ("suicide", "self_harm", "overdose", "medical", "abuse", "hopelessness", "other_person", "default")
QUESTIONS = ("safe_now", "wish", "thoughts", "plan", "intent", "acts", "red_flags", "abuse")
COVERS = ("emergency", "emergency_after_stop", "other", "other_after_stop")
USES = ("emergency", "suicide_call", "suicide_text", "abuse_call", "abuse_text", "poison", "health")
HOWS = ("call", "text", "word", "whatsapp", "web", "chat", "silent", "some_places", "local")


def _any_of(words: tuple[str, ...]) -> StringConstraints:
    return StringConstraints(pattern=f"^({'|'.join(words)})$")


Said = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
TierName = Annotated[str, _any_of(TIERS)]
KindName = Annotated[str, _any_of(KINDS)]
QuestionId = Annotated[str, _any_of(QUESTIONS)]
CoverSet = Annotated[str, _any_of(COVERS)]
Use = Annotated[str, _any_of(USES)]
How = Annotated[str, _any_of(HOWS)]
CountryCode = Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Number(_Strict):
    """One number of a country.

    Attributes:
        hours: "24/7", "not stated", or from-to in full hours ("9-24").
        how: the way to use it; `word`: text the `word`, `local`: no number but words for one.
        checked: the day on which somebody last confirmed it.
        mark: V where a stored source was found, C where it is general knowledge (safety.md §8).
        show: False where it is kept for staff and stands in no text.
    """

    use: Use
    number: Said
    name: Said
    hours: str = Field(pattern=r"^(24/7|not stated|\d{1,2}-\d{1,2})$")
    how: How = "call"
    word: str = ""
    source: Said
    checked: date
    mark: Literal["V", "C"]
    show: bool = True
    note: str = ""


class Country(_Strict):
    """The form of numbers/<CC>.yml; the first number of a use is the one to give where only one fits."""

    code: CountryCode
    name: Said
    covers: tuple[CountryCode, ...] = ()
    numbers: tuple[Number, ...]

    def shown(self, use: str) -> tuple[Number, ...]:
        """Numbers of a use that texts may give, the preferred first."""
        return tuple(number for number in self.numbers if number.use == use and number.show)


class CoverWords(_Strict):
    """Who reads, and when: `{cover}` is the time, `untimed` where there is none or it is too long."""

    on_duty: Said
    on_duty_untimed: Said
    off_duty: Said
    off_duty_untimed: Said
    not_enrolled: Said


class Question(_Strict):
    """A safety question, its wording in a first reply where that differs, and where it was passed over."""

    ask: Said
    first: str = ""
    again: str = ""


class Reply(_Strict):
    """One reply: its messages, and the questions of which the first that is unanswered is asked."""

    say: tuple[Said, ...] = Field(min_length=1, max_length=2)
    asks: tuple[QuestionId, ...] = Field(min_length=1)


class TakeoverWords(_Strict):
    """What is said when a person of the team writes in the coach's place, and when that is over."""

    begins: Said
    ends: Said


class Texts(_Strict):
    """The form of <language>.yml."""

    local_number: Said
    lines: Mapping[Use, Mapping[How, Said]]
    lines_emergency: Mapping[Use, Mapping[How, Said]]
    always: str
    between: str
    either: str
    cover: Mapping[CoverSet, CoverWords]
    site: Said
    guided: Said
    task: Mapping[TierName, Said]
    hide: Said
    after_hide: Said
    help_words: tuple[Said, ...]
    seen: Said
    check_in: Said
    takeover: TakeoverWords
    questions: Mapping[QuestionId, Question]
    help_word: Mapping[TierName, Mapping[KindName, Reply]]
    replies: Mapping[TierName, Mapping[KindName, Reply]]
