"""A whole Evenday on a throw-away store with a clock that can be turned: for `evenday talk`, tests and measuring.

Everything is the real thing (gateway, screen, Rasa, actions, store) but the provider: messages end here.
"""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette

from actions import routes as action_routes
from bot import rasa
from bot.app import Gateway
from bot.clock import TurnedClock
from bot.content.coach import Coach
from bot.conversation.message import Form, Inbound, Outcome, Outgoing, SendResult
from bot.conversation.receive import Received
from bot.crypto import new_key
from bot.safety.screen import Screen
from bot.safety.tiers import Tier
from bot.settings import Settings
from bot.settings import load as load_settings
from bot.store import due, inbox
from bot.store.types import MessageId, PatientId

SETTLE_SECONDS = 60.0


@dataclass
class Mailbox:
    """The sending half of a channel that keeps what is sent."""

    channel: str
    sent: list[Outgoing] = field(default_factory=list)

    async def send(self, outgoing: Outgoing) -> SendResult:
        """Keep it."""
        self.sent.append(outgoing)
        return SendResult(Outcome.SENT, provider_id=f"kept-{outgoing.id}")

    async def typing(self, address: str) -> None:
        """Nothing to show."""


class Rehearsal:
    """One gateway and one person, stepped by hand.

    Args:
        gateway: with a `Mailbox` for the channel and a `TurnedClock`.
        mailbox: where replies end up.
        address: the person's.
    """

    def __init__(self, gateway: Gateway, mailbox: Mailbox, address: str) -> None:
        self.gateway, self.mailbox, self.address = gateway, mailbox, address
        self._count = 0

    @property
    def clock(self) -> TurnedClock:
        """The product's clock."""
        assert isinstance(self.gateway.clock, TurnedClock)
        return self.gateway.clock

    async def say(
        self,
        text: str = "",
        form: Form = Form.TEXT,
        choice: int | None = None,
        *,
        prompt: int | None = None,
        repeated: bool = False,
        start_code: str | None = None,
    ) -> tuple[Received, list[Outgoing], float]:
        """Deliver one message and wait for all that it brings about.

        Args:
            choice: number of the pressed button; it is one of the newest message with buttons, or of `prompt`.
            repeated: the provider delivers its last message once more.
            start_code: the code of a link or JOIN text.

        Returns:
            What became of it, the replies, and the milliseconds it took.
        """
        self._count += not repeated
        pressed = (prompt or self._newest_prompt()) if choice else None
        key = f"{self.mailbox.channel}:rehearsal:{self.address}:{self._count}"
        inbound = Inbound(self.mailbox.channel, self.address, key, form, text, pressed, choice, start_code)
        before, started = len(self.mailbox.sent), time.perf_counter()
        received = await self.gateway.take_in(inbound)
        await self.flush()
        if received.waits and received.message_id is not None:
            tier = await self._worked(PatientId(received.patient_id), received.message_id)
            received = replace(received, tier=tier)
        await self.flush()
        return received, self.mailbox.sent[before:], (time.perf_counter() - started) * 1000

    def _newest_prompt(self) -> int | None:
        return next((sent.id for sent in reversed(self.mailbox.sent) if sent.reply.buttons), None)

    async def _worked(self, patient_id: PatientId, message_id: MessageId) -> Tier:
        """Work the lane until a message is answered, or waits for Rasa; what the screen made of it."""
        deadline = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < deadline:
            ready_at = await self.gateway.worker.work_lane(patient_id)
            with self.gateway.store.read() as connection:
                message = inbox.get(connection, self.gateway.store.vault, message_id)
            if message.state != inbox.WAITING or (ready_at and not await self.gateway.dialogue.is_up()):
                break  # it waits for Rasa, as it should
            await asyncio.sleep(0.2)
        return Tier(message.tier)

    async def flush(self) -> None:
        """Send all that may go now."""
        while await self.gateway.posts[self.mailbox.channel].send_waiting():
            pass

    async def turn(self, by: timedelta) -> list[Outgoing]:
        """Turn the clock; what falls due on the way is sent at its time.

        Returns:
            What was sent meanwhile.
        """
        before, target = len(self.mailbox.sent), self.clock.now() + by
        while True:
            with self.gateway.store.read() as connection:
                at = due.next_at(connection)
            if at is None or at > target:
                break
            self.clock.turn(max(timedelta(), at - self.clock.now()) + timedelta(milliseconds=5))
            await self.tick()
        self.clock.turn(max(timedelta(), target - self.clock.now()))
        await self.tick()
        return self.mailbox.sent[before:]

    async def tick(self) -> None:
        """Work what is due now, and send it."""
        await asyncio.to_thread(self.gateway.scheduler.tick)
        await self.flush()


@dataclass(frozen=True)
class Backstage:
    """What several rehearsals share: a running Rasa and the port on which it expects our actions."""

    rasa_url: str
    action_port: int


@contextlib.asynccontextmanager
async def rasa_running(log: Path | None = None) -> AsyncIterator[Backstage]:
    """A real Rasa with the trained model, for as long as the block lasts."""
    port, action_port = rasa.free_port(), rasa.free_port()
    process = rasa.start(port, action_port, log)
    try:
        await rasa.wait_until_up(f"http://127.0.0.1:{port}", process)
        yield Backstage(f"http://127.0.0.1:{port}", action_port)
    finally:
        rasa.stop(process)


@contextlib.asynccontextmanager
async def rehearsal(
    backstage: Backstage,
    channel: str,
    start: datetime,
    *,
    coach: Coach | None = None,
    screen: Screen | None = None,
    database_url: str = "",
    address: str = "rehearsal",
    **settings: Any,
) -> AsyncIterator[Rehearsal]:
    """A gateway on a throw-away store, with its action endpoint where Rasa expects it."""
    with tempfile.TemporaryDirectory(prefix="evenday-") as home:
        made: Settings = load_settings(
            home=Path(home),
            keys=new_key(),
            database_url=database_url,
            rasa_url=backstage.rasa_url,
            sms_provider_confirms_stop=False,
            **settings,
        )
        mailbox = Mailbox(channel)
        gateway = Gateway(made, [mailbox], clock=TurnedClock(start), coach=coach, screen=screen)
        async with served(Starlette(routes=action_routes(gateway.coaching)), backstage.action_port):
            try:
                yield Rehearsal(gateway, mailbox, address)
            finally:
                await gateway.stop()


@contextlib.asynccontextmanager
async def served(app: Starlette, port: int) -> AsyncIterator[None]:
    """An application served on a loopback port, for as long as the block lasts."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error", lifespan="off"))
    task = asyncio.create_task(server._serve())  # noqa: SLF001  # `serve` would take the signals of our process
    while not server.started:
        if task.done():
            await task
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        server.force_exit = True
        await task
