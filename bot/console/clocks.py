"""The time limits of an escalation and how each stands: pure, so that the queue and the page of one tell the same."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.store.escalations import TIER_ORDER, Escalation
from bot.store.lifecycle import IN_HAND, Stage
from bot.store.snoozing import is_snoozed


class Limit(StrEnum):
    """What must have been done by a time (safety.md §4, §5)."""

    ACKNOWLEDGE = "acknowledge"
    REVIEW = "review"  # a watch, which nobody is paged for
    CONTACT = "contact"
    TRY_AGAIN = "try_again"  # a contact that did not reach the person
    READ = "read"  # by a second person


@dataclass(frozen=True)
class Clock:
    """One limit that runs."""

    limit: Limit
    due_at: datetime

    def is_late(self, now: datetime) -> bool:
        """Whether it has passed."""
        return self.due_at <= now


def running(escalation: Escalation, acknowledge_within: timedelta | None) -> Clock | None:
    """The limit that runs now; at most one does, as each begins where the one before ends.

    Args:
        acknowledge_within: of the escalation's tier; None where it is not paged.
    """
    if escalation.is_waiting:
        if acknowledge_within is None:
            return _clock(Limit.REVIEW, escalation.review_due_at)
        # The clock of paging may stand earlier, where a step was cut short; nobody is late before it was opened.
        return Clock(Limit.ACKNOWLEDGE, max(escalation.clock_at, escalation.opened_at) + acknowledge_within)
    if escalation.state in IN_HAND:
        return _clock(Limit.TRY_AGAIN if escalation.tries else Limit.CONTACT, escalation.contact_due_at)
    return _clock(Limit.READ, None if escalation.read_at else escalation.read_due_at)


def _clock(limit: Limit, due_at: datetime | None) -> Clock | None:
    return Clock(limit, due_at) if due_at else None


def is_out_of_sight(escalation: Escalation, clock: Clock | None, now: datetime) -> bool:
    """Whether a list leaves it out for now: its owner wants so, and no limit of it is overdue."""
    return is_snoozed(escalation, now) and not (clock and clock.is_late(now))


def urgency(escalation: Escalation, clock: Clock | None, now: datetime) -> tuple[int, bool, datetime]:
    """What comes first in a list: the tier above all, then what is late, then what has waited longest."""
    late = clock is not None and clock.is_late(now)
    return -TIER_ORDER[escalation.tier], not late, escalation.opened_at


class Mark(StrEnum):
    """How a stage stands."""

    DONE = "done"
    NOW = "now"
    LATE = "late"
    AHEAD = "ahead"
    PASSED = "passed"  # a later one was reached without it


@dataclass(frozen=True)
class Milestone:
    """One stage of the way, for the list at the head of the page. At most one of `at` and `due_at` is there.

    Attributes:
        within: for one ahead: the limit that will run once the stage before is reached.
    """

    name: str
    mark: Mark
    at: datetime | None = None
    due_at: datetime | None = None
    who: str = ""
    within: timedelta | None = None


def milestones(
    escalation: Escalation, clock: Clock | None, now: datetime, names: dict[str, str], contact_within: timedelta | None
) -> tuple[Milestone, ...]:
    """All stages from opened to read a second time, with when each was reached or is due."""
    found = [Milestone("opened", Mark.DONE, escalation.opened_at)]
    if clock is None or clock.limit is not Limit.REVIEW:
        found.append(_reached("paged", escalation.paged_at, now))
    reached = {Stage.ACKNOWLEDGED: escalation.acknowledged_at, Stage.CONTACTED: escalation.contacted_at}
    owner = names.get(escalation.owner_id or "", "")
    limits = {
        Stage.ACKNOWLEDGED: (Limit.ACKNOWLEDGE, Limit.REVIEW),
        Stage.CONTACTED: (Limit.CONTACT, Limit.TRY_AGAIN),
    }
    for stage, at in reached.items():
        due_at = clock.due_at if clock and clock.limit in limits[stage] else None
        found.append(_reached(stage, at, now, due_at, owner if stage is Stage.ACKNOWLEDGED else ""))
    resolved_by = names.get(escalation.resolved_by or "", "")
    found.append(_reached(Stage.RESOLVED, escalation.resolved_at, now, who=resolved_by))
    if escalation.read_due_at:
        due_at = clock.due_at if clock and clock.limit is Limit.READ else None
        found.append(_reached("read", escalation.read_at, now, due_at, names.get(escalation.read_by or "", "")))
    last = max(n for n, stage in enumerate(found) if stage.mark is Mark.DONE)
    return tuple(
        replace(
            stage,
            mark=Mark.PASSED if n < last and stage.mark is Mark.AHEAD else stage.mark,
            within=contact_within if stage.name == Stage.CONTACTED and stage.mark is Mark.AHEAD and n > last else None,
        )
        for n, stage in enumerate(found)
    )


def _reached(name: str, at: datetime | None, now: datetime, due_at: datetime | None = None, who: str = "") -> Milestone:
    if at is not None:
        return Milestone(name, Mark.DONE, at, who=who)
    if due_at is None:
        return Milestone(name, Mark.AHEAD)
    return Milestone(name, Mark.LATE if due_at <= now else Mark.NOW, due_at=due_at)
