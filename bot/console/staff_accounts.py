"""Makes staff accounts and passwords: the first supervisor at first run, the others by command."""

from __future__ import annotations

from bot.clock import Clock
from bot.console.login import hash_password
from bot.errors import EvendayError
from bot.store import factors, staff
from bot.store.access import Role
from bot.store.database import Store
from bot.store.types import new_code

FIRST_LOGIN = "supervisor"
PASSWORD_LENGTH = 16  # 16 letters of 31 are 79 bits
SHORTEST = 12


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
    login = login.strip().lower()
    if not login or not name.strip():
        raise EvendayError("a member of staff needs a login and a name")
    if role not in set(Role):
        raise EvendayError(f'there is no role "{role}": use one of {", ".join(Role)}')
    password = new_code(PASSWORD_LENGTH)
    hashed = hash_password(password)
    with store.write() as connection:
        if staff.by_login(connection, store.vault, login):
            raise EvendayError("that login is taken: choose another")
        now = clock.now()
        made = staff.create(connection, store.vault, login, name.strip(), role, hashed, now)
        staff.record(connection, store.vault, now, None, "staff.added", made, role)
    return password


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
    chosen = password if password is not None else new_code(PASSWORD_LENGTH)
    if len(chosen) < SHORTEST:
        raise EvendayError(f"a password needs {SHORTEST} characters or more")
    hashed = hash_password(chosen)
    with store.write() as connection:
        found = staff.by_login(connection, store.vault, login.strip().lower())
        if found is None:
            raise EvendayError("nobody has that login")
        staff.change(connection, found.id, password_hash=hashed, failed=0, locked_until=None)
        staff.close_sessions_of(connection, found.id)
        staff.record(connection, store.vault, clock.now(), None, "staff.password_set", found.id)
    return chosen
