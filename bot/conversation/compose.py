"""Turns what the coach says into outbox rows: where each message makes a phone buzz, as few as two segments allow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.conversation.message import RANK, MessageClass
from bot.crypto import Vault
from bot.program.turn import Say
from bot.store import outbox
from bot.store.patients import Address
from bot.store.types import PatientId

SMS_LONGEST = 306  # two joined GSM-7 segments
# What stands between two things said in one message; channels not named (a page, a terminal) show each by itself.
BETWEEN = {"sms": "\n", "telegram": "\n\n"}
EXPIRES = {MessageClass.CHECKIN: timedelta(hours=4), MessageClass.LESSON: timedelta(hours=4)}
Classed = tuple[Say, MessageClass]


def _length(say: Say) -> int:
    return len(say.text) + sum(len(label) + 3 for label in say.buttons)


def joined(says: Sequence[Classed], between: str = "\n") -> list[Classed]:
    """Neighbours of one class joined while they fit two SMS segments; what asks something ends a message."""
    out: list[Classed] = []
    for say, message_class in says:
        last, last_class = out[-1] if out else (None, None)
        fits = last is not None and _length(last) + len(between) + _length(say) <= SMS_LONGEST
        if last is not None and fits and last_class == message_class and not last.buttons and not last.asked:
            out[-1] = (replace(say, text=f"{last.text}{between}{say.text}"), message_class)
        else:
            out.append((say, message_class))
    return out


def queue(
    connection: Connection,
    vault: Vault,
    address: Address,
    patient_id: PatientId,
    key: str,
    says: Sequence[Classed],
    now: datetime,
    not_before: datetime | None = None,
) -> int:
    """Write messages to the outbox under keys of their own, so that a second call adds nothing.

    Args:
        key: names the cause, e.g. `reply:812`; the rows get `key:0`, `key:1` …
        not_before: they wait until then, as for the end of quiet hours; None: they may go now.

    Returns:
        How many rows are new.
    """
    added = 0
    between = BETWEEN.get(address.channel)
    for n, (say, message_class) in enumerate(says if between is None else joined(says, between)):
        life = EXPIRES.get(message_class)
        added += outbox.put(
            connection,
            vault,
            patient_id=patient_id,
            address_id=address.id,
            dedupe_key=f"{key}:{n}",
            message_class=message_class,
            rank=RANK[message_class],
            text=say.text,
            buttons=say.buttons,
            asked=say.asked,
            now=now,
            not_before=not_before,
            expires_at=now + life if life else None,
        )
    return added
