"""Who is on duty, and where nobody is: pure arithmetic on shifts, their covers, and the hours in which staff read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.content.paging import Who
from bot.store.lifecycle import Action, may
from bot.store.rota import Post, Shift
from bot.store.types import StaffId

Span = tuple[datetime, datetime]


@dataclass
class Roster:
    """The rota as it was last read, for what is asked in passing. `shifts` is None where the site keeps none.

    One object, shared by all who tell when somebody is on duty, and refreshed by the pager.
    """

    shifts: tuple[Shift, ...] | None = None


@dataclass(frozen=True)
class Team:
    """Who can be paged.

    Attributes:
        roles: role of every member of staff who has a way, by id.
        shifts: shifts and covers around the present; None where the site keeps no rota.
    """

    roles: Mapping[StaffId, str] = field(default_factory=dict)
    shifts: tuple[Shift, ...] | None = None

    @property
    def able(self) -> list[StaffId]:
        """Whoever may acknowledge, supervisors first, then by id, so that the order is always the same."""
        able = [one for one, role in self.roles.items() if may(role, Action.ACKNOWLEDGE)]
        return sorted(able, key=lambda one: (self.roles[one] != "supervisor", one))


def effective(shifts: Iterable[Shift]) -> list[tuple[Post, StaffId, Span]]:
    """Who truly serves when: each shift without the parts in which somebody stands in for them, and the covers."""
    every = list(shifts)
    covers: dict[str, list[Span]] = {}
    for shift in every:
        if shift.instead_of:
            covers.setdefault(shift.instead_of, []).append((shift.starts_at, shift.ends_at))
    return [
        (shift.post, shift.staff_id, span)
        for shift in every
        for span in subtract([(shift.starts_at, shift.ends_at)], covers.get(shift.id, []))
    ]


def on_call(shifts: Iterable[Shift], post: Post, at: datetime) -> list[StaffId]:
    """Who has a duty at an instant, whoever began it first ahead."""
    found = [(start, who) for one, who, (start, end) in effective(shifts) if one is post and start <= at < end]
    return list(dict.fromkeys(who for _, who in sorted(found)))


def anybody(shifts: Iterable[Shift], at: datetime) -> bool:
    """Whether anybody at all is on a shift."""
    return any(start <= at < end for _, _, (start, end) in effective(shifts))


def gaps(shifts: Iterable[Shift], wanted: Sequence[Span], post: Post = Post.ON_CALL) -> list[Span]:
    """The parts of `wanted` (hours in which the site says that somebody is on duty) that nobody serves."""
    served = [span for one, _, span in effective(shifts) if one is post]
    return subtract(merge(wanted), served)


def merge(spans: Iterable[Span]) -> list[Span]:
    """The same time, as few spans as possible, in order."""
    out: list[Span] = []
    for start, end in sorted(spans):
        if start >= end:
            continue
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], end))
        else:
            out.append((start, end))
    return out


def subtract(spans: Iterable[Span], taken: Iterable[Span]) -> list[Span]:
    """What is left of some spans without others."""
    left = merge(spans)
    for gone_from, gone_until in merge(taken):
        left = [
            part
            for start, end in left
            for part in ((start, min(end, gone_from)), (max(start, gone_until), end))
            if part[0] < part[1]
        ]
    return merge(left)


def intersect(spans: Iterable[Span], others: Iterable[Span]) -> list[Span]:
    """The time that both have."""
    second = merge(others)
    return [
        (max(start, start2), min(end, end2))
        for start, end in merge(spans)
        for start2, end2 in second
        if max(start, start2) < min(end, end2)
    ]


def whom(who: Collection[Who], team: Team, at: datetime, on_duty: bool) -> list[StaffId]:
    """Whom a step pages, in order; all of them can be.

    Where nobody has the duty that is wanted, the next duty up is asked, and at last everybody: an emergency is never
    left to a gap in a rota. Outside of cover the step pages whoever is on a shift nevertheless, else a lead.
    """
    if not on_duty:
        return _serving(team, at) or _of(Who.LEAD, team, at)
    return list(dict.fromkeys(one for wanted in who for one in _of(wanted, team, at)))


_UP: Mapping[Who, tuple[Post, ...]] = {
    Who.ON_CALL: (Post.ON_CALL, Post.SECOND, Post.LEAD),
    Who.SECOND: (Post.SECOND, Post.LEAD),
    Who.LEAD: (Post.LEAD,),
}


def _of(wanted: Who, team: Team, at: datetime) -> list[StaffId]:
    able = team.able
    for post in _UP.get(wanted, ()):
        found = [one for one in on_call(team.shifts or (), post, at) if one in able]
        if found:
            return found
    leads = [one for one in able if team.roles[one] == "supervisor"]
    if wanted is Who.EVERYONE or (team.shifts is None and wanted is not Who.LEAD):
        return able  # without a rota, whoever can be reached is on call
    return leads or able


def _serving(team: Team, at: datetime) -> list[StaffId]:
    return [one for post in Post for one in on_call(team.shifts or (), post, at) if one in team.able]
