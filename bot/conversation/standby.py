"""Stands in for the reception while the database is away: keeps, judges from memory, and answers who is at risk.

A provider may offer a message only once, and danger does not wait for a database. What was kept is handed to the
reception, in order, when the store is back; the crisis words that went out by then are noted there, not sent again.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Protocol

import phonenumbers
import structlog

from bot.clock import Clock
from bot.conversation.message import Inbound, MessageClass, Outcome, Outgoing, Reply, Sender
from bot.conversation.receive import Known, Received, Reception, known_of
from bot.conversation.spool import Paged, Said, Spool, Spooled
from bot.errors import SettingsError, StoreError
from bot.safety.crisis import crisis_reply
from bot.safety.screen import Verdict
from bot.safety.tiers import Tier
from bot.store import patients

log = structlog.get_logger()

REMEMBERED = 20_000  # people whose country is known without the database
REPLAY_EVERY_SECONDS = 1.0
# A sender of these shows what it is handed; a web page shows what the store holds, so it has to wait.
DIRECT = frozenset({"telegram", "sms", "terminal"})


class Summons(Protocol):
    """Pages staff without the database (`paging.memory.Memory`)."""

    def summon(self, tier: Tier) -> Awaitable[Paged | None]: ...
    def known(self, code: str) -> Paged | None: ...
    def forget(self, code: str) -> None: ...


class Standby:
    """What works without the database.

    Args:
        spool: where messages are kept.
        reception: judges them now, and takes them in later.
        senders: the sending half of each channel, by name.
        clock: the present.
        taken: called with what became of each message that was taken in later.
        summons: pages staff from memory; None: nobody is paged before the database is back.
    """

    def __init__(
        self,
        spool: Spool,
        reception: Reception,
        senders: Mapping[str, Sender],
        clock: Clock,
        taken: Callable[[Received], None],
        summons: Summons | None = None,
    ) -> None:
        self.summons = summons
        self.spool, self.reception, self.senders, self.clock, self.taken = spool, reception, senders, clock, taken
        self._known: OrderedDict[tuple[str, str], Known] = OrderedDict()
        self._replaying = asyncio.Lock()
        self._ids = itertools.count(1)

    def remember(self, inbound: Inbound, known: Known | None) -> None:
        """Keep in memory what an answer would need if the database went away."""
        if known is None:
            return
        key = self._key(inbound)
        self._known[key] = known
        self._known.move_to_end(key)
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    def recall(self) -> None:
        """At the start: the same of everybody whom the database knows, or numbers of another country might be given.

        Raises:
            StoreError: the database is away.
        """
        with self.reception.store.read() as connection:
            found = patients.outlines(connection, REMEMBERED)
        for one in reversed(found):  # whoever wrote last is forgotten last
            self._known[one.channel, one.address_hash] = known_of(one, stopped=one.opted_out)

    def _key(self, inbound: Inbound) -> tuple[str, str]:
        vault = self.reception.store.vault
        return inbound.channel, vault.fingerprint(inbound.channel, inbound.address)

    async def receive(self, inbound: Inbound, heard: Verdict | None = None) -> Received:
        """Keep one delivery on disk, and answer it where the screen sees danger; a repeat is told by its key.

        Args:
            heard: the verdict, where it was judged in its conversation before the database went away.

        Raises:
            StoreError: the disk refused as well; the provider should try again.
        """
        verdict = heard or self.reception.hearing.judge(inbound.text)
        entry = Spooled(inbound, self.clock.now(), verdict.tier)
        name = await asyncio.to_thread(self.spool.keep, entry)
        if name is None:
            return Received(None, "")
        log.warning("inbound.spooled", channel=inbound.channel)
        paged = asyncio.create_task(self._page(verdict.tier))
        if verdict.tier is not Tier.NONE and inbound.channel in DIRECT and inbound.channel in self.senders:
            entry = await self._answer(name, entry, verdict)
        called = await paged
        if called:
            await asyncio.to_thread(self.spool.update, name, replace(entry, paged=called))
        return Received(None, "", verdict.tier)

    async def _page(self, tier: Tier) -> Paged | None:
        try:
            return await self.summons.summon(tier) if self.summons else None
        except Exception as error:  # the person's answer must not hang on it
            log.error("page.raised", error=type(error).__name__)
            return None

    async def _answer(self, name: str, entry: Spooled, verdict: Verdict) -> Spooled:
        known = self._known_of(entry.inbound)
        said: list[Said] = []
        for words in self._words(known, verdict):
            reply = Reply(words.text, asked=words.asked)
            # Below zero: it is no row's id, and a provider's later word on it finds none.
            outgoing = Outgoing(-next(self._ids), entry.inbound.address, reply, MessageClass.SAFETY)
            result = await self.senders[entry.inbound.channel].send(outgoing)
            log.warning("spool.answered", channel=entry.inbound.channel, outcome=str(result.outcome), why=result.why)
            if result.outcome is not Outcome.SENT:
                break
            said.append(words)
        if said:
            entry = entry.with_said(known.country, said)
            await asyncio.to_thread(self.spool.update, name, entry)
        return entry

    def _words(self, known: Known, verdict: Verdict) -> list[Said]:
        now, cover = self.clock.now(), self.reception.cover
        replies = crisis_reply(
            self.reception.coach.crisis,
            known.country,
            verdict.tier,
            verdict.kind,
            cover=cover.brief(now, known.zone),
            on_duty=cover.on_duty(now),
            enrolled=known.enrolled,
            stopped=known.stopped,
            guided=known.guided,
        )
        return [Said(reply.text, reply.asked) for reply in replies]

    def _known_of(self, inbound: Inbound) -> Known:
        """What is remembered of a person; of a stranger only where the telephone number is from."""
        settings = self.reception.settings
        country = (_country_of(inbound.address) if inbound.channel == "sms" else "") or settings.default_country
        return self._known.get(self._key(inbound)) or Known(country, settings.default_zone)

    async def replay(self) -> None:
        """Hand all that was kept to the reception, the oldest first.

        Raises:
            StoreError: the database is still away; what is left stays kept.
        """
        async with self._replaying:
            for name in self.spool.names():
                await self._replay_one(name)

    async def _replay_one(self, name: str) -> None:
        try:
            entry = await asyncio.to_thread(self.spool.open, name)
            if entry.paged and self.summons:
                entry = replace(entry, paged=self.summons.known(entry.paged.code) or entry.paged)
            received = await asyncio.to_thread(self.reception.receive, entry.inbound, entry)
        except StoreError:
            raise
        except Exception as error:  # one bad file must not keep all others waiting
            why = str(error) if isinstance(error, SettingsError) else type(error).__name__
            log.error("spool.set_apart", why=why)
            await asyncio.to_thread(self.spool.set_apart, name)
            return
        await asyncio.to_thread(self.spool.drop, name)
        if entry.paged and self.summons:
            self.summons.forget(entry.paged.code)
        log.info("spool.replayed", message=received.message_id, channel=entry.inbound.channel)
        self.taken(received)

    async def run(self) -> None:
        """Try for ever to hand over what is kept."""
        while True:
            if not self.spool.is_empty:
                try:
                    await self.replay()
                except StoreError as error:
                    log.warning("spool.waits", count=len(self.spool.names()), why=str(error))
            await asyncio.sleep(REPLAY_EVERY_SECONDS)


def _country_of(number: str) -> str:
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return ""
    code = parsed.country_code or 0
    return phonenumbers.region_code_for_number(parsed) or phonenumbers.region_code_for_country_code(code) or ""
