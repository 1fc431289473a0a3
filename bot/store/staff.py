"""Staff, and the audit chain of what they saw and did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from bot.crypto import Vault
from bot.store import made_up
from bot.store.database import upsert
from bot.store.prepared import Prepared
from bot.store.tables import audit, audit_head, staff
from bot.store.types import StaffId, TeamId, new_id

FAILURES = 8
LOCKED_FOR = timedelta(minutes=15)
GENESIS = "0" * 64
NO_PASSWORD = ""  # in place of a hash: nobody's password fits, until they choose one by a link
_last_link = select(audit.c.link).order_by(audit.c.id.desc()).limit(1).scalar_subquery()
_links = Prepared(select(_last_link.label("last"), select(audit_head.c.link).scalar_subquery().label("head")))
_append = Prepared(insert(audit))
_head = Prepared(select(audit_head.c.link))


@dataclass(frozen=True)
class Staff:
    """One member of staff. `closed_at`: they left; the account opens nothing, and stays for what they signed."""

    id: StaffId
    login: str
    name: str
    role: str
    password_hash: str
    failed: int
    locked_until: datetime | None
    teams: frozenset[TeamId] = frozenset()  # known of whoever asks, by their session
    closed_at: datetime | None = None
    tour_step: int | None = None  # where they stand in the console's tour; None: it is over

    def barred(self, now: datetime) -> str:
        """Why nothing lets them in now, in a word for the audit: "closed", "locked"; "" where nothing keeps them out."""
        if self.closed_at:
            return "closed"
        return "locked" if self.locked_until and self.locked_until > now else ""


@dataclass(frozen=True)
class Entry:
    """One link of the audit chain."""

    id: int
    at: datetime
    staff_id: str | None
    action: str
    subject: str
    detail: str
    link: str


def of_row(row: Row[Any], vault: Vault) -> Staff:
    """A member of staff of their row."""
    name = vault.open(row.name_sealed, f"staff.name:{row.id}")
    return Staff(
        StaffId(row.id),
        row.login,
        name,
        row.role,
        row.password_hash,
        row.failed,
        row.locked_until,
        closed_at=row.closed_at,
        tour_step=row.tour_step,
    )


def create(
    connection: Connection, vault: Vault, login: str, name: str, role: str, password_hash: str, now: datetime
) -> StaffId:
    """A new member of staff, at the beginning of the console's tour."""
    made = StaffId(new_id())
    connection.execute(
        insert(staff).values(
            id=made,
            login=login,
            name_sealed=vault.seal(name, f"staff.name:{made}"),
            role=role,
            password_hash=password_hash,
            failed=0,
            created_at=now,
            tour_step=0,
        )
    )
    return made


def any_exists(connection: Connection) -> bool:
    """Whether there is any staff yet."""
    return connection.execute(select(staff.c.id).limit(1)).first() is not None


def by_login(connection: Connection, vault: Vault, login: str) -> Staff | None:
    """The member of staff with that login, also where the account is closed."""
    row = connection.execute(select(staff).where(staff.c.login == login)).one_or_none()
    return of_row(row, vault) if row else None


def by_id(connection: Connection, vault: Vault, staff_id: StaffId) -> Staff:
    """The member of staff of that id, also where the account is closed.

    Raises:
        NoResultFound: there is none.
    """
    return of_row(connection.execute(select(staff).where(staff.c.id == staff_id)).one(), vault)


def listed(connection: Connection, vault: Vault) -> list[Staff]:
    """All who work here, by login: to be chosen, paged, or written to."""
    rows = connection.execute(select(staff).where(staff.c.closed_at.is_(None)).order_by(staff.c.login))
    return [of_row(row, vault) for row in rows]


def left(connection: Connection, vault: Vault) -> list[Staff]:
    """All whose accounts are closed, by login; nobody who is made up, and never had one."""
    left = select(staff).where(staff.c.closed_at.isnot(None), staff.c.role != made_up.ROLE)
    rows = connection.execute(left.order_by(staff.c.login))
    return [of_row(row, vault) for row in rows]


def names(connection: Connection, vault: Vault) -> dict[str, str]:
    """Every member's name, by id; also of those who left, as they have signed things."""
    rows = connection.execute(select(staff.c.id, staff.c.name_sealed))
    return {row.id: vault.open(row.name_sealed, f"staff.name:{row.id}") for row in rows}


def roles(connection: Connection) -> dict[str, str]:
    """The role of everybody who works here, by id."""
    rows = connection.execute(select(staff.c.id, staff.c.role).where(staff.c.closed_at.is_(None)))
    return {row.id: row.role for row in rows}


def change(connection: Connection, staff_id: StaffId, **values: Any) -> None:
    """Set columns of a member, such as `failed`, `locked_until`, `password_hash`."""
    connection.execute(update(staff).where(staff.c.id == staff_id).values(**values))


def replace_password(connection: Connection, who: Staff, password_hash: str) -> bool:
    """Set a password in place of the one that `who` was read with; False where somebody was first."""
    done = connection.execute(
        update(staff)
        .where(staff.c.id == who.id, staff.c.password_hash == who.password_hash)
        .values(password_hash=password_hash)
    )
    return bool(done.rowcount)


def count_failure(connection: Connection, who: Staff, now: datetime) -> bool:
    """Count a wrong password, code or passkey; the eighth in a row locks the login for 15 minutes, which is told.

    Counted by the database: tries side by side, which all read the same count, are as many.
    """
    hold_chain(connection)
    counted = update(staff).where(staff.c.id == who.id).values(failed=staff.c.failed + 1).returning(staff.c.failed)
    locks = int(connection.execute(counted).scalar_one()) >= FAILURES
    if locks:
        change(connection, who.id, failed=0, locked_until=now + LOCKED_FOR)
    return locks


def clear_failures(connection: Connection, who: Staff) -> None:
    """They are in: what was counted is forgotten."""
    hold_chain(connection)
    change(connection, who.id, failed=0, locked_until=None)


def entry_text(at: datetime, staff_id: str | None, action: str, subject: str, detail: str) -> str:
    """What the link of an audit entry is made over, besides the link before it."""
    return "\n".join((at.isoformat(timespec="microseconds"), staff_id or "", action, subject, detail))


def hold_chain(connection: Connection) -> None:
    """Keep all others who write to the audit waiting until this transaction ends, as `record` does.

    On PostgreSQL whoever takes several locks takes them in this order, or two would wait for each other: sessions, the
    chain, a member of staff or a team, an escalation, its pages and contacts. The console holds the chain from the entry on that
    somebody looks; who comes by another door, and writes an entry at the end, calls this first.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7239)")


def record(
    connection: Connection,
    vault: Vault,
    now: datetime,
    staff_id: str | None,
    action: str,
    subject: str,
    detail: str = "",
) -> None:
    """Add a link to the audit chain. `detail` holds codes and counts, never what a person wrote."""
    hold_chain(connection)  # one writer at a time, or two would share a link
    before = _links(connection).one()
    link = vault.chain(before.last or GENESIS, entry_text(now, staff_id, action, subject, detail))
    _append(connection, at=now, staff_id=staff_id, action=action, subject=subject, detail=detail, link=link)
    head = vault.chain(before.head or GENESIS, link)
    upsert(connection, audit_head, {"id": 1, "link": head}, ["id"], ["link"])


def head_link(connection: Connection) -> str:
    """The chain over all links that were ever written."""
    return str(_head(connection).scalar_one_or_none() or GENESIS)


def entries(connection: Connection, subject: str | None = None, limit: int = 500) -> list[Entry]:
    """Audit entries, the newest first."""
    query = select(audit).order_by(audit.c.id.desc()).limit(limit)
    if subject:
        query = query.where(audit.c.subject == subject)
    return [entry(row) for row in connection.execute(query)]


def entry(row: Row[Any]) -> Entry:
    """An audit entry of its row."""
    return Entry(row.id, row.at, row.staff_id, row.action, row.subject, row.detail, row.link)


def audit_count(connection: Connection) -> int:
    """Number of audit entries."""
    return int(connection.execute(select(func.count()).select_from(audit)).scalar_one())
