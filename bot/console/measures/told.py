"""The words of the safety page: times, limits, shares, and hours as a bar. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from markupsafe import Markup

from bot.console import times
from bot.content.paging import Policy
from bot.safety.courses import Milestone
from bot.safety.durations import LEAST, Percentile
from bot.safety.evaluation import Share
from bot.safety.measures import PAGE_WITHIN, REPLY_WITHIN, Hour
from bot.safety.tiers import Tier

MILESTONES = {
    Milestone.REPLY: "Crisis reply handed over",
    Milestone.PAGE: "First page handed over",
    Milestone.ACKNOWLEDGED: "Acknowledged",
    Milestone.TRIED: "First contact tried",
    Milestone.REACHED: "Person reached",
    Milestone.RESOLVED: "Resolved",
}
NO_LIMIT = "no limit"
WIDTH, HEIGHT = 100, 12
FRACTION_BELOW = 10  # seconds are told to the tenth below


def duration(seconds: float) -> str:
    """A time in its two largest units: `0.4 s`, `42 s`, `3 min 5 s`, `2 h 5 min`, `3 days`."""
    if seconds < FRACTION_BELOW:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s" if whole % 60 else f"{whole // 60} min"
    return times.length(timedelta(seconds=whole))


def percentile(found: Percentile) -> str:
    """A percentile, or why there is none."""
    if found.is_too_few:
        return "too few"
    return "not yet known" if found.seconds is None else duration(found.seconds)


def least() -> str:
    """From how many each percentile is told."""
    return (
        f"the median from {LEAST[50]} that reached it, the 90th percentile from {LEAST[90]}, the 99th from {LEAST[99]}"
    )


def share(found: Share) -> str:
    """A share with what it rests on; a share of few is no rate."""
    if not found.of:
        return "none to judge"
    return f"{found.hits} of {found.of} ({round(100 * found.rate)} %)"


def limit(tier: Tier, milestone: Milestone, policy: Policy) -> str:
    """The limit of a milestone, in words."""
    if milestone is Milestone.REPLY:
        return f"{REPLY_WITHIN.seconds} s"
    of_tier = policy.of(tier)
    if of_tier is None:
        days = policy.watch.review_working_days
        named = "1 working day" if days == 1 else f"{days} working days"
        return named if milestone is Milestone.ACKNOWLEDGED else NO_LIMIT
    if milestone is Milestone.PAGE:
        return f"{PAGE_WITHIN.seconds} s"
    if milestone is Milestone.ACKNOWLEDGED:
        return times.length(of_tier.acknowledge_within)
    if milestone is Milestone.TRIED:
        return f"{times.length(of_tier.contact_within)} from the acknowledgement"
    return NO_LIMIT


def bar(count: int, most: int) -> Markup:
    """A bar as SVG; the number stands beside it, so screen readers are told nothing twice."""
    width = round(WIDTH * count / most) if most else 0
    return Markup(
        '<svg class="bar" viewBox="0 0 {} {}" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        '<rect class="bar-all" width="{}" height="{}"></rect><rect class="bar-count" width="{}" height="{}"></rect></svg>'
    ).format(WIDTH, HEIGHT, WIDTH, HEIGHT, width, HEIGHT)


def hours_sentence(hours: Sequence[Hour]) -> str:
    """The hours of the day in a sentence."""
    total, most = sum(hour.count for hour in hours), max(hour.count for hour in hours)
    if not total:
        return "No clocks were started in these days."
    names = [hour.name for hour in hours if hour.count == most]
    empty = sum(not hour.count for hour in hours)
    many = f" and {len(names) - 3} more" if len(names) > 3 else ""
    busiest = f"Most came in the hour from {', '.join(names[:3])}{many}: {most} of {total}"
    return f"{busiest}. Hours without any: {empty} of {len(hours)}."


def rate(found: float | None) -> str:
    """So many of a thousand messages."""
    return "no messages" if found is None else f"{found:.2f}"
