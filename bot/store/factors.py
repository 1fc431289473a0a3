"""Second factors of staff: a key for one-time codes (RFC 6238), recovery codes of which each opens once, and passkeys."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, union, update

from bot.crypto import Vault
from bot.store.database import upsert
from bot.store.tables import factors, passkeys, recovery_codes
from bot.store.types import StaffId


@dataclass(frozen=True)
class Factor:
    """A key for one-time codes.

    Attributes:
        key: base32, as an authenticator app holds it.
        made_at: when it was made.
        confirmed_at: when a first code showed that the app has it; None: not yet, and it is not asked for.
        last_step: the newest time step whose code was used: that one and older ones open nothing any more.
    """

    key: str
    made_at: datetime
    confirmed_at: datetime | None
    last_step: int


def _place(staff_id: StaffId) -> str:
    return f"factors.key:{staff_id}"


def of(connection: Connection, vault: Vault, staff_id: StaffId) -> Factor | None:
    """A member's key; None where none was begun."""
    row = connection.execute(select(factors).where(factors.c.staff_id == staff_id)).one_or_none()
    if row is None:
        return None
    return Factor(vault.open(row.key_sealed, _place(staff_id)), row.made_at, row.confirmed_at, row.last_step)


def is_set(connection: Connection, staff_id: StaffId) -> bool:
    """Whether a member who gives the password is asked for a code."""
    query = select(factors.c.staff_id).where(factors.c.staff_id == staff_id, factors.c.confirmed_at.isnot(None))
    return connection.execute(query).first() is not None


def has_second(connection: Connection, staff_id: StaffId) -> bool:
    """Whether a member has more than a password: codes or a passkey. The one answer to that question."""
    return staff_id in who_have(connection, staff_id)


def who_have(connection: Connection, staff_id: StaffId | None = None) -> set[StaffId]:
    """Everybody who has more than a password, or the one who is asked for."""
    coded = select(factors.c.staff_id).where(factors.c.confirmed_at.isnot(None))
    keyed = select(passkeys.c.staff_id)
    if staff_id is not None:
        coded, keyed = (query.where(query.selected_columns.staff_id == staff_id) for query in (coded, keyed))
    return {StaffId(row.staff_id) for row in connection.execute(union(coded, keyed))}


def begin(connection: Connection, vault: Vault, staff_id: StaffId, key: str, now: datetime) -> None:
    """Keep a key that is yet to be confirmed, in place of another unconfirmed one; the caller has seen that none is set."""
    values = {
        "staff_id": staff_id, "key_sealed": vault.seal(key, _place(staff_id)), "made_at": now, "confirmed_at": None,
        "last_step": 0,
    }  # fmt: skip
    upsert(connection, factors, values, ["staff_id"], ["key_sealed", "made_at", "confirmed_at", "last_step"])


def confirm(connection: Connection, staff_id: StaffId, step: int, now: datetime) -> bool:
    """The app has the key, as the code of that time step shows; False where it is confirmed already."""
    done = connection.execute(
        update(factors)
        .where(factors.c.staff_id == staff_id, factors.c.confirmed_at.is_(None))
        .values(confirmed_at=now, last_step=step)
    )
    return bool(done.rowcount)


def use_step(connection: Connection, staff_id: StaffId, step: int) -> bool:
    """Spend the code of a time step; False where it, or a newer one, was used (RFC 6238 §5.2: each at most once)."""
    done = connection.execute(
        update(factors).where(factors.c.staff_id == staff_id, factors.c.last_step < step).values(last_step=step)
    )
    return bool(done.rowcount)


def remove(connection: Connection, staff_id: StaffId) -> None:
    """Take key and recovery codes away."""
    for table in (recovery_codes, factors):
        connection.execute(delete(table).where(table.c.staff_id == staff_id))


def remove_all(connection: Connection, staff_id: StaffId) -> None:
    """Take codes and passkeys away: whoever has the lost phone is out, and its owner starts anew."""
    remove(connection, staff_id)
    connection.execute(delete(passkeys).where(passkeys.c.staff_id == staff_id))


def keep_recovery(connection: Connection, vault: Vault, staff_id: StaffId, codes: Iterable[str], now: datetime) -> None:
    """Keep new recovery codes, as hashes, in place of all older ones."""
    connection.execute(delete(recovery_codes).where(recovery_codes.c.staff_id == staff_id))
    rows = [{"staff_id": staff_id, "code_hash": _hash(vault, staff_id, code), "made_at": now} for code in codes]
    connection.execute(insert(recovery_codes), rows)


def use_recovery(connection: Connection, vault: Vault, staff_id: StaffId, code: str, now: datetime) -> bool:
    """Spend a recovery code; False where it is unknown or spent."""
    done = connection.execute(
        update(recovery_codes)
        .where(
            recovery_codes.c.staff_id == staff_id,
            recovery_codes.c.code_hash == _hash(vault, staff_id, code),
            recovery_codes.c.used_at.is_(None),
        )
        .values(used_at=now)
    )
    return bool(done.rowcount)


def recovery_left(connection: Connection, staff_id: StaffId) -> int:
    """How many recovery codes are not spent."""
    query = select(func.count()).where(recovery_codes.c.staff_id == staff_id, recovery_codes.c.used_at.is_(None))
    return int(connection.execute(query.select_from(recovery_codes)).scalar_one())


def _hash(vault: Vault, staff_id: StaffId, code: str) -> str:
    """Keyed, so that a stolen database can't be searched for codes of 60 bits."""
    plain = "".join(letter for letter in code.upper() if letter.isalnum())
    return vault.fingerprint("recovery", f"{staff_id}:{plain}")
