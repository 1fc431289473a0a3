"""The conversation's parts put together by hand: real store, screen and coaching; a scripted dialogue, a kept mailbox."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from bot.clock import TurnedClock
from bot.coaching.scene import Understood
from bot.coaching.turns import Coaching
from bot.content.coach import Coach
from bot.conversation.dialogue import Heard
from bot.conversation.message import Inbound, Outcome, Outgoing, SendResult
from bot.conversation.receive import Received, Reception
from bot.conversation.send import Post
from bot.conversation.work import Worker
from bot.errors import DialogueDown
from bot.safety.cover import parse as parse_cover
from bot.safety.screen import Screen
from bot.settings import Settings
from bot.store import escalations, inbox, outbox
from bot.store.database import Store
from bot.store.outbox import OutboxRow
from bot.store.types import MessageId, PatientId

SENT = SendResult(Outcome.SENT, provider_id="ok")


class ScriptedDialogue:
    """Stands where Rasa does: takes each text for the intent it is told, and runs the real actions.

    Attributes:
        hears: text -> intent; what isn't there is out of scope.
        fails: how many calls from now on end as if Rasa were down, before any action ran.
        dies: how many end so after the actions ran.
    """

    def __init__(self, coaching: Coaching, hears: dict[str, str] | None = None) -> None:
        self.coaching, self.hears = coaching, hears or {}
        self.fails = self.dies = 0
        self.heard: list[str] = []

    async def say(self, sender: str, text: str, metadata: dict[str, Any]) -> Heard:
        """As `bot.conversation.dialogue.Dialogue.say`."""
        if self.fails:
            self.fails -= 1
            raise DialogueDown("Rasa does not answer")
        self.heard.append(text)
        intent = self.hears.get(text, "out_of_scope")
        message = Understood(MessageId(int(metadata["message"])), intent, 0.9, str(metadata["holder"]))
        if not (metadata["open"] and self.coaching.take_answer(message)):
            act = self.coaching.start_skill if intent in self.coaching.coach.by_intent else self.coaching.reply
            act(message)
        if self.dies:
            self.dies -= 1
            raise DialogueDown("Rasa does not answer")
        return Heard(intent)


@dataclass
class Provider:
    """The sending half of a channel that does as it is told: `answers` first, then SENT."""

    channel: str = "sms"
    answers: list[SendResult | Exception] = field(default_factory=list)
    got: list[Outgoing] = field(default_factory=list)
    _ids: Any = field(default_factory=lambda: itertools.count(1))

    async def send(self, outgoing: Outgoing) -> SendResult:
        """Note it, and answer."""
        await asyncio.sleep(0)
        self.got.append(outgoing)
        if not self.answers:
            return SendResult(Outcome.SENT, provider_id=f"SM{next(self._ids)}")
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def typing(self, address: str) -> None:
        """Nothing to show."""

    @property
    def texts(self) -> list[str]:
        """What was offered."""
        return [outgoing.reply.text for outgoing in self.got]


async def heard_out(_message_id: MessageId) -> bool:
    """Whether a message was an alarm: `Reception.receive` has the encoder read each, and lets no alarm wait."""
    return False


class House:
    """One gateway's conversation without its servers."""

    def __init__(
        self, store: Store, clock: TurnedClock, coach: Coach, screen: Screen, channel: str = "sms", **given: Any
    ) -> None:
        self.store, self.clock, self.coach = store, clock, coach
        self.settings = Settings(_env_file=None, **{"sms_provider_confirms_stop": False, **given})
        self.cover = parse_cover("")
        self.coaching = Coaching(store, coach, clock, self.settings, self.cover)
        self.reception = Reception(store, coach, screen, clock, self.settings, self.cover, self.coaching)
        self.dialogue = ScriptedDialogue(self.coaching)
        self.worker = Worker(store, self.dialogue, self.coaching.phrase, clock, heard_out, 6.0)  # type: ignore[arg-type]  # duck
        self.provider = Provider(channel)
        self.post = Post(store, self.provider, clock, words=self.coaching.phrase)

    def receive(self, inbound: Inbound) -> Received:
        """Take in one delivery."""
        return self.reception.receive(inbound)

    def work(self, patient_id: str, seconds: float = 0.0) -> Any:
        """Let time go by, and work the lane once."""
        self.clock.turn(timedelta(seconds=seconds))
        return asyncio.run(self.worker.work_lane(PatientId(patient_id)))

    def send(self) -> list[str]:
        """Send all that may go now; the texts that were offered."""
        before = len(self.provider.got)

        async def all_of_it() -> None:
            while await self.post.send_waiting():
                pass

        asyncio.run(all_of_it())
        return self.provider.texts[before:]

    def say(self, inbound: Inbound) -> list[str]:
        """One message, worked and answered; the texts that were offered."""
        received = self.receive(inbound)
        if received.waits:
            self.work(received.patient_id)
        return self.send()

    def rows(self, patient_id: str) -> Sequence[OutboxRow]:
        """All outbox rows of a person."""
        with self.store.read() as connection:
            return outbox.recent(connection, self.store.vault, PatientId(patient_id), 1000)

    def states(self, patient_id: str) -> list[str]:
        """States of a person's inbound messages, in order."""
        with self.store.read() as connection:
            return [one.state for one in inbox.recent(connection, self.store.vault, PatientId(patient_id), 1000)]

    def escalation(self, patient_id: str) -> escalations.Escalation | None:
        """The person's open escalation."""
        with self.store.read() as connection:
            return escalations.current(connection, self.store.vault, PatientId(patient_id))

    def count(self, table: Any) -> int:
        """Number of rows."""
        with self.store.read() as connection:
            return len(connection.execute(select(table)).all())
