"""Makes staff accounts and passwords: the first supervisor at first run, the others by command."""

from __future__ import annotations

from datetime import datetime

from bot.clock import Clock
from bot.console.login import hash_password
from bot.crypto import Vault
from bot.errors import EvendayError
from bot.store import factors, staff
from bot.store.access import Role
from bot.store.database import Connection, Store
from bot.store.staff import Staff
from bot.store.types import StaffId, new_code

FIRST_LOGIN = "supervisor"
PASSWORD_LENGTH = 16  # 16 letters of 31 are 79 bits
SHORTEST = 12
LONGEST_LOGIN, LONGEST_NAME = 64, 80


def ensure_first_supervisor(store: Store, clock: Clock) -> str | None:
    """Make the first account, `supervisor`, where there is no staff at all.

    Returns:
        Its password, to be shown once; None where there is staff already.
    """
    with store.read() as connection:
        if staff.any_exists(connection):
            return None
    password = new_code(PASSWORD_LENGTH)
    hashed = hash_password(password)
    with store.write() as connection:
        if staff.any_exists(connection):  # another process was first
            return None
        now = clock.now()
        made = staff.create(connection, store.vault, FIRST_LOGIN, "Supervisor", Role.SUPERVISOR, hashed, now)
        staff.record(connection, store.vault, now, None, "staff.added", made, Role.SUPERVISOR)
    return password


def add_staff(store: Store, clock: Clock, login: str, name: str, role: str) -> str:
    """Make an account.

    Returns:
        Its password, to be shown once.

    Raises:
        EvendayError: the login is taken or empty, or there is no such role.
    """
    with store.write() as connection:
        return added(connection, store.vault, clock.now(), None, login, name, role)


def added(
    connection: Connection, vault: Vault, now: datetime, by: StaffId | None, login: str, name: str, role: str
) -> str:
    """The same within a transaction, by a member of staff; a rare step, so that the 50 ms of hashing keep nobody long.

    Raises:
        EvendayError: the login is taken or can't be one, there is no name, or no such role.
    """
    login, name = login.strip().lower(), name.strip()
    if not login or not name:
        raise EvendayError("a member of staff needs a login and a name")
    if not (login.isascii() and login.isprintable()) or " " in login or "/" in login or len(login) > LONGEST_LOGIN:
        raise EvendayError(
            f"a login is made of plain letters, digits and signs, at most {LONGEST_LOGIN}, without spaces"
        )
    if len(name) > LONGEST_NAME:
        raise EvendayError(f"a name has at most {LONGEST_NAME} letters")
    if role not in set(Role):
        raise EvendayError(f'there is no role "{role}": use one of {", ".join(Role)}')
    if staff.by_login(connection, vault, login):
        raise EvendayError("that login is taken: choose another")
    password = new_code(PASSWORD_LENGTH)
    made = staff.create(connection, vault, login, name, role, hash_password(password), now)
    staff.record(connection, vault, now, by, "staff.added", made, role)
    return password


def renewed(
    connection: Connection, vault: Vault, now: datetime, by: StaffId | None, whose: Staff, password: str = ""
) -> str:
    """Give a new password (a random one, if none is given), unlock the login and end its sessions; the password."""
    chosen = password or new_code(PASSWORD_LENGTH)
    staff.change(connection, whose.id, password_hash=hash_password(chosen))
    staff.clear_failures(connection, whose)
    staff.close_sessions_of(connection, whose.id)
    staff.record(connection, vault, now, by, "staff.password_set", whose.id)
    return chosen


def remove_factor(store: Store, clock: Clock, login: str) -> None:
    """Take a member's second factor and recovery codes away, unlock the login, and end its sessions: a new start.

    Raises:
        EvendayError: nobody has that login, or they have no second factor.
    """
    with store.write() as connection:
        found = staff.by_login(connection, store.vault, login.strip().lower())
        if found is None:
            raise EvendayError("nobody has that login")
        if not factors.is_set(connection, found.id):
            raise EvendayError("that login has no second factor: there is nothing to take away")
        factors.remove(connection, found.id)
        staff.clear_failures(connection, found)
        staff.close_sessions_of(connection, found.id)
        staff.record(connection, store.vault, clock.now(), None, "factor.reset", found.id)


def set_password(store: Store, clock: Clock, login: str, password: str | None = None) -> str:
    """Give an account a new password, unlock it, and end its sessions.

    Args:
        store: the database.
        clock: the present.
        login: whose.
        password: the new one, 12 characters or more; None: a random one.

    Returns:
        The new password.

    Raises:
        EvendayError: nobody has that login, or the password is too short.
    """
    if password is not None and len(password) < SHORTEST:
        raise EvendayError(f"a password needs {SHORTEST} characters or more")
    with store.write() as connection:
        found = staff.by_login(connection, store.vault, login.strip().lower())
        if found is None:
            raise EvendayError("nobody has that login")
        return renewed(connection, store.vault, clock.now(), None, found, password or "")
