"""What a message is in its place: the screen's verdict with what was said before, and what an answer marks besides."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.coaching.turns import Coaching
from bot.content.coach import Coach
from bot.conversation.reception.arrival import Arrival
from bot.conversation.reception.asides import aside
from bot.crypto import Vault
from bot.safety.crisis import asked_again, question_text
from bot.safety.findings import Finding, verdict_of
from bot.safety.follow import ANSWER_WITHIN_HOURS
from bot.safety.opinion.second import Alone
from bot.safety.rules import Hit
from bot.safety.screen import Evidence, First, Said, Screen, Verdict
from bot.safety.tiers import Kind, Tier
from bot.store import escalations, inbox, outbox
from bot.store.outbox import OutboxRow
from bot.store.patients import Patient
from bot.store.types import MessageId

BEFORE = 4  # messages of each side that the screen reads a message with
HELP_WORD_WITHIN = timedelta(days=1)


class Hearing:
    """Judges a message.

    Args:
        vault: opens what was said before.
        coach: content.
        screen: judges each text in its conversation.
        coaching: knows what an answer to the open question shows.
    """

    def __init__(self, vault: Vault, coach: Coach, screen: Screen, coaching: Coaching) -> None:
        self.vault, self.coach, self.screen, self.coaching = vault, coach, screen, coaching

    def judge(self, text: str, before: Sequence[Said] = ()) -> Verdict:
        """What the screen makes of a text; needs no store, and a screen that breaks counts as urgent."""
        return self.full(self.first(text, before))

    def first(self, text: str, before: Sequence[Said] = ()) -> First:
        """What it finds at once."""
        try:
            return self.screen.first(text, before)
        except Exception:  # a broken screen must raise an alarm, not lose one
            return First(text, tuple(before), (_broken(text),), read=())

    def with_alone(self, first: First, alone: Alone | None) -> First:
        """The same with the encoder's reading of the text alone."""
        try:
            return self.screen.with_alone(first, alone)
        except Exception:
            return first

    def is_known(self, text: str) -> bool:
        """Whether the encoder need not run to read a text alone, or can't."""
        try:
            return self.screen.is_known(text)
        except Exception:
            return True

    def alone(self, text: str) -> Alone | None:
        """That reading; None where it broke, and `full` will tell. Any thread may call."""
        try:
            return self.screen.alone(text)
        except Exception:
            return None

    def full(self, first: First) -> Verdict:
        """The same once the encoder has read it; any thread may call."""
        try:
            return self.screen.full(first)
        except Exception:
            return verdict_of([*first.findings, _broken(first.text)])

    def remark(self, text: str) -> Hit | None:
        """What they say of an earlier verdict."""
        try:
            return self.screen.remarks.of(text)
        except Exception:  # `full` has raised the alarm
            return None

    def before(
        self, connection: Connection, patient: Patient, now: datetime, message: MessageId | None = None
    ) -> tuple[list[Said], OutboxRow | None]:
        """What was said just before, both sides in order, and the coach's last message if it may still be answered.

        Args:
            now: when it came.
            message: its id, where it is stored already and more may have been said since.
        """
        theirs = [
            (row.received_at, 1, int(row.id), row.text, "", Tier(row.tier))
            for row in inbox.recent(connection, self.vault, patient.id, BEFORE, message)
        ]
        if message is None:
            rows = outbox.recent(connection, self.vault, patient.id, BEFORE)
        else:
            rows = outbox.until(connection, self.vault, patient.id, now, BEFORE)
        ours = [(row.created_at, 0, int(row.id), row.text, row.asked or "", Tier.NONE) for row in rows]
        said = [
            Said("person" if mine else "coach", text, (now - at).total_seconds() / 3600, asked, tier)
            for at, mine, _, text, asked, tier in sorted(theirs + ours, key=lambda row: (row[0], not row[1], row[2]))
        ]
        last = max(rows, key=lambda row: (row.created_at, row.id), default=None)
        return said, last if last and now - last.created_at <= timedelta(hours=ANSWER_WITHIN_HOURS) else None

    def in_place(self, arrival: Arrival, verdict: Verdict, before: Sequence[Said], last: OutboxRow | None) -> Verdict:
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
        arrival.remark = self.remark(text)
        if arrival.remark and arrival.remark.tier > verdict.tier:
            said = tuple(Evidence(start, end, "rules", arrival.remark.rule) for start, end in arrival.remark.spans)
            verdict = Verdict(arrival.remark.tier, Kind.NONE, said)
        if crisis.is_help_word(text):
            return self._help_wanted(arrival, verdict)
        return verdict

    def _help_wanted(self, arrival: Arrival, verdict: Verdict) -> Verdict:
        """Within a day of a reply to risk, a word that other lines ask for is a sign that help was wanted (safety.md §2)."""
        since = arrival.now - HELP_WORD_WITHIN
        episode = next(iter(escalations.of_patient(arrival.connection, self.vault, arrival.patient.id)), None)
        if episode is None or (episode.resolved_at and episode.resolved_at < since):
            return verdict
        if not outbox.asked_since(arrival.connection, arrival.patient.id, since):
            return verdict
        arrival.wants_help = True
        sign = Evidence(0, len(arrival.inbound.text), "context", "help_word")
        again = Verdict(Tier(episode.tier), Kind(episode.kind), (sign,))
        return max(again, verdict, key=lambda one: one.tier.rank)


def _broken(text: str) -> Finding:
    return Finding(Tier.URGENT, Kind.NONE, (Evidence(0, len(text), "failure", "the screen itself failed"),))
