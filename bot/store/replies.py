"""Words ready to be sent in a chat that staff took over: of one team, or of all. Titles stand in clear, the words are sealed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, or_, select, update

from bot.crypto import Vault
from bot.store.tables import canned_replies
from bot.store.types import StaffId, TeamId, new_id


@dataclass(frozen=True)
class Canned:
    """One of them. `team_id` None: of all teams. `made_by`: who wrote it as it stands, at `changed_at`."""

    id: str
    team_id: TeamId | None
    title: str
    text: str
    made_by: StaffId | None
    changed_at: datetime


def _canned(row: Row[Any], vault: Vault) -> Canned:
    text = vault.open(row.text_sealed, f"canned_replies.text:{row.id}")
    return Canned(row.id, row.team_id, row.title, text, row.made_by, row.changed_at)


def listed(connection: Connection, vault: Vault, teams: Collection[TeamId]) -> list[Canned]:
    """Those of some teams and of all, by title."""
    ours = or_(canned_replies.c.team_id.is_(None), canned_replies.c.team_id.in_(teams))
    rows = connection.execute(select(canned_replies).where(ours).order_by(canned_replies.c.title, canned_replies.c.id))
    return [_canned(row, vault) for row in rows]


def counts(connection: Connection) -> Mapping[TeamId, int]:
    """How many each team has of its own: they go when it does."""
    query = select(canned_replies.c.team_id, func.count()).where(canned_replies.c.team_id.is_not(None))
    return {TeamId(row[0]): row[1] for row in connection.execute(query.group_by(canned_replies.c.team_id))}


def get(connection: Connection, vault: Vault, reply_id: str) -> Canned | None:
    """The one of that id."""
    row = connection.execute(select(canned_replies).where(canned_replies.c.id == reply_id)).one_or_none()
    return _canned(row, vault) if row else None


def add(
    connection: Connection,
    vault: Vault,
    team_id: TeamId | None,
    title: str,
    text: str,
    made_by: StaffId,
    now: datetime,
) -> str:
    """A new one; its id."""
    made = new_id()
    sealed = vault.seal(text, f"canned_replies.text:{made}")
    connection.execute(
        insert(canned_replies).values(
            id=made, team_id=team_id, title=title, text_sealed=sealed, made_by=made_by, changed_at=now
        )
    )
    return made


def change(
    connection: Connection, vault: Vault, seen: Canned, title: str, text: str, by: StaffId, now: datetime
) -> bool:
    """Write one anew; False where somebody changed or removed it since it was `seen`."""
    sealed = vault.seal(text, f"canned_replies.text:{seen.id}")
    done = connection.execute(
        update(canned_replies)
        .where(canned_replies.c.id == seen.id, canned_replies.c.changed_at == seen.changed_at)
        .values(title=title, text_sealed=sealed, made_by=by, changed_at=now)
    )
    return bool(done.rowcount)


def remove(connection: Connection, seen: Canned) -> bool:
    """Take one away; False where somebody changed or removed it since it was `seen`."""
    done = connection.execute(
        delete(canned_replies).where(canned_replies.c.id == seen.id, canned_replies.c.changed_at == seen.changed_at)
    )
    return bool(done.rowcount)
