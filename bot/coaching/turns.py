"""What the custom actions do, one method each: read the person, decide, write, and keep the replies under the message's id.

Every method may be called twice for one message (a crash, a time-out): the second call repeats what the first kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from bot.clock import Clock, local
from bot.coaching import alarm, effects, snapshot
from bot.content.coach import Coach
from bot.program import advance as program
from bot.program.facts import facts
from bot.program.place import Place, from_json, to_json
from bot.program.turn import INTERRUPTED, Outcome, Result, Say, Turn
from bot.program.wording import fill, variant
from bot.safety.cover import Cover
from bot.safety.tiers import Tier
from bot.settings import Settings
from bot.store import inbox, lanes, patients, positions
from bot.store.database import Store
from bot.store.inbox import Message
from bot.store.patients import Patient, State
from bot.store.types import MessageId

REJECTED = "rejected"
SAID = "said"
# Account matters that a person may settle before, or without, being enrolled.
OPEN_TO_ALL = frozenset({"stop_messages", "delete_my_data", "export_my_data", "talk_to_human", "resume_checkins"})
# While an alarm is open, only a wish that is plainly meant brings the coach's exercises back.
WHILE_RESTING = frozenset(
    {"out_of_scope", "nlu_fallback", "misunderstood", "complain_bot", "affirm", "deny", "skip_question", ""}
)


@dataclass(frozen=True)
class Understood:
    """What Rasa hands to an action: whose message, and what the model made of it.

    Attributes:
        holder: the worker that holds the patient's lane; "" where none does (tests, the terminal).
    """

    message_id: MessageId
    intent: str
    confidence: float
    holder: str = ""


@dataclass(frozen=True)
class Scene:
    """All that one decision needs, read within its transaction."""

    connection: Connection
    message: Message
    patient: Patient
    place: Place
    facts: dict[str, Any]
    turn: Turn


class Coaching:
    """The coach's decisions, each in one transaction.

    Args:
        store: the database.
        coach: content.
        clock: the present.
        settings: the site's name and defaults.
        cover: when staff are on duty.
    """

    def __init__(self, store: Store, coach: Coach, clock: Clock, settings: Settings, cover: Cover) -> None:
        self.store, self.coach, self.clock, self.settings, self.cover = store, coach, clock, settings, cover

    def take_answer(self, heard: Understood) -> bool:
        """Offer the message to the open question; False where it was none of its business (the rules lead then)."""

        def decide(scene: Scene) -> Outcome:
            return program.advance(self.coach, scene.place, scene.turn, scene.facts)

        return self._once("action_take_answer", heard, decide)

    def start_skill(self, heard: Understood) -> bool:
        """Open the conversation that the intent names."""

        def decide(scene: Scene) -> Outcome:
            skill_id = self.coach.by_intent.get(heard.intent)
            if skill_id is None:
                return self._plain(scene, self._reply(scene, heard.intent))
            if (
                scene.patient.state is not State.ACTIVE
                and skill_id not in OPEN_TO_ALL
                and scene.patient.state is not State.PAUSED
            ):
                return self._enrol(scene)
            return program.start(self.coach, scene.place, skill_id, heard.intent, scene.turn, scene.facts)

        return self._once("action_start_skill", heard, decide)

    def reply(self, heard: Understood) -> bool:
        """Say the intent's reply, then ask the open question again, or offer what the reply offers."""

        def decide(scene: Scene) -> Outcome:
            if (
                scene.patient.state in (State.UNKNOWN, State.DECLINED)
                and not scene.place.frames
                and heard.intent != "goodbye"
            ):
                return self._enrol(scene)
            resting = scene.patient.rests_since and heard.intent in WHILE_RESTING
            says = [self._phrase("resting", scene)] if resting else self._reply(scene, heard.intent)
            return self._plain(scene, says, offers=None if resting else self._offer(scene, heard.intent))

        return self._once("action_reply", heard, decide)

    def move(self, heard: Understood) -> bool:
        """Skip, later, repeat, "you got me wrong", with nothing open that could take it."""
        return self.reply(heard)

    def risk(self, heard: Understood) -> bool:
        """The dialogue's own risk intents: open or raise the escalation, and say the crisis words."""
        tier, kind = alarm.RISK_INTENTS.get(heard.intent, alarm.RISK_INTENTS["risk_suicide"])

        def decide(scene: Scene) -> Outcome:
            now = self.clock.now()
            known = Tier(scene.message.tier)
            worst = tier if tier.rank > known.rank else known
            inbox.set_state(scene.connection, scene.message.id, tier=worst, kind=kind)
            says = alarm.raise_alarm(
                scene.connection,
                self.store.vault,
                self.coach,
                self.cover,
                scene.patient,
                scene.message.id,
                worst,
                kind,
                now,
            )
            place = scene.place if worst is Tier.WATCH else Place()
            return Outcome(Result.MOVE, place, tuple(says))

        return self._once("action_risk", heard, decide, message_class="safety")

    def begin(self, connection: Connection, patient: Patient, skill_id: str, opened_by: str) -> list[Say]:
        """Open a conversation from the coach's side (a check-in that is due) and tell what to send.

        What was left in the middle stays below it and is taken up afterwards; an older check-in is dropped.
        """
        scene = self._scene(connection, None, patient)
        below = tuple(
            frame for frame in scene.place.frames if self.coach.skills.get(frame.skill) and self._keeps(frame.skill)
        )
        outcome = program.start(self.coach, Place(below), skill_id, opened_by, scene.turn, scene.facts)
        self._write(scene, outcome)
        return list(outcome.says)

    def open_question(self, connection: Connection, patient: Patient) -> list[Say]:
        """The open question once more, nothing where none is open."""
        scene = self._scene(connection, None, patient)
        return list(program.ask_again(self.coach, scene.place, scene.facts))

    def phrase(self, connection: Connection, patient: Patient, name: str) -> Say:
        """One of the coach's own lines, filled for a person."""
        return self._phrase(name, self._scene(connection, None, patient))

    def _keeps(self, skill_id: str) -> bool:
        return self.coach.skills[skill_id].kind in ("skill", "enrolment")

    def _once(
        self, action: str, heard: Understood, decide: Callable[[Scene], Outcome], message_class: str = "reply"
    ) -> bool:
        with self.store.write() as connection:
            kept = positions.kept_turn(connection, self.store.vault, heard.message_id, action)
            if kept:
                return kept[0] != REJECTED
            message = inbox.get(connection, self.store.vault, heard.message_id)
            if heard.holder:
                lanes.hold(connection, message.patient_id, heard.holder)
            patient = patients.get(connection, self.store.vault, message.patient_id)
            scene = self._scene(connection, message, patient, heard)
            outcome = decide(scene)
            accepted = outcome.result is not INTERRUPTED
            if accepted:
                self._write(scene, outcome)
            replies = (
                [[say.text, list(say.buttons), say.asked, message_class] for say in outcome.says] if accepted else []
            )
            done = SAID if accepted else REJECTED
            positions.keep_turn(connection, self.store.vault, patient.id, message.id, action, done, replies)
            return accepted

    def _scene(
        self, connection: Connection, message: Message | None, patient: Patient, heard: Understood | None = None
    ) -> Scene:
        now = self.clock.now()
        person = self._person(connection, patient, message.id if message else 0)
        known = facts(self.coach, person)
        turn = Turn(
            text=message.text if message else "",
            choice=message.choice if message else None,
            intent=heard.intent if heard else "",
            confidence=heard.confidence if heard else 1.0,
            today=local(now, patient.zone).date(),
            region=str(known["region"]),
        )
        place = from_json(positions.get(connection, self.store.vault, patient.id))
        if message is None:
            message = Message(MessageId(0), patient.id, "", "", "", None, now, "none", "none", "done", 0, now, None)
        return Scene(connection, message, patient, place, known, turn)

    def _person(self, connection: Connection, patient: Patient, turns: int) -> Any:
        return snapshot.person(
            connection,
            self.store.vault,
            patient,
            self.clock.now(),
            site_name=self.settings.site_name,
            cover=self.cover,
            turns=turns,
        )

    def _write(self, scene: Scene, outcome: Outcome) -> None:
        person = self._person(scene.connection, scene.patient, 0)
        now = self.clock.now()
        desk = effects.Desk(scene.connection, self.store.vault, self.coach, scene.patient, person, now)
        effects.apply(desk, outcome.effects)
        if outcome.place != scene.place:
            positions.put(scene.connection, self.store.vault, scene.patient.id, to_json(outcome.place), now)

    def _enrol(self, scene: Scene) -> Outcome:
        patients.change(scene.connection, self.store.vault, scene.patient.id, state=State.ENROLLING)
        return program.start(self.coach, scene.place, "enrolment", "other", replace(scene.turn, text=""), scene.facts)

    def _plain(self, scene: Scene, says: list[Say], offers: str | None = None) -> Outcome:
        if offers:
            return self._offered(scene, says, offers)
        again = program.ask_again(self.coach, scene.place, scene.facts)
        return Outcome(Result.MOVE, replace(scene.place, asleep=False), (*says, *again))

    def _offer(self, scene: Scene, intent: str) -> str | None:
        reply = self.coach.replies.get(intent)
        active = scene.patient.state is State.ACTIVE
        return reply.offers if reply and reply.offers and active and not scene.place.frames else None

    def _offered(self, scene: Scene, says: list[Say], skill_id: str) -> Outcome:
        opened = program.start(self.coach, scene.place, "offer", "other", replace(scene.turn, text=""), scene.facts)
        frame = opened.place.top
        assert frame  # the offer has a question
        reply = next(reply for reply in self.coach.replies.values() if reply.offers == skill_id)
        asked = fill(variant(reply.offer, skill_id, scene.message.id), scene.facts)
        place = opened.place.put(frame.with_answer("skill", skill_id))
        return Outcome(Result.MOVE, place, (*says, replace(opened.says[-1], text=asked)), opened.effects)

    def _reply(self, scene: Scene, intent: str) -> list[Say]:
        reply = self.coach.replies.get(intent) or self.coach.replies["out_of_scope"]
        variants = reply.say
        if reply.say_without_data and not scene.facts.get("checkins_7d"):
            variants = reply.say_without_data
        return [Say(fill(variant(variants, intent, scene.message.id), scene.facts))]

    def _phrase(self, name: str, scene: Scene) -> Say:
        return Say(fill(variant(self.coach.phrases[name], name, scene.message.id), scene.facts))
