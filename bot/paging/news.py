"""Tells the ways by which staff were paged that somebody has the escalation, or that it is over.

Beside paging, never in its way: nothing waits for it, and what fails costs a line in the log. It is claimed before it
is told, so that two processes tell it once; what may not have arrived is told again at the next look.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass

import structlog

from bot.clock import local
from bot.errors import StoreError
from bot.paging.delivery import TRY_SECONDS, within
from bot.paging.offer import opened
from bot.paging.route import Follows, News, Page, PageOutcome, PageResult, Route, Way
from bot.store import news, staff
from bot.store.database import Store
from bot.store.news import Untold

log = structlog.get_logger()

EVERY_SECONDS = 60.0  # for what another process changed, and what has to be told again


@dataclass(frozen=True)
class Line:
    """What one way is told of one page."""

    what: Untold
    page: Page
    words: str


class Herald:
    """Tells what became of pages. Any number may run, in any number of processes.

    Args:
        store: the database.
        routes: the ways; those that can't follow are left alone.
        public: the gateway's address, as staff reach it.
        zone: in which staff read times.
    """

    def __init__(self, store: Store, routes: Mapping[Way, Route], public: str, zone: str) -> None:
        self.store, self.public, self.zone = store, public, zone
        self.routes = {way: route for way, route in routes.items() if isinstance(route, Follows)}
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Somebody may have taken an escalation, or resolved it."""
        self._wake.set()

    async def run(self) -> None:
        """Tell for ever; an absent store is waited out."""
        while True:
            self._wake.clear()
            try:
                await self.tell()
            except StoreError as error:
                log.error("store.away", why=str(error))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(EVERY_SECONDS):
                    await self._wake.wait()

    async def tell(self) -> int:
        """Tell all that is new; how many lines that were."""
        lines = await self.store.run(self._claim) if self.routes else []
        await asyncio.gather(*(self._tell(line) for line in lines))
        return len(lines)

    def _claim(self) -> list[Line]:
        with self.store.read() as connection:
            found = news.untold(connection, [str(way) for way in self.routes])
        return [line for one in found if (line := self._claim_one(one))]

    def _claim_one(self, one: Untold) -> Line | None:
        with self.store.write() as connection:
            if not news.claim(connection, one):
                return None
            page = opened(connection, self.store.vault, one.row, one.code, self.public).page
            names = staff.names(connection, self.store.vault)
        knows = one.news == news.TAKEN and one.row.staff_id == one.owner_id and one.row.way != Way.WEBHOOK
        if page is None or knows:  # whoever took it knows; a service that pages for them does not
            return None
        return Line(one, page, self._words(one, names))

    def _words(self, one: Untold, names: Mapping[str, str]) -> str:
        if one.news == news.OVER or one.taken_at is None:
            return f"{one.code} is resolved."
        return (
            f"{names.get(one.owner_id or '', 'Somebody')} has {one.code} since {local(one.taken_at, self.zone):%H:%M}."
        )

    async def _tell(self, line: Line) -> None:
        row = line.what.row
        route = self.routes[Way(row.way)]
        call = route.follow(line.page, row.provider_id or "", News(line.what.news), line.words)
        try:
            result = await within(TRY_SECONDS, call)
        except Exception as error:  # a way must not raise; if it does, that is no reason to stop paging
            result = PageResult(PageOutcome.UNKNOWN, why=type(error).__name__)
        log.info("page.told", message=row.id, channel=row.way, outcome=str(result.outcome), why=result.why[:80])
        if result.outcome in (PageOutcome.RETRY, PageOutcome.UNKNOWN):  # twice does no harm: it says the same
            await self.store.run(self._take_back, line.what)

    def _take_back(self, one: Untold) -> None:
        with self.store.write() as connection:
            news.take_back(connection, one)
