"""Pages from memory while the database is away: danger does not wait for it, and neither may whoever is on call.

Who is on call, and their ways, are copied once a minute. What is paged so carries a code of its own (T…); the message on
disk keeps whom it reached and by which link, so that the escalation says so, and the links hold, once it is stored.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from bot.clock import Clock
from bot.coaching import summon
from bot.content.coach import Coach
from bot.conversation.spool import Called, Paged
from bot.paging.acknowledge import Shown
from bot.paging.route import Page, PageOutcome, Route, Way
from bot.safety.cover import Cover
from bot.safety.duty import Team, whom
from bot.safety.tiers import Tier
from bot.store import contacts, pages, staff
from bot.store.contacts import Contact
from bot.store.database import Store
from bot.store.types import StaffId, new_code

log = structlog.get_logger()

TRY_SECONDS = 12.0
EVERY_SECONDS = 1.0
KEPT_FOR = timedelta(hours=48)


@dataclass(frozen=True)
class Snapshot:
    """Everybody who can be paged, opened; nowhere but in memory."""

    team: Team = field(default_factory=Team)
    ways: Mapping[StaffId, tuple[Contact, ...]] = field(default_factory=dict)
    addresses: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass
class _Open:
    """One call from memory that nobody has taken yet, or that the store does not know of."""

    paged: Paged
    tier: Tier
    next_at: datetime


class Memory:
    """Pages without the database.

    Args:
        store: where the snapshot is taken from, while it is there.
        routes: what can page, by way.
        coach: the policy.
        cover: when staff are on duty; its rota is the last that was read.
        clock: the present.
        public: the gateway's address, as staff reach it.
    """

    def __init__(
        self, store: Store, routes: Mapping[Way, Route], coach: Coach, cover: Cover, clock: Clock, public: str
    ) -> None:
        self.store, self.routes, self.coach, self.cover, self.clock = store, routes, coach, cover, clock
        self.public = public
        self.snapshot = Snapshot()
        self._open: dict[str, _Open] = {}
        self._ids = 0

    def refresh(self) -> None:
        """Take the snapshot anew.

        Raises:
            StoreError: the database is away; the last one holds.
        """
        with self.store.read() as connection:
            usable = contacts.usable(connection)
            roles = staff.roles(connection)
            ways: dict[StaffId, tuple[Contact, ...]] = {}
            for contact in usable:
                ways[contact.staff_id] = (*ways.get(contact.staff_id, ()), contact)
            vault = self.store.vault
            addresses = {one.id: contacts.open_address(connection, vault, one.id) or "" for one in usable}
            names = staff.names(connection, vault)
            shifts = summon.shifts_now(connection, self.clock.now())
        team = Team({one: roles[one] for one in ways if one in roles}, shifts)
        self.snapshot = Snapshot(team, ways, addresses, names)

    async def summon(self, tier: Tier) -> Paged | None:
        """Page whoever would be paged first; None where nobody is (a watch, or an urgent one out of cover)."""
        now = self.clock.now()
        policy = self.coach.paging.of(tier)
        on_duty = self.cover.on_duty(now)
        if policy is None or (tier is not Tier.EMERGENCY and not on_duty and self.cover.next_start(now)):
            return None
        paged = Paged(f"T{new_code(4)}", now)
        paged = await self._step(paged, tier, now)
        self._open[paged.code] = _Open(paged, tier, self._next(paged, tier, now))
        log.warning("page.from_memory", count=len(paged.called))
        return paged

    def _next(self, paged: Paged, tier: Tier, now: datetime) -> datetime:
        policy = self.coach.paging.of(tier)
        assert policy is not None  # or nothing would be open
        n = summon.step_of(policy.steps, now - paged.at) + 1
        if n < len(policy.steps):
            return paged.at + timedelta(minutes=policy.steps[n].after_minutes)
        return now + policy.repeat_every

    async def _step(self, paged: Paged, tier: Tier, now: datetime) -> Paged:
        policy = self.coach.paging.of(tier)
        assert policy is not None
        step = policy.steps[summon.step_of(policy.steps, now - paged.at)]
        people = whom(step.who, self.snapshot.team, now, self.cover.on_duty(now))
        found = await asyncio.gather(*(self._person(paged, tier, person, step.ways) for person in people))
        return replace(paged, called=(*paged.called, *(one for called in found for one in called)))

    async def _person(self, paged: Paged, tier: Tier, person: StaffId, ways: int) -> list[Called]:
        """A person's first ways at once, and for each that fails the next one."""
        mine = self.snapshot.ways.get(person, ())
        first = summon.first_ways(mine, ways)
        rest = [contact for contact in mine if contact not in first]
        called: list[Called] = []
        tries = first
        while tries:
            done = await asyncio.gather(*(self._offer(paged, tier, contact) for contact in tries))
            called += [one for one in done if one.accepted]
            failed = len(tries) - sum(one.accepted for one in done)
            tries, rest = rest[:failed], rest[failed:]
        return called

    async def _offer(self, paged: Paged, tier: Tier, contact: Contact) -> Called:
        token = (
            next((one.token for one in paged.called if one.contact_id == contact.id), None) or pages.new_token()
        )  # called again: one link
        self._ids -= 1  # below zero: no row's id, so that a provider's later word finds none
        page = Page(
            self._ids, self.snapshot.addresses[contact.id], tier, paged.code, f"{self.public}/page/{token}", token,
            again=sum(one.contact_id == contact.id for one in paged.called),
        )  # fmt: skip
        route = self.routes.get(Way(contact.way))
        outcome = PageOutcome.FAILED
        if route is not None:
            try:
                async with asyncio.timeout(TRY_SECONDS):
                    outcome = (await route.page(page)).outcome
            except Exception as error:  # a route that raises or hangs: another way is tried
                log.error("page.raised", channel=contact.way, error=type(error).__name__)
        return Called(contact.staff_id, contact.id, contact.way, token, outcome is PageOutcome.ACCEPTED)

    def acknowledge(self, token: str) -> str | None:
        """Take a call from memory; the words to say back, None where the link is none of these."""
        for code, one in self._open.items():
            mine = next((called for called in one.paged.called if called.token == token), None)
            if mine is None:
                continue
            if one.paged.taken_by and one.paged.taken_by != mine.staff_id:
                return f"{self.snapshot.names.get(one.paged.taken_by, 'Somebody')} has {code}."
            one.paged = replace(one.paged, taken_by=mine.staff_id)
            return (
                f"{code} is yours now. The database is away, so the console can't show it yet: it will, under another"
                " code, as soon as it is back. The person was given the crisis numbers."
            )
        return None

    def look(self, token: str) -> Shown | None:
        """What the page behind a link may show; None where the link is none of these."""
        for code, one in self._open.items():
            if any(called.token == token for called in one.paged.called):
                return Shown(code, one.tier, one.paged.at, drill=False, is_taken=one.paged.taken_by is not None)
        return None

    def known(self, code: str) -> Paged | None:
        """A call as it stands now: whom it reached since, and who took it."""
        one = self._open.get(code)
        return one.paged if one else None

    def forget(self, code: str) -> None:
        """The store has it now."""
        self._open.pop(code, None)

    async def tick(self) -> None:
        """Call again whoever has not taken what is open, by the steps of the policy."""
        now = self.clock.now()
        for code, one in list(self._open.items()):
            if now - one.paged.at > KEPT_FOR:
                self.forget(code)
            elif one.paged.taken_by is None and one.next_at <= now:
                one.paged = await self._step(one.paged, one.tier, now)
                one.next_at = self._next(one.paged, one.tier, now)

    async def run(self) -> None:
        """Tick for ever."""
        while True:
            await self.tick()
            await asyncio.sleep(EVERY_SECONDS)
