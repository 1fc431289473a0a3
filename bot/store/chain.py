"""Walks the audit chain, in pieces that keep nobody waiting: is each entry as it was written, and is none missing?"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from bot.crypto import Vault
from bot.store import staff
from bot.store.database import Store
from bot.store.prepared import Prepared
from bot.store.staff import GENESIS, Entry
from bot.store.tables import audit

SUBJECT = "chain"  # of entries that tell what a walk came to: few, and found by their index
VERIFIED = "audit.verified"
# Rows at a time: some 3 ms of work. Python lets a thread that computes go on for 5 while another one wants to.
PIECE = 250
LOWEST = -(2**63)  # none of ours has a number below 1, but somebody may have put one in
Rest = Callable[[], None]

_TOLD = re.compile(r"(?:whole|broken at (\d{1,19})( cut)?), (\d{1,19}) entries(?: since (\S{10,32}))?")


@dataclass(frozen=True)
class Walk:
    """What a walk over the whole chain came to.

    Attributes:
        count: how many entries are as they were written: all of them, or those before the broken one.
        since: when the first one was written; None where there is none.
        broken_at: id of the first entry that was altered, or follows one that was taken out; None where the chain holds.
        is_cut: entries were cut off at the end (or the head was altered); `broken_at` is the id after the last one left.
    """

    count: int
    since: datetime | None
    broken_at: int | None = None
    is_cut: bool = False

    def told(self) -> str:
        """In codes, as the audit keeps it."""
        how = "whole" if self.broken_at is None else f"broken at {self.broken_at}{' cut' if self.is_cut else ''}"
        return f"{how}, {self.count} entries" + (f" since {self.since.isoformat()}" if self.since else "")


def read(told: str) -> Walk | None:
    """What `Walk.told` wrote; None where it is none of its."""
    found = _TOLD.fullmatch(told)
    if found is None:
        return None
    try:
        since = datetime.fromisoformat(found[4]) if found[4] else None
    except ValueError:
        return None
    return Walk(int(found[3]), since, int(found[1]) if found[1] else None, found[2] is not None)


_next = Prepared(select(audit).where(audit.c.id > bindparam("after")).order_by(audit.c.id).limit(bindparam("piece")))


def walk(
    store: Store, said: Callable[[int], None] = lambda count: None, rest: Rest = lambda: None, piece: int = PIECE
) -> Walk:
    """Walk the whole chain, up to the last entry that is there by then.

    Each piece is read in a transaction of its own that only reads, so nobody waits for this, however long it takes.

    Args:
        store: the database.
        said: told after each piece how many entries held.
        rest: called between pieces, outside of any transaction.
        piece: rows at a time.

    Raises:
        StoreError: the database is away.
    """
    last, head, count, last_id = GENESIS, GENESIS, 0, 0
    since: datetime | None = None
    after = LOWEST
    while True:
        with store.read() as connection:
            if not store.is_sqlite:
                connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            rows, unreadable = _read(connection, after, piece)
            # As of the same instant as the last rows: an entry written between the two would look like one cut off.
            kept = staff.head_link(connection) if len(rows) < piece else ""
        for row in rows:
            link = _link(store.vault, last, row)
            if link is None or link != row.link:
                return Walk(count, since, int(row.id))
            last, head, count, since = link, store.vault.chain(head, link), count + 1, since or row.at
            last_id = after = int(row.id)
        if unreadable is not None:
            return Walk(count, since, unreadable)
        said(count)
        if len(rows) < piece:
            return Walk(count, since) if head == kept else Walk(count, since, last_id + 1, is_cut=True)
        rest()


def _read(connection: Connection, after: int, piece: int) -> tuple[list[Any], int | None]:
    """The next rows, and the id of the first that can't be read as an entry: SQLite keeps anything in any column."""
    try:
        return _next(connection, after=after, piece=piece).all(), None
    except (TypeError, ValueError):
        rows: list[Any] = []
        for _ in range(piece):
            try:
                rows += _next(connection, after=rows[-1].id if rows else after, piece=1).all()
            except (TypeError, ValueError):
                break
        last = rows[-1].id if rows else after
        found = connection.execute(select(audit.c.id).where(audit.c.id > last).order_by(audit.c.id).limit(1))
        return rows, found.scalar_one_or_none()


def _link(vault: Vault, last: str, row: Any) -> str | None:
    """The link that an entry must have; None where no link was ever made over what stands there."""
    try:
        return vault.chain(last, staff.entry_text(row.at, row.staff_id, row.action, row.subject, row.detail))
    except (AttributeError, TypeError, ValueError):
        return None


def keep(connection: Connection, vault: Vault, found: Walk, staff_id: str | None, now: datetime) -> None:
    """Write down what a walk came to, and who asked for it; None: from the command line."""
    staff.record(connection, vault, now, staff_id, VERIFIED, SUBJECT, found.told())


def last_walk(connection: Connection) -> tuple[Entry, Walk] | None:
    """What the last walk came to, with its entry; None where there was none yet."""
    newest = staff.entries(connection, SUBJECT, limit=1)
    found = read(newest[0].detail) if newest else None
    return (newest[0], found) if found else None


def first_at(connection: Connection) -> datetime | None:
    """When the first entry was written; None where there is none."""
    found: datetime | None = connection.execute(select(audit.c.at).order_by(audit.c.id).limit(1)).scalar_one_or_none()
    return found
