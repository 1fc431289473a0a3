"""Compares what was delivered with what is stored, and what is stored with what the provider accepted."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from sqlalchemy import select

from bot.conversation.send import LOST
from bot.store import inbox as inbox_rows
from bot.store import outbox as outbox_rows
from bot.store import patients, positions
from bot.store.database import Store
from bot.store.outbox import OutboxRow
from bot.store.tables import inbox
from bot.store.types import PatientId
from tests.faults.people import Talker
from tests.faults.provider import BOT_ID, Accepted


@dataclass
class Verdict:
    """What went wrong, each with a line that says where."""

    lost: int = 0
    doubled: int = 0
    unanswered: int = 0
    out_of_order: int = 0
    messages: int = 0
    replies: int = 0
    told_lost: int = 0
    safety_again: int = 0
    notes: list[str] = field(default_factory=list)

    def add(self, other: Verdict) -> None:
        """Count another verdict's to this one."""
        for name in (
            "lost",
            "doubled",
            "unanswered",
            "out_of_order",
            "messages",
            "replies",
            "told_lost",
            "safety_again",
        ):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.notes += other.notes

    def note(self, kind: str, words: str) -> None:
        """Count one thing that went wrong."""
        setattr(self, kind, getattr(self, kind) + 1)
        self.notes.append(f"{kind}: {words}")


def judge(store: Store, talkers: list[Talker], accepted: list[Accepted]) -> Verdict:
    """All that can be told afterwards."""
    verdict = Verdict()
    for talker in talkers:
        with store.read() as connection:
            address = patients.find(connection, store.vault, "telegram", talker.chat)
            assert address is not None
            rows = connection.execute(
                select(
                    inbox.c.id, inbox.c.provider_key, inbox.c.state, inbox.c.intent, inbox.c.attempts, inbox.c.tier
                ).where(inbox.c.patient_id == address.patient_id)
            ).all()
            turns = {
                int(row.id): [
                    (action, outcome, len(says))
                    for action, outcome, says in positions.all_turns(connection, store.vault, row.id)
                ]
                for row in rows
            }
            sent = outbox_rows.recent(connection, store.vault, address.patient_id, 100_000)
        ids = {row.provider_key: int(row.id) for row in rows}
        mine = [one for one in accepted if one.chat == talker.chat]
        told = {int(row.id): f"{row.state} {row.intent} {row.attempts} {row.tier} {turns[row.id]}" for row in rows}
        _judge_one(verdict, talker, ids, sent, mine, _provider_ids(store, address.patient_id), told)
    return verdict


def _provider_ids(store: Store, patient_id: PatientId) -> dict[int, int]:
    from bot.store.tables import outbox

    with store.read() as connection:
        rows = connection.execute(
            select(outbox.c.id, outbox.c.provider_id).where(
                outbox.c.patient_id == patient_id, outbox.c.provider_id.isnot(None)
            )
        )
        return {int(row.provider_id): int(row.id) for row in rows}


def _judge_one(
    verdict: Verdict,
    talker: Talker,
    ids: dict[str, int],
    sent: list[OutboxRow],
    accepted: list[Accepted],
    by_provider: dict[int, int],
    told: dict[int, str],
) -> None:
    keys = [f"telegram:{BOT_ID}:{number}" for number in talker.delivered]
    verdict.messages += len(keys)
    verdict.replies += len(accepted)
    for key in keys:
        if key not in ids:
            verdict.note("lost", f"{talker.chat}: {key} was taken and is not stored")
    found = [ids[key] for key in keys if key in ids]
    if found != sorted(found):
        verdict.note("out_of_order", f"{talker.chat}: stored in another order than delivered")
    rows = {row.id: row for row in sent}
    arrived = _matched(verdict, talker, accepted, rows, by_provider)
    answered = {_message_of(row.dedupe_key, rows) for row in arrived}
    if any(row.message_class == "safety" for row in arrived):
        # Somebody in danger gets the crisis words instead of what waited to be sent: that is meant.
        answered |= {_message_of(row.dedupe_key, rows) for row in sent if row.state == "dropped" and row.why == "risk"}
    for key, message in ((key, ids[key]) for key in keys if key in ids):
        if message not in answered:
            text = talker.texts[talker.delivered.index(key.rsplit(":", 1)[1])]
            states = [
                (row.dedupe_key, row.state, row.why) for row in sent if _message_of(row.dedupe_key, rows) == message
            ]
            verdict.note("unanswered", f'{talker.chat}: message {message} "{text}" {told[message]} {states}')
    order = [_message_of(row.dedupe_key, rows) for row in arrived if row.dedupe_key.startswith("reply:")]
    if order != sorted(order):
        verdict.note("out_of_order", f"{talker.chat}: replies came in the order {order}")
    verdict.told_lost += sum(row.dedupe_key.startswith(LOST) for row in arrived)


def _matched(
    verdict: Verdict,
    talker: Talker,
    accepted: list[Accepted],
    rows: dict[int, OutboxRow],
    by_provider: dict[int, int],
) -> list[OutboxRow]:
    """The row of each accepted message, in the order of acceptance; what has none of its own was doubled."""
    arrived: list[OutboxRow] = []
    # A row whose sending was cut short has no provider's id: what was accepted of it is known by its words.
    unclear: dict[str, list[OutboxRow]] = defaultdict(list)
    for sent in rows.values():
        if sent.id not in by_provider.values():
            unclear[sent.text.strip()].append(sent)
    for one in accepted:
        row: OutboxRow | None = rows.get(by_provider.get(one.number, 0))
        if row is None and unclear[one.text.strip()]:
            row = unclear[one.text.strip()].pop(0)
        again = [
            each for each in rows.values() if each.message_class == "safety" and each.text.strip() == one.text.strip()
        ]
        if row is None and any(each.attempts > 1 for each in again):
            verdict.safety_again += 1  # crisis words whose fate is unknown go again: that is meant
        elif row is None:
            verdict.note("doubled", f"{talker.chat}: accepted beyond its row: message {one.number} {one.text[:60]!r}")
        else:
            arrived.append(row)
    for row_id, count in Counter(each.id for each in arrived).items():
        if count > 1 and rows[row_id].message_class != "safety":
            verdict.note("doubled", f"{talker.chat}: row {row_id} was accepted {count} times")
    return arrived


def _message_of(key: str, rows: dict[int, OutboxRow]) -> int:
    """The inbound message that a row answers, 0 where it answers none."""
    kind, _, rest = key.partition(":")
    number = rest.split(":")[0]
    if kind == LOST and int(number) in rows:
        return _message_of(rows[int(number)].dedupe_key, rows)
    return int(number) if kind in ("reply", "now", "spooled") else 0


def is_settled(store: Store) -> bool:
    """Whether nothing waits for an answer, and nothing to be sent."""
    with store.read() as connection:
        waiting = connection.execute(select(inbox.c.id).where(inbox.c.state == inbox_rows.WAITING).limit(1)).first()
        counts = outbox_rows.counts(connection)
    return waiting is None and not counts.get(outbox_rows.WAITING) and not counts.get(outbox_rows.SENDING)
