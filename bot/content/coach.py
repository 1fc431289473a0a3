"""Loads all of data/coach once, checks what spans files, and hands it out as one frozen `Coach`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from bot.content import prose
from bot.content.call_scripts import PLACES, Line, load_call_scripts
from bot.content.crisis.book import CrisisBook
from bot.content.crisis.check import load_crisis
from bot.content.crisis.forms import QUESTIONS
from bot.content.paging import Policy, load_paging
from bot.content.safety_rules import RuleBook
from bot.content.safety_rules import load as load_rules
from bot.content.skill import FOLLOW_THROUGH, Condition, Skill, Step, Strict, Variants
from bot.content.source import Source, read
from bot.content.staff_replies import NAMES, StaffReply, load_staff_replies
from bot.errors import ContentError

NUMBERS_DAYS = 90
HOWEVER_OLD = 36_500
STAFF_REPLIES, CALL_SCRIPTS = "staff_replies.yml", "call_scripts.yml"
PLACEHOLDER = re.compile(r"\{(\w+)\}")


class Reply(Strict):
    """What is said to a message that needs one answer and no conversation.

    Attributes:
        offers: conversation to which a yes or no is asked for under `offer`, where nothing else is open.
        offers_when: condition on facts; where it does not hold, `instead` is said and nothing offered.
        sets: what the message tells of something lasting, e.g. `practice.done: "yes"`.
    """

    say: Variants
    offers: str = ""
    offer: Variants = ()
    offers_when: Condition = {}  # noqa: RUF012  # pydantic copies it
    instead: Variants = ()
    sets: Mapping[str, Any] = {}


class Replies(Strict):
    """The form of replies.yml: intent -> reply."""

    replies: Mapping[str, Reply]


class Phrases(Strict):
    """The form of phrases.yml: name -> variants."""

    phrases: Mapping[str, Variants]


class Zone(Strict):
    """One zone of a country, under the name that people there use."""

    label: str
    zone: str


class Country(Strict):
    """A country that is served: how dates are written there (`region`), and its zones, the commonest first."""

    code: str
    name: str
    region: str
    zones: tuple[Zone, ...]


class Countries(Strict):
    """The form of countries.yml."""

    countries: tuple[Country, ...]


class Week(Strict):
    """One week of the programme: its skills in order, and the practice that goes with it."""

    week: int
    skills: tuple[str, ...]
    practice: str = ""


class Programme(Strict):
    """The form of programme.yml."""

    weeks: tuple[Week, ...]


@dataclass(frozen=True)
class Coach:
    """All content, checked.

    Attributes:
        skills: by id, the check-in, enrolment and account conversations among them.
        by_intent: which conversation an intent opens.
        staff_replies: ready words for a person who writes in the coach's place.
        call_scripts: what a person may say on the telephone, by the kind of risk.
    """

    skills: Mapping[str, Skill]
    by_intent: Mapping[str, str]
    replies: Mapping[str, Reply]
    phrases: Mapping[str, tuple[str, ...]]
    staff_replies: tuple[StaffReply, ...]
    call_scripts: Mapping[str, tuple[Line, ...]]
    countries: Mapping[str, Country]
    programme: Programme
    crisis: CrisisBook
    rules: RuleBook
    paging: Policy


def load(folder: Path, today: date, language: str = "en", *, numbers_days: int = NUMBERS_DAYS) -> Coach:
    """Read and check everything under data/coach.

    Args:
        folder: data/coach.
        today: the day on which the crisis numbers' dates are judged.
        language: folder of the texts.
        numbers_days: how long ago a crisis number may have been confirmed (safety.md §8: 90 days).

    Raises:
        ContentError: names file and line of the first thing that is wrong.
    """
    skills: dict[str, Skill] = {}
    by_intent: dict[str, str] = {}
    sources: dict[str, Source] = {}
    for file in _skill_files(folder / language):
        source = read(file)
        skill = source.parse(Skill)
        if skill.id != file.stem:
            raise source.error(("id",), f'id "{skill.id}" must be the same as the file\'s name "{file.stem}"')
        skills[skill.id], sources[skill.id] = skill, source
        for n, intent in enumerate(skill.intents):
            if intent in by_intent:
                raise source.error(("intents", n), f"{intent} already opens {by_intent[intent]}: name it once")
            by_intent[intent] = skill.id
    replies_source = read(folder / language / "replies.yml")
    replies = replies_source.parse(Replies).replies
    programme_source = read(folder / "programme.yml")
    programme = programme_source.parse(Programme)
    for skill_id, source in sources.items():
        _check_skill(source, skills[skill_id], skills)
    _check_replies(replies_source, replies, by_intent, skills)
    _check_programme(programme_source, programme, skills)
    countries = read(folder / "countries.yml").parse(Countries).countries
    return Coach(
        skills=skills,
        by_intent=by_intent,
        replies=replies,
        phrases=read(folder / language / "phrases.yml").parse(Phrases).phrases,
        staff_replies=load_staff_replies(folder / language / STAFF_REPLIES),
        call_scripts=load_call_scripts(folder / language / CALL_SCRIPTS),
        countries={country.code: country for country in countries},
        programme=programme,
        crisis=load_crisis(folder / "crisis", today, numbers_days),
        rules=load_rules(folder / "safety"),
        paging=load_paging(folder / "safety" / "paging.yml"),
    )


def hard_to_read(folder: Path, language: str = "en") -> list[str]:
    """Check every sentence that is not a crisis text (those are checked as they are loaded).

    Returns:
        Warnings, with file and line.

    Raises:
        ContentError: a sentence can't be said as it stands.
    """
    warnings: list[str] = []
    for file in _skill_files(folder / language):
        source = read(file)
        warnings += prose.check(source, frozenset(step.id for step in source.parse(Skill).steps))
    for name in ("replies.yml", "phrases.yml"):
        warnings += prose.check(read(folder / language / name))
    warnings += prose.check(read(folder / language / STAFF_REPLIES), NAMES)
    warnings += prose.check(read(folder / language / CALL_SCRIPTS), PLACES)
    return warnings


def _skill_files(folder: Path) -> Iterator[Path]:
    yield from sorted(folder.glob("skills/*.yml"))
    yield from sorted(folder.glob("account/*.yml"))
    for name in ("checkin.yml", "enrolment.yml"):
        if not (folder / name).exists():
            raise ContentError(folder / name, 0, "is missing")
        yield folder / name


def _check_skill(source: Source, skill: Skill, skills: Mapping[str, Skill]) -> None:
    seen: set[str] = set()
    for intent, taken in skill.takes.items():
        if intent not in skill.intents or skill.index(taken) < 0:
            raise source.error(
                ("takes", intent), f"{intent} must be one of this skill's intents, {taken} one of its steps"
            )
    for n, step in enumerate(skill.steps):
        at: tuple[str | int, ...] = ("steps", n)
        if step.id in seen:
            raise source.error((*at, "id"), f'step "{step.id}" stands here twice')
        seen.add(step.id)
        _check_step(source, at, step)
        for b, branch in enumerate(step.reply):
            if branch.go and branch.go not in FOLLOW_THROUGH and skill.index(branch.go) < 0:
                raise source.error((*at, "reply", b, "go"), f'there is no step "{branch.go}" here')
            if branch.opens and not branch.opens.startswith("{") and branch.opens not in skills:
                raise source.error((*at, "reply", b, "opens"), f'there is no skill "{branch.opens}"')
    for n, field in enumerate(skill.record.fields if skill.record else ()):
        if field not in seen:
            raise source.error(("record", "fields", n), f'"{field}" is no step of this skill')


def _check_step(source: Source, at: tuple[str | int, ...], step: Step) -> None:
    if not (step.say or step.calculate or step.does or step.reply):
        raise source.error(at, f'step "{step.id}" neither says, asks, works out nor does anything')
    if step.ask and not step.say:
        raise source.error((*at, "ask"), f'step "{step.id}" asks but has no `say`')
    if step.ask and not step.look and len(step.again) != 2:
        raise source.error((*at, "ask"), f'step "{step.id}" needs two lines under `again` for the second and third try')
    for n, risk in enumerate(step.risk):
        if not step.ask or step.id not in risk.when:
            raise source.error((*at, "risk", n), f'step "{step.id}": `risk` must be on its own answer, `{step.id}:`')
        told = risk.when[step.id]
        if step.ask == "yes_no" and told not in ("yes", "no"):
            raise source.error((*at, "risk", n), f'step "{step.id}": the answer is "yes" or "no", in quotes')
    if step.safety and (step.safety not in QUESTIONS or not step.ask):
        raise source.error((*at, "safety"), f'step "{step.id}": `safety` names a question ({", ".join(QUESTIONS)})')
    if step.ask == "choice" and not (step.options or step.options_from):
        raise source.error((*at, "ask"), f'step "{step.id}" is a choice without `options`')
    if step.values and len(step.values) != len(step.options):
        raise source.error(
            (*at, "values"), f'step "{step.id}" has {len(step.options)} options, {len(step.values)} values'
        )


def _check_replies(
    source: Source, replies: Mapping[str, Reply], by_intent: Mapping[str, str], skills: Mapping[str, Skill]
) -> None:
    for intent, reply in replies.items():
        if intent in by_intent:
            raise source.error(("replies", intent), f"{intent} already opens the skill {by_intent[intent]}")
        if reply.offers and (reply.offers not in skills or not reply.offer):
            raise source.error(
                ("replies", intent), f'offers "{reply.offers}": name a skill, and ask for it under `offer`'
            )


def _check_programme(source: Source, programme: Programme, skills: Mapping[str, Skill]) -> None:
    for n, week in enumerate(programme.weeks):
        for m, skill in enumerate(week.skills):
            if skill not in skills:
                raise source.error(("weeks", n, "skills", m), f'there is no skill "{skill}"')


def placeholders(text: str) -> set[str]:
    """Names in braces that a text uses."""
    return set(PLACEHOLDER.findall(text))
