"""Sends the outbox of one channel: by class and age, checked against opt-outs at the last instant, settled row by row.

A row is marked as on its way just before it is offered, never in stock: what a killed process had only marked would
be lost. One person's messages go one after another; a slow call for one person keeps nobody else waiting.

What a provider's answer means is decided by the channel (`Outcome`); what follows from it is decided here, once for all.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import structlog
from sqlalchemy import Connection

from bot.clock import Clock
from bot.conversation.message import RANK, MessageClass, Outcome, Outgoing, Reply, Sender, SendResult
from bot.errors import StoreError
from bot.program.turn import Say
from bot.store import due, outbox, patients
from bot.store.database import Store
from bot.store.outbox import OutboxRow
from bot.store.patients import Patient

log = structlog.get_logger()

AT_ONCE = 16  # messages to different people on their way at one time
KEPT_FOR_SAFETY = 4  # and so many more for people in danger
PACED_FROM_SECONDS = 0.005  # slower senders are fed one row at a time
MOST_ATTEMPTS = 8
IDLE = timedelta(seconds=5)  # longest sleep without a wake
SENDER_DOWN_HOLD = timedelta(minutes=5)
DEFAULT_HOLD_SECONDS = 5.0
STORE_AWAY_SECONDS = 1.0
LOST = "lost"  # key and phrase of the word to a person whose reply may not have come
LOST_AFTER, LOST_UNTIL = timedelta(seconds=20), timedelta(hours=2)
SAFETY = MessageClass.SAFETY
# Outcomes that end an address, and the column that says so.
ENDS = {Outcome.CLOSED: "closed_at", Outcome.OPTED_OUT: "opted_out_at"}
Words = Callable[[Connection, Patient, str], Say]


def backoff(attempts: int) -> timedelta:
    """Wait before the next try: 1, 2, 4 … seconds, at most two minutes."""
    return timedelta(seconds=min(120, 2 ** max(0, attempts - 1)))


@dataclass(frozen=True)
class Taken:
    """What one look into the outbox found.

    Attributes:
        rows: to be sent now, each with its address in clear.
        next_at: when the next of the rows that wait still may go; None where none waits, or nobody looked.
        is_full: as many as were asked for: there may be more.
    """

    rows: tuple[tuple[OutboxRow, str], ...] = ()
    next_at: datetime | None = None
    is_full: bool = False


class Meant(Protocol):
    """What a provider's code means: the channel's table row (`channels.sms.codes.Code`)."""

    @property
    def outcome(self) -> Outcome: ...
    @property
    def after_seconds(self) -> float | None: ...
    @property
    def strikes(self) -> int: ...
    @property
    def tries(self) -> int: ...


class Post:
    """The outbox of one channel.

    Args:
        store: the database.
        sender: the channel's sending half.
        clock: the present.
        per_second: most messages a second over all people; safety replies don't wait for it.
        words: gives the coach's own lines; None: a reply whose fate is unknown is left at that.
    """

    def __init__(
        self,
        store: Store,
        sender: Sender,
        clock: Clock,
        per_second: float = 1000.0,
        words: Words | None = None,
    ) -> None:
        self.store, self.sender, self.clock, self.words = store, sender, clock, words
        self._gap = 1 / per_second
        self._next_slot = 0.0
        self._wake = asyncio.Event()
        self._going: set[asyncio.Task[None]] = set()
        self._doubtful: list[int] = []  # marked as on their way in a commit of which nobody knows whether it held

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
                    self._settle_unknown(connection, row, "restart", self.clock.now())

    def reported(self, row_id: int, state: str, why: str, meant: Meant | None) -> None:
        """Take a provider's later word on a row: `sent`, `delivered` or `failed`, and what its code means for us."""
        now = self.clock.now()
        with self.store.write() as connection:
            outbox.raise_state(connection, row_id=row_id, provider_id=None, state=state, why=why)
            row = outbox.get(connection, self.store.vault, row_id)
            if row is None or row.state != outbox.FAILED or meant is None:
                return
            if meant.outcome is Outcome.RETRY and row.attempts <= meant.tries:
                later = now + timedelta(seconds=meant.after_seconds or DEFAULT_HOLD_SECONDS)
                outbox.set_state(connection, row_id, state=outbox.WAITING, not_before=later)
            elif meant.outcome in ENDS and outbox.strikes(connection, row.address_id, why) >= meant.strikes:
                patients.change_address(connection, row.address_id, **{ENDS[meant.outcome]: now})
                due.clear(connection, row.patient_id)

    def _settle_unknown(self, connection: Connection, row: OutboxRow, why: str, tell_at: datetime) -> None:
        # `row` may be as it was read before this attempt was counted.
        again = row.message_class == SAFETY and row.attempts + 1 < MOST_ATTEMPTS
        state = outbox.WAITING if again else outbox.UNKNOWN
        outbox.set_state(connection, row.id, state=state, why=why)
        if row.message_class == MessageClass.REPLY and not row.dedupe_key.startswith(LOST) and self.words:
            self._tell_lost(connection, row, self.words, tell_at)

    def _tell_lost(self, connection: Connection, row: OutboxRow, words: Words, at: datetime) -> None:
        """A reply may or may not have come, and is never sent twice: say so, so that nobody waits in vain."""
        vault = self.store.vault
        say = words(connection, patients.get(connection, vault, row.patient_id), LOST)
        outbox.put(
            connection,
            vault,
            patient_id=row.patient_id,
            address_id=row.address_id,
            dedupe_key=f"{LOST}:{row.id}",
            message_class=MessageClass.REPLY,
            rank=RANK[MessageClass.REPLY],
            text=say.text,
            now=self.clock.now(),
            not_before=at,
            expires_at=at + LOST_UNTIL,
        )

    async def run(self) -> None:
        """Send for ever; errors of the store are waited out."""
        while True:
            self._wake.clear()
            try:
                taken = await self._start()
                pause = 0.0 if taken.is_full else self._pause(taken.next_at)
            except StoreError as error:
                log.error("store.away", why=str(error))
                pause = STORE_AWAY_SECONDS
            if pause:
                # Not `wait_for`: in Python 3.11 it forgets that it was cancelled if the event comes at the same moment.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._wake.wait()

    async def send_waiting(self) -> int:
        """Send what may go now, until it is settled; tells how many rows were offered to the provider."""
        taken = await self._start()
        if self._going:
            await asyncio.wait(set(self._going))
        return len(taken.rows)

    async def _start(self) -> Taken:
        """Take what may go now and offer it, without waiting for answers."""
        room = AT_ONCE - len(self._going)
        paced = self._gap > PACED_FROM_SECONDS
        only_safety = room <= 0 or (paced and self._until_slot() > 0)
        if only_safety and room + KEPT_FOR_SAFETY <= 0:
            return Taken()
        limit = 1 if paced or only_safety else room
        taken = await self.store.run(self._take, limit, RANK[SAFETY] if only_safety else None)
        if taken.rows:
            await self._sync(taken)
        for row, address in taken.rows:
            if row.message_class != SAFETY:
                self._next_slot = asyncio.get_running_loop().time() + self._gap
            self._going.add(asyncio.create_task(self._send(row, address)))
        return taken

    async def _sync(self, taken: Taken) -> None:
        """Wait until the marks are on the disk: a row that was offered unmarked could be sent again."""
        try:
            await self.store.sync()
        except StoreError:
            self._doubtful += [row.id for row, _ in taken.rows]
            raise

    def _until_slot(self) -> float:
        # A slot is never more than one gap away, whatever another loop's time was (tests start several).
        return min(self._gap, self._next_slot - asyncio.get_running_loop().time())

    def _pause(self, at: datetime | None) -> float:
        """Seconds until there may be something to do, unless a wake comes first, as it does when a call ends."""
        if at is None or len(self._going) >= AT_ONCE:
            return IDLE.total_seconds()
        least = 1.0 if self._going else 0.05  # what is due then waits for a call that is on its way
        if self._gap > PACED_FROM_SECONDS and 0 < self._until_slot() < least:
            least = self._until_slot()
        return max(least, min(IDLE, at - self.clock.now()).total_seconds())

    def _take(self, limit: int, most_rank: int | None) -> Taken:
        """Rows to send now, marked as on their way and committed before any call."""
        now = self.clock.now()
        self._untake()
        taken: list[tuple[OutboxRow, str]] = []
        try:
            with self.store.write(synced=False) as connection:
                ids = outbox.ready(connection, self.channel, now, limit, most_rank)
                if ids:
                    self._mark(connection, ids, now, taken)
                return Taken(tuple(taken), outbox.next_at(connection, self.channel), len(ids) >= limit)
        except StoreError:
            self._doubtful += [row.id for row, _ in taken]
            raise

    def _mark(self, connection: Connection, ids: list[int], now: datetime, taken: list[tuple[OutboxRow, str]]) -> None:
        """Mark rows as on their way, those that may still go, and add them to `taken`."""
        held = outbox.held_until(connection, self.channel, now)
        for row in outbox.opened(connection, self.store.vault, ids):
            refusal = "" if held else _refusal(row, now)
            if held:
                outbox.set_state(connection, row.id, not_before=held)
            elif refusal:
                outbox.set_state(connection, row.id, state=outbox.DROPPED, why=refusal)
            elif outbox.take(connection, row.id, now):
                taken.append((row, patients.open_address(connection, self.store.vault, row.address_id)))

    def _untake(self) -> None:
        if self._doubtful:
            with self.store.write() as connection:
                outbox.untake(connection, self._doubtful)
            self._doubtful = []

    async def _send(self, row: OutboxRow, address: str) -> None:
        more = True  # if it ends by a fault, a look does no harm
        try:
            more = await self._offer(row, address)
        finally:
            task = asyncio.current_task()
            if task is not None:
                self._going.discard(task)
            if more:
                self._wake.set()

    async def _offer(self, row: OutboxRow, address: str) -> bool:
        """Send one row and write down what came of it; tells whether rows wait, perhaps behind this one."""
        reply = Reply(row.text, row.buttons, row.asked, row.image)
        try:
            result = await self.sender.send(Outgoing(row.id, address, reply, MessageClass(row.message_class)))
        except Exception as error:  # a channel must not raise; if it does, the row's fate is unknown
            log.error("channel.raised", channel=self.channel, message=row.id, error=type(error).__name__)
            result = SendResult(Outcome.UNKNOWN, why=type(error).__name__)
        while True:  # the provider has spoken: that must be written down, or the row would keep all after it waiting
            try:
                more = await self.store.run(self._settle, row, result)
                await self.store.sync()
                return more
            except StoreError as error:
                log.error("outbox.unsettled", message=row.id, why=str(error))
                await asyncio.sleep(STORE_AWAY_SECONDS)

    def _settle(self, row: OutboxRow, result: SendResult) -> bool:
        now = self.clock.now()
        with self.store.write(synced=False) as connection:
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
                    self._settle_unknown(connection, row, result.why, now + LOST_AFTER)
                case Outcome.REFUSED:
                    outbox.set_state(connection, row.id, state=outbox.FAILED, why=result.why)
                case Outcome.CLOSED | Outcome.OPTED_OUT:
                    outbox.set_state(connection, row.id, state=outbox.FAILED, why=result.why)
                    column = "closed_at" if result.outcome is Outcome.CLOSED else "opted_out_at"
                    patients.change_address(connection, row.address_id, **{column: now})
                    due.clear(connection, row.patient_id)
            more = outbox.next_at(connection, self.channel) is not None
        log.info("outbox.settled", message=row.id, channel=self.channel, outcome=str(result.outcome), why=result.why)
        return more


def _refusal(row: OutboxRow, now: datetime) -> str:
    """Why a row may not go any more, "" where it may: STOP wins over everything but safety, at the last instant."""
    if row.message_class == SAFETY:
        return ""
    if row.opted_out_at and not row.dedupe_key.startswith("now:"):
        return "opted out"
    if row.closed_at:
        return "address closed"
    return "too late" if row.expires_at and row.expires_at <= now else ""
