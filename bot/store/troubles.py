"""What the operator must know: one row while it lasts, so that it is told once and shown until it is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from bot.store.database import insert_new
from bot.store.tables import troubles


@dataclass(frozen=True)
class Trouble:
    """One that lasts. `told_at` is None until the operator was reached."""

    kind: str
    since: datetime
    told_at: datetime | None
    what: str


def listed(connection: Connection) -> list[Trouble]:
    """All that last, the oldest first."""
    rows = connection.execute(select(troubles).order_by(troubles.c.since, troubles.c.kind))
    return [Trouble(row.kind, row.since, row.told_at, row.what) for row in rows]


def settle(connection: Connection, now: datetime, found: dict[str, str]) -> tuple[list[Trouble], list[str]]:
    """Compare what is wrong now (kind -> words) with what was.

    Returns:
        Troubles that the operator was not told of yet, and kinds that are over (their rows are gone).
    """
    standing = {trouble.kind: trouble for trouble in listed(connection)}
    over = [kind for kind in standing if kind not in found]
    for kind in over:
        connection.execute(delete(troubles).where(troubles.c.kind == kind))
    for kind, what in found.items():
        if kind not in standing:
            insert_new(connection, troubles, {"kind": kind, "since": now, "what": what[:200]}, ["kind"])
    untold = [trouble for trouble in listed(connection) if trouble.told_at is None]
    return untold, [kind for kind in over if standing[kind].told_at is not None]


def told(connection: Connection, kinds: list[str], now: datetime) -> None:
    """The operator was reached."""
    connection.execute(update(troubles).where(troubles.c.kind.in_(kinds)).values(told_at=now))
