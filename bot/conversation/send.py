"""Sends the outbox of one channel: by class and age, checked against opt-outs at the last instant, settled row by row.

What a provider's answer means is decided by the channel (`Outcome`); what follows from it is decided here, once for all.
"""

from __future__ import annotations

import asyncio
import contextlib
from datetime import datetime, timedelta

import structlog

from bot.clock import Clock
from bot.conversation.message import MessageClass, Outcome, Outgoing, Reply, Sender, SendResult
from bot.errors import EvendayError, StoreError
from bot.store import due, outbox, patients
from bot.store.database import Store
from bot.store.outbox import OutboxRow

log = structlog.get_logger()

AT_ONCE = 16  # messages to different people on their way at one time
MOST_ATTEMPTS = 8
IDLE = timedelta(seconds=5)  # longest sleep without a wake
SENDER_DOWN_HOLD = timedelta(minutes=5)
DEFAULT_HOLD_SECONDS = 5.0
SAFETY = MessageClass.SAFETY


def backoff(attempts: int) -> timedelta:
    """Wait before the next try: 1, 2, 4 … seconds, at most two minutes."""
    return timedelta(seconds=min(120, 2 ** max(0, attempts - 1)))


class Post:
    """The outbox of one channel.

    Args:
        store: the database.
        sender: the channel's sending half.
        clock: the present.
        per_second: most messages a second over all people; safety replies don't wait for it.
    """

    def __init__(self, store: Store, sender: Sender, clock: Clock, per_second: float = 1000.0) -> None:
        self.store, self.sender, self.clock = store, sender, clock
        self._gap = 1 / per_second
        self._wake = asyncio.Event()

    @property
    def channel(self) -> str:
        """Name of the channel."""
        return self.sender.channel

    def wake(self) -> None:
        """Rows may be waiting."""
        self._wake.set()

    def settle_unknown(self) -> None:
        """At the start: rows left in `sending` by a process that died. Safety goes again, the rest is left as unknown."""
        with self.store.write() as connection:
            for row in outbox.unsettled(connection, self.store.vault):
                if row.channel == self.channel:
                    self._settle_unknown(connection, row, "restart")

    def _settle_unknown(self, connection: object, row: OutboxRow, why: str) -> None:
        again = row.message_class == SAFETY and row.attempts < MOST_ATTEMPTS
        state = outbox.WAITING if again else outbox.UNKNOWN
        outbox.set_state(connection, row.id, state=state, why=why)  # type: ignore[arg-type]  # a Connection

    async def run(self) -> None:
        """Send for ever; errors of the store are waited out."""
        while True:
            self._wake.clear()
            try:
                sent = await self.send_waiting()
                pause = 0.0 if sent else await asyncio.to_thread(self._until_next)
            except StoreError as error:
                log.error("store.away", why=str(error))
                pause = 1.0
            if pause:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), pause)

    def _until_next(self) -> float:
        with self.store.read() as connection:
            at = outbox.next_at(connection, self.channel)
        now = self.clock.now()
        return IDLE.total_seconds() if at is None else max(0.05, min(IDLE, at - now).total_seconds())

    async def send_waiting(self) -> int:
        """Send what may go now; tells how many rows were offered to the provider."""
        rows = await asyncio.to_thread(self._take)
        tasks = []
        for row, address in rows:
            if row.message_class != SAFETY and self._gap > 0.005:
                await asyncio.sleep(self._gap)
            tasks.append(asyncio.create_task(self._send(row, address)))
        if tasks:
            await asyncio.gather(*tasks)
        return len(rows)

    def _take(self) -> list[tuple[OutboxRow, str]]:
        """Rows to send now, marked as on their way and committed before any call."""
        now = self.clock.now()
        with self.store.read() as connection:
            if not outbox.waiting(connection, self.store.vault, self.channel, now, 1):
                return []
        taken: list[tuple[OutboxRow, str]] = []
        with self.store.write() as connection:
            held = outbox.held_until(connection, self.channel, now)
            for row in outbox.waiting(connection, self.store.vault, self.channel, now, AT_ONCE):
                if held:
                    outbox.set_state(connection, row.id, not_before=held)
                    continue
                refusal = self._refusal(connection, row, now)
                if refusal:
                    outbox.set_state(connection, row.id, state=outbox.DROPPED, why=refusal)
                elif outbox.take(connection, row.id, now):
                    taken.append((row, patients.open_address(connection, self.store.vault, row.address_id)))
        return taken

    def _refusal(self, connection: object, row: OutboxRow, now: datetime) -> str:
        """Why a row may not go any more, "" where it may: STOP wins over everything but safety, at the last instant."""
        address = patients.address(connection, row.address_id)  # type: ignore[arg-type]  # a Connection
        if row.message_class == SAFETY:
            return ""
        if address.opted_out_at and not row.dedupe_key.startswith("now:"):
            return "opted out"
        if address.closed_at:
            return "address closed"
        return "too late" if row.expires_at and row.expires_at <= now else ""

    async def _send(self, row: OutboxRow, address: str) -> None:
        reply = Reply(row.text, row.buttons, row.asked, row.image)
        try:
            result = await self.sender.send(Outgoing(row.id, address, reply, MessageClass(row.message_class)))
        except Exception as error:  # a channel must not raise; if it does, the row's fate is unknown
            log.error("channel.raised", channel=self.channel, message=row.id, error=type(error).__name__)
            result = SendResult(Outcome.UNKNOWN, why=type(error).__name__)
        try:
            await asyncio.to_thread(self._settle, row, result)
        except EvendayError as error:
            log.error("outbox.unsettled", message=row.id, why=str(error))

    def _settle(self, row: OutboxRow, result: SendResult) -> None:
        now = self.clock.now()
        with self.store.write() as connection:
            match result.outcome:
                case Outcome.SENT:
                    outbox.set_state(
                        connection, row.id, state=outbox.SENT, provider_id=result.provider_id, sent_at=now, why=None
                    )
                case Outcome.HOLD:
                    until = now + timedelta(seconds=result.retry_after or DEFAULT_HOLD_SECONDS)
                    outbox.hold(connection, self.channel, until, result.why)
                    outbox.set_state(connection, row.id, state=outbox.WAITING, attempts=row.attempts, not_before=until)
                case Outcome.SENDER_DOWN:
                    until = now + SENDER_DOWN_HOLD
                    outbox.hold(connection, self.channel, until, result.why)
                    outbox.set_state(connection, row.id, state=outbox.WAITING, not_before=until, why=result.why)
                case Outcome.RETRY:
                    spent = row.attempts + 1 >= MOST_ATTEMPTS
                    state = outbox.FAILED if spent else outbox.WAITING
                    outbox.set_state(
                        connection, row.id, state=state, not_before=now + backoff(row.attempts + 1), why=result.why
                    )
                case Outcome.UNKNOWN:
                    self._settle_unknown(connection, row, result.why)
                case Outcome.REFUSED:
                    outbox.set_state(connection, row.id, state=outbox.FAILED, why=result.why)
                case Outcome.CLOSED | Outcome.OPTED_OUT:
                    outbox.set_state(connection, row.id, state=outbox.FAILED, why=result.why)
                    column = "closed_at" if result.outcome is Outcome.CLOSED else "opted_out_at"
                    patients.change_address(connection, row.address_id, **{column: now})
                    due.clear(connection, row.patient_id)
        log.info("outbox.settled", message=row.id, channel=self.channel, outcome=str(result.outcome), why=result.why)
