"""The paging policy: who is paged after how many minutes. A site may shorten it; a longer time must be somebody's decision."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from bot.content.skill import Strict
from bot.content.source import Source, read

TierName = Literal["emergency", "urgent"]
Minutes = Annotated[int, Field(ge=1, le=7 * 24 * 60)]
NEVER = 10**6


class Who(StrEnum):
    """Whom a step pages."""

    ON_CALL = "on_call"
    SECOND = "second"
    LEAD = "lead"
    EVERYONE = "everyone"


class Step(Strict):
    """One step of a tier: `after_minutes` from when its clocks began."""

    after_minutes: int = Field(ge=0, le=24 * 60)
    who: tuple[Who, ...] = Field(min_length=1)
    ways: int = Field(ge=1, le=5)


class TierPolicy(Strict):
    """The steps and limits of a tier that is paged."""

    acknowledge_minutes: Minutes
    contact_minutes: Minutes
    no_answer_minutes: Minutes
    steps: tuple[Step, ...] = Field(min_length=1)
    repeat_minutes: Minutes

    @property
    def contact_within(self) -> timedelta:
        """From acknowledging to the first try to reach the person."""
        return timedelta(minutes=self.contact_minutes)

    @property
    def acknowledge_within(self) -> timedelta:
        """Within which somebody should have it."""
        return timedelta(minutes=self.acknowledge_minutes)

    @property
    def repeat_every(self) -> timedelta:
        """Between two pages after the last step."""
        return timedelta(minutes=self.repeat_minutes)


class WatchPolicy(Strict):
    """The limits of a tier that is not paged."""

    review_working_days: int = Field(ge=1, le=14)
    no_answer_minutes: Minutes


class Decision(Strict):
    """Who decided, why, and when, that some time may be longer than the specification's."""

    decided_by: str = Field(min_length=2)
    reason: str = Field(min_length=10)
    on: date


class Policy(Strict):
    """The form of paging.yml."""

    tiers: Mapping[TierName, TierPolicy]
    watch: WatchPolicy
    longer: Decision | None = None

    def of(self, tier: str) -> TierPolicy | None:
        """The policy of a tier, None where it is not paged."""
        return self.tiers["emergency"] if tier == "emergency" else self.tiers["urgent"] if tier == "urgent" else None

    def no_answer_after(self, tier: str) -> timedelta:
        """How long a safety question may go unanswered."""
        paged = self.of(tier)
        return timedelta(minutes=paged.no_answer_minutes if paged else self.watch.no_answer_minutes)


# safety.md §4, in minutes: what a site may not exceed without a decision. `ways`: at once, in the first step.
LIMITS: Mapping[TierName, Mapping[str, int]] = {
    "emergency": {
        "acknowledge_minutes": 5, "contact_minutes": 15, "no_answer_minutes": 10, "repeat_minutes": 5,
        "second": 5, "lead": 10, "everyone": 10, "ways": 2,
    },
    "urgent": {
        "acknowledge_minutes": 30, "contact_minutes": 240, "no_answer_minutes": 60, "repeat_minutes": 30,
        "second": 30, "lead": 60, "everyone": 60, "ways": 1,
    },
}  # fmt: skip
WATCH_LIMITS = {"review_working_days": 1, "no_answer_minutes": 1440}


def load_paging(file: Path) -> Policy:
    """Read and check a paging policy.

    Raises:
        ContentError: names file and line of what is missing, out of order, or longer than allowed without a decision.
    """
    source = read(file)
    policy = source.parse(Policy)
    for tier in LIMITS:
        if tier not in policy.tiers:
            raise source.error(("tiers",), f"{tier} is missing: write its steps")
        _check_order(source, tier, policy.tiers[tier])
    longer = next(_longer(policy), None)
    if longer is not None and policy.longer is None:
        path, what = longer
        raise source.error(path, f"{what}: shorten it, or write under `longer` who decided it (decided_by, reason, on)")
    return policy


def _check_order(source: Source, tier: TierName, policy: TierPolicy) -> None:
    times = [step.after_minutes for step in policy.steps]
    if times[0] != 0:
        raise source.error(("tiers", tier, "steps", 0, "after_minutes"), "the first step must be at 0 minutes")
    for n in range(1, len(times)):
        if times[n] <= times[n - 1]:
            raise source.error(("tiers", tier, "steps", n, "after_minutes"), "each step must come after the one before")
    if Who.EVERYONE not in policy.steps[-1].who:
        raise source.error(("tiers", tier, "steps", len(times) - 1, "who"), "the last step must page everyone")


def _longer(policy: Policy) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for tier, limits in LIMITS.items():
        mine = policy.tiers[tier]
        for name in ("acknowledge_minutes", "contact_minutes", "no_answer_minutes", "repeat_minutes"):
            if getattr(mine, name) > limits[name]:
                yield ("tiers", tier, name), f"{tier} {name} is longer than {limits[name]} (safety.md section 4)"
        for who in (Who.SECOND, Who.LEAD, Who.EVERYONE):
            if _reached(mine, who) > limits[who]:
                yield ("tiers", tier, "steps"), f"{tier} pages {who} later than after {limits[who]} minutes"
        if mine.steps[0].ways < limits["ways"]:
            yield ("tiers", tier, "steps", 0, "ways"), f"{tier} must page by {limits['ways']} ways at once"
    for name, limit in WATCH_LIMITS.items():
        if getattr(policy.watch, name) > limit:
            yield ("watch", name), f"watch {name} is longer than {limit} (safety.md section 4)"


def _reached(policy: TierPolicy, who: Who) -> int:
    """After how many minutes somebody is first paged; whoever pages everyone pages all of them."""
    return min(
        (step.after_minutes for step in policy.steps if who in step.who or Who.EVERYONE in step.who), default=NEVER
    )
