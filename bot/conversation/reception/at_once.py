"""What may not wait for the dialogue: danger, the answers to safety questions, STOP, HELP, START, what can't be read."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Connection

from bot.coaching import effects
from bot.coaching.alarm import raise_alarm, wait_for_answer
from bot.coaching.turns import Coaching
from bot.content.coach import Coach
from bot.conversation.message import Form, MessageClass
from bot.conversation.reception.arrival import Arrival
from bot.conversation.reception.asides import Aside
from bot.conversation.reception.door import Door
from bot.conversation.reception.legible import UNREADABLE, has_words
from bot.crypto import Vault
from bot.program.move import Keyword, keyword
from bot.program.turn import Say
from bot.safety.cover import Cover
from bot.safety.crisis import after_hide, asked_again, question_text
from bot.safety.follow import Reading, carry_on, known_questions
from bot.safety.screen import Verdict
from bot.safety.tiers import Kind, Tier
from bot.settings import Settings
from bot.store import escalations, inbox, judging, opening, patients, vigils
from bot.store.patients import State
from bot.store.types import MessageId

SHOWN_TO_STAFF = frozenset({Form.VOICE, Form.PHOTO, Form.FILE, Form.LOCATION})
# Which earlier message a person means who says that we missed it: their last one of some words that was let pass.
MISSED_AMONG, MISSED_WORDS, MISSED_WITHIN = 20, 3, timedelta(days=3)


class AtOnce:
    """Answers within the commit that stores the message.

    Args:
        vault: seals and opens.
        coach: content.
        settings: whether the provider itself confirms STOP.
        cover: when staff are on duty.
        coaching: the open question.
        door: takes what is neither danger nor a command.
    """

    def __init__(
        self, vault: Vault, coach: Coach, settings: Settings, cover: Cover, coaching: Coaching, door: Door
    ) -> None:
        self.vault, self.coach, self.settings, self.cover = vault, coach, settings, cover
        self.coaching, self.door = coaching, door

    def answer(self, arrival: Arrival, message_id: MessageId, verdict: Verdict, asked: str | None) -> None:
        """Say and do what can't wait; `asked` is the safety question that is open, if one is."""
        if arrival.inbound.form is Form.LEFT:
            effects.stop(arrival.connection, self.vault, arrival.patient, arrival.now)
            patients.change_address(arrival.connection, arrival.address.id, closed_at=arrival.now)
            self._shown(arrival, message_id, "left")
            return
        word = keyword(arrival.inbound.text)
        if word is Keyword.STOP:
            self._stop(arrival, message_id)
        if arrival.remark and arrival.remark.tier is Tier.NONE:  # it lowers nothing; staff see it as the person's view
            arrival.disputes = self._shown(arrival, message_id, "disputed") is not None
        if arrival.aside:
            self._aside(arrival, arrival.aside, asked)
        elif verdict.tier is not Tier.NONE:
            self._missed(arrival, message_id, verdict)
            self.alarm(arrival, message_id, verdict, asked)
        elif word is Keyword.STOP:
            return
        elif word is Keyword.HELP:
            self.door.say(arrival, "help")
        elif word is Keyword.START and (arrival.address.opted_out_at or self._is_closed(arrival)):
            self._start_again(arrival)
        elif not arrival.patient.taken_over_by:  # else it is stored, screened and shown to staff: a person answers
            self._reply(arrival, message_id, asked)

    def _missed(self, arrival: Arrival, message_id: MessageId, verdict: Verdict) -> None:
        """They say that we missed something: what they wrote before, and we let pass, is marked so, as staff might."""
        if not arrival.remark or arrival.remark.tier is Tier.NONE:
            return
        since = arrival.now - MISSED_WITHIN
        wrote = inbox.recent(arrival.connection, self.vault, arrival.patient.id, MISSED_AMONG)
        for row in reversed(wrote):
            passed = row.id != message_id and row.tier == Tier.NONE and row.received_at >= since
            if passed and len(row.text.split()) >= MISSED_WORDS:
                judging.mark_missed(
                    arrival.connection, self.vault, arrival.patient.id, row.id, verdict.tier, verdict.kind, arrival.now
                )
                return

    def _reply(self, arrival: Arrival, message_id: MessageId, asked: str | None) -> None:
        if self._has_caption(arrival):
            self.door.say(arrival, "only_words_read")
        if asked and not arrival.of_skill:
            self._after_safety_question(arrival, asked)
        elif arrival.disputes and arrival.patient.rests_since:
            self.door.say(arrival, "view_noted", MessageClass.SAFETY)
        elif self._is_unreadable(arrival):
            self._unreadable(arrival, message_id)
        else:
            self.door.enter(arrival)

    def _aside(self, arrival: Arrival, what: Aside, asked: str | None) -> None:
        """End and hide, the escalation stays as it is; or ask once more what was passed over."""
        if what is Aside.HIDE:
            arrival.says.append((Say(after_hide(self.coach.crisis).text), MessageClass.SAFETY))
            return
        again = self.coaching.asked_plainly(arrival.connection, arrival.patient) if arrival.of_skill else None
        if again is None and asked:
            again = Say(asked_again(self.coach.crisis, asked), asked=asked)
        if again:
            arrival.says.append((again, MessageClass.REPLY if arrival.of_skill else MessageClass.SAFETY))
        episode = escalations.current(arrival.connection, self.vault, arrival.patient.id)
        if again and episode and not arrival.of_skill:
            wait_for_answer(arrival.connection, self.coach, arrival.patient, Tier(episode.tier), arrival.now)

    def _unreadable(self, arrival: Arrival, message_id: MessageId) -> None:
        """What can't be heard or seen: said, asked in words, and shown to staff, in an open alarm as one more sign."""
        form = arrival.inbound.form
        episode = self._shown(arrival, message_id, "unreadable")
        if episode is None and form in SHOWN_TO_STAFF and arrival.patient.state not in (State.UNKNOWN, State.DECLINED):
            effects.request(arrival.connection, self.vault, arrival.patient, f"unread_{form}", arrival.now)
        self.door.say(arrival, UNREADABLE[form], MessageClass.SAFETY if episode else MessageClass.REPLY)

    def _shown(self, arrival: Arrival, message_id: MessageId, event: str) -> escalations.Escalation | None:
        """Show a message to staff with the open escalation, as what it is; None where none is open."""
        return opening.add(arrival.connection, self.vault, arrival.patient.id, message_id, event, arrival.now)

    def alarm(self, arrival: Arrival, message_id: MessageId, verdict: Verdict, asked: str | None) -> None:
        """Open or raise the escalation, and say the crisis words."""
        if arrival.wants_help and arrival.address.opted_out_at and keyword(arrival.inbound.text) is Keyword.START:
            self._start_again(arrival)
        if arrival.answered:
            self.coaching.keep(arrival.connection, arrival.patient, arrival.answered)
        says = raise_alarm(
            arrival.connection,
            self.vault,
            self.coach,
            self.cover,
            arrival.patient,
            message_id,
            verdict.tier,
            verdict.kind,
            arrival.now,
            stopped=arrival.address.opted_out_at is not None,
            known=known_questions(asked, verdict.tier, verdict.kind, (piece.rule for piece in verdict.evidence)),
            help_word=arrival.wants_help,
        )
        if asked and self._is_unreadable(arrival):
            # Silence counts as the graver answer, but thanking for words that nobody could hear would be untrue.
            self.door.say(arrival, UNREADABLE[arrival.inbound.form], MessageClass.SAFETY)
            says = [Say(question_text(self.coach.crisis, asked), asked=asked)]
        if arrival.patient.taken_over_by and verdict.tier is not Tier.EMERGENCY:
            vigils.end(arrival.connection, arrival.patient.id, vigils.SILENCE)  # nothing is asked: a person is there
            return
        arrival.says += [(say, MessageClass.SAFETY) for say in says]
        if arrival.wants_help and arrival.inbound.channel == "sms" and keyword(arrival.inbound.text) is Keyword.HELP:
            self.door.say(arrival, "help")  # carriers want HELP answered with who we are, behind what matters more

    @staticmethod
    def _is_unreadable(arrival: Arrival) -> bool:
        return arrival.inbound.form in UNREADABLE and not arrival.inbound.text.strip()

    @staticmethod
    def _has_caption(arrival: Arrival) -> bool:
        """Words came with what can't be read, of somebody who may be answered: only they were."""
        silent = arrival.address.opted_out_at or arrival.patient.state in (State.UNKNOWN, State.DECLINED)
        return arrival.inbound.form in UNREADABLE and has_words(arrival.inbound.text) and not silent

    def _after_safety_question(self, arrival: Arrival, asked: str) -> None:
        """The screen saw a clear no (or its like): ask on, or go back, with care."""
        current = escalations.current(arrival.connection, self.vault, arrival.patient.id)
        tier, kind = (Tier(current.tier), Kind(current.kind)) if current else (Tier.NONE, Kind.NONE)
        known = known_questions(None, tier, kind, self._rules_of(arrival.connection, current))
        reading, question = carry_on(self.coach.crisis, asked, arrival.inbound.text, tier, kind, known)
        if reading is Reading.OTHER:
            self.door.enter(arrival)
        elif question is not None:
            arrival.says.append((Say(question.text, asked=question.asked), MessageClass.SAFETY))
            wait_for_answer(arrival.connection, self.coach, arrival.patient, tier, arrival.now)
        elif tier.rank >= Tier.URGENT.rank:
            self.door.say(arrival, "resting")
        else:
            self.door.say(arrival, "watch_go_on")
            again = self.coaching.open_question(arrival.connection, arrival.patient)
            arrival.says += [(say, MessageClass.REPLY) for say in again]

    def _rules_of(self, connection: Connection, episode: escalations.Escalation | None) -> list[str]:
        """Which rules of the screen the message met that an escalation stands on."""
        if episode is None or episode.message_id is None:
            return []
        return [str(piece.get("rule")) for piece in inbox.evidence(connection, self.vault, episode.message_id)]

    def _stop(self, arrival: Arrival, message_id: MessageId) -> None:
        told_by_provider = arrival.inbound.channel == "sms" and self.settings.sms_provider_confirms_stop
        first = arrival.address.opted_out_at is None
        effects.stop(arrival.connection, self.vault, arrival.patient, arrival.now)
        arrival.address = replace(arrival.address, opted_out_at=arrival.now)
        self._shown(arrival, message_id, "opted_out")  # what is open stays so, and staff see it
        if first and not told_by_provider:
            self.door.say(arrival, "stopped", MessageClass.SAFETY)

    def _is_closed(self, arrival: Arrival) -> bool:
        """Whether staff closed their programme: what they agreed to still holds, so that START is enough."""
        agreed = patients.consent(arrival.connection, arrival.patient.id)
        return arrival.patient.state is State.STOPPED and agreed is not None and agreed.withdrawn_at is None

    def _start_again(self, arrival: Arrival) -> None:
        for address in patients.addresses_of(arrival.connection, arrival.patient.id):
            patients.change_address(arrival.connection, address.id, opted_out_at=None)
        arrival.address = replace(arrival.address, opted_out_at=None)
        if arrival.patient.state is State.STOPPED:
            effects.resume(arrival.connection, self.vault, arrival.patient, arrival.now)
        self.door.say(arrival, "started")
