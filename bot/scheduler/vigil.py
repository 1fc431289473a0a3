"""Acts on what must not be forgotten about a person in danger: silence after a safety question, the day after, a takeover.

Each vigil is one transaction that takes the row and does what follows from it: killed before the commit, it is due
again; after it, it is done.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from bot.clock import Clock, local
from bot.coaching import summon
from bot.coaching.alarm import wait_for_answer
from bot.content.coach import Coach
from bot.conversation import takeover
from bot.conversation.message import RANK, MessageClass
from bot.errors import StoreError
from bot.safety.cover import Cover
from bot.safety.tiers import Kind, Tier
from bot.store import escalations, lanes, outbox, patients, takeovers, vigils
from bot.store.database import Store
from bot.store.patients import State
from bot.store.vigils import Vigil

log = structlog.get_logger()

EVERY_SECONDS = 1.0
LATER = timedelta(hours=1)
LATEST_CHECK_IN = timedelta(hours=6)


class VigilKeeper:
    """Looks once a second for vigils that are due.

    Args:
        store: the database.
        coach: the policy and the fixed texts.
        cover: when staff are on duty.
        clock: the present.
        sent: called when rows may be waiting in the outbox, or pages.
    """

    def __init__(self, store: Store, coach: Coach, cover: Cover, clock: Clock, sent: Callable[[], None]) -> None:
        self.store, self.coach, self.cover, self.clock, self.sent = store, coach, cover, clock, sent
        self.beat_at: datetime | None = None  # when the loop last went round

    async def run(self) -> None:
        """Tick for ever; an absent store is waited out."""
        while True:
            try:
                await asyncio.to_thread(self.tick)
            except StoreError as error:
                log.error("store.away", why=str(error))
            self.beat_at = self.clock.now()
            await asyncio.sleep(EVERY_SECONDS)

    def tick(self) -> int:
        """Act on all that is due now; tells how much that was."""
        with self.store.read() as connection:
            ripe = vigils.ripe(connection, self.clock.now())
        for vigil in ripe:
            with self.store.write() as connection:
                lanes.put(connection, vigil.patient_id, self.clock.now())
                if vigils.claim(connection, vigil):
                    _ACTS[vigil.kind](self, connection, vigil)
        if ripe:
            self.sent()
        return len(ripe)

    def silence(self, connection: Connection, vigil: Vigil) -> None:
        """A safety question has no answer: that counts as the graver one (safety.md §1)."""
        episode = escalations.current(connection, self.store.vault, vigil.patient_id)
        if episode is None:
            return
        bell = summon.Bell(connection, self.store.vault, self.coach.paging, self.cover, self.clock.now())
        if Tier(vigil.tier) < Tier.URGENT:
            escalations.write_event(connection, self.store.vault, episode.id, bell.now, "no_answer")
            return
        summon.call_again(bell, episode.id)
        log.warning("safety.no_answer", kind=vigil.tier)

    def check_in(self, connection: Connection, vigil: Vigil) -> None:
        """The day after an alarm: a fixed text with the numbers, while the programme rests; STOP holds for it."""
        now, vault = self.clock.now(), self.store.vault
        patient = patients.get(connection, vault, vigil.patient_id)
        address = patients.reachable(connection, patient.id)
        episodes = escalations.of_patient(connection, vault, patient.id)
        if patient.rests_since is None or address is None or not episodes or now - vigil.at > LATEST_CHECK_IN:
            return
        if patient.state not in (State.ACTIVE, State.PAUSED, State.ENROLLING):
            return
        if episodes[0].kind == Kind.ABUSE:
            return  # whoever hurts them may read the phone: a person makes the first contact (safety.md §2)
        if patient.taken_over_by:
            vigils.keep(connection, patient.id, vigils.CHECK_IN, now + LATER, vigil.tier)
            return
        words = self.coach.crisis.check_in(patient.country)
        outbox.put(
            connection,
            vault,
            patient_id=patient.id,
            address_id=address.id,
            dedupe_key=f"safety_check_in:{patient.id}:{local(now, patient.zone).date()}",
            message_class=MessageClass.SAFETY,
            rank=RANK[MessageClass.SAFETY],
            text=words.text,
            asked=words.asked,
            now=now,
        )
        # Its silence is noted, not paged: a person has the case, and the question was asked unasked-for.
        wait_for_answer(connection, self.coach, patient, Tier.WATCH, now)

    def takeover(self, connection: Connection, vigil: Vigil) -> None:
        """An hour without a message: the coach is back, and both are told."""
        now = self.clock.now()
        standing = takeovers.of(connection, vigil.patient_id)
        if standing is None:
            return
        if now < standing.last_at + takeovers.LIFE:
            vigils.keep(connection, vigil.patient_id, vigils.TAKEOVER, standing.last_at + takeovers.LIFE)
            return
        patient = patients.get(connection, self.store.vault, vigil.patient_id)
        takeover.end(connection, self.store.vault, self.coach, patient, now)


_ACTS: Mapping[str, Callable[[VigilKeeper, Connection, Vigil], None]] = {
    vigils.SILENCE: VigilKeeper.silence,
    vigils.CHECK_IN: VigilKeeper.check_in,
    vigils.TAKEOVER: VigilKeeper.takeover,
}
