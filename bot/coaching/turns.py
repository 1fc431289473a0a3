"""What the custom actions do, one method each: read the person, decide, write, and keep the replies under the message's id.

Every method may be called twice for one message (a crash, a time-out): the second call repeats what the first kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

from sqlalchemy import Connection

from bot.clock import Clock, local
from bot.coaching import alarm, effects, snapshot
from bot.coaching.scene import Answered, Scene, Understood
from bot.content.coach import Coach, Reply
from bot.program import advance as program
from bot.program import reading
from bot.program.condition import holds
from bot.program.facts import facts
from bot.program.person import Person
from bot.program.place import Place, from_json, to_json
from bot.program.steps import ALARM
from bot.program.turn import INTERRUPTED, Effect, Outcome, Result, Say, Turn
from bot.program.wording import fill, variant
from bot.safety.cover import Cover
from bot.safety.tiers import Kind, Tier
from bot.settings import Settings
from bot.store import due, inbox, lanes, patients, positions
from bot.store.database import Store
from bot.store.inbox import Message
from bot.store.patients import Patient, State
from bot.store.types import MessageId

CHECKIN_OPEN = timedelta(hours=20)  # so long a check-in may be answered after its last question
SAID = "said"
# Account matters that a person may settle before, or without, being enrolled.
OPEN_TO_ALL = frozenset({"stop_messages", "delete_my_data", "export_my_data", "talk_to_human", "resume_checkins"})
COACHED = (State.ACTIVE, State.PAUSED)
# While an alarm is open, only a wish that is plainly meant brings the coach's exercises back.
WHILE_RESTING = frozenset(
    {"out_of_scope", "nlu_fallback", "misunderstood", "complain_bot", "affirm", "deny", "skip_question", "thank", ""}
)


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

        return self._once("action_start_skill", heard, self._respond)

    def reply(self, heard: Understood) -> bool:
        """Say the intent's reply, then ask the open question again, or offer what the reply offers.

        Content decides which intents open a conversation, so this does the same as `start_skill`.
        """
        return self._once("action_reply", heard, self._respond)

    def _respond(self, scene: Scene) -> Outcome:
        """What is answered to a message that no open question took: the number of a day, a conversation, or a reply."""
        intent, state = scene.turn.intent, scene.patient.state
        if scene.patient.rests_since and scene.message.received_at <= scene.patient.rests_since:
            return self._plain(scene, [self._phrase("resting", scene)])  # it waited while an alarm came after it
        number = None if scene.place.frames or state not in COACHED else reading.bare_number(scene.turn.text)
        if scene.patient.rests_since and (number is not None or intent in WHILE_RESTING):
            return self._plain(scene, [self._phrase("resting", scene)])
        if number is not None:
            return self._number(scene, number)
        skill_id = self.coach.by_intent.get(intent)
        if skill_id is not None:
            if state not in COACHED and skill_id not in OPEN_TO_ALL:
                return self._enrol(scene)
            return program.start(self.coach, scene.place, skill_id, intent, scene.turn, scene.facts)
        if state in (State.UNKNOWN, State.DECLINED) and not scene.place.frames and intent != "goodbye":
            return self._enrol(scene)
        return self._replied(scene, intent)

    def _number(self, scene: Scene, number: float) -> Outcome:
        """A number that nobody asked for: the day's pain, unless that is known."""
        if scene.facts["checked_in_today"] == "yes":
            return self._plain(scene, [self._phrase("nothing_open", scene)])
        known = {"pain": int(number) if number.is_integer() else number}
        return program.start(self.coach, scene.place, "checkin", "number", scene.turn, scene.facts, known)

    def risk(self, heard: Understood) -> bool:
        """The dialogue's own risk intents: open or raise the escalation, and say the crisis words."""
        tier, kind = alarm.RISK_INTENTS.get(heard.intent, alarm.RISK_INTENTS["risk_suicide"])

        def decide(scene: Scene) -> Outcome:
            if not program.is_alarm(scene.turn):  # the screen has judged these words already
                return self._replied(scene, "nlu_fallback")
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

    def _alarmed(self, marked: Answered) -> Outcome:
        """The turn of an answer that its question marks as a risk, where the reception had not seen it as one."""
        scene, connection = marked.scene, marked.scene.connection
        worst = max(marked.tier, Tier(scene.message.tier))
        inbox.set_state(connection, scene.message.id, tier=worst, kind=marked.kind)
        vault, now, message_id = self.store.vault, self.clock.now(), scene.message.id
        says = alarm.raise_alarm(
            connection, vault, self.coach, self.cover, scene.patient, message_id, worst, marked.kind, now
        )
        place = marked.outcome.place if worst is Tier.WATCH else Place()
        return replace(marked.outcome, place=place, says=tuple(says))

    def begin(self, connection: Connection, patient: Patient, skill_id: str, opened_by: str) -> list[Say]:
        """Open a conversation from the coach's side (a check-in that is due) and tell what to send.

        A skill that was left in the middle stays below a check-in, which asks about it; all else that was open is dropped.
        """
        scene = self._scene(connection, None, patient)
        kept = scene.place.frames if skill_id == "checkin" else ()
        below = Place(tuple(frame for frame in kept if self._kind(frame.skill) == "skill"))
        outcome = program.start(self.coach, below, skill_id, opened_by, scene.turn, scene.facts)
        self._write(scene, outcome)
        return list(outcome.says)

    def answered(self, connection: Connection, patient: Patient, text: str, choice: int | None) -> Answered | None:
        """What a message shows of risk as an answer to the open question, by its marks in content; None if nothing.

        Needs neither Rasa nor the dialogue: a structured answer is judged in the commit that stores it, like free words.
        """
        scene = self._scene(connection, None, patient)
        turn = replace(scene.turn, text=text, choice=choice)
        return _gravest(program.advance(self.coach, scene.place, turn, scene.facts), scene)

    def keep(self, connection: Connection, patient: Patient, answered: Answered) -> None:
        """Write what such an answer sets, and the place behind its question, whose words are not said now."""
        self._write(answered.scene, answered.outcome)

    def asked_plainly(self, connection: Connection, patient: Patient) -> Say | None:
        """The open question in its plainer words, if it is one on danger; its place and tries stay as they are."""
        scene = self._scene(connection, None, patient)
        top = scene.place.top
        skill = self.coach.skills.get(top.skill) if top else None
        step = skill.step(top.step) if top and skill else None
        if skill is None or step is None or skill.asked(step) is None or not step.again:
            return None
        return Say(fill(step.again[0], scene.facts), reading.buttons(step, scene.facts), skill.asked(step))

    def waits_for(self, connection: Connection, patient: Patient, skill_id: str) -> bool:
        """Whether the open question is one of that conversation."""
        top = self._scene(connection, None, patient).place.top
        return top is not None and top.skill == skill_id

    def open_question(self, connection: Connection, patient: Patient) -> list[Say]:
        """The open question once more, nothing where none is open."""
        scene = self._scene(connection, None, patient)
        return list(program.ask_again(self.coach, scene.place, scene.facts))

    def phrase(self, connection: Connection, patient: Patient, name: str) -> Say:
        """One of the coach's own lines, filled for a person."""
        return self._phrase(name, self._scene(connection, None, patient))

    def statement(self, connection: Connection, patient: Patient) -> list[Say]:
        """What the coach is and is not, in the words that were agreed to: all that enrolment says before it asks."""
        scene = self._scene(connection, None, patient)
        agreed = takewhile(lambda step: not step.ask, self.coach.skills["enrolment"].steps)
        return [self._phrase("what_i_am", scene), *(Say(fill(step.say[0], scene.facts)) for step in agreed)]

    def _kind(self, skill_id: str) -> str:
        skill = self.coach.skills.get(skill_id)
        return skill.kind if skill else ""

    def _once(
        self, action: str, heard: Understood, decide: Callable[[Scene], Outcome], message_class: str = "reply"
    ) -> bool:
        with self.store.write(synced=False) as connection:  # what it decides leaves the house only after another commit
            kept = {name for name, _, _ in positions.all_turns(connection, self.store.vault, heard.message_id)}
            if kept:  # a second call; what another action answered was none of this one's business
                return action in kept
            message = inbox.get(connection, self.store.vault, heard.message_id)
            if heard.holder:
                lanes.hold(connection, message.patient_id, heard.holder)
            patient = patients.get(connection, self.store.vault, message.patient_id)
            scene = self._scene(connection, message, patient, heard)
            outcome = decide(scene)
            if outcome.result is INTERRUPTED:
                return False
            marked = _gravest(outcome, scene)
            if marked:
                outcome, message_class = self._alarmed(marked), "safety"
            self._write(scene, outcome)
            says, kind = outcome.says, message_class
            if any(effect.name == "stop" for effect in outcome.effects):  # the one word that may follow an opt-out
                says, kind = (*says, self._phrase("stopped", scene)), "safety"
            replies = [[say.text, list(say.buttons), say.asked, kind] for say in says]
            positions.keep_turn(connection, self.store.vault, patient.id, message.id, action, SAID, replies)
            return True

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
        place = self._fresh(from_json(positions.get(connection, self.store.vault, patient.id)), now)
        known |= self._unfinished(place)
        if message is None:
            message = Message(MessageId(0), patient.id, "", "", "", "", None, now, "none", "none", "done", 0, now, None)
        return Scene(connection, message, patient, place, person, known, turn)

    def _person(self, connection: Connection, patient: Patient, turns: int) -> Person:
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
        now = self.clock.now()
        desk = effects.Desk(scene.connection, self.store.vault, self.coach, scene.patient, scene.person, now)
        effects.apply(desk, outcome.effects)
        if outcome.place != scene.place:
            place = replace(outcome.place, touched=now.isoformat())
            positions.put(scene.connection, self.store.vault, scene.patient.id, to_json(place), now)
        if scene.place.top and scene.place.top.skill == "checkin" and not outcome.place.asleep:
            due.clear(scene.connection, scene.patient.id, effects.REMINDER)  # it is being answered

    def _fresh(self, place: Place, now: datetime) -> Place:
        """The place without a check-in that was left open too long: its day is over, the next begins anew."""
        if not place.touched or now - datetime.fromisoformat(place.touched) < CHECKIN_OPEN:
            return place
        return place.without({frame.skill for frame in place.frames if self._kind(frame.skill) == "checkin"})

    def _unfinished(self, place: Place) -> dict[str, Any]:
        """Facts on a skill that was left in the middle; a new one then waits."""
        left = next((frame.skill for frame in reversed(place.frames) if self._kind(frame.skill) == "skill"), None)
        if left is None:
            return {"unfinished": "no", "unfinished_title": None}
        return {"unfinished": "yes", "unfinished_title": self.coach.skills[left].title, "next_skill": None}

    def _enrol(self, scene: Scene) -> Outcome:
        patients.change(scene.connection, self.store.vault, scene.patient.id, state=State.ENROLLING)
        return program.start(self.coach, scene.place, "enrolment", "other", replace(scene.turn, text=""), scene.facts)

    def _plain(self, scene: Scene, says: list[Say], told: tuple[Effect, ...] = ()) -> Outcome:
        awake = replace(scene.place, asleep=False)
        again = program.ask_again(self.coach, awake, scene.facts)
        return Outcome(Result.MOVE, awake, (*says, *again), told)

    def _replied(self, scene: Scene, intent: str) -> Outcome:
        reply = self.coach.replies.get(intent) or self.coach.replies["out_of_scope"]
        says = [Say(fill(variant(reply.say, intent, scene.message.id), scene.facts))]
        told = tuple(Effect("set", target, value, intent) for target, value in reply.sets.items())
        free = scene.patient.state is State.ACTIVE and not scene.place.frames
        if free and reply.offers and holds(reply.offers_when, scene.facts):
            return self._offered(scene, says, reply, told)
        if free and reply.instead:
            says.append(Say(fill(variant(reply.instead, intent, scene.message.id), scene.facts)))
        return self._plain(scene, says, told)

    def _offered(self, scene: Scene, says: list[Say], reply: Reply, told: tuple[Effect, ...]) -> Outcome:
        asked = fill(variant(reply.offer, reply.offers, scene.message.id), scene.facts)
        known = {"skill": reply.offers, "asked": asked}
        silent = replace(scene.turn, text="")
        opened = program.start(self.coach, scene.place, "offer", "other", silent, scene.facts, known)
        return replace(opened, says=(*says, *opened.says), effects=(*opened.effects, *told))

    def _phrase(self, name: str, scene: Scene) -> Say:
        turn = scene.message.id or int(scene.facts["day"])
        return Say(fill(variant(self.coach.phrases[name], name, turn), scene.facts))


def _gravest(outcome: Outcome, scene: Scene) -> Answered | None:
    marks = [effect for effect in outcome.effects if effect.name == ALARM]
    if not marks:
        return None
    worst = max(marks, key=lambda mark: Tier(mark.target).rank)
    return Answered(Tier(worst.target), Kind(worst.value), worst.skill, outcome, scene)
