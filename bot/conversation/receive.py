"""Takes in one message: stored, screened, and answered where it must not wait, in one commit.

Invariants 1-3: the message is committed before the provider is told; every text is screened before the dialogue sees
it, whatever state the person or Rasa is in; the escalation and the crisis words are committed with the screening.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from bot.clock import Clock
from bot.coaching import effects, snapshot
from bot.coaching.alarm import raise_alarm, wait_for_answer
from bot.coaching.turns import Answered, Coaching
from bot.content.coach import Coach
from bot.conversation.asides import Aside, aside
from bot.conversation.compose import queue
from bot.conversation.legible import LONGEST, UNREADABLE, has_words, is_foreign
from bot.conversation.message import RANK, Form, Inbound, MessageClass
from bot.conversation.paged import keep_paged
from bot.conversation.spool import Spooled
from bot.conversation.takeover import keep_going
from bot.program.facts import facts
from bot.program.move import Keyword, keyword
from bot.program.turn import Say
from bot.program.wording import fill, variant
from bot.safety.cover import Cover
from bot.safety.crisis import after_hide, asked_again, question_text
from bot.safety.follow import ANSWER_WITHIN_HOURS, Reading, carry_on, known_questions
from bot.safety.screen import Evidence, Said, Screen, Verdict
from bot.safety.tiers import Kind, Tier
from bot.settings import Settings
from bot.store import due, escalations, inbox, invitations, lanes, outbox, patients, vigils
from bot.store.database import Store
from bot.store.outbox import OutboxRow
from bot.store.patients import Address, Outline, Patient, State
from bot.store.types import MessageId

BEFORE = 4  # messages of each side that the screen reads a message with
READ_AHEAD = timedelta(days=7)
HELP_WORD_WITHIN = timedelta(days=1)
SHOWN_TO_STAFF = frozenset({Form.VOICE, Form.PHOTO, Form.FILE, Form.LOCATION})
JOIN_WORDS = frozenset({"join", "sign up", "signup", "start", "/start", "enrol", "enroll", "join evenday"})
ASKS_TO_JOIN = frozenset({"sms", "telegram"})  # whoever opens the web page or the terminal has asked already


@dataclass(frozen=True)
class Known:
    """What an answer in danger needs to know of a person, should the database go away (see `standby`)."""

    country: str
    zone: str
    enrolled: bool = False
    guided: bool = False
    stopped: bool = False


@dataclass(frozen=True)
class Received:
    """What became of a delivery. `message_id` is None where it was a repeat; `queued`: it was answered at once."""

    message_id: MessageId | None
    patient_id: str
    tier: Tier = Tier.NONE
    waits: bool = False
    known: Known | None = None
    queued: bool = False


@dataclass
class Arrival:
    """One delivery while it is taken in."""

    connection: Connection
    inbound: Inbound
    patient: Patient
    address: Address
    now: datetime
    received_at: datetime
    says: list[tuple[Say, MessageClass]] = field(default_factory=list)
    waits: bool = False
    prefix: str = ""
    of_skill: bool = False  # the open safety question was asked by a skill: a "no" to it is the skill's
    aside: Aside | None = None
    answered: Answered | None = None
    wants_help: bool = False


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
        self.store, self.coach, self.screen, self.clock = store, coach, screen, clock
        self.settings, self.cover, self.coaching = settings, cover, coaching

    def receive(self, inbound: Inbound, spooled: Spooled | None = None, *, synced: bool = True) -> Received:
        """Store, screen and, where it must not wait, answer one delivery; a repeat is told apart by its key.

        Args:
            inbound: what came.
            spooled: where it was kept while the store was away: since when, and what was answered then.
            synced: False where the caller calls `Store.sync` before it tells the provider.

        Raises:
            StoreError: nothing was stored; the provider should try again.
        """
        with self.store.write(synced=synced) as connection:
            if inbox.was_seen(connection, inbound.provider_key):
                return Received(None, "")
            now = self.clock.now()
            address = self._address(connection, inbound, now)
            patient = patients.get(connection, self.store.vault, address.patient_id)
            before, last = self._before(connection, patient, now)
            asked = last.asked if last else None
            verdict = self.judge(inbound.text, before)
            if spooled:  # judged alone then, and in its conversation now: the graver holds
                verdict = max(verdict, self.judge(inbound.text), key=lambda one: one.tier.rank)
            received_at = spooled.received_at if spooled else now
            arrival = Arrival(connection, inbound, patient, address, now, received_at)
            arrival.of_skill = last is not None and last.message_class != MessageClass.SAFETY
            verdict = self._in_place(arrival, verdict, before, last)
            message_id = self._put(arrival, verdict)
            if message_id is None:
                return Received(None, patient.id)
            _heard(arrival)
            self._answer(arrival, message_id, verdict, asked)
            if spooled and spooled.paged:
                keep_paged(connection, self.store.vault, self.coach, patient.id, spooled.paged, now)
            if spooled and spooled.said:
                self._keep_said(arrival, message_id, verdict, spooled)
            if not arrival.waits:
                inbox.set_state(connection, message_id, state=inbox.DONE, done_at=now)
            queued = queue(
                connection,
                self.store.vault,
                arrival.address,
                patient.id,
                f"{arrival.prefix}now:{message_id}",
                arrival.says,
                now,
            )
            return Received(message_id, patient.id, verdict.tier, arrival.waits, _known(arrival), queued > 0)

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

    def _in_place(self, arrival: Arrival, verdict: Verdict, before: Sequence[Said], last: OutboxRow | None) -> Verdict:
        """The screen's verdict and what the place of the message adds: what it is besides, and what an answer marks."""
        asked = last.asked if last else None
        text, crisis = arrival.inbound.text, self.coach.crisis
        may_wait = asked is not None and (
            arrival.of_skill or asked_again(crisis, asked) != question_text(crisis, asked)
        )
        arrival.aside = aside(crisis, text, before, question_may_wait=may_wait)
        if arrival.aside:
            return Verdict(Tier.NONE, Kind.NONE, ())
        if asked and arrival.of_skill and arrival.inbound.prompt in (None, last.id if last else None):
            arrival.answered = self.coaching.answered(arrival.connection, arrival.patient, text, arrival.inbound.choice)
        if arrival.answered and arrival.answered.tier > verdict.tier:
            where = Evidence(0, len(text), "answer", arrival.answered.where)
            verdict = Verdict(arrival.answered.tier, arrival.answered.kind, (where,))
        if crisis.is_help_word(text):
            return self._help_wanted(arrival, verdict)
        return verdict

    def _help_wanted(self, arrival: Arrival, verdict: Verdict) -> Verdict:
        """Within a day of a reply to risk, a word that other lines ask for is a sign that help was wanted (safety.md §2)."""
        since = arrival.now - HELP_WORD_WITHIN
        episode = next(iter(escalations.of_patient(arrival.connection, self.store.vault, arrival.patient.id)), None)
        if episode is None or (episode.resolved_at and episode.resolved_at < since):
            return verdict
        if not outbox.asked_since(arrival.connection, arrival.patient.id, since):
            return verdict
        arrival.wants_help = True
        sign = Evidence(0, len(arrival.inbound.text), "context", "help_word")
        again = Verdict(Tier(episode.tier), Kind(episode.kind), (sign,))
        return max(again, verdict, key=lambda one: one.tier.rank)

    def _before(self, connection: Connection, patient: Patient, now: datetime) -> tuple[list[Said], OutboxRow | None]:
        """What was said just before, both sides in order, and the coach's last message if it may still be answered."""
        vault = self.store.vault
        theirs = [
            (row.received_at, 1, row.id, row.text, None) for row in inbox.recent(connection, vault, patient.id, BEFORE)
        ]
        rows = outbox.recent(connection, vault, patient.id, BEFORE)
        ours = [(row.created_at, 0, row.id, row.text, row.asked) for row in rows]
        said = [
            Said("person" if mine else "coach", text, (now - at).total_seconds() / 3600, asked if mine else asked or "")
            for at, mine, _, text, asked in sorted(theirs + ours, key=lambda row: (row[0], not row[1], row[2]))
        ]
        last = max(rows, key=lambda row: (row.created_at, row.id), default=None)
        return said, last if last and now - last.created_at <= timedelta(hours=ANSWER_WITHIN_HOURS) else None

    def judge(self, text: str, before: Sequence[Said] = ()) -> Verdict:
        """What the screen makes of a text; needs no store, and a screen that breaks counts as urgent."""
        try:
            return self.screen.judge(text, before)
        except Exception:  # a broken screen must raise an alarm, not lose one
            return Verdict(Tier.URGENT, Kind.NONE, (Evidence(0, len(text), "failure", "the screen itself failed"),))

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

    def _answer(self, arrival: Arrival, message_id: MessageId, verdict: Verdict, asked: str | None) -> None:
        if arrival.inbound.form is Form.LEFT:
            effects.stop(arrival.connection, self.store.vault, arrival.patient, arrival.now)
            patients.change_address(arrival.connection, arrival.address.id, closed_at=arrival.now)
            return
        word = keyword(arrival.inbound.text)
        if word is Keyword.STOP:
            self._stop(arrival, message_id)
        if arrival.aside:
            self._aside(arrival, arrival.aside, asked)
        elif verdict.tier is not Tier.NONE:
            self._alarm(arrival, message_id, verdict, asked)
        elif word is Keyword.STOP:
            return
        elif word is Keyword.HELP:
            self._say(arrival, "help")
        elif word is Keyword.START and arrival.address.opted_out_at:
            self._start_again(arrival)
        elif not arrival.patient.taken_over_by:  # else it is stored, screened and shown to staff: a person answers
            self._reply(arrival, message_id, asked)

    def _reply(self, arrival: Arrival, message_id: MessageId, asked: str | None) -> None:
        if asked and not arrival.of_skill:
            self._after_safety_question(arrival, asked)
        elif self._is_unreadable(arrival):
            self._unreadable(arrival, message_id)
        else:
            self._ordinary(arrival)

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

    def _unreadable(self, arrival: Arrival, message_id: MessageId) -> None:
        """What can't be heard or seen: said, asked in words, and shown to staff, in an open alarm as one more sign."""
        form, vault = arrival.inbound.form, self.store.vault
        episode = escalations.current(arrival.connection, vault, arrival.patient.id)
        if episode:
            escalations.note(
                arrival.connection, vault, arrival.patient.id, message_id, episode.tier, episode.kind, arrival.now
            )
        elif form in SHOWN_TO_STAFF and arrival.patient.state not in (State.UNKNOWN, State.DECLINED):
            effects.request(arrival.connection, vault, arrival.patient, f"unread_{form}", arrival.now)
        self._say(arrival, UNREADABLE[form], MessageClass.SAFETY if episode else MessageClass.REPLY)

    def _alarm(self, arrival: Arrival, message_id: MessageId, verdict: Verdict, asked: str | None) -> None:
        if arrival.wants_help and arrival.address.opted_out_at and keyword(arrival.inbound.text) is Keyword.START:
            self._start_again(arrival)
        if arrival.answered:
            self.coaching.keep(arrival.connection, arrival.patient, arrival.answered)
        says = raise_alarm(
            arrival.connection,
            self.store.vault,
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
            self._say(arrival, UNREADABLE[arrival.inbound.form], MessageClass.SAFETY)
            says = [Say(question_text(self.coach.crisis, asked), asked=asked)]
        if arrival.patient.taken_over_by and verdict.tier is not Tier.EMERGENCY:
            vigils.end(arrival.connection, arrival.patient.id, vigils.SILENCE)  # nothing is asked: a person is there
            return
        arrival.says += [(say, MessageClass.SAFETY) for say in says]
        if arrival.wants_help and arrival.inbound.channel == "sms" and keyword(arrival.inbound.text) is Keyword.HELP:
            self._say(arrival, "help")  # carriers want HELP answered with who we are, behind what matters more

    @staticmethod
    def _is_unreadable(arrival: Arrival) -> bool:
        return arrival.inbound.form in UNREADABLE and not arrival.inbound.text.strip()

    def _after_safety_question(self, arrival: Arrival, asked: str) -> None:
        """The screen saw a clear no (or its like): ask on, or go back, with care."""
        current = escalations.current(arrival.connection, self.store.vault, arrival.patient.id)
        tier, kind = (Tier(current.tier), Kind(current.kind)) if current else (Tier.NONE, Kind.NONE)
        known = known_questions(None, tier, kind, self._rules_of(arrival.connection, current))
        reading, question = carry_on(self.coach.crisis, asked, arrival.inbound.text, tier, kind, known)
        if reading is Reading.OTHER:
            self._ordinary(arrival)
        elif question is not None:
            arrival.says.append((Say(question.text, asked=question.asked), MessageClass.SAFETY))
            wait_for_answer(arrival.connection, self.coach, arrival.patient, tier, arrival.now)
        elif tier.rank >= Tier.URGENT.rank:
            self._say(arrival, "resting")
        else:
            self._say(arrival, "watch_go_on")
            again = self.coaching.open_question(arrival.connection, arrival.patient)
            arrival.says += [(say, MessageClass.REPLY) for say in again]

    def _rules_of(self, connection: Connection, episode: escalations.Escalation | None) -> list[str]:
        """Which rules of the screen the message met that an escalation stands on."""
        if episode is None or episode.message_id is None:
            return []
        return [str(piece.get("rule")) for piece in inbox.evidence(connection, self.store.vault, episode.message_id)]

    def _stop(self, arrival: Arrival, message_id: MessageId) -> None:
        told_by_provider = arrival.inbound.channel == "sms" and self.settings.sms_provider_confirms_stop
        first = arrival.address.opted_out_at is None
        effects.stop(arrival.connection, self.store.vault, arrival.patient, arrival.now)
        arrival.address = replace(arrival.address, opted_out_at=arrival.now)
        episode = escalations.current(arrival.connection, self.store.vault, arrival.patient.id)
        if episode:  # it stays open, and staff see that the person has opted out
            escalations.note(
                arrival.connection,
                self.store.vault,
                arrival.patient.id,
                message_id,
                episode.tier,
                episode.kind,
                arrival.now,
            )
        if first and not told_by_provider:
            self._say(arrival, "stopped", MessageClass.SAFETY)

    def _start_again(self, arrival: Arrival) -> None:
        for address in patients.addresses_of(arrival.connection, arrival.patient.id):
            patients.change_address(arrival.connection, address.id, opted_out_at=None)
        arrival.address = replace(arrival.address, opted_out_at=None)
        if arrival.patient.state is State.STOPPED:
            effects.resume(arrival.connection, self.store.vault, arrival.patient, arrival.now)
        self._say(arrival, "started")

    def _ordinary(self, arrival: Arrival) -> None:
        if arrival.address.opted_out_at:
            return  # after STOP: nothing but safety, HELP and START
        if arrival.inbound.form is Form.EDIT:
            self._say(arrival, "edited")
        elif arrival.patient.state in (State.UNKNOWN, State.DECLINED):
            self._stranger(arrival)
        elif not has_words(arrival.inbound.text):
            self._say(arrival, "empty")
        elif len(arrival.inbound.text) > LONGEST:
            self._say(arrival, "too_long")
        elif is_foreign(arrival.inbound.text):
            self._say(arrival, "foreign")
        else:
            self._known(arrival)

    def _known(self, arrival: Arrival) -> None:
        if arrival.patient.unanswered:
            patients.change(arrival.connection, self.store.vault, arrival.patient.id, unanswered=0)
        if arrival.inbound.prompt is not None and not self._is_open(arrival):
            self._say(arrival, "already_answered")
            return
        silent = arrival.patient.unanswered and arrival.patient.state is State.ACTIVE
        if silent and not due.of(arrival.connection, arrival.patient.id):  # so long that we had fallen silent, too
            effects.resume(arrival.connection, self.store.vault, arrival.patient, arrival.now)
        arrival.waits = True

    def _is_open(self, arrival: Arrival) -> bool:
        """Whether a pressed button stands under the newest message that has any."""
        newest = outbox.recent(arrival.connection, self.store.vault, arrival.patient.id, 6)
        with_buttons = [row.id for row in newest if row.buttons]
        pressed_before = inbox.recent(arrival.connection, self.store.vault, arrival.patient.id, 2)
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
            patients.change(arrival.connection, self.store.vault, arrival.patient.id, state=State.ENROLLING)
            if arrival.inbound.channel == "sms":
                self._say(arrival, "first_message_sms")
            arrival.says += [(say, MessageClass.REPLY) for say in says]
            return
        name = (
            "invitation_needed" if self.settings.enrolment == "invited" else f"not_enrolled_{arrival.inbound.channel}"
        )
        if not patients.was_told_today(arrival.connection, arrival.patient.id, "stranger:", arrival.now):
            self._say(arrival, name)
            arrival.prefix = "stranger:"

    def _invited(self, arrival: Arrival) -> bool:
        code = arrival.inbound.start_code
        return bool(code) and invitations.use(arrival.connection, str(code), arrival.patient.id, arrival.now)

    def _say(self, arrival: Arrival, phrase: str, message_class: MessageClass = MessageClass.REPLY) -> None:
        known = self._facts(arrival)
        text = fill(variant(self.coach.phrases[phrase], phrase, int(arrival.now.timestamp()) // 60), known)
        arrival.says.append((Say(text), message_class))

    def _facts(self, arrival: Arrival) -> dict[str, Any]:
        person = snapshot.person(
            arrival.connection,
            self.store.vault,
            arrival.patient,
            arrival.now,
            site_name=self.settings.site_name,
            cover=self.cover,
        )
        return facts(self.coach, person)


def _heard(arrival: Arrival) -> None:
    """They wrote: a safety question is silent no more, and a chat that staff have taken over goes on."""
    vigils.end(arrival.connection, arrival.patient.id, vigils.SILENCE)
    if arrival.patient.taken_over_by:
        keep_going(arrival.connection, arrival.patient.id, arrival.now)


def _known(arrival: Arrival) -> Known:
    return known_of(arrival.patient, stopped=arrival.address.opted_out_at is not None)


def known_of(who: Patient | Outline, *, stopped: bool) -> Known:
    """What an answer in danger needs to know of somebody."""
    enrolled = who.state not in (State.UNKNOWN, State.DECLINED)
    return Known(who.country, who.zone, enrolled, who.mode == "guided", stopped)
