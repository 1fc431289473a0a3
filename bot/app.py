"""Puts the parts together; the only module that knows all of them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from weakref import WeakValueDictionary

import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot.clock import Clock, SystemClock
from bot.coaching.turns import Coaching
from bot.content.coach import HOWEVER_OLD, Coach
from bot.content.coach import load as load_content
from bot.content.paging import load_paging
from bot.conversation.dialogue import Dialogue
from bot.conversation.engine import Engine
from bot.conversation.message import Inbound, Sender
from bot.conversation.receive import Received, Reception, Unread
from bot.conversation.second import SecondHearing
from bot.conversation.send import Post
from bot.conversation.spool import Spool
from bot.conversation.standby import Standby
from bot.conversation.work import Worker
from bot.crypto import Vault
from bot.errors import StoreError
from bot.paging.acknowledge import Acknowledgement
from bot.paging.apprise_route import teller
from bot.paging.drill import Drills
from bot.paging.memory import Memory
from bot.paging.news import Herald
from bot.paging.operator import Operator, Tell
from bot.paging.pager import Pager
from bot.paging.route import Route as PageRoute
from bot.safety.cover import parse as parse_cover
from bot.safety.screen import Screen
from bot.safety.tiers import Tier
from bot.scheduler.tick import Scheduler
from bot.scheduler.vigil import VigilKeeper
from bot.settings import ROOT, Settings
from bot.store import inbox, outbox
from bot.store.database import Store
from bot.store.migrate import migrate
from bot.store.types import PatientId

log = structlog.get_logger()

CONTENT = ROOT / "data" / "coach"
SCREEN_MODEL = ROOT / "models" / "screen"
LOOP_AGAIN_SECONDS = 1.0
LOCKED_SECONDS = 1.0  # another program that keeps SQLite locked for longer: the database counts as away


def content_of(settings: Settings, today: date, folder: Path = CONTENT) -> Coach:
    """All content, with the site's own paging policy where it has one.

    Raises:
        ContentError: it is broken; names file and line.
    """
    coach = load_content(folder, today, numbers_days=HOWEVER_OLD)
    return replace(coach, paging=load_paging(Path(settings.paging_policy))) if settings.paging_policy else coach


class Gateway:
    """The gateway's parts, built once, and the tasks that run them.

    Args:
        settings: what the operator set.
        senders: the sending half of each channel that is on.
        rates: most messages a second, by channel.
        clock: the present; tests turn it.
        pagers: the ways in which staff can be paged.
        tell: reaches the operator; None: by EVENDAY_OPERATOR_URLS.

    Raises:
        SettingsError: a key, address or cover hours can't be used.
        ContentError: content is broken; names file and line.
        StoreError: the database is away.
    """

    def __init__(
        self,
        settings: Settings,
        senders: Sequence[Sender] = (),
        rates: dict[str, float] | None = None,
        clock: Clock | None = None,
        coach: Coach | None = None,
        content: Path = CONTENT,
        screen: Screen | None = None,
        pagers: Sequence[PageRoute] = (),
        tell: Tell | None = None,
    ) -> None:
        self.settings = settings
        self.clock = clock or SystemClock()
        self.cover = parse_cover(settings.cover_hours)
        self.coach = coach or content_of(settings, self._today(), content)
        outdated = self.coach.crisis.outdated(self._today())
        if outdated:  # old numbers are better than no coach: a site must not go down on the ninety-first day
            log.error("crisis.numbers_outdated", count=outdated)
        self.screen = screen or Screen(self.coach.rules, SCREEN_MODEL)
        self.store = Store(settings.database, Vault(settings.key_list), busy_seconds=LOCKED_SECONDS)
        migrate(self.store)
        self.coaching = Coaching(self.store, self.coach, self.clock, settings, self.cover)
        self.reception = Reception(self.store, self.coach, self.screen, self.clock, settings, self.cover, self.coaching)
        self.dialogue = Dialogue(settings.rasa_url, settings.dialogue_timeout_seconds)
        self.posts = {
            sender.channel: Post(
                self.store, sender, self.clock, (rates or {}).get(sender.channel, 1000.0), self.coaching.phrase
            )
            for sender in senders
        }
        self.scheduler = Scheduler(self.store, self.coaching, self.clock, self.wake_posts)
        self.vigils = VigilKeeper(self.store, self.coach, self.cover, self.clock, self.wake_posts)
        routes = {route.way: route for route in pagers}
        self.pager = Pager(self.store, routes, self.coach, self.cover, self.clock, settings.public)
        zone = self.cover.zone if self.cover.days else settings.default_zone
        self.herald = Herald(self.store, routes, settings.public, zone)
        self.memory = Memory(self.store, routes, self.coach, self.cover, self.clock, settings.public)
        self.pager.refreshed.append(self.memory.refresh)
        self.acknowledgement = Acknowledgement(
            self.store, self.coach, self.cover, self.clock, settings.public, settings.default_zone, self.wake_posts,
            self.memory,
        )  # fmt: skip
        self.operator = self._operator(tell or teller(settings.operator_url_list))
        self.standby = Standby(
            Spool(settings.home / "spool", self.store.vault),
            self.reception,
            {sender.channel: sender for sender in senders},
            self.clock,
            self._received,
            self.memory,
        )
        self.second = SecondHearing(self.reception, self.standby, self.clock, self._received)
        self.worker = Worker(
            self.store,
            self.dialogue,
            self.coaching.phrase,
            self.clock,
            self.second.is_alarm,
            settings.apology_after_seconds,
            self.wake_posts,
        )
        self.engine = Engine(self.store, self.worker, self.clock)
        self._tasks: list[asyncio.Task[None]] = []
        self._turns: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    def _operator(self, tell: Tell | None) -> Operator:
        given = self.settings
        drills = Drills(
            self.store, self.coach, self.cover, self.clock, given.default_zone, given.drill, given.test_page
        )
        return Operator(
            self.store,
            self.coach,
            self.cover,
            self.clock,
            tell,
            lambda: {"pager": self.pager.beat_at, "vigils": self.vigils.beat_at},
            drills,
            given.default_zone,
            timedelta(hours=given.silence_hours) if given.silence_hours else None,
            given.heartbeat_url.get_secret_value(),
        )

    def _today(self) -> date:
        return self.clock.now().date()

    def wake_posts(self, channel: str = "") -> None:
        """Rows may be waiting in the outbox of a channel, or in any and pages too; safe to call from any thread."""
        loop = self._loop
        if loop is None:
            return
        for post in self._posts_of(channel):
            loop.call_soon_threadsafe(post.wake)
        if not channel:
            for paging in (self.pager, self.herald):
                loop.call_soon_threadsafe(paging.wake)

    def _posts_of(self, channel: str) -> list[Post]:
        return [post for name, post in self.posts.items() if channel in ("", name)]

    _loop: asyncio.AbstractEventLoop | None = None

    async def receive(self, inbound: Inbound) -> Received:
        """Take in one delivery; returns once it is committed, or spooled where the store is away.

        Raises:
            StoreError: neither was possible; the provider should try again.
        """
        key = (inbound.channel, inbound.address)
        turn = self._turns.setdefault(key, asyncio.Lock())
        async with turn:  # one person's deliveries are stored in the order in which they came
            try:
                if not self.standby.spool.is_empty:
                    await self.standby.replay()  # what came before comes first
                received = await self.take_in(inbound)
                self.standby.remember(inbound, received.known)
                self._received(received, inbound.channel)
                await self.store.sync()  # the answer is begun meanwhile; none leaves before it is synced, too
            except StoreError as error:
                log.error("store.away", why=str(error))
                return await self.standby.receive(inbound)
        return received

    async def take_in(self, inbound: Inbound) -> Received:
        """Store and screen a delivery, and begin to hear it out; nothing is woken.

        Raises:
            StoreError: nothing was stored.
        """
        ahead = self.second.read_ahead(inbound.text)
        take = partial(self.reception.receive, inbound, synced=False)
        try:
            received = await self.store.run(partial(take, beside=True))
        except Unread as unread:
            received = await self.store.run(partial(take, heard=await self.second.read(unread.first, ahead)))
        self.second.begin(received, ahead)
        return received

    def _received(self, received: Received, channel: str = "") -> None:
        if received.waits:
            self.engine.wake(PatientId(received.patient_id))
        if received.queued or received.tier is not Tier.NONE:
            for post in self._posts_of(channel if received.tier is Tier.NONE else ""):
                post.wake()
        if received.tier is not Tier.NONE:
            self.pager.wake()

    async def set_aside(self, channel: str, why: str, body: bytes) -> None:
        """Keep what could not be read, for the operator."""

        def keep() -> None:
            with self.store.write() as connection:
                inbox.put_aside(connection, self.store.vault, channel, why, body, self.clock.now())

        log.warning("inbound.set_aside", channel=channel, why=why)
        await self.store.run(keep)

    async def start(self) -> None:
        """Start the loops."""
        self._loop = asyncio.get_running_loop()
        await self.store.run(self.standby.recall)
        for post in self.posts.values():
            await self.store.run(post.settle_unknown)
        loops = {f"post {channel}": post.run for channel, post in self.posts.items()}
        loops |= {"engine": self.engine.run, "scheduler": self.scheduler.run, "standby": self.standby.run}
        loops |= {"pager": self.pager.run, "vigils": self.vigils.run, "memory": self.memory.run}
        loops |= {"second hearing": self.second.run, "herald": self.herald.run, "operator": self.operator.run}
        self._tasks += [asyncio.create_task(_for_ever(name, run)) for name, run in loops.items()]

    async def stop(self) -> None:
        """Stop the loops; what they were at is in the store."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        self.second.close()
        await self.dialogue.close()
        self.store.close()

    async def is_ready(self) -> bool:
        """Whether a reply can be given: the store answers and Rasa has a model."""

        def ask_store() -> None:
            with self.store.read() as connection:
                outbox.counts(connection)

        try:
            await self.store.run(ask_store)
        except Exception:
            return False
        return await self.dialogue.is_up()

    def routes(self) -> list[BaseRoute]:
        """Health (with whether a page can reach anybody), readiness, and the way to the chat page."""

        async def healthz(_request: Request) -> Response:
            return JSONResponse({"status": "ok", "paging": self.operator.paging})

        async def readyz(_request: Request) -> Response:
            ready = await self.is_ready()
            return JSONResponse({"ready": ready, "paging": self.operator.paging}, status_code=200 if ready else 503)

        async def home(_request: Request) -> Response:
            return RedirectResponse("/try")

        return [Route("/healthz", healthz), Route("/readyz", readyz), Route("/", home), Route("/try/", home)]

    def web_app(self, routes: Sequence[BaseRoute]) -> Starlette:
        """The public application: our routes and the channels', with the loops running beside it."""

        @contextlib.asynccontextmanager
        async def lifespan(_app: Starlette) -> AsyncIterator[None]:
            await self.start()
            try:
                yield
            finally:
                await self.stop()

        return Starlette(routes=[*self.routes(), *routes], lifespan=lifespan)


async def _for_ever(name: str, run: Callable[[], Awaitable[None]]) -> None:
    """Keep a loop running: a fault nobody thought of must not leave a gateway that looks well and does nothing."""
    while True:
        try:
            await run()
        except Exception as error:
            log.error("loop.ended", process=name, error=type(error).__name__)
        await asyncio.sleep(LOOP_AGAIN_SECONDS)
