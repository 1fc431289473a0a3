"""The gateway as a process: the public port, the action endpoint on a loopback port, and the channels that are on."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any

import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from actions import routes as action_routes
from bot.app import Gateway
from bot.channels import sms, telegram, web
from bot.clock import SystemClock
from bot.console import paged
from bot.console.app import routes as console_routes
from bot.console.desk import Console
from bot.conversation.message import Inbound, Sender
from bot.door import Dressed, config
from bot.errors import EvendayError
from bot.logs import configure
from bot.paging.apprise_route import AppriseRoute
from bot.paging.route import Route as PageRoute
from bot.paging.webhook_route import WebhookRoute
from bot.settings import Settings

log = structlog.get_logger()

RECONCILE_EVERY = timedelta(minutes=5)
RECONCILE_BACK = timedelta(hours=24)
CONNECT_AGAIN_SECONDS = 60.0
COLLECT_AFTER = 10_000  # new objects; Python's 700 is a round a turn, 1.5 ms


class Channels:
    """The channels that the settings switch on, with their routes and their loops."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.bell = web.Bell()
        self.web = web.WebSender(self.bell)
        self.telegram = telegram.TelegramSender(settings) if settings.telegram_token.get_secret_value() else None
        self.sms = sms.SmsSender(settings) if settings.twilio_account_sid else None
        self.webhook = WebhookRoute(settings, SystemClock())
        self.telegram_pager = telegram.TelegramPager(settings) if self.telegram else None
        self.sms_pager = sms.SmsPager(settings) if self.sms else None
        self.call_pager = sms.CallPager(settings) if self.sms and settings.twilio_call_from else None
        self._stop = asyncio.Event()

    def senders(self) -> list[Sender]:
        """The sending halves."""
        return [sender for sender in (self.web, self.telegram, self.sms) if sender is not None]

    def rates(self) -> dict[str, float]:
        """Most messages a second, by channel."""
        return {"telegram": self.settings.telegram_per_second, "sms": self.settings.sms_per_second}

    def pagers(self) -> list[PageRoute]:
        """The ways in which staff can be paged: two need no setting but the contact itself."""
        ways = (self.call_pager, self.sms_pager, self.telegram_pager)
        return [AppriseRoute(), self.webhook, *(way for way in ways if way is not None)]

    def routes(self, gateway: Gateway) -> list[BaseRoute]:
        """Everything that the public port answers besides health."""

        async def receive(inbound: Inbound) -> None:
            await gateway.receive(inbound)

        key, countries = gateway.store.vault.signing_key, gateway.coach.crisis
        view = web.StoreView(gateway.store, gateway.clock)
        wires = web.Wires(key, self.bell, lambda: web.numbers_of(countries))
        found: list[BaseRoute] = [*web.routes(self.settings, receive, view, wires)]
        if self.telegram:
            staff = self._staff(gateway)
            found += telegram.routes(self.settings, receive, gateway.set_aside, self.telegram, staff)
        if self.sms and self.sms_pager:
            taken = gateway.acknowledgement
            post = gateway.posts["sms"]

            async def report(_channel: str, message: str, state: str, code: str) -> None:
                await gateway.store.run(post.reported, int(message), state, code, sms.look_up(code))
                post.wake()

            texts = sms.StaffTexts(taken.acknowledge_reply, self.sms_pager.say)
            found += sms.routes(self.settings, receive, gateway.set_aside, report, texts)
            found += sms.page_routes(self.settings, taken.report)
            if self.call_pager:
                found += sms.call_routes(self.settings, taken.acknowledge, taken.report)
        return found

    def _staff(self, gateway: Gateway) -> telegram.Staff | None:
        taken = gateway.acknowledgement
        return telegram.Staff(self.telegram_pager, taken.acknowledge, taken.link) if self.telegram_pager else None

    def loops(self, gateway: Gateway) -> list[Coroutine[Any, Any, None]]:
        """What runs beside the server: polling where there is no public address, and reading what a webhook missed."""

        async def receive(inbound: Inbound) -> None:
            await gateway.receive(inbound)

        found: list[Coroutine[Any, Any, None]] = []
        if self.telegram:
            found.append(self._telegram(self.telegram, gateway, receive))
        if self.sms:
            found.append(self._reconcile(gateway, receive))
        return found

    async def close(self) -> None:
        """Let go of the providers, and end the pages' streams."""
        self._stop.set()
        self.bell.close()
        pagers = (self.webhook, self.telegram_pager, self.sms_pager, self.call_pager)
        for part in (self.telegram, self.sms, *pagers):
            if part is not None:
                await part.close()

    async def _telegram(self, sender: telegram.TelegramSender, gateway: Gateway, receive: Any) -> None:
        while not self._stop.is_set():
            try:
                connected = await sender.connect()
                log.info("telegram.connected", kind=connected.mode)
                if not self.settings.public_url:
                    staff = self._staff(gateway)
                    await telegram.poll(self.settings, receive, gateway.set_aside, self._stop, sender, staff=staff)
                return
            except EvendayError as error:
                log.error("telegram.away", why=str(error))
                await asyncio.sleep(CONNECT_AGAIN_SECONDS)

    async def _reconcile(self, gateway: Gateway, receive: Any) -> None:
        is_reply = gateway.acknowledgement.is_reply
        while True:
            try:
                since = gateway.clock.now() - RECONCILE_BACK
                await sms.reconcile(self.settings, receive, since, is_reply=is_reply)
            except EvendayError as error:
                log.error("sms.reconcile_failed", why=str(error))
            await asyncio.sleep(RECONCILE_EVERY.total_seconds())


async def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT.

    Raises:
        SettingsError: a setting can't be used.
        ContentError: content is broken.
        StoreError: the database is away.
    """
    configure(settings.log_level)
    channels = Channels(settings)
    gateway = Gateway(settings, channels.senders(), channels.rates(), pagers=channels.pagers())
    actions = Starlette(routes=[*action_routes(gateway.coaching)])
    servers = [
        _Server(config(public_app(gateway, channels), settings.host, settings.port)),
        _Server(config(actions, "127.0.0.1", settings.action_port)),
    ]
    await gateway.start()
    spare_the_collector()
    loops = [asyncio.create_task(loop) for loop in channels.loops(gateway)]
    _end_on_signals(servers)
    try:
        await asyncio.gather(*(server.serve() for server in servers))
    finally:
        for loop in loops:
            loop.cancel()
        await asyncio.gather(*loops, return_exceptions=True)
        await channels.close()
        await gateway.stop()


def public_app(gateway: Gateway, channels: Channels) -> Dressed:
    """All that the public port answers with."""
    settings = gateway.settings
    console = console_routes(_console(gateway))
    links = paged.routes(gateway.acknowledgement, gateway.clock, settings.site_name, settings.public_url)
    app = Starlette(routes=[*gateway.routes(), *channels.routes(gateway), *links, *console])
    app.router.redirect_slashes = False  # it would send people on to whatever host a request names
    return Dressed(app, settings.public_url)


def spare_the_collector() -> None:
    """Leave what was loaded for good out of the garbage collector's rounds: a full one took 1-2 s, for everybody."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER, 10, 10)


def _console(gateway: Gateway) -> Console:
    def woken() -> None:
        gateway.engine.look_again()
        gateway.wake_posts()

    async def is_rasa_up() -> bool:
        return await gateway.dialogue.is_up()

    return Console(
        gateway.store,
        gateway.clock,
        gateway.settings,
        gateway.cover,
        gateway.coach,
        reasons={rule.id: rule.why for rule in (*gateway.coach.rules.rules, *gateway.coach.rules.remarks)},
        countries={country.code: country.name for country in gateway.coach.countries.values()},
        woken=woken,
        is_rasa_up=is_rasa_up,
    )


class _Server(uvicorn.Server):
    """A server that leaves signals to us: two of them share this process."""

    @contextlib.contextmanager
    def capture_signals(self) -> Any:
        """Nothing is captured."""
        yield


def _end_on_signals(servers: list[_Server]) -> None:
    def end() -> None:
        for server in servers:
            server.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, end)
