"""Reads what the figures of a span are made of, once for the page and for the rows to take away."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from bot.clock import at_local, local
from bot.coaching.summon import working_days_later
from bot.console.measures.asked import LONGEST, Asked
from bot.console.measures.settled import SPOOLED
from bot.console.visit import Visit
from bot.safety import measures
from bot.safety.courses import Course, begun_first
from bot.safety.duty import effective, merge
from bot.safety.measures import Judged, Limits
from bot.store import measured, rota
from bot.store.measured import Step

AHEAD = timedelta(days=8)  # how far cover is looked for that an urgent page waits for


@dataclass(frozen=True)
class Gathered:
    """All of a span.

    Attributes:
        judged: the courses that began in it, the first first.
        messages: how many came in it.
        missed_by_staff: messages that staff marked in it, each once; `missed_by_patients` likewise.
    """

    judged: list[Judged]
    limits: Limits
    messages: int
    missed_by_staff: int
    missed_by_patients: int

    @property
    def courses(self) -> list[Course]:
        """The courses themselves."""
        return [one.course for one in self.judged]


def gather(visit: Visit, asked: Asked) -> Gathered:
    """Read it."""
    connection, settled, zone = visit.connection, visit.console.settled, visit.console.zone
    # The same span of duty for every asked span of a day, the longest included: a course is held beside it once.
    today = local(visit.now, zone).date()
    first = min(asked.first_on, today - timedelta(days=LONGEST))
    duty_in = at_local(first, time(0), zone) - SPOOLED, at_local(today + timedelta(days=1), time(0), zone) + AHEAD
    kept = settled.beside((rota.mark(connection), duty_in), lambda: limits(visit, *duty_in))
    found = kept.since(connection, visit.vault, asked.since, visit.now)
    within = [one for each in found for one in each.courses if asked.since <= one.course.began_at < asked.until]
    marks = [mark for each in found for mark in each.marks if asked.since <= mark.at < asked.until]
    return Gathered(
        sorted(within, key=lambda one: begun_first(one.course)),
        kept.limits,
        settled.messages(connection, asked.first_on, asked.last_on, zone, visit.now),
        _messages(mark for mark in marks if mark.staff_id is not None),
        _messages(mark for mark in marks if mark.staff_id is None),
    )


def _messages(marks: Iterable[Step]) -> int:
    """How many messages were marked, however many people marked each; one that was deleted since is one by its time."""
    return len({one.message_id or (one.escalation_id, one.at) for one in marks})


def limits(visit: Visit, first: datetime, last: datetime) -> Limits:
    """The limits of the site's policy, with cover hours as they are set now and the rota of a span as it was."""
    connection, cover = visit.connection, visit.console.cover
    begun = measured.rota_since(connection)
    serving = None if begun is None else merge(span for *_, span in effective(rota.between(connection, first, last)))
    duty = measures.duty_spans(cover.hours(first, last), serving, begun)
    policy = visit.console.coach.paging
    return Limits(policy, duty, lambda at: working_days_later(at, policy.watch.review_working_days, cover))
