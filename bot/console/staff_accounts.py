"""Makes staff accounts, and gives new starts: by a password that is shown once, or by a link to choose one's own."""

from __future__ import annotations

from datetime import datetime

from bot.clock import Clock
from bot.console.ways_in.password import SHORTEST, hash_password
from bot.crypto import Vault
from bot.errors import EvendayError
from bot.store import factors, sessions, staff, staff_links
from bot.store.access import Role
from bot.store.database import Connection, Store
from bot.store.staff import NO_PASSWORD, Staff
from bot.store.types import StaffId, new_code

FIRST_LOGIN = "supervisor"
PASSWORD_LENGTH = 16  # 16 letters of 31 are 79 bits
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


def added(
    connection: Connection, vault: Vault, now: datetime, by: StaffId | None, login: str, name: str, role: str
) -> StaffId:
    """A new account, which nothing opens yet: the caller gives it a link, or a password.

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
    made = staff.create(connection, vault, login, name, role, NO_PASSWORD, now)
    staff.record(connection, vault, now, by, "staff.added", made, role)
    return made


def _begin_anew(connection: Connection, whose: StaffId, password_hash: str) -> None:
    """The old password opens nothing any more, nor does a link that was not used; the login is unlocked, its sessions end."""
    staff.change(connection, whose, password_hash=password_hash, failed=0, locked_until=None)
    staff_links.void(connection, whose)
    sessions.close_all(connection, whose)


def linked(connection: Connection, vault: Vault, now: datetime, by: StaffId | None, whose: StaffId) -> str:
    """Let somebody choose their own password; the secret of the link, which is good once."""
    _begin_anew(connection, whose, NO_PASSWORD)
    staff.record(connection, vault, now, by, "staff.link_made", whose)
    return staff_links.make(connection, whose, by, now)


def add_staff(store: Store, clock: Clock, login: str, name: str, role: str) -> str:
    """Make an account with a password.

    Returns:
        The password, to be shown once.

    Raises:
        EvendayError: as `added`.
    """
    password = new_code(PASSWORD_LENGTH)
    hashed = hash_password(password)
    with store.write() as connection:
        made = added(connection, store.vault, clock.now(), None, login, name, role)
        staff.change(connection, made, password_hash=hashed)
    return password


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
        EvendayError: nobody works here by that login, or the password is too short.
    """
    if password is not None and len(password) < SHORTEST:
        raise EvendayError(f"a password needs {SHORTEST} characters or more")
    chosen = password or new_code(PASSWORD_LENGTH)
    hashed = hash_password(chosen)
    with store.write() as connection:
        found = _known(connection, store.vault, login)
        _begin_anew(connection, found.id, hashed)
        staff.record(connection, store.vault, clock.now(), None, "staff.password_set", found.id)
    return chosen


def link_for(store: Store, clock: Clock, login: str, name: str, role: str) -> str:
    """A link for somebody, whose account is made if need be; its secret.

    Raises:
        EvendayError: as `added`, or the account is closed.
    """
    with store.write() as connection:
        vault, now = store.vault, clock.now()
        if staff.by_login(connection, vault, login.strip().lower()):
            return linked(connection, vault, now, None, _known(connection, vault, login).id)
        return linked(connection, vault, now, None, added(connection, vault, now, None, login, name, role))


def remove_factor(store: Store, clock: Clock, login: str) -> None:
    """Take a member's codes and passkeys away, unlock the login, and end its sessions: a new start.

    Raises:
        EvendayError: nobody works here by that login, or they have no second factor.
    """
    with store.write() as connection:
        found = _known(connection, store.vault, login)
        if not factors.has_second(connection, found.id):
            raise EvendayError("that login has no second factor: there is nothing to take away")
        factors.remove_all(connection, found.id)
        staff.clear_failures(connection, found)
        sessions.close_all(connection, found.id)
        staff.record(connection, store.vault, clock.now(), None, "factor.reset", found.id)


def _known(connection: Connection, vault: Vault, login: str) -> Staff:
    found = staff.by_login(connection, vault, login.strip().lower())
    if found is None:
        raise EvendayError("nobody has that login")
    if found.closed_at:
        raise EvendayError("that account is closed: an administrator can open it again on the console's page of staff")
    return found
