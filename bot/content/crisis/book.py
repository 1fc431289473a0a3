"""Writes the reply to a person in danger: the numbers of their country in fixed words. Never fails for a checked book."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import chain

from bot.content.crisis.forms import Country, Number, Texts
from bot.content.gsm import septets

NOT_DIALLED = frozenset({"web", "chat", "local"})
ELSEWHERE = "XX"
ALWAYS, UNKNOWN = "24/7", "not stated"
# Of {cover}, in characters; a longer one gives way to `untimed`. And of {site}.
LONGEST_COVER = {"emergency": 20, "urgent": 24, "watch": 24}
LONGEST_SITE = 20
SLOT = re.compile(r"\{(\w+)\}")
NUMBER_SLOTS = {
    "call": "suicide_call", "text": "suicide_text", "poison": "poison", "health": "health",
    "abuse": "abuse_call", "abuse_text": "abuse_text",
}  # fmt: skip


@dataclass(frozen=True)
class Moment:
    """What is true when a reply is sent.

    Attributes:
        cover: on duty, until when ("until 20:00"); else when the team will read ("at 8:00"); "" if no hours are set.
        stopped: the person has opted out of our messages.
        guided: a human coach sees this person's record.
        can_hide: a "0" in answer is acted on, so that it may be offered.
        known: questions that the person has answered already.
        site: what the team is called; "" for the texts' own word.
        help_word: they sent a word that another line asks for.
    """

    cover: str = ""
    on_duty: bool = False
    enrolled: bool = True
    stopped: bool = False
    guided: bool = False
    can_hide: bool = False
    known: frozenset[str] = field(default_factory=frozenset)
    site: str = ""
    help_word: bool = False


@dataclass(frozen=True)
class CrisisMessage:
    """One message, to be sent as it stands.

    Attributes:
        asked: id of the safety question in it, to be kept so that the answer is judged as one.
        numbers: what can be dialled or texted from it, for call buttons and for the staff's page.
    """

    text: str
    asked: str | None
    numbers: tuple[str, ...]


_Piece = tuple[str, tuple[str, ...]]


@dataclass(frozen=True)
class CrisisBook:
    """All numbers and texts of one language, checked. `countries` knows the codes that a file covers, too."""

    countries: Mapping[str, Country]
    texts: Texts

    def outdated(self, today: date, max_age_days: int = 90) -> int:
        """How many numbers were last confirmed longer ago than that (safety.md §8: 90 days)."""
        distinct = {country.code: country for country in self.countries.values()}
        return sum(
            (today - number.checked).days > max_age_days for country in distinct.values() for number in country.numbers
        )

    def country(self, code: str) -> Country:
        """The numbers for a country; those for anywhere else if it is unknown."""
        return self.countries.get(code.strip().upper()) or self.countries[ELSEWHERE]

    def emergency_number(self, code: str) -> str:
        """The emergency number as it stands in a sentence: "112 or 999"."""
        return self._either(self.country(code).shown("emergency"))

    def crisis_line(self, code: str) -> str:
        """The preferred crisis line to call, with its hours if it is known to close."""
        line = self.country(code).shown("suicide_call")[0]
        return line.number + self._hours([line], brief=True)

    def render(self, code: str, tier: str, kind: str, moment: Moment) -> tuple[CrisisMessage, ...]:
        """A reply in the words of `texts`. Never raises for a checked book."""
        replies = (
            self.texts.help_word["urgent" if tier == "watch" else tier]
            if moment.help_word
            else self.texts.replies[tier]
        )
        reply = replies.get(kind) or replies["default"]
        asked = next((question for question in reply.asks if question not in moment.known), None)
        pieces = {name: self._numbers(code, use, brief=tier == "emergency") for name, use in NUMBER_SLOTS.items()}
        pieces["emergency"] = (self.emergency_number(code), _dialled(self.country(code).shown("emergency")))
        pieces["question"] = (self._first_wording(asked) if asked else "", ())
        pieces["cover"] = (self._cover(tier, moment), ())
        going_on = moment.enrolled and not moment.stopped
        pieces["task"] = (self.texts.task.get(tier, "") if going_on else "", ())
        pieces["hide"] = (self.texts.hide if moment.can_hide else "", ())
        return tuple(_fill(template, pieces, asked) for template in reply.say)

    def is_help_word(self, text: str) -> bool:
        """Whether the whole message is a word that a crisis line asks for, or a bare cry for help."""
        return text.strip(" \t\n.!'\"").casefold() in self._help_words

    @cached_property
    def _help_words(self) -> frozenset[str]:
        asked_for = (
            number.word for country in self.countries.values() for number in country.numbers if number.how == "word"
        )
        return frozenset(word.casefold() for word in (*self.texts.help_words, *asked_for))

    def offered_to_hide(self, text: str) -> bool:
        """Whether a message of ours offered "0" to end and hide."""
        return self.texts.hide in text

    def takeover_begins(self, name: str) -> str:
        """A person of the team says who they are."""
        return self.texts.takeover.begins.replace("{name}", name)

    def takeover_ends(self, name: str, code: str) -> str:
        """The coach is back."""
        return self.texts.takeover.ends.replace("{name}", name).replace("{emergency}", self.emergency_number(code))

    def check_in(self, code: str) -> CrisisMessage:
        """What is said the day after an alarm, in place of a check-in. Never raises for a checked book."""
        pieces = {name: self._numbers(code, use, brief=False) for name, use in NUMBER_SLOTS.items()}
        pieces["emergency"] = (self.emergency_number(code), _dialled(self.country(code).shown("emergency")))
        pieces |= {"question": (self.texts.questions["safe_now"].ask, ()), "cover": ("", ()), "task": ("", ())}
        return _fill(self.texts.check_in, pieces | {"hide": ("", ())}, "safe_now")

    def _first_wording(self, asked: str) -> str:
        question = self.texts.questions[asked]
        return question.first or question.ask

    def _cover(self, tier: str, moment: Moment) -> str:
        name = "emergency" if tier == "emergency" else "other"
        words = self.texts.cover[f"{name}_after_stop" if moment.stopped else name]
        if not moment.enrolled:
            return words.not_enrolled
        timed, untimed = words.off_duty, words.off_duty_untimed
        if moment.on_duty:
            timed, untimed = words.on_duty, words.on_duty_untimed
        said = timed if moment.cover and _fits(moment.cover, LONGEST_COVER[tier]) else untimed
        site = moment.site if moment.site and _fits(moment.site, LONGEST_SITE) else self.texts.site
        said = said.replace("{site}", site).replace("{cover}", moment.cover)
        return f"{self.texts.guided} {said}" if moment.guided and tier == "watch" else said

    def _numbers(self, code: str, use: str, *, brief: bool) -> _Piece:
        """The lines for a use: one for each way to use it, in an emergency (`brief`) with one number each."""
        ways: dict[str, list[Number]] = {}
        for number in self.country(code).shown(use):
            ways.setdefault(number.how, []).append(number)
        given = {how: numbers[:1] if brief else numbers for how, numbers in ways.items()}
        lines = (self._line(use, how, numbers, brief=brief) for how, numbers in given.items())
        return "\n".join(lines), _dialled(chain(*given.values()))

    def _line(self, use: str, how: str, numbers: list[Number], *, brief: bool) -> str:
        shorter = self.texts.lines_emergency.get(use, {}).get(how) if brief else None
        line = (shorter or self.texts.lines[use][how]).replace("{word}", numbers[0].word)
        return line.replace("{number}", self._either(numbers)) + self._hours(numbers, brief=brief)

    def _either(self, numbers: Iterable[Number]) -> str:
        return self.texts.either.join(self.texts.local_number if n.how == "local" else n.number for n in numbers)

    def _hours(self, numbers: Iterable[Number], *, brief: bool) -> str:
        hours = {number.hours for number in numbers}
        if hours == {ALWAYS}:
            return "" if brief else self.texts.always
        known = hours - {ALWAYS, UNKNOWN}
        return self.texts.between.replace("{hours}", min(known)) if known else ""


def _dialled(numbers: Iterable[Number]) -> tuple[str, ...]:
    return tuple(number.number for number in numbers if number.how not in NOT_DIALLED)


def _fill(template: str, pieces: Mapping[str, _Piece], asked: str | None) -> CrisisMessage:
    """Put the pieces in; a line in which one has nothing to say is left out."""
    lines: list[str] = []
    numbers: dict[str, None] = {}
    used: set[str] = set()
    for line in template.splitlines():
        names = SLOT.findall(line)
        if all(pieces[name][0] for name in names):
            lines.append(SLOT.sub(lambda slot: pieces[slot[1]][0], line))
            used.update(names)
            numbers.update(dict.fromkeys(number for name in names for number in pieces[name][1]))
    return CrisisMessage("\n".join(lines), asked if "question" in used else None, tuple(numbers))


def _fits(words: str, longest: int) -> bool:
    return "\n" not in words and 0 <= septets(words) <= longest
