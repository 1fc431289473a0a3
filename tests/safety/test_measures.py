"""The safety figures by hand: percentiles with some still waiting, courses cut from histories, limits, hours across DST."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clock import at_local
from bot.content.paging import Policy
from bot.safety import measures
from bot.safety.courses import Began, Course, Ended, Milestone, courses
from bot.safety.cover import parse
from bot.safety.durations import LEAST, Wait, percentile, percentiles
from bot.safety.evaluation import Share
from bot.safety.measures import (
    Judged,
    Limits,
    by_duty,
    by_hour,
    by_kind,
    by_tier,
    duty_spans,
    judge,
    per_thousand,
    timing,
)
from bot.safety.tiers import Tier
from bot.store.measured import Case, Handed, Reply, Step
from bot.store.types import EscalationId, PatientId, StaffId
from tests.support.once import coach

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
NOW = NOON + timedelta(days=2)
OLGA = StaffId("olga")
ALWAYS = [(NOON - timedelta(days=400), NOON + timedelta(days=400))]
# Weeks in remission under 6-mercaptopurine, `+`: still in it when last seen (Freireich and others, Blood 1963,
# 21:699-716); the median by Kaplan and Meier is 23 weeks in every textbook.
FREIREICH = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+"


def waits(text: str) -> list[Wait]:
    return [Wait(float(one.rstrip("+")), is_over=not one.endswith("+")) for one in text.split()]


@pytest.mark.parametrize(
    ("given", "percent", "wanted"),
    [
        pytest.param(FREIREICH, 50, 23, id="known answer: Freireich's patients"),
        pytest.param(FREIREICH, 10, 6, id="known answer: the first tenth, S(6) = 0.857"),
        pytest.param(FREIREICH, 90, None, id="known answer: never reached by nine of ten"),
        pytest.param("1 2 3 4 5", 50, 3, id="odd count: the one in the middle"),
        pytest.param("1 2 3 4", 50, 2, id="even count: the lower of the two, as by rank"),
        pytest.param("1 2 3 4 5 6 7 8 9 10", 90, 9, id="ninth of ten"),
        pytest.param("7", 99, 7, id="one alone"),
        pytest.param("5 5 5 5", 50, 5, id="all alike"),
        pytest.param("1 2 3+", 50, 2, id="who waits longest changes nothing before"),
        pytest.param("1+ 2 3", 50, 2, id="who was seen for a moment hardly counts"),
        pytest.param("1 2+ 3+ 4+", 50, None, id="most still wait: not known"),
        pytest.param("3 3+", 50, 3, id="at one instant, reached comes before last seen"),
        pytest.param("1+ 2+", 50, None, id="nobody reached it"),
        pytest.param("", 50, None, id="nobody at all"),
    ],
)
def test_a_percentile_counts_who_still_waits(given: str, percent: int, wanted: float | None) -> None:
    assert percentile(waits(given), percent) == wanted
    assert percentile(waits(given)[::-1], percent) == wanted


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=300), st.sampled_from((50, 90, 99)))
def test_where_nobody_waits_it_is_the_percentile_by_rank(seconds: list[int], percent: int) -> None:
    rank = math.ceil(len(seconds) * percent / 100)
    assert percentile([Wait(one, is_over=True) for one in seconds], percent) == sorted(seconds)[rank - 1]


@given(st.lists(st.tuples(st.integers(0, 50), st.booleans()), max_size=60))
def test_percentiles_never_fall(found: list[tuple[int, bool]]) -> None:
    every = [percentile([Wait(*one) for one in found], percent) for percent in range(1, 100, 7)]
    told = [math.inf if one is None else one for one in every]
    assert all(low <= high for low, high in pairwise(told))


@pytest.mark.parametrize(
    ("reached", "told"), [(4, []), (5, [50]), (9, [50]), (10, [50, 90]), (99, [50, 90]), (100, [50, 90, 99])]
)
def test_from_too_few_no_percentile_is_told(reached: int, told: list[int]) -> None:
    found = percentiles([Wait(n, is_over=True) for n in range(reached)] + [Wait(10**9, is_over=False)])
    assert [one.percent for one in found if not one.is_too_few] == told
    assert sorted(LEAST) == [one.percent for one in found]


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def step(event: str, seconds: float, *, by: bool = False, lag: float = 0.0, of: str = "e", **detail: Any) -> Step:
    """An entry of a history; a message was received `lag` seconds before, staff did the rest."""
    received = None if by or event in ("acknowledged", "contact", "resolved") else at(seconds - lag)
    return Step(EscalationId(of), at(seconds), event, OLGA if by else None, received, detail)


def opened(seconds: float = 0, tier: str = "emergency", **given: Any) -> Step:
    return step("opened", seconds, tier=tier, kind="suicide", **given)


def contact(seconds: float, *, reached: bool, tried: float | None = None) -> Step:
    told = at(seconds if tried is None else tried).isoformat()
    return step("contact", seconds, by=True, reached=reached, tried_at=told)


def cut(
    steps: Sequence[Step], tier: str = "emergency", replies: Sequence[Reply] = (), pages: Sequence[Handed] = ()
) -> list[Course]:
    ids = dict.fromkeys(one.escalation_id for one in steps)
    return courses([Case(one, PatientId(f"p{one}"), tier, "suicide") for one in ids], steps, replies, pages, NOW)


def told(course: Course) -> dict[str, float]:
    return {name.value: (when - course.since).total_seconds() for name, when in course.reached.items()}


ACK, DONE = step("acknowledged", 60, by=True), step("resolved", 900, by=True, outcome="referred")
HISTORIES = [
    pytest.param(
        [opened(lag=2), ACK, contact(300, reached=False), contact(600, reached=True), DONE],
        [("opened", "emergency", "resolved", {"acknowledged": 62, "tried": 302, "reached": 602, "resolved": 902})],
        id="one course, counted from receipt",
    ),
    pytest.param([opened()], [("opened", "emergency", "open", {})], id="open: nothing reached yet"),
    pytest.param(
        [opened(tier="watch"), step("acknowledged", 30, by=True), step("raised", 100, tier="emergency", kind="suicide"),
         step("acknowledged", 130, by=True)],
        [("opened", "watch", "raised", {"acknowledged": 30}), ("raised", "emergency", "open", {"acknowledged": 30})],
        id="raised: the clocks start anew",
    ),
    pytest.param(
        [opened(), ACK, DONE, step("reopened", 5000, lag=1, tier="urgent", kind="abuse"),
         step("acknowledged", 5059, by=True)],
        [("opened", "emergency", "resolved", {"acknowledged": 60, "resolved": 900}),
         ("reopened", "urgent", "open", {"acknowledged": 60})],
        id="reopened by a message: a course of its own tier",
    ),
    pytest.param(
        [opened(), ACK, DONE, step("reopened", 5000, by=True, why="she rang"), step("resolved", 5600, by=True, outcome="referred")],
        [("opened", "emergency", "resolved", {"acknowledged": 60, "resolved": 900}),
         ("reopened", "emergency", "resolved", {"resolved": 600})],
        id="reopened by staff: from when they did, with the tier that it had",
    ),
    pytest.param(
        [step("missed", 0, by=True, tier="urgent", kind="suicide"), ACK],
        [("missed", "urgent", "open", {"acknowledged": 60})],
        id="found by staff: from the mark, however old the message",
    ),
    pytest.param(
        [opened(tier="urgent"), step("missed", 40, by=True, tier="watch", kind="abuse"), ACK],
        [("opened", "urgent", "open", {"acknowledged": 60})],
        id="a missed one that joins starts nothing",
    ),
    pytest.param(
        [opened(tier="watch"), step("missed", 40, by=True, tier="urgent", kind="abuse"), ACK],
        [("opened", "watch", "raised", {}), ("missed", "urgent", "open", {"acknowledged": 20})],
        id="a missed one that raises starts the clocks",
    ),
    pytest.param(
        [opened(), ACK, DONE, step("missed", 950, by=True, tier="watch", kind="abuse")],
        [("opened", "emergency", "resolved", {"acknowledged": 60, "resolved": 900}), ("missed", "watch", "open", {})],
        id="a missed one after it was resolved opens it again",
    ),
    pytest.param(
        [opened(), ACK, contact(800, reached=True, tried=200), contact(850, reached=True, tried=400)],
        [("opened", "emergency", "open", {"acknowledged": 60, "tried": 200, "reached": 200})],
        id="a contact counts from when it was tried, not from when it was written down",
    ),
    pytest.param(
        [opened(), ACK, step("contact", 300, by=True, reached=True, tried_at="yesterday")],
        [("opened", "emergency", "open", {"acknowledged": 60, "tried": 300, "reached": 300})],
        id="a time that can't be read: when it was written down",
    ),
    pytest.param([ACK, DONE], [], id="nothing began: no course"),
]  # fmt: skip


@pytest.mark.parametrize(("steps", "wanted"), HISTORIES)
def test_a_history_is_cut_into_courses(steps: list[Step], wanted: list[tuple[str, str, str, dict[str, float]]]) -> None:
    found = cut(steps, tier=wanted[0][1] if wanted else "emergency")
    assert [(one.began, one.tier, one.ended, told(one)) for one in found] == wanted
    assert [one.number for one in found] == list(range(1, len(wanted) + 1))


def test_replies_and_pages_belong_to_the_course_in_which_they_were_written() -> None:
    who = PatientId("pe")
    steps = [
        opened(tier="watch", lag=1),
        step("raised", 100, lag=2, tier="emergency", kind="suicide"),
        opened(0, of="f"),
    ]
    replies = [
        Reply(who, at(-50), at(-49), "sent"),  # to an earlier message
        Reply(who, at(0), None, "failed"),
        Reply(who, at(1), at(4), "delivered"),
        Reply(who, at(98), at(99.5), "sent"),
        Reply(PatientId("pf"), at(0), None, "waiting"),
    ]
    pages = [Handed(EscalationId("e"), at(104)), Handed(EscalationId("e"), at(400)), Handed(EscalationId("f"), at(9))]
    found = {(one.escalation_id, one.number): told(one) for one in cut(steps, "emergency", replies, pages)}
    assert found[EscalationId("e"), 1] == {"reply": 5}
    assert found[EscalationId("e"), 2] == {"reply": 1.5, "page": 6}
    assert found[EscalationId("f"), 1] == {"page": 9}


def test_an_escalation_that_is_no_case_is_left_out() -> None:
    assert courses([], [opened()], [], [], NOW) == []


def limits(duty: list[tuple[datetime, datetime]] | None = None, **changes: Any) -> Limits:
    policy: Policy = coach().paging
    return Limits(policy, ALWAYS if duty is None else duty, lambda began: began + timedelta(days=1))


def judged(courses: list[Course]) -> list[Judged]:
    """Courses beside limits with somebody always on duty."""
    return [judge(one, limits()) for one in courses]


def course(
    tier: str = "emergency", ended: str = "open", lasted: float = 3600, since: datetime = NOON, **reached: float
) -> Course:
    """A course whose milestones were reached after so many seconds."""
    when = {Milestone(name): since + timedelta(seconds=after) for name, after in reached.items()}
    until = since + timedelta(seconds=lasted)
    return Course(
        EscalationId(f"{since} {reached}"), PatientId("p"), 1, Began.OPENED, Tier(tier), "suicide", since, since, until,
        Ended(ended), reached=when,
    )  # fmt: skip


KEPT = [
    ("emergency", "reply", {"reply": 5}, True),
    ("emergency", "reply", {"reply": 5.01}, False),
    ("watch", "reply", {"reply": 6}, False),
    ("emergency", "page", {"page": 10}, True),
    ("urgent", "page", {"page": 11}, False),
    ("watch", "page", {}, None),
    ("emergency", "acknowledged", {"acknowledged": 300}, True),
    ("emergency", "acknowledged", {"acknowledged": 301}, False),
    ("urgent", "acknowledged", {"acknowledged": 1800}, True),
    ("watch", "acknowledged", {"acknowledged": 86_400}, True),
    ("watch", "acknowledged", {"acknowledged": 86_401}, False),
    ("emergency", "tried", {"acknowledged": 100, "tried": 1000}, True),
    ("emergency", "tried", {"acknowledged": 100, "tried": 1001}, False),
    ("emergency", "tried", {}, None),
    ("urgent", "tried", {"acknowledged": 100, "tried": 14_500}, True),
    ("watch", "tried", {"acknowledged": 100, "tried": 10**6}, None),
    ("emergency", "reached", {"acknowledged": 1, "reached": 2}, None),
    ("emergency", "resolved", {"resolved": 2}, None),
]


@pytest.mark.parametrize(("tier", "milestone", "reached", "wanted"), KEPT)
def test_a_limit_is_kept_to_the_second(
    tier: str, milestone: str, reached: dict[str, float], wanted: bool | None
) -> None:
    assert limits().kept(course(tier, **reached), Milestone(milestone)) is wanted


@pytest.mark.parametrize(
    ("lasted", "ended", "wanted"),
    [(299, "open", None), (301, "open", False), (299, "raised", None), (301, "raised", False)],
)
def test_what_is_open_is_late_only_once_its_limit_has_passed(lasted: float, ended: str, wanted: bool | None) -> None:
    assert limits().kept(course(lasted=lasted, ended=ended), Milestone.ACKNOWLEDGED) is wanted


def test_an_urgent_page_waits_for_the_start_of_cover_and_an_emergency_does_not() -> None:
    begins = NOON + timedelta(hours=8)
    duty = limits([(begins, begins + timedelta(hours=8))])
    night = 8 * 3600
    for tier, kept in (("urgent", True), ("emergency", False)):
        late = course(tier, lasted=10 * 3600, page=night + 9, acknowledged=night + 1800)
        assert duty.kept(late, Milestone.PAGE) is kept and duty.kept(late, Milestone.ACKNOWLEDGED) is kept, tier
    assert duty.kept(course("urgent", lasted=7 * 3600), Milestone.ACKNOWLEDGED) is None
    assert limits([]).kept(course("urgent", page=11), Milestone.PAGE) is False, "no cover to wait for"


def test_what_ended_without_a_step_is_in_no_percentile_and_what_waits_is() -> None:
    every = [
        *(course(acknowledged=60, tried=120 + n, ended="resolved") for n in range(5)),
        course(acknowledged=60, ended="resolved", lasted=100),
        course(acknowledged=60, ended="open", lasted=90),
        *(course(acknowledged=60, ended="raised", lasted=3600 + n) for n in range(2)),
    ]
    found = timing(judged(every), Milestone.TRIED)
    assert (found.reached, found.waiting, found.without) == (5, 3, 1)
    assert found.percentiles[0].seconds == 123, "of those without it, who waited for longer counts: the fourth of seven"
    assert found.kept == Share(5, 7), "raised after the limit had passed; the others could still be kept"


def test_a_false_alarm_owes_nobody_a_contact() -> None:
    call_off = [opened(), ACK, step("resolved", 4000, by=True, outcome="false_alarm")]
    (found,) = cut(call_off)
    assert found.is_false_alarm and not found.expects(Milestone.TRIED) and found.expects(Milestone.ACKNOWLEDGED)
    assert timing(judged([found]), Milestone.TRIED).without == 0
    (rung,) = cut([*call_off[:2], contact(90, reached=True), call_off[2]])
    assert timing(judged([rung]), Milestone.REACHED).reached == 1


def test_who_found_it_is_sent_no_reply_but_a_patient_is() -> None:
    by_staff, by_patient = (cut([step("missed", 0, by=by, tier="urgent", kind="suicide")])[0] for by in (True, False))
    assert not by_staff.expects(Milestone.REPLY) and by_patient.expects(Milestone.REPLY)


def test_a_worked_example() -> None:
    """Ten emergencies, acknowledged after 1 to 9 minutes, one never; two urgent; worked out by hand."""
    ten = [
        course(reply=1 + n / 2, page=4, acknowledged=60 * n, tried=60 * n + 600, ended="resolved") for n in range(1, 10)
    ]
    every = [*ten, course(reply=2, lasted=7200), course("urgent", page=3), course("urgent", acknowledged=2000)]
    emergency, urgent, watch = by_tier(judged(every))
    assert [one.count for one in (emergency, urgent, watch)] == [10, 2, 0]
    timings = {one.milestone: one for one in emergency.timings}
    assert [one.seconds for one in timings[Milestone.ACKNOWLEDGED].percentiles] == [300, None, None]
    assert timings[Milestone.ACKNOWLEDGED].percentiles[1].is_too_few
    assert timings[Milestone.ACKNOWLEDGED].kept == Share(5, 10)
    assert timings[Milestone.REPLY].kept == Share(9, 10)
    assert [one.seconds for one in timings[Milestone.REPLY].percentiles] == [3, 5, None]
    assert timings[Milestone.PAGE].kept == Share(9, 10), "the one of which no page went is late"
    assert timings[Milestone.TRIED].kept == Share(9, 9)
    assert Milestone.PAGE not in {one.milestone for one in watch.timings}
    assert [one.count for one in by_kind(every)] == [12]


def local(day: date, hour: int, minute: int, fold: int = 0) -> datetime:
    wall = datetime.combine(day, time(hour, minute, fold=fold), ZoneInfo("Europe/London"))
    return wall.astimezone(UTC)


SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)
HOURS = [
    pytest.param(local(SPRING, 0, 59), 0, id="spring: the last minute before the gap"),
    pytest.param(
        local(SPRING, 0, 59) + timedelta(minutes=1), 2, id="spring: the next minute is in the hour after the gap"
    ),
    pytest.param(local(AUTUMN, 1, 30), 1, id="autumn: the first half past one"),
    pytest.param(local(AUTUMN, 1, 30, fold=1), 1, id="autumn: the second, an hour later, is the same hour"),
    pytest.param(local(date(2026, 7, 1), 23, 59), 23, id="summer: before midnight there, UTC an hour behind"),
]


@pytest.mark.parametrize(("since", "hour"), HOURS)
def test_the_hour_of_the_day_is_the_one_on_the_wall(since: datetime, hour: int) -> None:
    parts = by_hour(judged([course(since=since, acknowledged=10)]), "Europe/London")
    assert [part.name for part in parts if part.count] == [f"{hour:02d}:00"]
    assert len(parts) == 24 and parts[hour].kept == Share(1, 1)


def test_the_repeated_hour_is_counted_once_and_a_wait_across_it_is_as_long_as_it_was() -> None:
    pair = [course(since=local(AUTUMN, 1, 30, fold), acknowledged=60) for fold in (0, 1)]
    assert by_hour(judged(pair), "Europe/London")[1].count == 2
    before = local(AUTUMN, 0, 30)
    over = course(since=before, acknowledged=(local(AUTUMN, 2, 30) - before).total_seconds())
    assert timing(judged([over] * 5), Milestone.ACKNOWLEDGED).percentiles[0].seconds == 3 * 3600


@pytest.mark.parametrize("day", [SPRING - timedelta(days=1), SPRING, AUTUMN, AUTUMN + timedelta(days=1)], ids=str)
def test_on_duty_follows_the_wall_on_days_of_change(day: date) -> None:
    cover = parse("Mon-Sun 09:00-17:00 Europe/London")
    first = at_local(day, time(0), "Europe/London")
    duty = limits(duty_spans(cover.hours(first, first + timedelta(days=2)), None, None))
    times = {(8, 59): False, (9, 0): True, (16, 59): True, (17, 0): False}
    assert {key: duty.on_duty(at_local(day, time(*key), "Europe/London")) for key in times} == times
    on, off = by_duty([judge(course(since=at_local(day, time(*key), "Europe/London")), duty) for key in times])
    assert (on.name, on.count, off.name, off.count) == ("on duty", 2, "off duty", 2)


def spans(*pairs: tuple[int, int]) -> list[tuple[datetime, datetime]]:
    return [(NOON + timedelta(hours=start), NOON + timedelta(hours=end)) for start, end in pairs]


@pytest.mark.parametrize(
    ("hours", "serving", "since", "wanted"),
    [
        ([(0, 8), (24, 32)], None, None, [(0, 8), (24, 32)]),
        ([(0, 8)], [], 0, []),
        ([(0, 8)], [(2, 4), (6, 12)], 2, [(0, 4), (6, 8)]),
        ([(0, 8), (10, 12)], [(-5, 20)], -5, [(0, 8), (10, 12)]),
        ([(0, 24)], [(1, 2), (3, 4), (23, 30)], 1, [(0, 2), (3, 4), (23, 24)]),
        ([(0, 8)], [(30, 40)], 30, [(0, 8)]),
    ],
    ids=["no rota: the hours", "an empty rota", "within both, from the first shift on", "a shift over two days of hours",
         "several shifts a day", "before there was a rota: the hours"],
)  # fmt: skip
def test_on_duty_is_within_hours_and_on_a_shift_since_there_are_shifts(
    hours: Any, serving: Any, since: int | None, wanted: Any
) -> None:
    begun = None if since is None else NOON + timedelta(hours=since)
    assert duty_spans(spans(*hours), None if serving is None else spans(*serving), begun) == spans(*wanted)


@pytest.mark.parametrize(("count", "messages", "wanted"), [(0, 0, None), (3, 0, None), (0, 10, 0.0), (3, 2000, 1.5)])
def test_a_rate_needs_messages(count: int, messages: int, wanted: float | None) -> None:
    assert per_thousand(count, messages) == wanted


def test_the_limits_are_those_of_the_specification() -> None:
    assert [at.seconds for at in (measures.REPLY_WITHIN, measures.PAGE_WITHIN)] == [5, 10]


@pytest.mark.parametrize(("count", "median"), [(5, 30.0), (4, None)])
def test_an_hour_has_the_median_of_each_milestone_once_enough_reached_it(count: int, median: float | None) -> None:
    noon, later = datetime(2026, 7, 1, 12, tzinfo=UTC), datetime(2026, 7, 1, 15, tzinfo=UTC)
    own = [course(since=noon, acknowledged=10 * n) for n in range(1, count + 1)]
    hours = by_hour(judged([*own, *[course(since=later, acknowledged=7)] * 6]), "UTC")
    found = hours[12].medians[Milestone.ACKNOWLEDGED]
    assert (found.percent, found.seconds, found.is_too_few) == (50, median, median is None)
    assert hours[15].medians[Milestone.ACKNOWLEDGED].seconds == 7
    assert hours[12].medians[Milestone.RESOLVED].is_too_few and hours[3].medians[Milestone.ACKNOWLEDGED].is_too_few
