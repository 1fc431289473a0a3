"""Two people for tests of the programme: one who has just enrolled, and one in the fourth week, in a flare."""

from __future__ import annotations

from datetime import date, timedelta

from bot.program.person import Agreed, Day, Person
from tests.support.once import coach

TODAY = date(2026, 3, 11)
COACH = coach()
NEWCOMER = Person(TODAY, country="ES", cover="Someone looks in once a day.")
WEEK = tuple(Day(TODAY - timedelta(days=n), 4, 5, 5, 5, True) for n in range(7, 0, -1))
OLD_HAND = Person(
    TODAY,
    day=22,
    first_name="Ana",
    country="ES",
    checkin_time="09:00",
    cover="Someone looks in once a day.",
    days=(*WEEK, Day(TODAY, 8)),
    practices=(Agreed("p", "breathing", TODAY - timedelta(days=1), "agreed", "slow breathing"),),
    delivered=("pain_education", "goal_setting"),
    flare_on=TODAY - timedelta(days=1),
    kept={"flare_plan": {"eases": "a warm pack", "tells": "my sister", "small": "tea"}},
)
