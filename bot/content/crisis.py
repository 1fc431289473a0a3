"""The numbers and fixed texts for a person in danger, checked so that none can fail on the day it is needed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import chain, product
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from bot.content.source import Source, read
from bot.errors import ContentError

# Spelt out here, as content lies below `bot.safety`, whose enums have the same words.
TIERS = ("emergency", "urgent", "watch")
KINDS = ("suicide", "self_harm", "overdose", "medical", "abuse", "hopelessness", "other_person", "default")
QUESTIONS = ("safe_now", "wish", "thoughts", "plan", "intent", "acts", "red_flags", "abuse")
COVERS = ("emergency", "emergency_after_stop", "other", "other_after_stop")
USES = ("emergency", "suicide_call", "suicide_text", "abuse_call", "abuse_text", "poison", "health")
HOWS = ("call", "text", "word", "whatsapp", "web", "chat", "silent", "some_places", "local")
NOT_DIALLED = frozenset({"web", "chat", "local"})

ELSEWHERE = "XX"
ALWAYS, UNKNOWN = "24/7", "not stated"
# Of a whole reply, in GSM-7 septets: two and three joined SMS segments.
LONGEST = {"emergency": 306, "urgent": 459, "watch": 459}
# Of {cover}, in characters; a longer one gives way to `untimed`. And of {site}.
LONGEST_COVER = {"emergency": 20, "urgent": 24, "watch": 24}
LONGEST_SITE = 20
GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)  # 3GPP TS 23.038 §6.2.1
GSM_PAIRS = frozenset("^{}\\[~]|€")  # the extension table: two septets each

_SLOT = re.compile(r"\{(\w+)\}")
_NUMBER_SLOTS = {
    "call": "suicide_call", "text": "suicide_text", "poison": "poison", "health": "health",
    "abuse": "abuse_call", "abuse_text": "abuse_text",
}  # fmt: skip
_SLOTS = frozenset({*_NUMBER_SLOTS, "emergency", "cover", "task", "hide", "question"})
# Numbers that a kind of reply must give (safety.md §2, third row); kinds not named give those of `call` and `text`.
_NEEDS: Mapping[tuple[str, str], set[str]] = {
    ("emergency", "overdose"): {"poison"}, ("emergency", "medical"): set(), ("urgent", "medical"): {"health"},
    ("emergency", "abuse"): {"abuse", "abuse_text"}, ("urgent", "abuse"): {"abuse", "abuse_text"},
}  # fmt: skip


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
    """A safety question, and its wording in a first reply where that differs."""

    ask: Said
    first: str = ""


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
    seen: Said
    check_in: Said
    takeover: TakeoverWords
    questions: Mapping[QuestionId, Question]
    replies: Mapping[TierName, Mapping[KindName, Reply]]


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
    """

    cover: str = ""
    on_duty: bool = False
    enrolled: bool = True
    stopped: bool = False
    guided: bool = False
    can_hide: bool = False
    known: frozenset[str] = field(default_factory=frozenset)
    site: str = ""


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
        replies = self.texts.replies[tier]
        reply = replies.get(kind) or replies["default"]
        asked = next((question for question in reply.asks if question not in moment.known), None)
        pieces = {name: self._numbers(code, use, brief=tier == "emergency") for name, use in _NUMBER_SLOTS.items()}
        pieces["emergency"] = (self.emergency_number(code), _dialled(self.country(code).shown("emergency")))
        pieces["question"] = (self._first_wording(asked) if asked else "", ())
        pieces["cover"] = (self._cover(tier, moment), ())
        going_on = moment.enrolled and not moment.stopped
        pieces["task"] = (self.texts.task.get(tier, "") if going_on else "", ())
        pieces["hide"] = (self.texts.hide if moment.can_hide else "", ())
        return tuple(_fill(template, pieces, asked) for template in reply.say)

    def takeover_begins(self, name: str) -> str:
        """A person of the team says who they are."""
        return self.texts.takeover.begins.replace("{name}", name)

    def takeover_ends(self, name: str, code: str) -> str:
        """The coach is back."""
        return self.texts.takeover.ends.replace("{name}", name).replace("{emergency}", self.emergency_number(code))

    def check_in(self, code: str) -> CrisisMessage:
        """What is said the day after an alarm, in place of a check-in. Never raises for a checked book."""
        pieces = {name: self._numbers(code, use, brief=False) for name, use in _NUMBER_SLOTS.items()}
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
        names = _SLOT.findall(line)
        if all(pieces[name][0] for name in names):
            lines.append(_SLOT.sub(lambda slot: pieces[slot[1]][0], line))
            used.update(names)
            numbers.update(dict.fromkeys(number for name in names for number in pieces[name][1]))
    return CrisisMessage("\n".join(lines), asked if "question" in used else None, tuple(numbers))


def septets(text: str) -> int:
    """Length of a text on SMS, in GSM-7 septets; -1 if it holds a character that GSM-7 lacks."""
    if not set(text) <= GSM | GSM_PAIRS:
        return -1
    return len(text) + sum(character in GSM_PAIRS for character in text)


def _fits(words: str, longest: int) -> bool:
    return "\n" not in words and 0 <= septets(words) <= longest


def load_crisis(folder: Path, today: date, max_age_days: int = 90, language: str = "en") -> CrisisBook:
    """Read and check numbers/*.yml and the texts.

    Args:
        folder: data/coach/crisis.
        today: the day on which the numbers must still be fresh.
        max_age_days: how old a confirmation may be (safety.md §8: 90 days).

    Raises:
        ContentError: names file and line of the first thing that is missing, stale, unknown, or too long for SMS.
    """
    countries: dict[str, Country] = {}
    for file in sorted((folder / "numbers").glob("*.yml")):
        source = read(file)
        country = source.parse(Country)
        _check_country(source, country, today, max_age_days)
        for code in (country.code, *country.covers):
            if code in countries:
                raise source.error(("covers",), f"{code} stands in two files: name it once")
            countries[code] = country
    if ELSEWHERE not in countries:
        file = folder / "numbers" / f"{ELSEWHERE}.yml"
        raise ContentError(file, 0, "is missing: it serves every country without a file")
    source = read(folder / f"{language}.yml")
    book = CrisisBook(countries, source.parse(Texts))
    _check_words(source, book)
    for tier, replies in book.texts.replies.items():
        for kind, reply in replies.items():
            _check_reply(source, tier, kind, reply)
            _check_renders(source, book, tier, kind)
    _check_check_in(source, book)
    return book


def _check_country(source: Source, country: Country, today: date, max_age_days: int) -> None:
    if country.code != source.file.stem:
        raise source.error(("code",), f'must be the same as the file\'s name "{source.file.stem}"')
    for use in ("emergency", "suicide_call"):
        if not any(number.use == use and number.show for number in country.numbers):
            raise source.error(("numbers",), f"{country.code} has no number with `use: {use}`: add one")
    for n, number in enumerate(country.numbers):
        at = ("numbers", n, "checked")
        age = (today - number.checked).days
        what = f"{number.number} ({number.name}) was checked on {number.checked}"
        if age > max_age_days:
            raise source.error(at, f"{what}, {age} days ago: confirm it and change the date")
        if age < -1:  # a day ahead is another zone, more is a slip of the pen
            raise source.error(at, f"{what}, which is yet to come: confirm it and change the date")
        if (number.how in ("word", "silent")) != bool(number.word):
            raise source.error(at, f"{number.number}: `word` belongs to `how: word` and `how: silent` alone")
        if number.use == "emergency" and number.show and number.how not in ("call", "local"):
            raise source.error(at, f'{number.number}: texts say "call" before it: use `show: false`')


def _check_words(source: Source, book: CrisisBook) -> None:
    texts = book.texts
    for part, needed in (("replies", TIERS), ("cover", COVERS), ("questions", QUESTIONS)):
        for key in needed:
            if key not in source.data[part]:
                raise source.error((part,), f'"{key}" is missing: write it')
    for tier, replies in texts.replies.items():
        if "default" not in replies:
            raise source.error(("replies", tier), '"default" is missing: it serves the kinds that are not named')
    for name in ("local_number", "always", "either", "site", "guided", "hide", "after_hide", "seen"):
        _check_plain(source, (name,), getattr(texts, name))
    _check_takeover(source, texts)
    _check_plain(source, ("between",), texts.between, frozenset({"hours"}))
    for tier, words in texts.task.items():
        _check_plain(source, ("task", tier), words)
    _check_questions(source, texts)
    _check_lines(source, book)
    for name, cover in texts.cover.items():
        for state, words in cover:
            slots = {"site", "cover"} if state in ("on_duty", "off_duty") else {"site"}
            _check_plain(source, ("cover", name, state), words, frozenset(slots))


def _check_takeover(source: Source, texts: Texts) -> None:
    for name, words in texts.takeover:
        _check_plain(source, ("takeover", name), words, frozenset({"name", "emergency"}))
        if "{name}" not in words:
            raise source.error(("takeover", name), "lacks {name}: a person says who they are")


def _check_check_in(source: Source, book: CrisisBook) -> None:
    _check_plain(source, ("check_in",), book.texts.check_in, _SLOTS)
    for slot in ("call", "emergency", "question"):
        if f"{{{slot}}}" not in book.texts.check_in:
            raise source.error(("check_in",), f"lacks {{{slot}}}, which every message to somebody in danger must give")
    for code in {country.code for country in book.countries.values()}:
        length = septets(book.check_in(code).text)
        if not 0 <= length <= LONGEST["urgent"]:
            raise source.error(("check_in",), f"takes {length} characters for {code}: at most {LONGEST['urgent']}")


def _check_questions(source: Source, texts: Texts) -> None:
    for name, question in texts.questions.items():
        for words in filter(None, (question.ask, question.first)):
            _check_plain(source, ("questions", name), words)
            if words.count("?") != 1:
                raise source.error(("questions", name), "must ask one thing, with one question mark")


def _check_lines(source: Source, book: CrisisBook) -> None:
    texts = book.texts
    for part, uses in (("lines", texts.lines), ("lines_emergency", texts.lines_emergency)):
        for use, ways in uses.items():
            for how, words in ways.items():
                _check_plain(source, (part, use, how), words, frozenset({"number", "word"}))
    for country in book.countries.values():
        for number in country.numbers:
            if number.use != "emergency" and number.how not in texts.lines.get(number.use, {}):
                what = f"has no line for `how: {number.how}`, which {country.code} needs"
                raise source.error(("lines", number.use), what)


def _check_plain(source: Source, path: tuple[str | int, ...], words: str, slots: frozenset[str] = frozenset()) -> None:
    for slot in _SLOT.findall(words):
        if slot not in slots:
            known = ", ".join(sorted(slots)) or "none"
            raise source.error(path, f"{{{slot}}} is no placeholder here (known: {known})")
    odd = sorted(set(_SLOT.sub("", words)) - (GSM - {"!"}))
    if odd:
        what = "can't stand here: use plain SMS (GSM-7) characters, no exclamation mark or brace"
        raise source.error(path, f"{' '.join(odd)} {what}")


def _check_reply(source: Source, tier: str, kind: str, reply: Reply) -> None:
    needs = _NEEDS.get((tier, kind), {"call", "text"}) | {"emergency", "cover", "question"}
    for n, template in enumerate(reply.say):
        path = ("replies", tier, kind, "say", n)
        _check_plain(source, path, template, _SLOTS)
        if "?" in template:
            raise source.error(path, "asks something of its own: the only question is {question}")
    missing = needs - {slot for template in reply.say for slot in _SLOT.findall(template)}
    if missing:
        raise source.error(("replies", tier, kind), f"lacks {{{min(missing)}}}, which {tier} {kind} must give")
    if tier == "emergency" and "{emergency}" not in reply.say[0].splitlines()[0]:
        raise source.error(("replies", tier, kind, "say", 0), "must have {emergency} in its first line")


def _check_renders(source: Source, book: CrisisBook, tier: str, kind: str) -> None:
    covers, site = ("x" * LONGEST_COVER[tier], ""), "x" * LONGEST_SITE
    at = ("replies", tier, kind)
    codes = sorted({country.code for country in book.countries.values()})
    for code, cover, flags in product(codes, covers, product((False, True), repeat=3)):
        on_duty, enrolled, stopped = flags
        moment = Moment(cover, on_duty, enrolled, stopped, guided=True, can_hide=True, site=site)
        lengths = [septets(message.text) for message in book.render(code, tier, kind, moment)]
        if min(lengths) < 0:
            raise source.error(at, f"has characters outside GSM-7 for {code}: look at its numbers")
        if sum(lengths) > LONGEST[tier]:
            what = f"is {sum(lengths)} characters for {code}, at most {LONGEST[tier]} are allowed: shorten it"
            raise source.error(at, what)
