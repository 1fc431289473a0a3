"""`evenday drill` and `evenday contacts test`: marked test pages by real ways, with the time of each stage."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import datetime

import typer

from bot.cli.operate import open_store, say
from bot.clock import SystemClock
from bot.coaching.summon import Bell
from bot.errors import InputError
from bot.paging import drill
from bot.paging.drill import Report
from bot.paging.pager import Pager
from bot.safety.cover import parse as parse_cover
from bot.settings import Settings, load
from bot.store import contacts, staff
from bot.store.database import Store
from bot.store.escalations import Escalation
from bot.store.migrate import migrate
from bot.store.pages import PageRow

SETTLES_WITHIN_SECONDS = 60
DELIVERED_WITHIN_SECONDS = 15  # reports of delivery reach a gateway that runs beside this


def drilled(login: str | None, wait: int) -> None:
    """Send a drill (to one person, if named), print what became of it; ends with status 1 if a way failed."""
    told = asyncio.run(_drill(load(), login, wait))
    _print(told)
    if told.failed or (wait and told.acknowledged_s is None):
        raise typer.Exit(1)


async def _drill(settings: Settings, login: str | None, wait: int) -> Report:
    from bot.app import content_of
    from bot.serve import Channels

    store = open_store(settings)
    migrate(store)
    channels = Channels(settings)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(channels.close)
        clock, cover = SystemClock(), parse_cover(settings.cover_hours)
        coach = content_of(settings, clock.now().date())
        with store.write() as connection:
            bell = Bell(connection, store.vault, coach.paging, cover, clock.now())
            ways = drill.ways_on_duty(bell) if login is None else _ways_of(bell, login)
            found = drill.begin(bell, ways, drill.DRILL if login is None else drill.TEST_WAY)
            staff.record(connection, store.vault, clock.now(), None, "drill", found.id, found.code)
        say(f"drill {found.code}: {len(ways)} pages, marked as a drill")
        routes = {route.way: route for route in channels.pagers()}
        pager = Pager(store, routes, coach, cover, clock, settings.public, only=found.id)
        return await _watch(store, pager, found, wait)


def _ways_of(bell: Bell, login: str) -> list[contacts.Contact]:
    who = staff.by_login(bell.connection, bell.vault, login.lower())
    if who is None:
        raise InputError(f"there is no {login}: evenday staff {login}")
    ways = [contact for contact in contacts.listed(bell.connection, [who.id]) if contact.has_address]
    if not ways:
        raise InputError(f"{login} has no way to be reached: evenday contacts add {login} …")
    return ways


async def _watch(store: Store, pager: Pager, found: Escalation, wait: int) -> Report:
    """Page until all is settled, then until delivery is reported or somebody acknowledges, within the time given."""
    begun = asyncio.get_running_loop().time()
    while True:
        await pager.tick()
        await asyncio.sleep(0.2)
        with store.read() as connection:
            told = drill.report(connection, store, found.id)
        passed = asyncio.get_running_loop().time() - begun
        if not told.settled and passed < SETTLES_WITHIN_SECONDS:
            continue
        if told.acknowledged_s is None and passed < wait:
            continue
        if any(row.state == "accepted" and row.provider_id for row in told.rows) and passed < DELIVERED_WITHIN_SECONDS:
            continue
        return told


def _print(told: Report) -> None:
    for row in told.rows:
        say(f"  {row.way:<9} {row.state:<10} {_times(row, told.opened_at)}{f'  ({row.why})' if row.why else ''}")
    if told.acknowledged_s is not None:
        say(f"  acknowledged after {told.acknowledged_s:.1f} s")
    say(f"{len(told.failed)} of {len(told.rows)} failed" if told.failed else "every way took its page")


def _times(row: PageRow, since: datetime) -> str:
    stages = (("called", row.attempted_at), ("handed over", row.accepted_at), ("delivered", row.delivered_at))
    return ", ".join(f"{name} {(at - since).total_seconds():.1f} s" for name, at in stages if at)
