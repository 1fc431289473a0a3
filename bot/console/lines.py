"""The conversation as staff read it: both sides in order, flagged words marked, and what became of each of ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.console import words
from bot.console.visit import Visit
from bot.conversation.takeover import STAFF
from bot.store import inbox, outbox
from bot.store.inbox import Message
from bot.store.outbox import OutboxRow
from bot.store.types import MessageId, PatientId

AROUND = 10
_NOBODY: Mapping[str, str] = {}


@dataclass(frozen=True)
class Span:
    """A piece of a text; `marked` where the screen saw something in it."""

    text: str
    marked: bool


@dataclass(frozen=True)
class Line:
    """One message of either side."""

    id: int
    is_patients: bool
    at: datetime
    spans: tuple[Span, ...]
    form: str
    tier: str
    state: str
    is_bad: bool
    why: str
    channel: str
    buttons: tuple[str, ...]
    is_it: bool = False
    writer: str = ""  # of ours: the name of the person who wrote it, "" where the coach did


@dataclass(frozen=True)
class Reason:
    """One thing that decided, in words, and all that it saw in the message."""

    layer: str
    rule: str
    rule_id: str
    quotes: tuple[str, ...]


def spans(text: str, evidence: Sequence[dict[str, Any]]) -> tuple[Span, ...]:
    """The text cut at the evidence's offsets; overlaps join, and offsets beyond the text are cut to it."""
    marked = [False] * len(text)
    for piece in evidence:
        start, end = max(0, int(piece["start"])), min(len(text), int(piece["end"]))
        for i in range(start, end):
            marked[i] = True
    out: list[Span] = []
    at = 0
    for i in range(1, len(text) + 1):
        if i == len(text) or marked[i] != marked[at]:
            out.append(Span(text[at:i], marked[at]))
            at = i
    return tuple(out)


def reasons(visit: Visit, text: str, evidence: Sequence[dict[str, Any]]) -> list[Reason]:
    """What decided, once each: the layer and the rule in words, and the words that it saw."""
    seen: dict[tuple[str, str], list[str]] = {}
    for piece in evidence:
        quote = text[max(0, int(piece["start"])) : int(piece["end"])].strip()
        seen.setdefault((str(piece["layer"]), str(piece["rule"])), []).append(quote)
    return [
        Reason(words.said(words.LAYERS, layer), visit.console.reasons.get(rule, ""), rule, _whole(quotes))
        for (layer, rule), quotes in seen.items()
    ]


def _whole(quotes: Sequence[str]) -> tuple[str, ...]:
    """Each once, without those that stand in a longer one."""
    once = list(dict.fromkeys(filter(None, quotes)))
    return tuple(one for one in once if not any(one != other and one in other for other in once))


def theirs(visit: Visit, message: Message, *, is_it: bool = False) -> Line:
    """A patient's message as a line."""
    return Line(
        id=message.id,
        is_patients=True,
        at=message.received_at,
        spans=spans(message.text, message.evidence if message.tier != "none" else ()),
        form=words.said(words.FORMS, message.form),
        tier=message.tier,
        state="",
        is_bad=False,
        why="",
        channel="",
        buttons=(),
        is_it=is_it,
    )


def ours(row: OutboxRow, names: Mapping[str, str] = _NOBODY) -> Line:
    """A message of ours as a line, with what became of it; `names` of staff, who may have written it."""
    kind, _, rest = row.dedupe_key.partition(":")
    return Line(
        id=row.id,
        is_patients=False,
        at=row.created_at,
        spans=(Span(row.text, marked=False),),
        form="",
        tier="none",
        state=words.said(words.DELIVERY, row.state),
        is_bad=row.state in words.BAD_DELIVERY,
        why=row.why or "",
        channel=words.said(words.CHANNELS, row.channel),
        buttons=row.buttons,
        writer=names.get(rest.partition(":")[0], "") if kind == STAFF else "",
    )


def _in_order(lines: list[Line]) -> list[Line]:
    # At one instant the patient's message comes first: ours answers it.
    return sorted(lines, key=lambda line: (line.at, not line.is_patients, line.id))


def around(visit: Visit, patient_id: PatientId, it: Message) -> list[Line]:
    """The message itself and the ten around it: five before, five after, or more where the other side has less."""
    connection, vault = visit.connection, visit.vault
    at = it.received_at
    said = inbox.until(connection, vault, patient_id, at, AROUND + 1) + inbox.after(
        connection, vault, patient_id, at, AROUND
    )
    sent = outbox.until(connection, vault, patient_id, at, AROUND) + outbox.after(
        connection, vault, patient_id, at, AROUND
    )
    mine = [theirs(visit, message, is_it=message.id == it.id) for message in said]
    names = visit.names
    lines = _in_order(mine + [ours(row, names) for row in sent])
    place = next((i for i, line in enumerate(lines) if line.is_it), len(lines))
    return window(lines, place)


def window(lines: list[Line], place: int) -> list[Line]:
    """Ten neighbours of the line at `place`, and itself."""
    after = min(AROUND // 2, len(lines) - place - 1)
    before = min(AROUND - after, place)
    after = min(AROUND - before, len(lines) - place - 1)
    return lines[place - before : place + after + 1]


def last(visit: Visit, patient_id: PatientId, until: datetime, limit: int) -> list[Line]:
    """The last messages of both sides up to an instant, oldest first."""
    connection, vault = visit.connection, visit.vault
    said = [theirs(visit, message) for message in inbox.until(connection, vault, patient_id, until, limit)]
    names = visit.names
    sent = [ours(row, names) for row in outbox.until(connection, vault, patient_id, until, limit)]
    return _in_order(said + sent)[-limit:]


def message(visit: Visit, message_id: MessageId | None) -> Message | None:
    """A message, if it is still there."""
    if message_id is None:
        return None
    try:
        return inbox.get(visit.connection, visit.vault, message_id)
    except KeyError:
        return None
