"""Rows put in by hand, where a test is about the rows themselves."""

from __future__ import annotations

from typing import Any

from bot.clock import TurnedClock
from bot.store import inbox, outbox
from bot.store.database import Store
from bot.store.types import MessageId
from tests.support.people import Person


def put_in(
    store: Store, who: Person, clock: TurnedClock, key: str, text: str = "hello", **more: Any
) -> MessageId | None:
    """One message in."""
    values: dict[str, Any] = {"tier": "none", "kind": "none", "evidence": [], "choice": None, "state": inbox.WAITING}
    with store.write() as connection:
        return inbox.put(
            connection, store.vault, patient_id=who.id, address_id=who.address.id, provider_key=key, form="text",
            text=text, received_at=clock.now(), **{**values, **more},
        )  # fmt: skip


def put_out(store: Store, who: Person, clock: TurnedClock, key: str, kind: str = "reply", **more: Any) -> bool:
    """One message out."""
    rank = {"safety": 0, "reply": 1, "checkin": 2, "lesson": 3}[kind]
    with store.write() as connection:
        return outbox.put(
            connection, store.vault, patient_id=who.id, address_id=who.address.id, dedupe_key=key,
            message_class=kind, rank=rank, text=f"text of {key}", now=clock.now(), **more,
        )  # fmt: skip
