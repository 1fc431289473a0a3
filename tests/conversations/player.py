"""Plays a conversation file through the real gateway, Rasa, actions and store, and judges what the coach did."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update

from bot.channels.numbered import numbered
from bot.cli import history
from bot.clock import local
from bot.content.coach import Coach
from bot.content.gsm import count, plain
from bot.conversation.dialogue import Dialogue
from bot.conversation.message import Form, Outgoing
from bot.program.place import Place, from_json
from bot.rehearsal import Backstage, Rehearsal, rehearsal
from bot.safety.screen import Screen
from bot.store import diary, escalations, patients, positions, record
from bot.store.tables import conversations
from bot.store.types import PatientId
from tests.conversations.conversation_file import NOW, SETUP, Conversation, Line, span, until
from tests.conversations.judgement import Heard, Kept, judge, judge_after

SEGMENTS, CRISIS_SEGMENTS = 2, 3
FORMS = {form.value: form for form in Form}


class Player:
    """One conversation on one channel.

    Args:
        script: the file.
        channel: where it is held.
        coach: all content.
        screen: built once for all.
        backstage: the running Rasa.
        forgets: Rasa takes every message for one of a new conversation.
    """

    def __init__(
        self,
        script: Conversation,
        channel: str,
        coach: Coach,
        screen: Screen,
        backstage: Backstage,
        *,
        forgets: bool = False,
    ) -> None:
        self.script, self.channel, self.coach, self.screen, self.backstage = script, channel, coach, screen, backstage
        self.forgets = forgets or script.given.get("trackers") == "lost"
        self.batch: list[Outgoing] = []
        self.transcript: list[str] = []
        self.stage: Rehearsal
        self.zone = "UTC"

    def play(self) -> list[str]:
        """Play it; the transcript.

        Raises:
            AssertionError: names the line that did not go as the file says, with the talk so far.
        """
        asyncio.run(self._play())
        return self.transcript

    async def _play(self) -> None:
        given = self.script.given
        setup = history.parse(
            {"first_name": self.script.patient, "now": str(given.get("now", NOW)).replace(" ", "T")}
            | {name: value for name, value in given.items() if name in SETUP}
        )
        self.zone = history.zone_of(setup, self.coach)
        started = setup.start(self.zone)
        options = {"cover_hours": given.get("cover", ""), "enrolment": given.get("enrolment", "open")}
        stage = rehearsal(self.backstage, self.channel, started, coach=self.coach, screen=self.screen, **options)
        async with stage as self.stage:
            if not given.get("stranger"):
                history.make(self.stage, setup, self.zone)
                if given.get("done_today"):
                    self._check_in(given["done_today"])
                await self.stage.tick()
                self._took(self.stage.mailbox.sent[:])
            for line in self.script.talk:
                try:
                    await self._line(line)
                except AssertionError as error:
                    raise AssertionError(self._told(line, error)) from None
            try:
                self._after(started)
            except AssertionError as error:
                raise AssertionError(self._told(None, error)) from None

    def _told(self, line: Line | None, error: AssertionError) -> str:
        where = f"line {line.number} of talk" if line else "after"
        return f"{self.script.name} on {self.channel}, {where}: {error}\n\n" + "\n".join(self.transcript)

    def _check_in(self, pain: int) -> None:
        """Today's check-in is done already."""
        store, now = self.stage.gateway.store, self.stage.clock.now()
        with store.write() as connection:
            made = diary.checkin(connection, store.vault, self._patient_id(), local(now, self.zone).date(), now)
            diary.tell(connection, store.vault, made, "pain", pain, pain)
            diary.complete(connection, made, now)

    async def _line(self, line: Line) -> None:
        if line.rasa:
            await self._switch(line.rasa == "up")
        if line.at or line.wait:
            now = self.stage.clock.now()
            by = until(line.at, now, self.zone) + timedelta(seconds=1) if line.at else span(line.wait)
            self._took(await self.stage.turn(by))
        if line.staff == "resolves":
            self._resolve()
        if line.said is not None:
            if self.forgets:
                self._forget()
            self._took(await self._say(line.said), line.said)
        if line.coach is not None:
            judge(self._heard(), line.coach)

    async def _switch(self, on: bool) -> None:
        """Rasa comes back, or goes away."""
        gateway = self.stage.gateway
        url = self.backstage.rasa_url if on else "http://127.0.0.1:9"
        await gateway.dialogue.close()
        gateway.dialogue = gateway.worker.dialogue = Dialogue(url, 30)
        if on:
            self.stage.clock.turn(timedelta(minutes=2))
            before = len(self.stage.mailbox.sent)
            await gateway.worker.work_lane(self._patient_id())
            await self.stage.flush()
            self._took(self.stage.mailbox.sent[before:])

    def _forget(self) -> None:
        """Make Rasa take the next message for one of a new conversation: its tracker is empty."""
        with self.stage.gateway.store.write() as connection:
            connection.execute(update(conversations).values(turns=10_000))

    def _resolve(self) -> None:
        """Staff have dealt with the alarm: the programme goes on."""
        store = self.stage.gateway.store
        with store.write() as connection:
            patients.change(connection, store.vault, self._patient_id(), rests_since=None)

    async def _say(self, said: Any) -> list[Outgoing]:
        if not isinstance(said, dict):
            return (await self.stage.say(str(said)))[1]
        if "long" in said:
            return (await self.stage.say((str(said["text"]) * 10_000)[: said["long"]]))[1]
        if said.get("repeated"):
            return (await self.stage.say(str(said["text"]), repeated=True))[1]
        if "edit" in said:
            return (await self.stage.say(said["edit"], Form.EDIT))[1]
        if "media" in said:
            return (await self.stage.say(said.get("text", ""), FORMS[said["media"]]))[1]
        if "join" in said:
            return (await self.stage.say(said.get("text", "/start"), start_code=said["join"]))[1]
        return await self._press(said["button"], bool(said.get("old")))

    async def _press(self, number: int, old: bool) -> list[Outgoing]:
        if self.channel == "sms":
            return (await self.stage.say(str(number)))[1]
        prompts = [sent for sent in self.stage.mailbox.sent if sent.reply.buttons]
        prompt = prompts[-2 if old else -1]
        label = prompt.reply.buttons[number - 1]
        return (await self.stage.say(label, Form.BUTTON, number, prompt=prompt.id))[1]

    def _took(self, sent: list[Outgoing], said: Any = None) -> None:
        now = local(self.stage.clock.now(), self.zone)
        if said is not None:
            self.transcript.append(f"[{now:%a %H:%M}] {self.script.patient}: {_shown(said)}")
        for outgoing in sent:
            self.transcript.append(f"[{now:%a %H:%M}] Coach: " + "\n    ".join(self._text(outgoing).split("\n")))
            self._looks_well(outgoing)
        self.batch = sent

    def _text(self, outgoing: Outgoing) -> str:
        """As the person sees it."""
        if self.channel == "sms":
            return numbered(outgoing.reply.text, outgoing.reply.buttons)
        buttons = "".join(f" [{label}]" for label in outgoing.reply.buttons)
        return outgoing.reply.text + (f"\n{buttons.strip()}" if buttons else "")

    def _looks_well(self, outgoing: Outgoing) -> None:
        """What must hold of every message."""
        text = outgoing.reply.text
        assert text.strip(), "an empty message"
        assert not re.search(r"[{}]|  |\bNone\b(?! of)", text), f"a placeholder is left in: {text}"
        if self.channel == "sms":
            segments = count(plain(self._text(outgoing))).parts
            most = CRISIS_SEGMENTS if outgoing.message_class == "safety" else SEGMENTS
            assert segments <= most, f"{segments} segments: {text}"

    def _heard(self) -> Heard:
        return Heard(self.coach, self.channel, self.batch, [self._text(sent) for sent in self.batch], self._place())

    def _place(self) -> Place:
        store = self.stage.gateway.store
        with store.read() as connection:
            return from_json(positions.get(connection, store.vault, self._patient_id()))

    def _patient_id(self) -> PatientId:
        found = history.patient_of(self.stage)
        assert found, "nobody wrote yet"
        return found

    def _after(self, started: datetime) -> None:
        if not self.script.after:
            return
        store, patient_id = self.stage.gateway.store, self._patient_id()
        with store.read() as connection:
            kept = record.of(connection, store.vault, patient_id)
            alarms = escalations.of_patient(connection, store.vault, patient_id)
        told = [{"tier": str(alarm.tier), "kind": str(alarm.kind)} for alarm in alarms]
        judge_after(Kept(kept, told, self._place(), started.isoformat()), self.script.after)


def _shown(said: Any) -> str:
    if not isinstance(said, dict):
        return str(said)
    if "long" in said:
        return f"({said['long']} characters)"
    if "button" in said:
        return f"(presses {said['button']})"
    if "join" in said:
        return str(said.get("text", "/start"))
    return f"({', '.join(f'{name}: {value}' for name, value in said.items())})"
