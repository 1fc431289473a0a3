"""Reads and checks the numbers and fixed texts, so that none can fail on the day it is needed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from itertools import product
from pathlib import Path

from bot.content.crisis.book import ELSEWHERE, LONGEST_COVER, LONGEST_SITE, NUMBER_SLOTS, SLOT, CrisisBook, Moment
from bot.content.crisis.forms import COVERS, QUESTIONS, TIERS, Country, Reply, Texts
from bot.content.gsm import GSM, septets
from bot.content.source import Source, read
from bot.errors import ContentError

# Of a whole reply, in GSM-7 septets: two and three joined SMS segments.
LONGEST = {"emergency": 306, "urgent": 459, "watch": 459}
_SLOTS = frozenset({*NUMBER_SLOTS, "emergency", "cover", "task", "hide", "question"})
# Numbers that a kind of reply must give (safety.md §2, third row); kinds not named give those of `call` and `text`.
_NEEDS: Mapping[tuple[str, str], set[str]] = {
    ("emergency", "overdose"): {"poison"}, ("emergency", "medical"): set(), ("urgent", "medical"): {"health"},
    ("emergency", "abuse"): {"abuse", "abuse_text"}, ("urgent", "abuse"): {"abuse", "abuse_text"},
    ("watch", "abuse"): {"abuse", "abuse_text"},
}  # fmt: skip


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
            _check_reply(source, "replies", tier, kind, reply)
            _check_renders(source, book, "replies", tier, kind)
    for tier, replies in book.texts.help_word.items():
        for kind, reply in replies.items():
            _check_reply(source, "help_word", tier, kind, reply)
            _check_renders(source, book, "help_word", tier, kind)
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
    _check_defaults(source, "replies", TIERS, texts.replies)
    _check_defaults(source, "help_word", TIERS[:2], texts.help_word)
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


def _check_defaults(
    source: Source, part: str, tiers: Iterable[str], written: Mapping[str, Mapping[str, Reply]]
) -> None:
    for tier in tiers:
        if "default" not in written.get(tier, {}):
            raise source.error((part, tier), '"default" is missing: it serves the kinds that are not named')


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
        for words in filter(None, (question.ask, question.first, question.again)):
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
    for slot in SLOT.findall(words):
        if slot not in slots:
            known = ", ".join(sorted(slots)) or "none"
            raise source.error(path, f"{{{slot}}} is no placeholder here (known: {known})")
    odd = sorted(set(SLOT.sub("", words)) - (GSM - {"!"}))
    if odd:
        what = "can't stand here: use plain SMS (GSM-7) characters, no exclamation mark or brace"
        raise source.error(path, f"{' '.join(odd)} {what}")


def _check_reply(source: Source, part: str, tier: str, kind: str, reply: Reply) -> None:
    needs = _NEEDS.get((tier, kind), {"call", "text"}) | {"emergency", "cover", "question"}
    for n, template in enumerate(reply.say):
        path = (part, tier, kind, "say", n)
        _check_plain(source, path, template, _SLOTS)
        if "?" in template:
            raise source.error(path, "asks something of its own: the only question is {question}")
    missing = needs - {slot for template in reply.say for slot in SLOT.findall(template)}
    if missing:
        raise source.error((part, tier, kind), f"lacks {{{min(missing)}}}, which {tier} {kind} must give")
    if tier == "emergency" and "{emergency}" not in reply.say[0].splitlines()[0]:
        raise source.error((part, tier, kind, "say", 0), "must have {emergency} in its first line")


def _check_renders(source: Source, book: CrisisBook, part: str, tier: str, kind: str) -> None:
    covers, site = ("x" * LONGEST_COVER[tier], ""), "x" * LONGEST_SITE
    at = (part, tier, kind)
    codes = sorted({country.code for country in book.countries.values()})
    for code, cover, flags in product(codes, covers, product((False, True), repeat=3)):
        on_duty, enrolled, stopped = flags
        moment = Moment(cover, on_duty, enrolled, stopped, True, True, site=site, help_word=part == "help_word")
        lengths = [septets(message.text) for message in book.render(code, tier, kind, moment)]
        if min(lengths) < 0:
            raise source.error(at, f"has characters outside GSM-7 for {code}: look at its numbers")
        if sum(lengths) > LONGEST[tier]:
            what = f"is {sum(lengths)} characters for {code}, at most {LONGEST[tier]} are allowed: shorten it"
            raise source.error(at, what)
