"""How staff are reached: an ordered list of ways for each, the first one first."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from bot.crypto import Vault
from bot.store.tables import contacts
from bot.store.types import StaffId, new_code, new_id, token_hash

FAILED = "failed"  # as `Contact.last_outcome`
LINK_LIFE = timedelta(days=7)
LINK_LETTERS = 20  # of 31: 99 bits


@dataclass(frozen=True)
class Contact:
    """One way to reach one member of staff.

    Attributes:
        way: a value of `paging.route.Way`.
        place: 0 for the one that is tried first.
        has_address: False for a chat that is not linked yet.
        last_outcome: what came of the last page or test: `accepted`, `delivered`, `failed`, `unknown`.
    """

    id: str
    staff_id: StaffId
    way: str
    place: int
    has_address: bool
    verified_at: datetime | None
    last_outcome: str | None
    last_why: str | None
    last_at: datetime | None


def _contact(row: Row[Any]) -> Contact:
    return Contact(
        row.id, StaffId(row.staff_id), row.way, row.place, row.address_sealed is not None, row.verified_at,
        row.last_outcome, row.last_why, row.last_at,
    )  # fmt: skip


def _fingerprint(vault: Vault, address: str) -> str:
    return vault.fingerprint("staff", address)  # of no way: a number that is called is known when it writes


def _next_place(connection: Connection, staff_id: StaffId) -> int:
    last = connection.execute(select(func.max(contacts.c.place)).where(contacts.c.staff_id == staff_id)).scalar()
    return 0 if last is None else int(last) + 1


def add(connection: Connection, vault: Vault, staff_id: StaffId, way: str, address: str, now: datetime) -> str:
    """A new way, after those that are there; the standing one where it is known already. Its id."""
    hashed = _fingerprint(vault, address)
    standing = connection.execute(
        select(contacts.c.id).where(
            contacts.c.staff_id == staff_id, contacts.c.way == way, contacts.c.address_hash == hashed
        )
    ).scalar()
    if standing:
        return str(standing)
    made = new_id()
    connection.execute(
        insert(contacts).values(
            id=made,
            staff_id=staff_id,
            way=way,
            place=_next_place(connection, staff_id),
            address_sealed=vault.seal(address, f"contacts.address:{made}"),
            address_hash=hashed,
            created_at=now,
        )
    )
    return made


def start_link(connection: Connection, staff_id: StaffId, way: str, now: datetime) -> str:
    """A way whose address comes by itself: a code, good for a week, that the person sends from there once."""
    code = new_code(LINK_LETTERS)
    connection.execute(
        insert(contacts).values(
            id=new_id(),
            staff_id=staff_id,
            way=way,
            place=_next_place(connection, staff_id),
            link_hash=token_hash(code),
            link_until=now + LINK_LIFE,
            created_at=now,
        )
    )
    return code


def finish_link(
    connection: Connection, vault: Vault, way: str, code: str, address: str, now: datetime
) -> StaffId | None:
    """Somebody sent a link's code from `address`: whose way it is now; None where the code is wrong, used or too old."""
    row = connection.execute(
        select(contacts).where(
            contacts.c.link_hash == token_hash(code), contacts.c.way == way, contacts.c.link_until > now
        )
    ).one_or_none()
    if row is None:
        return None
    hashed = _fingerprint(vault, address)
    same = (contacts.c.staff_id == row.staff_id, contacts.c.way == way, contacts.c.address_hash == hashed)
    connection.execute(delete(contacts).where(*same))  # linked a second time: the newer place holds
    connection.execute(
        update(contacts)
        .where(contacts.c.id == row.id)
        .values(
            address_sealed=vault.seal(address, f"contacts.address:{row.id}"),
            address_hash=hashed,
            link_hash=None,
            link_until=None,
            verified_at=now,
        )
    )
    return StaffId(row.staff_id)


def remove(connection: Connection, contact_id: str) -> None:
    """A way is no more. Pages that went by it keep their history without it."""
    connection.execute(delete(contacts).where(contacts.c.id == contact_id))


def order(connection: Connection, staff_id: StaffId, ids: list[str]) -> None:
    """Put a person's ways in this order."""
    for place, contact_id in enumerate(ids):
        connection.execute(
            update(contacts).where(contacts.c.id == contact_id, contacts.c.staff_id == staff_id).values(place=place)
        )


def listed(connection: Connection, staff_ids: Collection[StaffId] | None = None) -> list[Contact]:
    """All ways (of some people), by person and place."""
    query = select(contacts).order_by(contacts.c.staff_id, contacts.c.place, contacts.c.id)
    if staff_ids is not None:
        query = query.where(contacts.c.staff_id.in_(set(staff_ids)))
    return [_contact(row) for row in connection.execute(query)]


def get(connection: Connection, contact_id: str) -> Contact | None:
    """One way."""
    row = connection.execute(select(contacts).where(contacts.c.id == contact_id)).one_or_none()
    return _contact(row) if row else None


def open_address(connection: Connection, vault: Vault, contact_id: str) -> str | None:
    """The address in clear, for a route's eyes only; None where there is none (any more)."""
    sealed = connection.execute(select(contacts.c.address_sealed).where(contacts.c.id == contact_id)).scalar()
    return vault.open(sealed, f"contacts.address:{contact_id}") if sealed else None


def by_address(connection: Connection, vault: Vault, address: str) -> list[Contact]:
    """Whose way an address is; several may share a telephone."""
    rows = connection.execute(
        select(contacts).where(contacts.c.address_hash == _fingerprint(vault, address)).order_by(contacts.c.place)
    )
    return [_contact(row) for row in rows]


def set_result(connection: Connection, contact_id: str, outcome: str, why: str, now: datetime) -> None:
    """What came of a page by this way; one that was delivered, or answered, is verified."""
    values: dict[str, Any] = {"last_outcome": outcome, "last_why": why[:80] or None, "last_at": now}
    if outcome == "delivered":
        values["verified_at"] = now
    connection.execute(update(contacts).where(contacts.c.id == contact_id).values(**values))


def usable(connection: Connection) -> list[Contact]:
    """All ways that have an address, by person and place."""
    return [contact for contact in listed(connection) if contact.has_address]


def failing(connection: Connection) -> list[Contact]:
    """Ways by which the last page or test did not go, by person and place."""
    query = select(contacts).where(contacts.c.address_sealed.isnot(None), contacts.c.last_outcome == FAILED)
    rows = connection.execute(query.order_by(contacts.c.staff_id, contacts.c.place, contacts.c.id))
    return [_contact(row) for row in rows]
