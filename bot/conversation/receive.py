"""Takes in one message: stored, screened, and answered where it must not wait, in one commit.

Invariants 1-3: the message is committed before the provider is told; every text is screened before anything is said to
it, whatever state the person or Rasa is in; the escalation and the crisis words are committed with the screening. What
needs no answer here may be heard out beside the dialogue (`second`).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from bot.clock import Clock
from bot.coaching.turns import Coaching
from bot.content.coach import Coach
from bot.conversation.compose import queue
from bot.conversation.message import RANK, Form, Inbound, MessageClass
from bot.conversation.paged import keep_paged
from bot.conversation.reception.arrival import Arrival, Known, Received, Unheard, Unread, known_of
from bot.conversation.reception.at_once import AtOnce
from bot.conversation.reception.door import Door
from bot.conversation.reception.hearing import Hearing
from bot.conversation.spool import Spooled
from bot.conversation.takeover import keep_going
from bot.safety.cover import Cover
from bot.safety.screen import Screen, Verdict
from bot.safety.tiers import Tier
from bot.settings import Settings
from bot.store import inbox, lanes, outbox, patients, vigils
from bot.store.database import Store
from bot.store.inbox import Message
from bot.store.patients import Address
from bot.store.types import MessageId

__all__ = ["Known", "Received", "Reception", "Unheard", "Unread", "known_of"]


class Reception:
    """Takes messages in.

    Args:
        store: the database.
        coach: content.
        screen: judges each text in its conversation.
        clock: the present.
        settings: defaults for people whom nobody knows yet.
        cover: when staff are on duty.
        coaching: begins the enrolment of who asks for it.
    """

    def __init__(
        self,
        store: Store,
        coach: Coach,
        screen: Screen,
        clock: Clock,
        settings: Settings,
        cover: Cover,
        coaching: Coaching,
    ) -> None:
        self.store, self.coach, self.clock = store, coach, clock
        self.settings, self.cover = settings, cover
        self.hearing = Hearing(store.vault, coach, screen, coaching)
        door = Door(store.vault, coach, settings, cover, coaching)
        self.at_once = AtOnce(store.vault, coach, settings, cover, coaching, door)

    def receive(
        self,
        inbound: Inbound,
        spooled: Spooled | None = None,
        *,
        synced: bool = True,
        beside: bool = False,
        heard: Verdict | None = None,
    ) -> Received:
        """Store, screen and, where it must not wait, answer one delivery; a repeat is told apart by its key.

        Args:
            inbound: what came.
            spooled: where it was kept while the store was away: since when, and what was answered then.
            synced: False where the caller calls `Store.sync` before it tells the provider.
            beside: the caller hears out, beside the dialogue, what `Received.unheard` tells; else it is read here.
            heard: what the reading came to after `Unread`.

        Raises:
            StoreError: nothing was stored; the provider should try again.
            Unread: nothing was stored; it is answered here, and for that the encoder must have read it (`beside` only).
        """
        with self.store.write(synced=synced) as connection:
            seen = inbox.find(connection, inbound.provider_key)
            if seen is not None:
                return self._again(connection, seen, spooled)
            now = self.clock.now()
            address = self._address(connection, inbound, now)
            patient = patients.get(connection, self.store.vault, address.patient_id)
            before, last = self.hearing.before(connection, patient, now)
            first = self.hearing.first(inbound.text, before)
            if heard is None and not beside:
                heard = self.hearing.full(first)
            verdict = heard or first.verdict
            if spooled:  # judged alone then, and in its conversation now: the graver holds
                verdict = max(verdict, self.hearing.judge(inbound.text), key=lambda one: one.tier.rank)
            arrival = Arrival(connection, inbound, patient, address, now, spooled.received_at if spooled else now)
            arrival.of_skill = last is not None and last.message_class != MessageClass.SAFETY
            verdict = self.hearing.in_place(arrival, verdict, before, last)
            message_id = self._put(arrival, verdict)
            if message_id is None:
                return Received(None, patient.id)
            _heard(arrival)
            asked = last.asked if last else None
            self.at_once.answer(arrival, message_id, verdict, asked)
            unread = heard is None and not first.is_full and arrival.aside is None
            if unread and not arrival.waits:
                raise Unread(first)
            received = self._settled(arrival, message_id, verdict, spooled)
            return replace(received, unheard=Unheard(message_id, inbound, first, asked=asked)) if unread else received

    def unheard(self, message_id: MessageId) -> Unheard | None:
        """What is to be heard out of a message that is stored; None where it waits no more.

        Raises:
            StoreError: the database is away.
        """
        with self.store.read() as connection:
            message = inbox.get(connection, self.store.vault, message_id)
            if message.state == inbox.DONE:
                return None
            return self._unheard(connection, message)

    def alarm(self, unheard: Unheard, verdict: Verdict) -> Received:
        """The reading was grave: verdict, escalation and crisis words in one commit, and the dialogue has no say.

        Raises:
            StoreError: nothing was stored.
        """
        with self.store.write() as connection:
            return self._alarm(connection, unheard, verdict)

    def _again(self, connection: Connection, seen: MessageId, spooled: Spooled | None) -> Received:
        """A delivery that came before. The store may have gone away before it was heard out, and it was spooled then."""
        if spooled is None or spooled.tier is Tier.NONE:
            return Received(None, "")
        unheard = self._unheard(connection, inbox.get(connection, self.store.vault, seen))
        return self._alarm(connection, unheard, self.hearing.full(unheard.first), spooled)

    def _alarm(
        self, connection: Connection, unheard: Unheard, verdict: Verdict, spooled: Spooled | None = None
    ) -> Received:
        now, vault = self.clock.now(), self.store.vault
        address = self._address(connection, unheard.inbound, now)
        message = inbox.get(connection, vault, unheard.message_id)
        patient = patients.get(connection, vault, address.patient_id)
        if verdict.tier <= Tier(message.tier):  # another process has raised it
            return Received(None, patient.id)
        arrival = Arrival(connection, unheard.inbound, patient, address, now, message.received_at)
        evidence = [vars(piece) for piece in verdict.evidence]
        inbox.judged(connection, vault, message.id, verdict.tier, verdict.kind, evidence)
        self.at_once.alarm(arrival, message.id, verdict, unheard.asked)
        return self._settled(arrival, message.id, verdict, spooled)

    def _unheard(self, connection: Connection, message: Message) -> Unheard:
        vault = self.store.vault
        patient = patients.get(connection, vault, message.patient_id)
        before, last = self.hearing.before(connection, patient, message.received_at, message.id)
        inbound = Inbound(
            patients.address(connection, message.address_id).channel,
            patients.open_address(connection, vault, message.address_id),
            message.provider_key,
            Form(message.form),
            message.text,
            choice=message.choice,
        )
        return Unheard(
            message.id,
            inbound,
            self.hearing.first(message.text, before),
            Tier(message.tier),
            last.asked if last else None,
        )

    def _settled(self, arrival: Arrival, message_id: MessageId, verdict: Verdict, spooled: Spooled | None) -> Received:
        """Queue what is said, note what waits no more, and tell what became of it."""
        connection, vault, patient = arrival.connection, self.store.vault, arrival.patient
        if spooled and spooled.paged:
            keep_paged(connection, vault, self.coach, patient.id, spooled.paged, arrival.now)
        if spooled and spooled.said:
            self._keep_said(arrival, message_id, verdict, spooled)
        if not arrival.waits:
            inbox.set_state(connection, message_id, state=inbox.DONE, done_at=arrival.now)
        key = f"{arrival.prefix}now:{message_id}"
        queued = queue(connection, vault, arrival.address, patient.id, key, arrival.says, arrival.now)
        known = known_of(patient, stopped=arrival.address.opted_out_at is not None)
        return Received(message_id, patient.id, verdict.tier, arrival.waits, known, queued > 0)

    def _keep_said(self, arrival: Arrival, message_id: MessageId, verdict: Verdict, spooled: Spooled) -> None:
        """Note what was answered while the store was away; it counts unless more, or other numbers, are called for."""
        for n, said in enumerate(spooled.said):
            outbox.put(
                arrival.connection,
                self.store.vault,
                patient_id=arrival.patient.id,
                address_id=arrival.address.id,
                dedupe_key=f"spooled:{message_id}:{n}",
                message_class=MessageClass.SAFETY,
                rank=RANK[MessageClass.SAFETY],
                text=said.text,
                asked=said.asked,
                now=spooled.received_at,
                sent_at=spooled.received_at,
            )
        if arrival.patient.country == spooled.country and verdict.tier.rank <= spooled.tier.rank:
            arrival.says = [(say, kind) for say, kind in arrival.says if kind is not MessageClass.SAFETY]

    def _address(self, connection: Connection, inbound: Inbound, now: datetime) -> Address:
        """The address's row, made if there is none; its lane is marked, and locked, before anything else of it."""
        vault = self.store.vault
        found = patients.find(connection, vault, inbound.channel, inbound.address)
        if found is None:
            found = patients.create(
                connection,
                vault,
                inbound.channel,
                inbound.address,
                now,
                country=self.settings.default_country,
                zone=self.settings.default_zone,
            )
        lanes.put(connection, found.patient_id, now)
        reopened = found.closed_at is not None and inbound.form is not Form.LEFT
        patients.change_address(connection, found.id, last_in_at=now, **({"closed_at": None} if reopened else {}))
        return replace(found, closed_at=None) if reopened else found

    def _put(self, arrival: Arrival, verdict: Verdict) -> MessageId | None:
        return inbox.put(
            arrival.connection,
            self.store.vault,
            patient_id=arrival.patient.id,
            address_id=arrival.address.id,
            provider_key=arrival.inbound.provider_key,
            form=arrival.inbound.form,
            text=arrival.inbound.text,
            choice=arrival.inbound.choice,
            received_at=arrival.received_at,
            tier=verdict.tier,
            kind=verdict.kind,
            evidence=[vars(piece) for piece in verdict.evidence],
            state=inbox.WAITING,
        )


def _heard(arrival: Arrival) -> None:
    """They wrote: a safety question is silent no more, and a chat that staff have taken over goes on."""
    vigils.end(arrival.connection, arrival.patient.id, vigils.SILENCE)
    if arrival.patient.taken_over_by:
        keep_going(arrival.connection, arrival.patient.id, arrival.now)
