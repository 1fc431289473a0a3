"""Cuts the histories of escalations into courses: from what starts the clocks until it is resolved. Pure.

An escalation that is raised to a higher tier, or opened again, has its clocks started anew, so each of these is a course of
its own: what was acknowledged before was another danger.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import groupby

from bot.safety.tiers import Tier
from bot.store import measured
from bot.store.judging import FALSE_ALARM
from bot.store.measured import Case, Handed, Reply, Step
from bot.store.types import EscalationId, PatientId


class Began(StrEnum):
    """What started the clocks."""

    OPENED = "opened"
    RAISED = "raised"
    REOPENED = "reopened"
    MISSED = "missed"  # a person found what the screen had not flagged


class Ended(StrEnum):
    """What ended a course."""

    RESOLVED = "resolved"
    RAISED = "raised"  # by a graver message, with which the next course begins
    OPEN = "open"


class Milestone(StrEnum):
    """What is timed, in the order in which it should come."""

    REPLY = "reply"
    PAGE = "page"
    ACKNOWLEDGED = "acknowledged"
    TRIED = "tried"
    REACHED = "reached"
    RESOLVED = "resolved"


@dataclass(frozen=True)
class Course:
    """One course of an escalation.

    Attributes:
        number: 1 for the first course of the escalation.
        since: from when times count: the receipt of the message that began it, or the instant at which a person did.
        began_at: when its clocks were started.
        until: when it ended, or the present.
        by_staff: begun by a member of staff, so that no crisis reply belongs to it.
        reached: when each milestone was first reached.
        outcome: what it was resolved with; "" where it was not.
    """

    escalation_id: EscalationId
    patient_id: PatientId
    number: int
    began: Began
    tier: Tier
    kind: str
    since: datetime
    began_at: datetime
    until: datetime
    ended: Ended
    by_staff: bool = False
    reached: Mapping[Milestone, datetime] = field(default_factory=dict)
    outcome: str = ""

    @property
    def is_false_alarm(self) -> bool:
        """Whether staff resolved it as one."""
        return self.outcome == FALSE_ALARM

    def expects(self, milestone: Milestone) -> bool:
        """Whether a milestone belongs to it at all."""
        if milestone is Milestone.REPLY:
            return not self.by_staff
        if milestone is Milestone.PAGE:
            return self.tier is not Tier.WATCH
        called_off = self.is_false_alarm and milestone in (Milestone.TRIED, Milestone.REACHED)
        return not called_off or milestone in self.reached


def begun_first(course: Course) -> tuple[datetime, str, int]:
    """By what courses are put in order: the first begun first."""
    return course.began_at, course.escalation_id, course.number


_TIERS = frozenset(Tier)


@dataclass
class _Draft:
    start: Step
    began: Began
    tier: Tier
    kind: str
    steps: list[Step] = field(default_factory=list)


def courses(
    cases: Iterable[Case],
    steps: Iterable[Step],
    replies: Sequence[Reply],
    pages: Sequence[Handed],
    now: datetime,
) -> list[Course]:
    """All courses, the first begun first.

    Args:
        steps: the whole histories of these cases, each together and in order.
        replies: crisis replies, the first first, from before the first of these steps on.
        pages: pages that were handed over, the first first.
        now: up to when what is open is looked at.
    """
    by_id = {case.id: case for case in cases}
    said: dict[PatientId, list[Reply]] = {}
    for reply in replies:
        said.setdefault(reply.patient_id, []).append(reply)
    handed: dict[EscalationId, list[datetime]] = {}
    for page in pages:
        handed.setdefault(page.escalation_id, []).append(page.at)
    found: list[Course] = []
    for escalation_id, history in groupby(steps, key=lambda step: step.escalation_id):
        case = by_id.get(escalation_id)
        if case is not None:
            drafts = _cut(case, list(history))
            found += _courses(case, drafts, said.get(case.patient_id, []), handed.get(case.id, []), now)
    return sorted(found, key=begun_first)


def _cut(case: Case, history: Sequence[Step]) -> list[_Draft]:
    drafts: list[_Draft] = []
    is_over = False
    for step in history:
        began = _began(step, drafts[-1] if drafts else None, is_over=is_over)
        if began is not None:
            last = drafts[-1] if drafts else None
            tier = _tier(step.detail.get("tier"), last.tier if last else Tier(case.tier))
            kind = str(step.detail.get("kind") or (last.kind if last else case.kind))
            drafts.append(_Draft(step, began, tier, kind))
            is_over = False
        elif drafts:
            drafts[-1].steps.append(step)
            is_over = is_over or step.event == measured.RESOLVED
    return drafts


def _began(step: Step, last: _Draft | None, *, is_over: bool) -> Began | None:
    """What a step starts, None where the clocks run on. A `missed` one may have opened, reopened, raised, or joined."""
    if step.event not in measured.STARTS:
        return None
    if step.event != measured.MISSED:
        return Began(step.event)
    graver = last is not None and _tier(step.detail.get("tier"), last.tier) > last.tier
    return Began.MISSED if last is None or is_over or graver else None


def _tier(told: object, otherwise: Tier) -> Tier:
    return Tier(told) if isinstance(told, str) and told in _TIERS else otherwise


def _courses(
    case: Case, drafts: Sequence[_Draft], said: Sequence[Reply], handed: Sequence[datetime], now: datetime
) -> list[Course]:
    found = []
    for n, draft in enumerate(drafts):
        after = drafts[n + 1] if n + 1 < len(drafts) else None
        resolved = next((step for step in draft.steps if step.event == measured.RESOLVED), None)
        begins_next = _since(after.start) if after else None
        ended = Ended.RESOLVED if resolved else Ended.RAISED if after else Ended.OPEN
        until = resolved.at if resolved else after.start.at if after else now
        since = _since(draft.start)
        reached = _reached(draft.steps)
        sent = [one.sent_at for one in said if one.sent_at and _within(one.created_at, since, begins_next)]
        if sent:
            reached[Milestone.REPLY] = min(sent)
        first = bisect_left(handed, since)
        if first < len(handed) and _within(handed[first], since, begins_next):
            reached[Milestone.PAGE] = handed[first]
        outcome = str(resolved.detail.get("outcome") or "") if resolved else ""
        by_staff = draft.start.staff_id is not None
        found.append(
            Course(
                case.id, case.patient_id, n + 1, draft.began, draft.tier, draft.kind, since, draft.start.at, until,
                ended, by_staff, reached, outcome,
            )
        )  # fmt: skip
    return found


def _within(at: datetime, since: datetime, until: datetime | None) -> bool:
    return since <= at and (until is None or at < until)


def _since(start: Step) -> datetime:
    """A message counts from its receipt; what a person found or opened again, from when they did."""
    if start.event == measured.MISSED or start.received_at is None:
        return start.at
    return min(start.received_at, start.at)


def _reached(steps: Iterable[Step]) -> dict[Milestone, datetime]:
    found: dict[Milestone, datetime] = {}
    for step in steps:
        if step.event == measured.ACKNOWLEDGED:
            found.setdefault(Milestone.ACKNOWLEDGED, step.at)
        elif step.event == measured.RESOLVED:
            found.setdefault(Milestone.RESOLVED, step.at)
        elif step.event == measured.CONTACT:
            at = _tried_at(step)
            _earliest(found, Milestone.TRIED, at)
            if step.detail.get("reached"):
                _earliest(found, Milestone.REACHED, at)
    return found


def _earliest(found: dict[Milestone, datetime], milestone: Milestone, at: datetime) -> None:
    found[milestone] = min(at, found.get(milestone, at))


def _tried_at(step: Step) -> datetime:
    """When a contact was tried, which may be before it was written down."""
    try:
        told = datetime.fromisoformat(str(step.detail.get("tried_at", "")))
    except ValueError:
        return step.at
    return min(told, step.at) if told.tzinfo else step.at
