"""What a message without danger meets at the door: strangers, old buttons, what no dialogue could read."""

from __future__ import annotations

from typing import Any

from bot.coaching import effects, snapshot
from bot.coaching.turns import Coaching
from bot.content.coach import Coach
from bot.conversation.message import Form, MessageClass
from bot.conversation.reception.arrival import Arrival
from bot.conversation.reception.legible import LONGEST, has_words, is_foreign
from bot.crypto import Vault
from bot.program.facts import facts
from bot.program.turn import Say
from bot.program.wording import fill, variant
from bot.safety.cover import Cover
from bot.settings import Settings
from bot.store import due, inbox, invitations, outbox, patients
from bot.store.patients import State

JOIN_WORDS = frozenset({"join", "sign up", "signup", "start", "/start", "enrol", "enroll", "join evenday"})
ASKS_TO_JOIN = frozenset({"sms", "telegram"})  # whoever opens the web page or the terminal has asked already


class Door:
    """Says at once what needs no dialogue, and lets the rest wait for it.

    Args:
        vault: seals and opens.
        coach: content.
        settings: who may enrol.
        cover: when staff are on duty.
        coaching: begins the enrolment of who asks for it.
    """

    def __init__(self, vault: Vault, coach: Coach, settings: Settings, cover: Cover, coaching: Coaching) -> None:
        self.vault, self.coach, self.settings, self.cover, self.coaching = vault, coach, settings, cover, coaching

    def enter(self, arrival: Arrival) -> None:
        """Answer it here, or mark that it waits for the dialogue."""
        if arrival.address.opted_out_at:
            return  # after STOP: nothing but safety, HELP and START
        if arrival.inbound.form is Form.EDIT:
            self.say(arrival, "edited")
        elif arrival.patient.state in (State.UNKNOWN, State.DECLINED):
            self._stranger(arrival)
        elif not has_words(arrival.inbound.text):
            self.say(arrival, "empty")
        elif len(arrival.inbound.text) > LONGEST:
            self.say(arrival, "too_long")
        elif is_foreign(arrival.inbound.text):
            self.say(arrival, "foreign")
        else:
            self._known(arrival)

    def _known(self, arrival: Arrival) -> None:
        if arrival.patient.unanswered:
            patients.change(arrival.connection, self.vault, arrival.patient.id, unanswered=0)
        if arrival.inbound.prompt is not None and not self._is_open(arrival):
            self.say(arrival, "already_answered")
            return
        silent = arrival.patient.unanswered and arrival.patient.state is State.ACTIVE
        if silent and not due.of(arrival.connection, arrival.patient.id):  # so long that we had fallen silent, too
            effects.resume(arrival.connection, self.vault, arrival.patient, arrival.now)
        arrival.waits = True

    def _is_open(self, arrival: Arrival) -> bool:
        """Whether a pressed button stands under the newest message that has any."""
        newest = outbox.recent(arrival.connection, self.vault, arrival.patient.id, 6)
        with_buttons = [row.id for row in newest if row.buttons]
        pressed_before = inbox.recent(arrival.connection, self.vault, arrival.patient.id, 2)
        repeated = (
            len(pressed_before) > 1
            and pressed_before[0].choice is not None
            and newest
            and newest[-1].created_at < pressed_before[0].received_at
        )
        return bool(with_buttons) and with_buttons[-1] == arrival.inbound.prompt and not repeated

    def _stranger(self, arrival: Arrival) -> None:
        invited = self._invited(arrival)
        asked = arrival.inbound.text.strip().casefold() in JOIN_WORDS or arrival.inbound.start_code is not None
        opened = arrival.inbound.channel not in ASKS_TO_JOIN
        if invited or (self.settings.enrolment == "open" and (asked or opened)):
            says = self.coaching.begin(arrival.connection, arrival.patient, "enrolment", "other")
            patients.change(arrival.connection, self.vault, arrival.patient.id, state=State.ENROLLING)
            if arrival.inbound.channel == "sms":
                self.say(arrival, "first_message_sms")
            arrival.says += [(say, MessageClass.REPLY) for say in says]
            return
        name = (
            "invitation_needed" if self.settings.enrolment == "invited" else f"not_enrolled_{arrival.inbound.channel}"
        )
        if not patients.was_told_today(arrival.connection, arrival.patient.id, "stranger:", arrival.now):
            self.say(arrival, name)
            arrival.prefix = "stranger:"

    def _invited(self, arrival: Arrival) -> bool:
        code = arrival.inbound.start_code
        return bool(code) and invitations.use(arrival.connection, str(code), arrival.patient.id, arrival.now)

    def say(self, arrival: Arrival, phrase: str, message_class: MessageClass = MessageClass.REPLY) -> None:
        """One of the coach's own lines, filled for whoever wrote."""
        known = self._facts(arrival)
        text = fill(variant(self.coach.phrases[phrase], phrase, int(arrival.now.timestamp()) // 60), known)
        arrival.says.append((Say(text), message_class))

    def _facts(self, arrival: Arrival) -> dict[str, Any]:
        person = snapshot.person(
            arrival.connection,
            self.vault,
            arrival.patient,
            arrival.now,
            site_name=self.settings.site_name,
            cover=self.cover,
        )
        return facts(self.coach, person)
