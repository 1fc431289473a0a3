"""The rota: who is on duty, who stands in, and every gap, right across daylight saving."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clock import at_local
from bot.content.paging import Who
from bot.safety.cover import parse
from bot.safety.duty import Team, anybody, effective, gaps, intersect, merge, on_call, subtract, whom
from bot.store.rota import Post, Shift
from bot.store.types import StaffId

ANA, BEN, LEA, MAX = (StaffId(name) for name in ("ana", "ben", "lea", "max"))
ROLES = {ANA: "clinician", BEN: "clinician", LEA: "supervisor", MAX: "clinician", StaffId("adi"): "administrator"}
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ZONES = ("Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC")
# Days around the changes of 2026 and 2027 in those zones, and some that are none.
DAYS = st.dates(date(2026, 3, 1), date(2027, 11, 30))


def shift(who: StaffId, post: Post, start: float, end: float, instead_of: str | None = None, name: str = "") -> Shift:
    return Shift(name or f"{who}{start}", who, post, NOON + start * HOUR, NOON + end * HOUR, instead_of)


ROTA = (shift(ANA, Post.ON_CALL, 0, 8, name="a"), shift(BEN, Post.SECOND, 0, 8), shift(LEA, Post.LEAD, 0, 8))
TEAM = Team(ROLES, ROTA)


def test_a_cover_stands_in_for_its_part_of_a_shift_and_no_more() -> None:
    shifts = (*ROTA, shift(MAX, Post.ON_CALL, 2, 4, instead_of="a"))
    assert [on_call(shifts, Post.ON_CALL, NOON + h * HOUR) for h in (1, 2, 3.99, 4, 8)] == [
        [ANA],
        [MAX],
        [MAX],
        [ANA],
        [],
    ]


@pytest.mark.parametrize(
    ("who", "at", "on_duty", "wanted"),
    [
        ([Who.ON_CALL], 1, True, [ANA]),
        ([Who.SECOND], 1, True, [BEN]),
        ([Who.LEAD], 1, True, [LEA]),
        ([Who.ON_CALL, Who.SECOND], 1, True, [ANA, BEN]),
        ([Who.LEAD, Who.EVERYONE], 1, True, [LEA, ANA, BEN, MAX]),
        ([Who.ON_CALL], 9, True, [LEA]),  # a gap in the rota: a lead
        ([Who.ON_CALL], 1, False, [ANA, BEN, LEA]),  # out of cover: whoever is on a shift nevertheless
        ([Who.ON_CALL], 9, False, [LEA]),  # else a lead
    ],
)
def test_whom_a_step_pages(who: list[Who], at: float, on_duty: bool, wanted: list[StaffId]) -> None:
    assert whom(who, TEAM, NOON + at * HOUR, on_duty) == wanted


def test_without_a_rota_whoever_can_be_reached_is_on_call() -> None:
    team = Team(ROLES, None)
    assert whom([Who.ON_CALL], team, NOON, True) == [LEA, ANA, BEN, MAX]
    assert whom([Who.ON_CALL], team, NOON, False) == [LEA]


def test_nobody_who_may_not_acknowledge_is_paged() -> None:
    assert StaffId("adi") not in whom([Who.EVERYONE], TEAM, NOON, True)
    assert whom([Who.EVERYONE], Team({StaffId("adi"): "administrator"}, None), NOON, True) == []


def test_whoever_is_on_call_and_has_no_way_gives_way_to_the_next() -> None:
    team = Team({BEN: "clinician", LEA: "supervisor"}, ROTA)
    assert whom([Who.ON_CALL], team, NOON + HOUR, True) == [BEN]


def test_cover_is_true_only_where_hours_and_a_shift_agree() -> None:
    cover = parse("Mon-Sun 00:00-24:00 UTC")
    assert cover.on_duty(NOON + 9 * HOUR)
    kept = cover.with_rota(ROTA)
    assert [kept.on_duty(NOON + h * HOUR) for h in (-1, 0, 7.9, 8, 30)] == [False, True, True, False, False]
    assert kept.brief(NOON + HOUR, "UTC") == "until 20:00"
    assert kept.next_start(NOON + 9 * HOUR) is None
    assert kept.sentence(NOON + 9 * HOUR, "UTC") == "No one from the team reads messages now."
    assert not parse("Mon-Sun 00:00-24:00 UTC").with_rota(()).on_duty(NOON)
    assert not parse("").with_rota(ROTA).on_duty(NOON)


def test_cover_over_midnight_and_round_the_clock() -> None:
    night = parse("Mon-Sun 20:00-08:00 Europe/London")
    assert [night.on_duty(datetime(2026, 11, 23, h, tzinfo=UTC)) for h in (7, 8, 19, 20, 23)] == [
        True, False, False, True, True,
    ]  # fmt: skip
    always = parse("Mon-Sun 00:00-24:00 Europe/London")
    assert all(always.on_duty(NOON + h * HOUR) for h in range(200))
    assert always.brief(NOON, "UTC") == "day and night"


@given(first=DAYS, zone=st.sampled_from(ZONES), change_at=st.integers(0, 23), days=st.integers(1, 9))
def test_shifts_that_hand_over_at_a_time_of_day_leave_no_gap_across_a_change_of_clocks(
    first: date, zone: str, change_at: int, days: int
) -> None:
    starts = [at_local(first + timedelta(days=n), time(change_at), zone) for n in range(days + 1)]
    shifts = [Shift(str(n), ANA, Post.ON_CALL, starts[n], starts[n + 1]) for n in range(days)]
    assert gaps(shifts, [(starts[0], starts[-1])]) == []
    if days > 1:
        without = [one for one in shifts if one.id != "1"]
        assert gaps(without, [(starts[0], starts[-1])]) == [(starts[1], starts[2])] or days == 1


@given(first=DAYS, zone=st.sampled_from(ZONES), start=st.integers(0, 22), length=st.integers(1, 12))
def test_a_rota_of_the_hours_of_cover_covers_them_across_a_change_of_clocks(
    first: date, zone: str, start: int, length: int
) -> None:
    end = (start + length) % 24
    cover = parse(f"Mon-Sun {start:02}:00-{end:02}:00 {zone}")
    since = at_local(first, time(0), zone)
    hours = cover.hours(since, since + timedelta(days=4))
    shifts = [Shift(str(n), ANA, Post.ON_CALL, *span) for n, span in enumerate(hours)]
    assert gaps(shifts, hours) == []
    assert gaps([], hours) == hours
    kept = cover.with_rota(shifts)
    for span in hours:
        assert kept.on_duty(span[0]) and not kept.on_duty(span[1])


SPANS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 20)).map(lambda one: (NOON + one[0] * HOUR, NOON + sum(one) * HOUR)),
    max_size=8,
)


@given(wanted=SPANS, served=SPANS)
def test_a_gap_is_what_is_wanted_and_not_served_at_every_instant(
    wanted: list[tuple[datetime, datetime]], served: list[tuple[datetime, datetime]]
) -> None:
    missing, both = subtract(wanted, served), intersect(wanted, served)
    assert merge([*missing, *both]) == merge(wanted)
    for hour in range(82):
        at = NOON + (hour + 0.5) * HOUR
        inside = [any(start <= at < end for start, end in spans) for spans in (wanted, served, missing)]
        assert inside[2] is (inside[0] and not inside[1])


@given(base=SPANS, covers=SPANS)
def test_a_cover_neither_adds_nor_loses_time_of_its_shift(
    base: list[tuple[datetime, datetime]], covers: list[tuple[datetime, datetime]]
) -> None:
    shifts = [Shift(str(n), ANA, Post.ON_CALL, *span) for n, span in enumerate(base[:1])]
    within = intersect(covers, base[:1])
    shifts += [Shift(f"c{n}", BEN, Post.ON_CALL, *span, "0") for n, span in enumerate(within)]
    assert merge(span for _, _, span in effective(shifts)) == merge(base[:1])
    for start, end in within:
        assert on_call(shifts, Post.ON_CALL, start + (end - start) / 2) == [BEN]
    assert anybody(shifts, NOON - HOUR) is False
