"""What the operator must know: one row while it lasts, so that it is told once and shown until it is over."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, or_, select, update

from bot.store.database import insert_new
from bot.store.tables import troubles

CLAIM = timedelta(minutes=2)  # longer than telling takes: what a process claimed and died over is told by another


@dataclass(frozen=True)
class Trouble:
    """One that lasts. `told_at` is None until the operator was reached."""

    kind: str
    since: datetime
    told_at: datetime | None
    what: str


def _trouble(row: Row[Any]) -> Trouble:
    return Trouble(row.kind, row.since, row.told_at, row.what)


def listed(connection: Connection) -> list[Trouble]:
    """All that last, the oldest first."""
    rows = connection.execute(select(troubles).order_by(troubles.c.since, troubles.c.kind))
    return [_trouble(row) for row in rows]


def settle(
    connection: Connection, now: datetime, found: dict[str, str], is_over: Callable[[str], bool] = lambda kind: True
) -> tuple[list[Trouble], list[str]]:
    """Compare what is wrong now (kind -> words) with what was. Of several processes, one alone gets each to tell.

    Args:
        is_over: whether a kind that was not found may be taken for over: another process may see what this one can't.

    Returns:
        Troubles that the operator was not told of yet, claimed by the caller, and kinds that are over (their rows are
        gone).
    """
    standing = {trouble.kind for trouble in listed(connection)}
    gone = [kind for kind in standing if kind not in found and is_over(kind)]
    over = [one for kind in gone if (one := _end(connection, kind)) and one.told_at is not None]
    for kind, what in found.items():
        if kind not in standing:
            insert_new(connection, troubles, {"kind": kind, "since": now, "what": what[:200]}, ["kind"])
    return _claim(connection, now, found), [one.kind for one in over]


def _end(connection: Connection, kind: str) -> Trouble | None:
    row = connection.execute(delete(troubles).where(troubles.c.kind == kind).returning(troubles)).one_or_none()
    return _trouble(row) if row else None


def _claim(connection: Connection, now: datetime, kinds: Collection[str]) -> list[Trouble]:
    free = or_(troubles.c.claimed_at.is_(None), troubles.c.claimed_at < now - CLAIM)
    rows = connection.execute(
        update(troubles)
        .where(troubles.c.kind.in_(kinds), troubles.c.told_at.is_(None), free)
        .values(claimed_at=now)
        .returning(troubles)
    )
    return sorted((_trouble(row) for row in rows), key=lambda one: (one.since, one.kind))


def told(connection: Connection, kinds: list[str], now: datetime) -> None:
    """The operator was reached."""
    connection.execute(update(troubles).where(troubles.c.kind.in_(kinds)).values(told_at=now))


def release(connection: Connection, kinds: list[str]) -> None:
    """The operator could not be reached: whoever looks next tries again."""
    connection.execute(
        update(troubles).where(troubles.c.kind.in_(kinds), troubles.c.told_at.is_(None)).values(claimed_at=None)
    )
