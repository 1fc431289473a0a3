"""Offers pages to their routes, and writes the next ones when they are due: at least once, whatever dies in between.

A page is marked as on its way in a commit of its own before a route is called, and settled after it; what a process
leaves marked is taken up again when its lease has run out (at once where there is one process alone).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import structlog

from bot.clock import Clock
from bot.coaching import summon
from bot.content.coach import Coach
from bot.errors import StoreError
from bot.paging.offer import Offer, opened
from bot.paging.route import PageOutcome, PageResult, Route, Way
from bot.safety.cover import Cover
from bot.safety.duty import Roster
from bot.store import contacts, escalations, handling, pages, rounds
from bot.store.database import Store
from bot.store.pages import PageRow
from bot.store.types import EscalationId

log = structlog.get_logger()

AT_ONCE = 16
EVERY_SECONDS = 0.5
TRY_SECONDS = 12.0  # for one try, however slow the provider; less than the lease of `store.pages`
MOST_TRIES = 3
STORE_AWAY_SECONDS = 1.0
ROSTER_EVERY = timedelta(minutes=1)


def again_after(attempts: int) -> timedelta:
    """Wait before the next try by the same way: 1, 2 seconds. Somebody is in danger, and there are other ways."""
    return timedelta(seconds=attempts)


class Pager:
    """Pages staff. Any number may run, in any number of processes: a page is claimed by its row.

    Args:
        store: the database.
        routes: what can page, by way.
        coach: the policy.
        cover: when staff are on duty; its rota is kept fresh here.
        clock: the present.
        public: the gateway's address, as staff reach it.
        only: page for this escalation alone, and let everything else be (a drill beside a running gateway).
    """

    def __init__(
        self,
        store: Store,
        routes: Mapping[Way, Route],
        coach: Coach,
        cover: Cover,
        clock: Clock,
        public: str,
        only: EscalationId | None = None,
    ) -> None:
        self.store, self.routes, self.coach, self.cover, self.clock = store, routes, coach, cover, clock
        self.public, self.only = public, only
        self.beat_at: datetime | None = None  # when the loop last went round
        self.refreshed: list[Callable[[], None]] = []  # called once a minute, with the roster
        self._wake = asyncio.Event()
        self._going: set[asyncio.Task[None]] = set()
        self._roster_at: datetime | None = None
        self._freed = only is not None

    def wake(self) -> None:
        """Pages may be waiting."""
        self._wake.set()

    async def run(self) -> None:
        """Page for ever; an absent store is waited out."""
        while True:
            self._wake.clear()
            pause = EVERY_SECONDS
            try:
                await self.tick()
            except StoreError as error:
                log.error("store.away", why=str(error))
                pause = STORE_AWAY_SECONDS
            self.beat_at = self.clock.now()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._wake.wait()

    async def tick(self) -> int:
        """Write what is due, and start what may go, without waiting for answers; tells how many pages were started."""
        await self.store.run(self._prepare)
        room = AT_ONCE - len(self._going)
        offers = await self.store.run(self._claim, room) if room > 0 else []
        for offer in offers:
            self._going.add(asyncio.create_task(self._send(offer)))
        return len(offers)

    async def settle_all(self) -> int:
        """Page until nothing is left that may go now; tells how many pages were offered."""
        total = 0
        while started := await self.tick():
            total += started
            await asyncio.wait(set(self._going))
        return total

    def _prepare(self) -> None:
        now = self.clock.now()
        if not self._freed:
            if self.store.is_sqlite:  # elsewhere another machine may be at them: their lease runs out
                with self.store.write() as connection:
                    pages.free_all(connection)
            self._freed = True
        if self._roster_at is None or now - self._roster_at >= ROSTER_EVERY:
            self.refresh()
            self._roster_at = now
        if self.only is not None:
            return
        with self.store.read() as connection:
            due = rounds.due(connection, now)
        for escalation_id in due:
            with self.store.write() as connection:
                if rounds.lock(connection, escalation_id, now):
                    summon.advance(
                        summon.Bell(connection, self.store.vault, self.coach.paging, self.cover, now), escalation_id
                    )

    def refresh(self) -> None:
        """Read the rota again into the roster that all who tell of duty share."""
        with self.store.read() as connection:
            roster: Roster = self.cover.roster
            roster.shifts = summon.shifts_now(connection, self.clock.now())
        for told in self.refreshed:
            told()

    def _claim(self, room: int) -> list[Offer]:
        now = self.clock.now()
        with self.store.read() as connection:
            ids = pages.ready(connection, now, room, self.only)
        if not ids:
            return []
        return [offer for page_id in ids if (offer := self._claim_one(page_id, now))]

    def _claim_one(self, page_id: int, now: datetime) -> Offer | None:
        # A commit for each: one that holds several pages could wait for somebody who calls the same ones back.
        vault = self.store.vault
        with self.store.write() as connection:
            row = pages.claim(connection, page_id, now)
            if row is None:
                return None
            found = escalations.get(connection, vault, row.escalation_id)
            if row.reason in (summon.STEP, summon.REVIEW_LATE) and not found.is_waiting:
                pages.set_state(connection, row.id, state=pages.CANCELLED, why="acknowledged")
                return None
            return opened(connection, vault, row, found.code, self.public)

    async def _send(self, offer: Offer) -> None:
        try:
            await self._settle_for_sure(offer.row, await self._offer(offer))
        finally:
            task = asyncio.current_task()
            if task is not None:
                self._going.discard(task)
            self._wake.set()

    async def _offer(self, offer: Offer) -> PageResult:
        route = self.routes.get(Way(offer.row.way))
        if offer.page is None:
            return PageResult(PageOutcome.FAILED, why="the contact is gone")
        if route is None:
            return PageResult(PageOutcome.FAILED, why="this way is not set up")
        try:
            async with asyncio.timeout(TRY_SECONDS):
                return await route.page(offer.page)
        except TimeoutError:
            return PageResult(PageOutcome.UNKNOWN, why="no answer in time")
        except Exception as error:  # a route must not raise; if it does, the page may have gone, and goes again
            log.error("page.raised", channel=offer.row.way, message=offer.row.id, error=type(error).__name__)
            return PageResult(PageOutcome.UNKNOWN, why=type(error).__name__)

    async def _settle_for_sure(self, row: PageRow, result: PageResult) -> None:
        while True:
            try:
                await self.store.run(self._settle, row, result)
                return
            except StoreError as error:
                log.error("page.unsettled", message=row.id, why=str(error))
                await asyncio.sleep(STORE_AWAY_SECONDS)

    def _settle(self, row: PageRow, result: PageResult) -> None:
        now = self.clock.now()
        log.info("page.settled", message=row.id, channel=row.way, outcome=str(result.outcome), why=result.why[:80])
        with self.store.write() as connection:
            rounds.hold(connection, row.escalation_id)
            standing = pages.get(connection, row.id)
            if standing is None or standing.state == pages.DELIVERED:
                return  # a report came before the answer of the call
            spent = row.attempts >= MOST_TRIES
            match result.outcome:
                case PageOutcome.ACCEPTED:
                    pages.set_state(
                        connection, row.id, state=pages.ACCEPTED, accepted_at=now, provider_id=result.provider_id,
                        why=result.why[:80] or None,
                    )  # fmt: skip
                    handling.was_paged(connection, row.escalation_id, now)
                case PageOutcome.RETRY | PageOutcome.UNKNOWN if not spent:
                    pages.set_state(
                        connection, row.id, state=pages.WAITING, not_before=now + again_after(row.attempts),
                        why=result.why[:80] or None,
                    )  # fmt: skip
                    return
                case PageOutcome.UNKNOWN:
                    pages.set_state(connection, row.id, state=pages.UNKNOWN, why=result.why[:80] or None)
                case PageOutcome.RETRY | PageOutcome.FAILED:
                    pages.set_state(connection, row.id, state=pages.FAILED, why=result.why[:80] or None)
            settled = pages.get(connection, row.id)
            assert settled is not None
            if row.contact_id:
                contacts.set_result(connection, row.contact_id, settled.state, result.why, now)
            if settled.state in (pages.FAILED, pages.UNKNOWN):
                summon.fall_back(summon.Bell(connection, self.store.vault, self.coach.paging, self.cover, now), settled)

    @property
    def idle(self) -> bool:
        """Whether no page is on its way."""
        return not self._going
