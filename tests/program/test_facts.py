"""What texts and conditions may name, worked out of a person."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bot.content.coach import Coach
from bot.program.facts import after, facts, next_skill, open_practice, told_practice
from bot.program.person import Agreed, Day, Declined, Person

TODAY = date(2026, 3, 11)  # a Wednesday


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def agreed(days: int, state: str = "agreed", weekdays: tuple[str, ...] = ()) -> Agreed:
    return Agreed("p", "breathing", ago(days), state, "slow breathing", followed_up=state != "agreed", days=weekdays)


def test_the_mean_leaves_today_out_and_the_week_takes_it_in(content: Coach) -> None:
    days = tuple(Day(ago(n), 4) for n in range(13, 0, -1))
    known = facts(content, Person(TODAY, day=20, days=(*days, Day(TODAY, 8))))
    assert (known["pain"], known["pain_mean"], known["pain_above_mean"]) == (8, 4, 4)
    assert (known["checkins_7d"], known["checkins_change"], known["pain_week"], known["pain_before"]) == (7, 0, 4.6, 4)


def test_a_newcomer_has_no_numbers(content: Coach) -> None:
    known = facts(content, Person(TODAY))
    assert (known["checkins_7d"], known["pain_week"], known["pain_mean"], known["pain_above_mean"]) == (
        0,
        None,
        None,
        None,
    )


PRACTICES = [
    ("agreed yesterday", agreed(1), True, True),
    ("agreed today", agreed(0), False, True),
    ("asked after already", agreed(1, "yes"), False, False),
    ("a week ago", agreed(7), True, True),
    ("longer ago", agreed(8), False, False),
    ("its day has not come", agreed(1, weekdays=("fri",)), False, False),
    ("its day has been", agreed(2, weekdays=("mon", "fri")), True, True),
]


@pytest.mark.parametrize(
    ("practice", "asked", "told"), [row[1:] for row in PRACTICES], ids=[row[0] for row in PRACTICES]
)
def test_which_practice_is_asked_after(practice: Agreed, asked: bool, told: bool) -> None:
    person = Person(TODAY, practices=(practice,))
    assert (open_practice(person) is not None, told_practice(person) is not None) == (asked, told)


OFFERS = [
    ("the first of the programme", (), None, "pain_education"),
    ("not what was refused yesterday", (Declined("pain_education", ago(1)),), None, "goal_setting"),
    ("again after some days", (Declined("pain_education", ago(3)),), None, "pain_education"),
    (
        "quiet after two refusals on end",
        (Declined("pain_education", ago(2)), Declined("goal_setting", ago(1))),
        None,
        None,
    ),
    (
        "until a week has gone by",
        (Declined("pain_education", ago(8)), Declined("goal_setting", ago(7))),
        None,
        "pain_education",
    ),
    (
        "or something was taken since",
        (Declined("pain_education", ago(3)), Declined("goal_setting", ago(2))),
        ago(1),
        "pain_education",
    ),
    ("never after three", tuple(Declined("pain_education", ago(n)) for n in (30, 20, 10)), ago(9), "goal_setting"),
]


@pytest.mark.parametrize(
    ("declined", "taken_on", "offered"), [row[1:] for row in OFFERS], ids=[row[0] for row in OFFERS]
)
def test_what_the_programme_offers(
    content: Coach, declined: tuple[Declined, ...], taken_on: date | None, offered: str | None
) -> None:
    assert next_skill(content, Person(TODAY, day=3, declined=declined, taken_on=taken_on)) == offered


def test_one_new_skill_a_day(content: Coach) -> None:
    assert facts(content, Person(TODAY, day=3, taken_on=TODAY))["next_skill"] is None
    assert facts(content, Person(TODAY, day=3, taken_on=ago(1)))["next_skill"] == "pain_education"


def test_the_pacing_plan_is_the_one_that_fits(content: Coach) -> None:
    plan = {"activity": "cooking", "base": 8, "base_small": 4}
    assert facts(content, Person(TODAY, kept={"pacing_plan": {**plan, "fits": "yes"}}))["pacing_base"] == 4
    assert facts(content, Person(TODAY, kept={"pacing_plan": {**plan, "fits": "no"}}))["pacing_base"] == 8


@pytest.mark.parametrize(("on", "is_open"), [(None, "no"), (TODAY, "yes"), (ago(1), "yes"), (ago(2), "no")])
def test_a_flare_is_asked_after_for_two_days(content: Coach, on: date | None, is_open: str) -> None:
    assert facts(content, Person(TODAY, flare_on=on))["flare_open"] == is_open


def test_what_a_turn_sets_is_true_in_the_same_turn(content: Coach) -> None:
    known = facts(content, Person(TODAY, days=(Day(ago(1), 4),)))
    assert after(content, known, "checkin.pain", 7) == {"pain": 7, "pain_above_mean": 3}
    assert after(content, known, "profile.country", "GB")["emergency_number"] == "999"
    assert after(content, known, "practice.done", "yes") == {"practice_open": "no"}
