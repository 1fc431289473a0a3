"""Takes an escalation in the name of whoever was paged: by link, button, pressed key or a text back.

Idempotent by its nature: a second tap of the same person is told what they know, another person who was first.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import structlog
from sqlalchemy import Connection

from bot.clock import Clock, local
from bot.coaching import summon
from bot.content.coach import Coach
from bot.conversation.message import RANK, MessageClass
from bot.crypto import Vault
from bot.errors import Conflict
from bot.paging.route import Way
from bot.safety.cover import Cover
from bot.safety.tiers import Tier
from bot.store import calls, contacts, escalations, handling, outbox, pages, patients, rounds, staff
from bot.store.access import Refused
from bot.store.calls import Called
from bot.store.database import Store
from bot.store.escalations import Escalation
from bot.store.lifecycle import IN_HAND
from bot.store.steps import Step

log = structlog.get_logger()

NOT_VALID = "This page is not open any more: the link is wrong, too old, or the case is resolved. Look at the console."
LINKED = "You will be paged here from now on. Evenday can send a test: evenday contacts test."
NOT_LINKED = "This code is wrong, used or too old. Ask for a new one."
# Only what nobody writes for another reason: staff may be patients, too, and their "ok" to a check-in must be screened.
_REPLY = re.compile(r"^\W*(?:(ack|acknowledged?)\b)?\W*([2-9A-HJ-KM-NP-Z]{5})?\W*$", re.IGNORECASE)


def take(step: Step, coach: Coach) -> None:
    """A named person takes an escalation: pages that wait are called back, the patient is told once that it was seen.

    The one way to acknowledge, for the console as for a page; the audit entry is the caller's.

    Raises:
        Conflict: somebody has it, or (with a version) it was changed since.
        Refused: the role may not.
    """
    found = escalations.get(step.connection, step.vault, step.escalation_id)
    policy = coach.paging.of(found.tier)
    handling.acknowledge(step, contact_within=policy.contact_within if policy else None)
    pages.cancel(step.connection, found.id, "acknowledged")
    _tell_seen(step.connection, step.vault, coach, found, step.now)


def _tell_seen(connection: Connection, vault: Vault, coach: Coach, found: Escalation, now: datetime) -> None:
    """Truthfully, and once an episode: a person has seen it. STOP holds for this one."""
    address = patients.reachable(connection, found.patient_id)
    if found.drill or found.seen_said_at or Tier(found.tier) < Tier.URGENT or address is None:
        return
    outbox.put(
        connection,
        vault,
        patient_id=found.patient_id,
        address_id=address.id,
        dedupe_key=f"seen:{found.id}:{found.page_round}",
        message_class=MessageClass.REPLY,
        rank=RANK[MessageClass.REPLY],
        text=coach.crisis.texts.seen,
        now=now,
    )
    handling.set_times(connection, found.id, seen_said_at=now)
    escalations.write_event(connection, vault, found.id, now, "seen_said")


@dataclass(frozen=True)
class Shown:
    """What the page behind a link may show: no word, name or number of the patient's."""

    code: str
    tier: str
    since: datetime
    drill: bool
    is_taken: bool


class Remembered(Protocol):
    """What was paged while the database was away (`paging.memory`)."""

    def acknowledge(self, token: str) -> str | None:
        """Take it; the words to say back, None where the link is none of these."""

    def look(self, token: str) -> Shown | None:
        """What its page may show, None where the link is none of these."""


class Acknowledgement:
    """What comes back from staff, whatever the way; the one object that routes and pages of paging call.

    Args:
        store: the database.
        coach: policy and the text that a person has seen it.
        cover: its zone is the one in which staff read times.
        clock: the present.
        public: the address of the gateway, as staff reach it.
        woken: called when outbox rows may be waiting.
        memory: knows what was paged while the database was away.
    """

    def __init__(
        self,
        store: Store,
        coach: Coach,
        cover: Cover,
        clock: Clock,
        public: str,
        zone: str,
        woken: Callable[[], None] = lambda: None,
        memory: Remembered | None = None,
    ) -> None:
        self.memory = memory
        self.store, self.coach, self.cover, self.clock = store, coach, cover, clock
        self.public, self.woken = public, woken
        self.zone = cover.zone if cover.days else zone

    async def acknowledge(self, token: str, by_way: Way) -> str:
        """By a link's secret; the words to say back.

        Raises:
            StoreError: the database is away, and the page was not sent from memory; nothing was written.
        """
        words = self.memory.acknowledge(token) if self.memory else None
        return words if words is not None else await self.store.run(self.take_by_token, token, by_way)

    async def show(self, token: str) -> Shown | None:
        """What stands behind a link, taking nothing; None where it is wrong, too old, or its case is resolved.

        Raises:
            StoreError: the database is away, and the page was not sent from memory.
        """
        shown = self.memory.look(token) if self.memory else None
        return shown if shown is not None else await self.store.run(self.look, token)

    async def acknowledge_reply(self, number: str, text: str) -> str | None:
        """By a text from a number (E.164); None where it is none, or the number is no member's of staff.

        Raises:
            StoreError: the database is away; nothing was written.
        """
        return await self.store.run(self.take_by_reply, number, text)

    async def is_reply(self, number: str, text: str) -> bool:
        """Whether a text has the form of an acknowledgement and the number is a member's of staff."""
        return await self.store.run(self._is_reply, number, text)

    async def link(self, code: str, chat_id: str) -> str:
        """A chat becomes the way of the member of staff whom the code was made for; the words to say back."""
        return await self.store.run(self._link, code, chat_id)

    async def report(self, page_id: int, state: str, why: str) -> None:
        """A provider's later word on a page: `accepted`, `delivered` or `failed`. Any order, with repeats."""
        await self.store.run(self.settle_report, page_id, state, why)

    def take_by_token(self, token: str, by_way: Way) -> str:
        """As `acknowledge`, in the calling thread."""
        with self.store.write() as connection:
            called = calls.by_token(connection, token, self.clock.now())
            words = self._take(connection, called, by_way) if called else NOT_VALID
        self.woken()
        return words

    def look(self, token: str) -> Shown | None:
        """What stands behind a link; taking nothing, as previews and virus scanners follow links, too."""
        with self.store.read() as connection:
            called = calls.by_token(connection, token, self.clock.now())
            if called is None:
                return None
            found = escalations.get(connection, self.store.vault, called.escalation_id)
            return Shown(called.code, called.tier, called.since, called.drill, not found.is_waiting)

    def take_by_reply(self, number: str, text: str) -> str | None:
        """As `acknowledge_reply`, in the calling thread."""
        read = _REPLY.match(text)
        word, code = (read[1], read[2]) if read else (None, None)
        if not word and not code:
            return None
        with self.store.write() as connection:
            ways = contacts.by_address(connection, self.store.vault, number)
            if not ways:
                return None
            open_ones = calls.open_for(connection, [way.id for way in ways], self.clock.now())
            if code:
                open_ones = [one for one in open_ones if one.code == code.upper()]
                if not open_ones:  # a word of five letters is a word, unless it follows ACK
                    return f"No open page has the code {code.upper()}. Look at the console." if word else None
            if not open_ones:
                return "No page is open for this number." if word else None
            if len(open_ones) > 1:
                codes = ", ".join(one.code for one in open_ones)
                return f"{len(open_ones)} pages are open: {codes}. Answer with one code."
            words = self._take(connection, open_ones[0], Way.SMS)
        self.woken()
        return words

    def _is_reply(self, number: str, text: str) -> bool:
        read = _REPLY.match(text)
        if not read or not (read[1] or read[2]):
            return False
        with self.store.read() as connection:
            ways = contacts.by_address(connection, self.store.vault, number)
            if not ways or read[1]:
                return bool(ways)
            # Twilio's list repeats a day of texts: a code that was taken since is still no patient's message.
            return calls.was_told(connection, [way.id for way in ways], read[2].upper())

    def _take(self, connection: Connection, called: Called, by_way: Way) -> str:
        now, vault = self.clock.now(), self.store.vault
        staff.hold_chain(connection)
        rounds.hold(connection, called.escalation_id)
        step = Step(connection, vault, called.escalation_id, called.staff_id, now)
        found = escalations.get(connection, vault, called.escalation_id)
        if called.contact_id:
            contacts.set_result(connection, called.contact_id, pages.DELIVERED, "answered", now)
        if called.drill:
            pages.set_state(connection, called.page_id, state=pages.DELIVERED, delivered_at=now)
        if found.state in IN_HAND:
            if found.handing_to == called.staff_id:
                handling.accept(step)
                self._record(connection, called, found, "escalation.accept", by_way)
                return f"{called.code} is yours now. Open it: {self._console(found)}"
            return self._taken(connection, found, called)
        try:
            take(step, self.coach)
        except Refused as error:
            return str(error)
        except Conflict:
            return self._taken(connection, escalations.get(connection, vault, found.id), called)
        self._record(connection, called, found, "escalation.acknowledge", by_way)
        if called.drill:
            return f"Drill {called.code} acknowledged. Thank you: nobody is in danger."
        return f"{called.code} is yours now. Open it: {self._console(found)}"

    def _record(self, connection: Connection, called: Called, found: Escalation, action: str, by_way: Way) -> None:
        staff.record(
            connection, self.store.vault, self.clock.now(), called.staff_id, action, found.patient_id,
            f"{called.code} by {by_way}",
        )  # fmt: skip
        log.info("page.answered", message=called.page_id, channel=str(by_way))

    def _taken(self, connection: Connection, found: Escalation, called: Called) -> str:
        since = local(found.acknowledged_at or found.opened_at, self.zone)
        if found.owner_id == called.staff_id:
            return f"{called.code} is yours since {since:%H:%M}. Open it: {self._console(found)}"
        name = staff.names(connection, self.store.vault).get(found.owner_id or "", "somebody")
        return f"{name} has {called.code} since {since:%H:%M}."

    def _console(self, found: Escalation) -> str:
        return f"{self.public}/console/escalation/{found.id}"

    def _link(self, code: str, chat_id: str) -> str:
        with self.store.write() as connection:
            now, vault = self.clock.now(), self.store.vault
            staff.hold_chain(connection)
            who = contacts.finish_link(connection, vault, Way.TELEGRAM, code, chat_id, now)
            if who is None:
                return NOT_LINKED
            staff.record(connection, vault, now, who, "contact.link", who, str(Way.TELEGRAM))
            return LINKED

    def settle_report(self, page_id: int, state: str, why: str) -> None:
        """As `report`, in the calling thread: a page that turns out not to have arrived goes another way at once."""
        if state not in (pages.DELIVERED, pages.FAILED):
            return
        with self.store.write() as connection:
            now = self.clock.now()
            standing = pages.get(connection, page_id)
            if standing is None:
                return
            rounds.hold(connection, standing.escalation_id)
            row = pages.reported(connection, page_id, state, why, now)
            if row is None:
                return
            if row.contact_id:
                contacts.set_result(connection, row.contact_id, state, why, now)
            if state == pages.FAILED:
                bell = summon.Bell(connection, self.store.vault, self.coach.paging, self.cover, now)
                summon.fall_back(bell, row)
            else:
                handling.was_paged(connection, row.escalation_id, now)
        log.info("page.reported", message=page_id, state=state, why=why[:80])
        self.woken()
