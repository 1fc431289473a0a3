"""The safety figures: how long things took, whether limits were kept, how often the screen was wrong (safety.md §9). Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.clock import local
from bot.content.paging import Policy
from bot.safety.courses import Began, Course, Ended, Milestone
from bot.safety.durations import Percentile, Wait, percentiles
from bot.safety.duty import Span
from bot.safety.evaluation import Share
from bot.safety.tiers import Tier

# safety.md §4: the crisis reply is handed to the carrier within 5 s of the message, the first page within 10 s.
REPLY_WITHIN = timedelta(seconds=5)
PAGE_WITHIN = timedelta(seconds=10)
TIERS = (Tier.EMERGENCY, Tier.URGENT, Tier.WATCH)
LIMITED = (Milestone.REPLY, Milestone.PAGE, Milestone.ACKNOWLEDGED, Milestone.TRIED)


@dataclass(frozen=True)
class Limits:
    """By when each milestone of a course is due.

    Attributes:
        policy: the site's paging policy.
        duty: when somebody is on duty, in order and apart from each other.
        review: until when a watch that began at an instant must be reviewed.
    """

    policy: Policy
    duty: Sequence[Span]
    review: Callable[[datetime], datetime]

    def on_duty(self, at: datetime) -> bool:
        """Whether somebody is on duty at an instant."""
        n = bisect_right(self.duty, at, key=lambda span: span[0])
        return n > 0 and at < self.duty[n - 1][1]

    def due_at(self, course: Course, milestone: Milestone) -> datetime | None:
        """By when; None where nothing sets a limit, or what it counts from has not come."""
        if milestone is Milestone.REPLY:
            return course.since + REPLY_WITHIN
        policy = self.policy.of(course.tier)
        if milestone is Milestone.ACKNOWLEDGED:
            return self._called_from(course) + policy.acknowledge_within if policy else self.review(course.began_at)
        if policy is None:
            return None
        if milestone is Milestone.PAGE:
            return self._called_from(course) + PAGE_WITHIN
        if milestone is Milestone.TRIED and Milestone.ACKNOWLEDGED in course.reached:
            return course.reached[Milestone.ACKNOWLEDGED] + policy.contact_within
        return None

    def _called_from(self, course: Course) -> datetime:
        """From when the limits of paging count: an urgent page waits for the start of cover (safety.md §6)."""
        if course.tier is Tier.EMERGENCY or self.on_duty(course.since):
            return course.since
        n = bisect_right(self.duty, course.since, key=lambda span: span[0])
        return self.duty[n][0] if n < len(self.duty) else course.since

    def kept(self, course: Course, milestone: Milestone) -> bool | None:
        """Whether a limit was kept; None where there is none, or it may still be kept, or it ended before it was due."""
        due_at = self.due_at(course, milestone) if course.expects(milestone) else None
        if due_at is None:
            return None
        at = course.reached.get(milestone)
        if at is not None:
            return at <= due_at
        return False if due_at < course.until else None


@dataclass(frozen=True)
class Judged:
    """A course beside the limits, looked at once for all figures.

    Attributes:
        waits: how long each milestone took that belongs to it; None where it was resolved without.
        kept: whether limits were kept, where that can be said.
        on_duty: whether somebody was on duty at its receipt.
    """

    course: Course
    waits: Mapping[Milestone, Wait | None]
    kept: Mapping[Milestone, bool]
    on_duty: bool


def judge(course: Course, limits: Limits) -> Judged:
    """What the limits say of a course."""
    waits = {milestone: _wait(course, milestone) for milestone in Milestone if course.expects(milestone)}
    kept = {milestone: kept for milestone in LIMITED if (kept := limits.kept(course, milestone)) is not None}
    return Judged(course, waits, kept, limits.on_duty(course.since))


def _wait(course: Course, milestone: Milestone) -> Wait | None:
    at = course.reached.get(milestone)
    if at is None and course.ended is Ended.RESOLVED:
        return None
    return Wait(max(0.0, ((at or course.until) - course.since).total_seconds()), is_over=at is not None)


@dataclass(frozen=True)
class Timing:
    """How long one milestone took.

    Attributes:
        reached: how many reached it; the percentiles rest on them.
        waiting: how many still wait for it, or were raised before it came: they count as "at least so long".
        without: how many were resolved without it, which are in no percentile.
    """

    milestone: Milestone
    reached: int
    waiting: int
    without: int
    percentiles: tuple[Percentile, ...]
    kept: Share


def timing(judged: Sequence[Judged], milestone: Milestone) -> Timing:
    """One milestone over some courses."""
    expected = _expected(judged, milestone)
    waits = _known(expected)
    reached = sum(wait.is_over for wait in waits)
    without = len(expected) - len(waits)
    return Timing(milestone, reached, len(waits) - reached, without, percentiles(waits), share_kept(judged, milestone))


def _expected(judged: Sequence[Judged], milestone: Milestone) -> list[Wait | None]:
    return [one.waits[milestone] for one in judged if milestone in one.waits]


def _known(waits: Sequence[Wait | None]) -> list[Wait]:
    return [wait for wait in waits if wait is not None]


def share_kept(judged: Sequence[Judged], milestone: Milestone) -> Share:
    """How many kept the limit, of those of which it can be said."""
    verdicts = [one.kept[milestone] for one in judged if milestone in one.kept]
    return Share(sum(verdicts), len(verdicts))


@dataclass(frozen=True)
class TierFigures:
    """One tier: how many courses began, in which way, and how long each milestone took."""

    tier: Tier
    count: int
    began: Mapping[Began, int]
    timings: tuple[Timing, ...]


def by_tier(judged: Sequence[Judged]) -> tuple[TierFigures, ...]:
    """Figures of each tier, the gravest first."""
    found = []
    for tier in TIERS:
        own = [one for one in judged if one.course.tier is tier]
        timings = tuple(
            timing(own, milestone)
            for milestone in Milestone
            if not (tier is Tier.WATCH and milestone is Milestone.PAGE)
        )
        found.append(TierFigures(tier, len(own), _counted(one.course.began for one in own), timings))
    return tuple(found)


def _counted(names: Iterable[Began]) -> dict[Began, int]:
    every = list(names)
    return {name: every.count(name) for name in Began}


@dataclass(frozen=True)
class Hour:
    """One hour of the day.

    Attributes:
        count: how many courses began in it.
        kept: how many of them were acknowledged in time.
        medians: the time within which half of them reached each milestone, only where enough did.
    """

    name: str
    count: int
    kept: Share
    medians: Mapping[Milestone, Percentile] = field(default_factory=dict)


def by_hour(judged: Sequence[Judged], zone: str) -> tuple[Hour, ...]:
    """The 24 hours of the clock on the wall in a zone. An hour that autumn has twice is one; that spring skips has none."""
    own: dict[int, list[Judged]] = {hour: [] for hour in range(24)}
    for one in judged:
        own[local(one.course.since, zone).hour].append(one)
    return tuple(_hour(f"{hour:02d}:00", found) for hour, found in own.items())


def _hour(name: str, own: Sequence[Judged]) -> Hour:
    medians = {milestone: percentiles(_known(_expected(own, milestone)))[0] for milestone in Milestone}
    return Hour(name, len(own), share_kept(own, Milestone.ACKNOWLEDGED), medians)


@dataclass(frozen=True)
class Part:
    """Courses on duty or off: how many, how long until they were acknowledged, and whether limits were kept."""

    name: str
    count: int
    acknowledged: Timing
    kept: Mapping[Milestone, Share]


def part(name: str, judged: Sequence[Judged]) -> Part:
    """Figures of a part."""
    kept = {milestone: share_kept(judged, milestone) for milestone in LIMITED}
    return Part(name, len(judged), timing(judged, Milestone.ACKNOWLEDGED), kept)


ON_DUTY, OFF_DUTY = "on duty", "off duty"


def by_duty(judged: Sequence[Judged]) -> tuple[Part, ...]:
    """On duty and off duty, by the instant of receipt."""
    on, off = ([one for one in judged if one.on_duty is is_on] for is_on in (True, False))
    return part(ON_DUTY, on), part(OFF_DUTY, off)


@dataclass(frozen=True)
class KindFigures:
    """One kind of risk: courses that began, and how many of them were false alarms."""

    kind: str
    count: int
    false_alarms: int


def by_kind(courses: Iterable[Course]) -> tuple[KindFigures, ...]:
    """Every kind there was, the commonest first."""
    counts: dict[str, list[bool]] = {}
    for course in courses:
        counts.setdefault(course.kind, []).append(course.is_false_alarm)
    figures = [KindFigures(kind, len(every), sum(every)) for kind, every in counts.items()]
    return tuple(sorted(figures, key=lambda one: (-one.count, one.kind)))


def per_thousand(count: int, messages: int) -> float | None:
    """How many of a thousand messages; None where there were none."""
    return 1000 * count / messages if messages else None


def duty_spans(hours: Sequence[Span], serving: Sequence[Span] | None, rota_since: datetime | None) -> list[Span]:
    """When somebody was on duty: within the hours, and on a shift wherever there was a rota already. One pass over both.

    Args:
        hours: hours of cover, in order, apart from each other.
        serving: when anybody was on a shift, likewise; None where the site keeps no rota.
        rota_since: when the oldest shift began; before it only the hours are known.
    """
    if serving is None or rota_since is None:
        return list(hours)
    known = [(start, min(end, rota_since)) for start, end in hours if start < rota_since]
    n = 0
    for start, end in hours:
        while n < len(serving) and serving[n][1] <= start:
            n += 1
        at = n
        while at < len(serving) and serving[at][0] < end:
            both = max(start, serving[at][0], rota_since), min(end, serving[at][1])
            if both[0] < both[1]:
                if known and known[-1][1] == both[0]:
                    known[-1] = (known[-1][0], both[1])
                else:
                    known.append(both)
            at += 1
    return known
