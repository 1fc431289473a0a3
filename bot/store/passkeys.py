"""Passkeys of staff: public keys that their devices prove to hold (W3C WebAuthn). A stolen database opens nothing by them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, or_, select, update

from bot.store.database import insert_new
from bot.store.tables import passkeys
from bot.store.types import StaffId, new_id


@dataclass(frozen=True)
class Passkey:
    """One passkey.

    Attributes:
        credential_id: what the device calls it.
        public_key: as the device gave it (COSE, RFC 9052).
        sign_count: how often the device said that it had signed when it was last seen; 0 where it does not count.
        name: what its owner calls it.
        used_at: when it last opened the console; None: never yet.
    """

    id: str
    staff_id: StaffId
    credential_id: bytes
    public_key: bytes
    sign_count: int
    name: str
    created_at: datetime
    used_at: datetime | None


def _passkey(row: Row[Any]) -> Passkey:
    return Passkey(
        row.id, StaffId(row.staff_id), bytes(row.credential_id), bytes(row.public_key), row.sign_count, row.name,
        row.created_at, row.used_at,
    )  # fmt: skip


def add(
    connection: Connection,
    staff_id: StaffId,
    name: str,
    now: datetime,
    *,
    credential_id: bytes,
    public_key: bytes,
    sign_count: int,
) -> bool:
    """Keep a new passkey; False where that credential is somebody's already (WebAuthn §7.1, step 26)."""
    values = {
        "id": new_id(), "staff_id": staff_id, "credential_id": credential_id, "public_key": public_key,
        "sign_count": sign_count, "name": name, "created_at": now,
    }  # fmt: skip
    return insert_new(connection, passkeys, values, ["credential_id"]) is not None


def of(connection: Connection, staff_id: StaffId) -> list[Passkey]:
    """A member's passkeys, the oldest first."""
    query = select(passkeys).where(passkeys.c.staff_id == staff_id).order_by(passkeys.c.created_at, passkeys.c.id)
    return [_passkey(row) for row in connection.execute(query)]


def by_credential(connection: Connection, credential_id: bytes) -> Passkey | None:
    """The passkey that a device calls so."""
    row = connection.execute(select(passkeys).where(passkeys.c.credential_id == credential_id)).one_or_none()
    return _passkey(row) if row else None


def use(connection: Connection, passkey_id: str, sign_count: int, now: datetime) -> bool:
    """A device has signed with it; False where its count did not rise: somebody may have a copy (WebAuthn §6.1.1).

    Devices that don't count say 0 each time, which is as it should be for as long as they never said more.
    """
    rises = passkeys.c.sign_count < sign_count
    done = connection.execute(
        update(passkeys)
        .where(passkeys.c.id == passkey_id, or_(rises, passkeys.c.sign_count == 0) if sign_count == 0 else rises)
        .values(sign_count=sign_count, used_at=now)
    )
    return bool(done.rowcount)


def remove(connection: Connection, staff_id: StaffId, passkey_id: str) -> bool:
    """Take one of a member's own away; False where there is none."""
    done = connection.execute(delete(passkeys).where(passkeys.c.id == passkey_id, passkeys.c.staff_id == staff_id))
    return bool(done.rowcount)
