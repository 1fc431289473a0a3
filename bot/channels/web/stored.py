"""Reads the page's data from the store: a row of the outbox is delivered by being shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from bot.channels.web.view import Cursor, Shown, Side
from bot.clock import Clock
from bot.conversation.message import MessageClass
from bot.store import inbox, outbox, patients
from bot.store.database import Store
from bot.store.inbox import Message
from bot.store.lanes import WAITING as UNANSWERED
from bot.store.outbox import OutboxRow
from bot.store.patients import Address

CHANNEL = "web"
LONGEST = 300  # messages that a page is given at first
WRITING = timedelta(seconds=60)  # after which an answer is late, and the person was told so
# `unknown`: a process died between showing the row and noting it, so it may have been seen.
_SHOWN_STATES = (outbox.SENDING, outbox.SENT, outbox.UNKNOWN, "delivered")
_STEPS = (8, 64, LONGEST)  # how many rows are read; most pages ask for one or two


class _Numbered(Protocol):
    @property
    def id(self) -> int: ...


_Row = TypeVar("_Row", bound=_Numbered)


class StoreView:
    """The `WebView` of the real store.

    Only messages from and to this browser are shown: the same person's texts of another channel are not.

    Args:
        store: the database.
        clock: the present.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def since(self, address: str, after: Cursor) -> list[Shown]:
        """See `WebView.since`."""
        vault, now = self._store.vault, self._clock.now()
        with self._store.read() as connection:
            found = patients.find(connection, vault, CHANNEL, address)
            if found is None:
                return []
            theirs = _newer(lambda limit: inbox.recent(connection, vault, found.patient_id, limit), after.person)
            ours = _newer(lambda limit: outbox.recent(connection, vault, found.patient_id, limit), after.coach)
        said = [_from_person(row) for row in theirs if row.address_id == found.id]
        said += [_from_coach(row) for row in ours if row.address_id == found.id and _is_visible(row, found, now)]
        said.sort(key=lambda shown: (shown.at, shown.side is Side.COACH, shown.number))
        return _newest_buttons_only(said[-LONGEST:])

    def is_writing(self, address: str) -> bool:
        """See `WebView.is_writing`."""
        since = self._clock.now() - WRITING
        with self._store.read() as connection:
            found = patients.find(connection, self._store.vault, CHANNEL, address)
            if found is None:
                return False
            last = inbox.recent(connection, self._store.vault, found.patient_id, 4)
        return any(row.state == UNANSWERED and row.received_at > since and row.address_id == found.id for row in last)

    def image(self, address: str, number: int) -> bytes | None:
        """See `WebView.image`."""
        with self._store.read() as connection:
            found = patients.find(connection, self._store.vault, CHANNEL, address)
            row = outbox.get(connection, self._store.vault, number) if found else None
        if found is None or row is None or row.address_id != found.id:
            return None
        return row.image if _is_visible(row, found, self._clock.now()) else None


def _newer(read: Callable[[int], list[_Row]], after: int) -> list[_Row]:
    """Rows with an id above `after`, at most `LONGEST`, reading few where few are new."""
    rows: list[_Row] = []
    for limit in _STEPS:
        rows = read(limit)
        if len(rows) < limit or rows[0].id <= after:
            break
    return [row for row in rows if row.id > after]


def _is_visible(row: OutboxRow, address: Address, now: datetime) -> bool:
    """Whether a row may be read; one that waits must pass what `conversation.send` will ask (STOP wins here, too)."""
    if row.state != outbox.WAITING:
        return row.state in _SHOWN_STATES
    if row.message_class == MessageClass.SAFETY:
        return True
    if address.closed_at or (address.opted_out_at and not row.dedupe_key.startswith("now:")):
        return False
    return row.expires_at is None or row.expires_at > now


def _from_person(row: Message) -> Shown:
    return Shown(Side.PERSON, row.id, row.text, row.received_at)


def _from_coach(row: OutboxRow) -> Shown:
    return Shown(Side.COACH, row.id, row.text, row.created_at, row.buttons, row.image is not None)


def _newest_buttons_only(said: list[Shown]) -> list[Shown]:
    """Buttons are left on the last message that has any, if the person has said nothing since."""
    keep = -1
    for place, shown in enumerate(said):
        keep = -1 if shown.side is Side.PERSON else place if shown.buttons else keep
    return [replace(shown, buttons=shown.buttons if place == keep else ()) for place, shown in enumerate(said)]
