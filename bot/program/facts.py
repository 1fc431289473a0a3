"""What texts and conditions may name: worked out from a person and the content (data/coach/README.md lists them)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from statistics import fmean
from typing import Any

from bot.answers.quantities.days import WEEK
from bot.content.coach import Coach
from bot.program.person import Agreed, Day, Person
from bot.program.wording import fill, variant

RECENT = timedelta(days=7)
ROTATION = ("sleep", "mood", "activity")  # curriculum: one of them each day, in turn
FOLLOW_UP = timedelta(days=7)  # a practice is asked after for a week
FLARE_FOLLOWED = timedelta(days=2)  # a flare is asked after for two days
# How a "no, not today" to the programme's next skill is respected (house): that skill rests some days, and is left to be
# asked for after some refusals; two refusals on end, and nothing new is offered for a week.
REST_AFTER_NO = timedelta(days=3)
MOST_OFFERS = 3
QUIET_AFTER, QUIET_FOR = 2, timedelta(days=7)
MOOD_WORDS = {"very_low": 1.0, "low": 3.0, "ok": 5.0, "good": 7.0, "very_good": 9.0}


def facts(coach: Coach, person: Person) -> dict[str, Any]:
    """Every fact, by name; None or "" where there is nothing to tell."""
    today = next((day for day in person.days if day.on == person.today), None)
    mean = _mean_pain(_between(person, person.today - RECENT, person.today))
    pain = today.pain if today else None
    return {
        "first_name": person.first_name,
        "site_name": person.site_name,
        "cover": person.cover,
        "mode": person.mode,
        "coach": person.coach,
        "day": person.day,
        "week": person.day // 7 + 1,
        "turn": person.turns,
        "rotation": ROTATION[person.day % len(ROTATION)],
        "checkin_time": person.checkin_time,
        "checked_in_today": "yes" if today and today.complete else "no",
        "pain": pain,
        "pain_mean": mean,
        "pain_above_mean": _above(pain, mean),
        "flare_open": "yes" if person.flare_on and person.today - person.flare_on < FLARE_FOLLOWED else "no",
        **_week_facts(person),
        **_place_facts(coach, person.country),
        **_practice_facts(coach, person),
        **_kept_facts(person),
        **_next_facts(coach, person),
    }


def _between(person: Person, first: date, end: date) -> list[Day]:
    return [day for day in person.days if first <= day.on < end]


def _mean_pain(days: list[Day]) -> float | None:
    pains = [day.pain for day in days if day.pain is not None]
    return round(fmean(pains), 1) if pains else None


def _week_facts(person: Person) -> dict[str, Any]:
    """The last seven days, today among them, beside the seven before: numbers with a meaning (curriculum §9)."""
    tomorrow = person.today + timedelta(days=1)
    week = _between(person, tomorrow - RECENT, tomorrow)
    before = _between(person, tomorrow - 2 * RECENT, tomorrow - RECENT)
    counts = [len([day for day in days if day.pain is not None]) for days in (week, before)]
    return {
        "checkins_7d": counts[0],
        "checkins_change": counts[0] - counts[1] if counts[1] else None,
        "pain_week": _mean_pain(week),
        "pain_before": _mean_pain(before),
    }


def _above(pain: float | None, mean: float | None) -> float | None:
    return None if pain is None or mean is None else round(pain - mean, 1)


def _place_facts(coach: Coach, code: str) -> dict[str, Any]:
    country = coach.countries.get(code)
    zones = country.zones if country else ()
    return {
        "country": code,
        "region": country.region if country else code,
        "emergency_number": coach.crisis.emergency_number(code),
        "crisis_line": coach.crisis.crisis_line(code),
        "zone_count": len(zones),
        "zones": tuple(zone.label for zone in zones),
        "zones_values": tuple(zone.zone for zone in zones),
    }


def open_practice(person: Person) -> Agreed | None:
    """The practice that today's check-in asks after: the newest agreed before today and not asked after yet."""
    return next((p for p in reversed(person.practices) if p.on < person.today and _asked_after(p, person.today)), None)


def told_practice(person: Person) -> Agreed | None:
    """The practice that "I did it", said unasked, is about: today's too, and none that was asked after."""
    return open_practice(person) or next(
        (p for p in reversed(person.practices) if p.on == person.today and not p.followed_up), None
    )


def _asked_after(agreed: Agreed, today: date) -> bool:
    if agreed.followed_up or today > agreed.on + FOLLOW_UP:
        return False
    since = {WEEK[(agreed.on + timedelta(days=n)).weekday()] for n in range((today - agreed.on).days)}
    return not agreed.days or bool(since & set(agreed.days))


def _practice_facts(coach: Coach, person: Person) -> dict[str, Any]:
    agreed = open_practice(person)
    done = [p for p in person.practices if p.state in ("yes", "partly") and p.on >= person.today - RECENT]
    if agreed is None:
        return {"practice_open": "no", "practices_7d": len(done), "practice_what": None, "practice_follow_up": None}
    skill = coach.skills.get(agreed.skill)
    asked = skill.practice.follow_up if skill and skill.practice else ()
    values = {
        "what": agreed.what,
        "practice_what": agreed.what,
        "practice_when": agreed.when,
        "first_name": person.first_name,
    }
    general = "You planned: {what}. Did it happen?"
    return {
        "practice_open": "yes",
        "practices_7d": len(done),
        "practice_what": agreed.what,
        "practice_when": agreed.when,
        "practice_follow_up": fill(variant(asked, agreed.skill, person.day) or general, values),
    }


def _kept_facts(person: Person) -> dict[str, Any]:
    card, plan = person.kept.get("flare_plan", {}), person.kept.get("pacing_plan", {})
    return {
        "flare_card": "yes" if card else "no",
        "flare_eases": card.get("eases"),
        "flare_tells": card.get("tells"),
        "flare_small": card.get("small"),
        "pacing_activity": plan.get("activity"),
        "pacing_base": plan.get("base_small") if plan.get("fits") == "yes" else plan.get("base"),
    }


def next_skill(coach: Coach, person: Person) -> str | None:
    """The skill that the programme brings next: the first of the weeks so far that was not gone through yet.

    At most one new skill a day; a week's skills are open from its first day on (curriculum §5: order is a default).
    What was not wanted rests a while, and after two refusals on end nothing is offered for a week.
    """
    if _wants_quiet(person):
        return None
    week = person.day // 7 + 1
    for entry in coach.programme.weeks:
        for skill in entry.skills if entry.week <= week else ():
            if skill not in person.delivered and not _rests(skill, person):
                return skill
    return None


def _rests(skill: str, person: Person) -> bool:
    refused = [offer.on for offer in person.declined if offer.skill == skill]
    return len(refused) >= MOST_OFFERS or any(person.today - on < REST_AFTER_NO for on in refused)


def _wants_quiet(person: Person) -> bool:
    since = [offer.on for offer in person.declined if person.taken_on is None or offer.on > person.taken_on]
    return len(since) >= QUIET_AFTER and person.today - max(since) < QUIET_FOR


def _next_facts(coach: Coach, person: Person) -> dict[str, Any]:
    skill = None if person.taken_on == person.today else next_skill(coach, person)
    if skill is None:
        return {"next_skill": None, "next_title": None, "next_minutes": None}
    return {"next_skill": skill, "next_title": coach.skills[skill].title, "next_minutes": coach.skills[skill].minutes}


def after(coach: Coach, facts: Mapping[str, Any], target: str, value: Any) -> dict[str, Any]:
    """The facts that change when a step sets something, so that the next text of the same turn is true."""
    kind, _, name = target.partition(".")
    if kind == "profile":
        return _place_facts(coach, value) if name == "country" else {name: value}
    if target == "checkin.pain":
        return {"pain": value, "pain_above_mean": _above(value, facts.get("pain_mean"))}
    if kind == "practice" and name == "done":
        return {"practice_open": "no"}
    if kind == "flare":
        return {"flare_open": "no"}
    return {}


def mood_number(value: Any) -> float | None:
    """A mood as a number 0-10; words stand for the middle of their fifth."""
    if isinstance(value, str):
        return MOOD_WORDS.get(value)
    return float(value) if isinstance(value, int | float) else None
