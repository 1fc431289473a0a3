"""Reads what the figures of a span are made of, once for the page and for the rows to take away."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.coaching.summon import working_days_later
from bot.console.gate import Visit
from bot.console.measures.asked import Asked
from bot.safety import measures
from bot.safety.courses import Course, courses
from bot.safety.duty import effective, merge
from bot.safety.measures import Limits
from bot.store import measured, rota
from bot.store.measured import Step

SPOOLED = timedelta(days=7)  # how long before it was stored a message may have been received and answered
AHEAD = timedelta(days=8)  # how far cover is looked for that an urgent page waits for


@dataclass(frozen=True)
class Gathered:
    """All of a span.

    Attributes:
        courses: those that began in it, the first first.
        messages: how many came in it.
        missed_by_staff: messages that staff marked in it, each once; `missed_by_patients` likewise.
    """

    courses: list[Course]
    limits: Limits
    messages: int
    missed_by_staff: int
    missed_by_patients: int


def gather(visit: Visit, asked: Asked) -> Gathered:
    """Read it."""
    connection = visit.connection
    steps = measured.steps(connection, visit.vault, asked.since)
    found = courses(
        measured.cases(connection, asked.since),
        steps,
        measured.replies(connection, asked.since - SPOOLED, visit.now),
        measured.handed_pages(connection, asked.since),
        visit.now,
    )
    within = [course for course in found if asked.since <= course.began_at < asked.until]
    marks = [one for one in steps if one.event == measured.MISSED and asked.since <= one.at < asked.until]
    return Gathered(
        within,
        limits(visit, asked.since, asked.until),
        measured.messages(connection, asked.since, asked.until),
        _messages(one for one in marks if one.staff_id is not None),
        _messages(one for one in marks if one.staff_id is None),
    )


def _messages(marks: Iterable[Step]) -> int:
    """How many messages were marked, however many people marked each; one that was deleted since is one by its time."""
    return len({one.message_id or (one.escalation_id, one.at) for one in marks})


def limits(visit: Visit, since: datetime, until: datetime) -> Limits:
    """The limits of the site's policy, with cover hours as they are set now and the rota as it was."""
    connection, cover = visit.connection, visit.console.cover
    first, last = since - SPOOLED, until + AHEAD
    begun = measured.rota_since(connection)
    serving = None if begun is None else merge(span for *_, span in effective(rota.between(connection, first, last)))
    duty = measures.duty_spans(cover.hours(first, last), serving, begun)
    policy = visit.console.coach.paging
    return Limits(policy, duty, lambda at: working_days_later(at, policy.watch.review_working_days, cover))
