"""`evenday rota` and `evenday contacts`: who is on duty, and how they are reached."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import typer

from bot.cli.operate import open_store, say
from bot.clock import SystemClock, at_local, local
from bot.errors import InputError
from bot.paging.apprise_route import is_url
from bot.paging.route import Way
from bot.safety.cover import Cover
from bot.safety.cover import parse as parse_cover
from bot.safety.duty import effective, gaps
from bot.settings import Settings, load
from bot.store import contacts, rota, staff
from bot.store.database import Store
from bot.store.migrate import migrate
from bot.store.rota import Post
from bot.store.types import StaffId

COLUMNS = ("post", "login", "from", "until")
_NUMBER = re.compile(r"\+[1-9]\d{6,14}")  # E.164


@dataclass(frozen=True)
class Place:
    """What these verbs need."""

    settings: Settings
    store: Store
    cover: Cover
    zone: str
    now: datetime


def _place() -> Place:
    settings = load()
    store = open_store(settings)
    migrate(store)
    cover = parse_cover(settings.cover_hours)
    return Place(settings, store, cover, cover.zone if cover.days else settings.default_zone, SystemClock().now())


def _logins(place: Place) -> dict[StaffId, str]:
    with place.store.read() as connection:
        return {one.id: one.login for one in staff.listed(connection, place.store.vault)}


def _shown(at: datetime, zone: str) -> str:
    return f"{local(at, zone):%a %d %b %H:%M}"


def show(days: int) -> None:
    """Print the rota."""
    place = _place()
    logins = _logins(place)
    with place.store.read() as connection:
        kept, shifts = rota.is_kept(connection), rota.between(connection, place.now, place.now + timedelta(days=days))
    if not kept:
        say("no rota is kept: whoever can be paged is on call")
        return
    served = sorted(effective(shifts), key=lambda one: (one[2], one[0]))
    for post, who, (start, end) in served:
        now = " (now)" if start <= place.now < end else ""
        name = logins.get(who, "?")
        say(f"{_shown(start, place.zone)} to {_shown(end, place.zone)}  {post:<8} {name}{now}")
    say(f"times are in {place.zone}")


def missing(days: int) -> None:
    """Print gaps; ends with status 1 if there are any."""
    place = _place()
    if not place.cover.days:
        say("no cover hours are set (EVENDAY_COVER_HOURS), so there is nothing to cover")
        return
    until = place.now + timedelta(days=days)
    with place.store.read() as connection:
        shifts = rota.between(connection, place.now, until)
    wanted = [(max(start, place.now), min(end, until)) for start, end in place.cover.hours(place.now, until)]
    found = gaps(shifts, wanted)
    for start, end in found:
        say(f"nobody is on call from {_shown(start, place.zone)} to {_shown(end, place.zone)}")
    if found:
        raise typer.Exit(1)
    say(f"somebody is on call in every hour of cover for {days} days")


def imported(file: str) -> None:
    """Read shifts from a file, all or none."""
    place = _place()
    by_login = {login: one for one, login in _logins(place).items()}
    new = _read(Path(file), by_login, place.zone)
    if not new:
        raise InputError(f"{file}: holds no shift")
    since, until = min(row[2] for row in new), max(row[3] for row in new)
    with place.store.write() as connection:
        count = rota.replace(connection, since, until, new, place.now)
        staff.record(connection, place.store.vault, place.now, None, "rota.import", "rota", str(count))
    say(f"{count} shifts from {_shown(since, place.zone)} to {_shown(until, place.zone)}, {place.zone}")


def _read(file: Path, by_login: dict[str, StaffId], zone: str) -> list[tuple[StaffId, Post, datetime, datetime]]:
    """The shifts of a file.

    Raises:
        InputError: names file and line of the first that can't be read.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{file}: can't be read ({type(error).__name__})") from None
    rows = csv.DictReader(text.splitlines())
    if tuple(rows.fieldnames or ()) != COLUMNS:
        raise InputError(f"{file}:1: the first line must be {','.join(COLUMNS)}")
    found: list[tuple[StaffId, Post, datetime, datetime]] = []
    for number, row in enumerate(rows, 2):
        try:
            who, post = by_login[str(row["login"]).strip().lower()], Post(str(row["post"]).strip())
            start, end = instant(str(row["from"]), zone), instant(str(row["until"]), zone)
        except (KeyError, ValueError):
            what = f"on_call|second|lead, a login, and two times like 2026-12-01 09:00 ({zone})"
            raise InputError(f"{file}:{number}: write {what}") from None
        if end <= start:
            raise InputError(f"{file}:{number}: ends before it begins")
        found.append((who, post, start, end))
    return found


def instant(text: str, zone: str) -> datetime:
    """`2026-12-01 09:00` on the clocks of a zone; 24:00 is the end of the day. A time with an offset is taken as it is.

    Raises:
        ValueError: it is none.
    """
    text = text.strip()
    day = datetime.fromisoformat(text[:10]).date()
    if text[11:] == "24:00":
        return at_local(day + timedelta(days=1), time(0), zone)
    read = datetime.fromisoformat(text)
    return read.astimezone(UTC) if read.tzinfo else at_local(day, read.time(), zone)


def contact_added(login: str, way: str, address: str) -> None:
    """A new way."""
    place = _place()
    with place.store.write() as connection:
        who = staff.by_login(connection, place.store.vault, login.lower())
        if who is None or who.closed_at:
            raise InputError(f"there is no {login}: evenday staff {login}")
        if way == Way.TELEGRAM and not address:
            code = contacts.start_link(connection, who.id, Way.TELEGRAM, place.now)
            say(f"{login} must send this to the bot within a week: /start staff_{code}")
        else:
            _check(way, address)
            contacts.add(connection, place.store.vault, who.id, way, address, place.now)
            say(f"{login} is reached by {way} now; try it: evenday contacts test {login}")
        staff.record(connection, place.store.vault, place.now, None, "contact.add", who.id, way)


def _check(way: str, address: str) -> None:
    """Whether an address can be one of its way.

    Raises:
        InputError: it can't; says how it is written.
    """
    known = [str(one) for one in Way if one is not Way.LINK]
    if way not in known:
        raise InputError(f"{way}: use one of {', '.join(known)}")
    if way in (Way.CALL, Way.SMS) and not _NUMBER.fullmatch(address):
        raise InputError("write the number with + and country code, without spaces: +442071234567")
    if way == Way.TELEGRAM and not address.lstrip("-").isdecimal():
        raise InputError("leave the address out: a link is made that the person sends to the bot")
    if way == Way.APPRISE and not is_url(address):
        raise InputError("this is no apprise URL, see github.com/caronc/apprise/wiki")
    if way == Way.WEBHOOK and not address.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        raise InputError("a webhook must be an https:// address")


def contacts_listed() -> None:
    """Print all ways."""
    place = _place()
    logins = _logins(place)
    with place.store.read() as connection:
        found = contacts.listed(connection)
    if not found:
        say("no member of staff can be paged: evenday contacts add LOGIN WAY ADDRESS")
    for contact in sorted(found, key=lambda one: (logins.get(one.staff_id, ""), one.place)):
        last = (
            "never paged"
            if contact.last_at is None
            else f"{contact.last_outcome} {_shown(contact.last_at, place.zone)}"
        )
        state = last if contact.has_address else "waits for its link"
        why = f" ({contact.last_why})" if contact.last_why and contact.last_outcome == "failed" else ""
        say(
            f"{contact.id[:8]}  {logins.get(contact.staff_id, '?'):<12} {contact.place + 1}. {contact.way:<9} {state}{why}"
        )


def contact_removed(beginning: str) -> None:
    """Take a way out."""
    place = _place()
    with place.store.write() as connection:
        found = [one for one in contacts.listed(connection) if one.id.startswith(beginning)]
        if len(found) != 1 or len(beginning) < 4:
            raise InputError(f"{beginning}: names {len(found)} contacts; write more of the id")
        staff.hold_chain(connection)
        contacts.remove(connection, found[0].id)
        staff.record(connection, place.store.vault, place.now, None, "contact.remove", found[0].staff_id, found[0].way)
    say("it is gone")
