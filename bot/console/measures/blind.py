"""The weekly blind read: one message at a time, without whose it is or what the screen made of it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, time, timedelta

from bot.clock import at_local, local
from bot.console.lines import message
from bot.console.pages.missed import HINTS, KINDS, TIERS
from bot.console.visit import Answer, Go, Missing, Page, Visit
from bot.safety.evaluation import Share
from bot.store import access, blind, escalations, judging
from bot.store.blind import BlindRead, Line, Verdict
from bot.store.escalations import TIER_ORDER
from bot.store.inbox import Message
from bot.store.lifecycle import Measure
from bot.store.types import StaffId

HOME = "/console/safety"
WEEKS_SHOWN = 8
SEED_BYTES = 8
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Result:
    """What a week's read came to.

    Attributes:
        size: how many messages can be read, or were.
        missed: so many of those that anybody has read were marked as missed by somebody.
        read_twice: how many were read by two people or more; `agreed`: of these, by how many all said the same.
        mine: how many the person who looks has read.
    """

    read: BlindRead
    size: int
    missed: Share
    read_twice: int
    agreed: int
    mine: int


@dataclass(frozen=True)
class Standing:
    """The last whole week, whether its messages are chosen, and the results of the weeks before."""

    week_on: date
    is_drawn: bool
    results: tuple[Result, ...]


def result(read: BlindRead, lines: list[Line], me: StaffId) -> Result:
    """Count; pure."""
    marked = [set(line.marks.values()) for line in lines if line.marks]
    twice = [set(line.marks.values()) for line in lines if len(line.marks) > 1]
    return Result(
        read,
        sum(bool(line.marks) or line.message_id is not None for line in lines),
        Share(sum(Verdict.MISSED in verdicts for verdicts in marked), len(marked)),
        len(twice),
        sum(len(verdicts) == 1 for verdicts in twice),
        sum(me in line.marks for line in lines),
    )


def last_week(visit: Visit) -> date:
    """Monday of the last whole week, in the console's zone."""
    today = local(visit.now, visit.console.zone).date()
    return today - timedelta(days=today.weekday()) - WEEK


def standing(visit: Visit) -> Standing:
    """Where the read stands."""
    week_on = last_week(visit)
    reads = blind.drawn(visit.connection, WEEKS_SHOWN)
    lines = blind.lines_of(visit.connection, [read.week_on for read in reads])
    found = tuple(result(read, lines[read.week_on], visit.staff.id) for read in reads)
    return Standing(week_on, any(read.week_on == week_on for read in reads), found)


def draw(visit: Visit) -> Answer:
    """POST /console/safety/read: choose the messages of the last whole week; what was chosen before stands."""
    access.check_measure(visit.staff, Measure.DRAW)
    week_on, zone = last_week(visit), visit.console.zone
    since, until = (at_local(day, time(0), zone) for day in (week_on, week_on + WEEK))
    seed = secrets.token_hex(SEED_BYTES)
    read = blind.draw(visit.connection, week_on, since, until, seed, visit.now, visit.staff.id)
    detail = f"{week_on}: seed {read.seed}, of {read.pool} messages"
    access.allow_measure(visit.connection, visit.vault, visit.staff, Measure.DRAW, "blind.draw", visit.now, detail)
    return Go(f"{HOME}?done=drawn#blind")


def _week(visit: Visit) -> BlindRead:
    access.check_measure(visit.staff, Measure.BLIND_READ)
    try:
        read = blind.get(visit.connection, date.fromisoformat(visit.path["week"]))
    except ValueError:
        raise Missing from None
    if read is None:
        raise Missing
    return read


def show(visit: Visit) -> Answer:
    """GET /console/safety/read/<week>: the first message that this reader has not judged."""
    read = _week(visit)
    lines = blind.lines(visit.connection, read.week_on)
    for line in lines:
        found = None if visit.staff.id in line.marks else message(visit, line.message_id)
        if found is not None:
            return _page(visit, read, lines, line, found, {}, 200)
    return Go(f"{HOME}?done=read#blind")


def _page(
    visit: Visit, read: BlindRead, lines: list[Line], line: Line, found: Message, problems: dict[str, str], status: int
) -> Page:
    # By the person whose words these are, so that the audit can tell them; who reads is not told who they are.
    access.allow(
        visit.connection, visit.vault, visit.staff, found.patient_id, "blind.read", visit.now,
        f"{read.week_on} place {line.place}",
    )  # fmt: skip
    values = {
        "read": read,
        "line": line,
        "text": found.text,
        "result": result(read, lines, visit.staff.id),
        "typed": {name: visit.form.get(name, "") for name in ("verdict", "tier", "kind")},
        "problems": problems,
        "tiers": HINTS,
        "kinds": KINDS,
        "was": visit.query.get("was", ""),
    }
    return Page("safety_read.html", values, status)


def mark(visit: Visit) -> Answer:
    """POST /console/safety/read/<week>/<place>: what the reader says; a missed one opens an escalation at once."""
    read = _week(visit)
    lines = blind.lines(visit.connection, read.week_on)
    place = visit.path["place"]
    line = next((one for one in lines if str(one.place) == place), None)
    found = message(visit, line.message_id) if line else None
    if line is None or found is None:
        raise Missing
    problems = _problems(visit)
    if problems:
        return _page(visit, read, lines, line, found, problems, 422)
    verdict = Verdict(visit.form["verdict"])
    where = f"{HOME}/read/{read.week_on}"
    if not blind.mark(visit.connection, read.week_on, line.place, visit.staff.id, verdict, visit.now):
        return Go(where)
    visit.record("blind.mark", found.patient_id, f"{read.week_on} place {line.place} {verdict}")
    is_news = verdict is Verdict.MISSED and not _is_known(visit, line, found)
    if is_news:
        tier, kind = visit.form["tier"], visit.form["kind"]
        made = judging.mark_missed(
            visit.connection, visit.vault, found.patient_id, found.id, tier, kind, visit.now, staff_id=visit.staff.id
        )
        visit.record("escalation.missed", found.patient_id, f"{made.code} {tier} {kind}")
    return Go(f"{where}?was={verdict}", wakes=is_news)


def _is_known(visit: Visit, line: Line, found: Message) -> bool:
    """Whether staff had this message from an earlier reader, as no less grave: what they closed since stays closed."""
    if Verdict.MISSED not in line.marks.values():
        return False
    every = escalations.of_patient(visit.connection, visit.vault, found.patient_id)
    newest = next((one for one in every if not one.drill), None)
    return newest is not None and TIER_ORDER[visit.form["tier"]] <= TIER_ORDER[newest.tier]


def _problems(visit: Visit) -> dict[str, str]:
    form = visit.form
    if form.get("verdict") not in set(Verdict):
        return {"verdict": "Choose whether it is fine or was missed."}
    if form["verdict"] == Verdict.FINE:
        return {}
    problems = {}
    if form.get("tier") not in TIERS:
        problems["tier"] = "Choose how grave it is."
    if form.get("kind") not in KINDS:
        problems["kind"] = "Choose what it is about."
    return problems
