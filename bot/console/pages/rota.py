"""The rota: who is on call now, the shifts of the next two weeks with their gaps, and how each of the staff is reached."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.clock import local
from bot.console.alarms import gaps_ahead
from bot.console.escalation.forms import instant, values_of
from bot.console.pages.reach import reach_of
from bot.console.visit import Answer, Go, Missing, Page, Visit
from bot.safety.duty import Span, on_call
from bot.store import access, rota, staff
from bot.store.access import Refused, Role
from bot.store.lifecycle import Action, may
from bot.store.rota import Post, Shift
from bot.store.types import StaffId

HOME = "/console/rota"
AHEAD = timedelta(days=14)
MOST_DAYS = 14  # of one form: the same hours, that many days in a row
LONGEST_SHIFT = timedelta(hours=72)
# Who may write the rota. A clinician may stand in for a colleague, which needs no one's leave at night.
MAY_PLAN = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})
MAY_COVER = MAY_PLAN | {Role.CLINICIAN}
ADD_FIELDS = ("who", "post", "starts", "ends", "days")
COVER_FIELDS = ("who", "starts", "ends")
DONE = {
    "added": "The rota has it.",
    "removed": "The shift is off. Look below whether that leaves a gap.",
    "covered": "The cover is in the rota.",
    "test": "A test page is on its way to you. Look here for what came of it.",
}


@dataclass(frozen=True)
class Day:
    """One day of the page: its shifts with their covers, and its gaps, by when they begin."""

    on: date
    shifts: tuple[tuple[Shift, tuple[Shift, ...]], ...]
    gaps: tuple[Span, ...]


def show(visit: Visit) -> Answer:
    """GET /console/rota."""
    access.allow(visit.connection, visit.vault, visit.staff, "rota", "rota.view", visit.now)
    return _page(visit, {}, {}, 200)


def _page(visit: Visit, typed: dict[str, str], problems: dict[str, str], status: int) -> Page:
    connection, now = visit.connection, visit.now
    shifts = rota.between(connection, now, now + AHEAD)
    names = visit.names
    reach = reach_of(visit)
    values = {
        "is_kept": rota.is_kept(connection),
        "now_on": {post: [names.get(one, "Somebody") for one in on_call(shifts, post, now)] for post in Post},
        "days": days(shifts, gaps_ahead(connection, visit.console.cover, now, AHEAD), visit.console.zone, now),
        "names": names,
        "able": {member.id: member.name for member in able(visit)},
        "unreachable": {row.staff.id for row in reach if not any(way.contact.has_address for way in row.ways)},
        "posts": list(Post),
        "may_plan": visit.staff.role in MAY_PLAN,
        "may_cover": visit.staff.role in MAY_COVER,
        "reach": reach,
        "typed": {**values_of({"days": "1"}, ADD_FIELDS), **typed},
        "problems": problems,
        "done": DONE.get(visit.query.get("done", ""), "") if not problems else "",
    }
    return Page("rota.html", values, status)


def days(shifts: Iterable[Shift], gaps: Iterable[Span], zone: str, now: datetime) -> list[Day]:
    """Shifts and gaps by the local day on which they begin; what runs already stands under today."""
    today = local(now, zone).date()
    every = list(shifts)
    covers: dict[str, list[Shift]] = {}
    for shift in every:
        if shift.instead_of:
            covers.setdefault(shift.instead_of, []).append(shift)
    own: dict[date, list[tuple[Shift, tuple[Shift, ...]]]] = {}
    for shift in every:
        if not shift.instead_of:
            on = max(today, local(shift.starts_at, zone).date())
            own.setdefault(on, []).append((shift, tuple(covers.get(shift.id, ()))))
    empty: dict[date, list[Span]] = {}
    for gap in gaps:
        empty.setdefault(max(today, local(gap[0], zone).date()), []).append(gap)
    return [Day(on, tuple(own.get(on, ())), tuple(empty.get(on, ()))) for on in sorted({*own, *empty})]


def able(visit: Visit) -> list[staff.Staff]:
    """Who can be on a shift: whoever may acknowledge; a page to others would help nobody."""
    return [one for one in staff.listed(visit.connection, visit.vault) if may(one.role, Action.ACKNOWLEDGE)]


def add(visit: Visit) -> Answer:
    """POST /console/rota/add: one shift, or the same hours for some days in a row."""
    _check(visit, MAY_PLAN)
    given = values_of(visit.form, ADD_FIELDS)
    spans, problems = _spans(visit, given)
    if given["post"] not in set(Post):
        problems["post"] = "Choose the duty."
    if problems:
        in_order = {name: problems[name] for name in ADD_FIELDS if name in problems}
        return _page(visit, given, in_order, 422)
    for start, end in spans:
        rota.add(
            visit.connection, StaffId(given["who"]), Post(given["post"]), start, end, visit.now,
            made_by=visit.staff.id,
        )  # fmt: skip
    visit.record("rota.add", given["who"], f"{given['post']} from {spans[0][0]:%Y-%m-%dT%H:%MZ}, {len(spans)} shifts")
    return Go(f"{HOME}?done=added", wakes=True)


def _spans(visit: Visit, given: dict[str, str]) -> tuple[list[Span], dict[str, str]]:
    problems = _who(visit, given)
    count = int(given["days"]) if given["days"].isdecimal() and len(given["days"]) < 3 else 0
    if not 1 <= count <= MOST_DAYS:
        problems["days"] = f"Give a number of days, 1 to {MOST_DAYS}."
    span = _span(visit, given, problems)
    if span is None or problems:
        return [], problems
    # By the wall clock: 9:00 stays 9:00 over a change to summer time.
    shifted = [[_later(given[name], day, visit.console.zone) for name in ("starts", "ends")] for day in range(count)]
    return [(start, end) for start, end in shifted if start and end], problems


def _later(text: str, day: int, zone: str) -> datetime | None:
    return instant((datetime.fromisoformat(text) + timedelta(days=day)).isoformat(), zone)


def _who(visit: Visit, given: dict[str, str]) -> dict[str, str]:
    return {} if given["who"] in {one.id for one in able(visit)} else {"who": "Choose who."}


def _span(visit: Visit, given: dict[str, str], problems: dict[str, str]) -> Span | None:
    start, end = instant(given["starts"], visit.console.zone), instant(given["ends"], visit.console.zone)
    if start is None:
        problems["starts"] = "Give day and time of its beginning."
    if end is None:
        problems["ends"] = "Give day and time of its end."
    if start is None or end is None:
        return None
    if end <= start:
        problems["ends"] = "The end must be later than the beginning."
    elif end - start > LONGEST_SHIFT:
        problems["ends"] = "A shift can't be longer than 72 hours."
    elif end <= visit.now:
        problems["ends"] = "That is past. Give a shift that is still to come."
    return None if "ends" in problems else (start, end)


def _shift(visit: Visit) -> Shift:
    found = rota.get(visit.connection, visit.path["id"])
    if found is None:
        raise Missing
    return found


def show_shift(visit: Visit) -> Answer:
    """GET /console/rota/<id>: one shift, to cover or to remove."""
    access.allow(visit.connection, visit.vault, visit.staff, "rota", "rota.view", visit.now)
    _check(visit, MAY_COVER)
    return _shift_page(visit, _shift(visit), {}, {}, 200)


def _shift_page(visit: Visit, shift: Shift, typed: dict[str, str], problems: dict[str, str], status: int) -> Page:
    zone = visit.console.zone
    whole = {"starts": _field(max(shift.starts_at, visit.now), zone), "ends": _field(shift.ends_at, zone)}
    values = {
        "shift": shift,
        "names": visit.names,
        "able": {member.id: member.name for member in able(visit) if member.id != shift.staff_id},
        "may_plan": visit.staff.role in MAY_PLAN,
        "typed": {**values_of(whole, COVER_FIELDS), **typed},
        "problems": problems,
    }
    return Page("shift.html", values, status)


def _field(instant_: datetime, zone: str) -> str:
    return f"{local(instant_, zone):%Y-%m-%dT%H:%M}"


def cover(visit: Visit) -> Answer:
    """POST /console/rota/<id>/cover: somebody stands in for all of a shift, or part of it."""
    _check(visit, MAY_COVER)
    shift, given = _shift(visit), values_of(visit.form, COVER_FIELDS)
    problems = _who(visit, given)
    span = _span(visit, given, problems)
    if span is not None:
        # A form knows no seconds: what begins in the shift's first minute begins with it.
        span = max(span[0], shift.starts_at), min(span[1], shift.ends_at)
        if span[0] >= span[1]:
            problems["starts"] = "Give a time within the shift."
    if shift.instead_of:
        problems["who"] = "This is a cover already: remove it, and cover the shift itself."
    if problems or span is None:
        in_order = {name: problems[name] for name in COVER_FIELDS if name in problems}
        return _shift_page(visit, shift, given, in_order, 422)
    rota.cover(visit.connection, shift, StaffId(given["who"]), *span, visit.now, made_by=visit.staff.id)
    visit.record(
        "rota.cover", given["who"], f"{shift.post} from {span[0]:%Y-%m-%dT%H:%MZ} until {span[1]:%Y-%m-%dT%H:%MZ}"
    )
    return Go(f"{HOME}?done=covered", wakes=True)


def remove(visit: Visit) -> Answer:
    """POST /console/rota/<id>/remove: a shift is off, and its covers with it; a cover alone may be taken back."""
    shift = _shift(visit)
    _check(visit, MAY_COVER if shift.instead_of else MAY_PLAN)
    rota.remove(visit.connection, shift.id)
    visit.record("rota.remove", shift.staff_id, f"{shift.post} from {shift.starts_at:%Y-%m-%dT%H:%MZ}")
    return Go(f"{HOME}?done=removed", wakes=True)


def _check(visit: Visit, roles: frozenset[Role]) -> None:
    if visit.staff.role not in roles:
        raise Refused("your role may not change the rota")
