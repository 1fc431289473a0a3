"""Checks a login and password: slowly, equally slowly whether the login exists, and only so often."""

from __future__ import annotations

import threading
from datetime import datetime
from enum import StrEnum
from functools import cache

import anyio
import anyio.to_thread
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bot.clock import Clock
from bot.store import factors, staff
from bot.store.database import Connection, Store
from bot.store.staff import Staff
from bot.store.types import StaffId

SHORTEST, LONGEST = 12, 200
AT_ONCE = 2  # each check takes 64 MiB and some 50 ms of a core: more at once would be a way to fell the house

_hasher = PasswordHasher()  # argon2id with the library's parameters (RFC 9106, low-memory profile)
_checks = threading.BoundedSemaphore(AT_ONCE)
# A crowd at the door waits in the event loop, not in the threads that every page needs.
_turns = anyio.CapacityLimiter(AT_ONCE)


class Then(StrEnum):
    """What follows a right password."""

    IN = "in"
    CODE = "code"  # a code is asked for
    PASSKEY = "passkey"  # nothing: the site asks for more than a password, and they have no more than passkeys


@cache
def _nobodys_hash() -> str:
    return _hasher.hash("a login that does not exist costs the same work")


def hash_password(password: str) -> str:
    """The argon2id hash to keep."""
    with _checks:
        return _hasher.hash(password)


def fits(password: str, kept: str | None) -> bool:
    """Whether a password is the one whose hash was kept; where none was, none fits, after the same work."""
    nobodys = _nobodys_hash()
    with _checks:
        try:
            return _hasher.verify(kept or nobodys, password[:LONGEST]) and bool(kept)
        except (VerificationError, InvalidHashError):
            return False


def unfit(password: str, again: str, login: str, name: str) -> str:
    """Why somebody can't choose this password, in words for them; "" where they can."""
    if len(password) < SHORTEST:
        return f"A password needs {SHORTEST} characters or more. Some words in a row are easy to keep in mind."
    if len(password) > LONGEST:
        return f"A password has at most {LONGEST} characters."
    if _plain(password) in {_plain(login), _plain(name)}:
        return "Others know your login and your name. Choose something that only you know."
    return "" if password == again else "The two are not the same. Type the new password twice."


def _plain(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


async def check(
    store: Store, clock: Clock, login: str, password: str, *, needs_factor: bool = False
) -> tuple[StaffId, Then] | None:
    """Who logs in, and what follows; None where login or password is wrong, or the login is locked or closed.

    The work is the same in each case, and so is the answer: whoever guesses learns nothing. Eight failures in a row
    lock a login for 15 minutes, in which the right password does not open it either.

    Args:
        needs_factor: whether the site asks for more than a password.
    """
    login = login.strip().lower()
    kept = await anyio.to_thread.run_sync(_kept_hash, store, login)
    right = await anyio.to_thread.run_sync(fits, password, kept, limiter=_turns)
    return await anyio.to_thread.run_sync(_settle, store, clock, login, right, needs_factor)


def _kept_hash(store: Store, login: str) -> str | None:
    with store.read() as connection:
        found = staff.by_login(connection, store.vault, login)
    return found.password_hash if found else None


def _settle(store: Store, clock: Clock, login: str, right: bool, needs_factor: bool) -> tuple[StaffId, Then] | None:
    """Count the failure or clear the count, in one transaction, so that tries side by side can't slip through."""
    now = clock.now()
    with store.write() as connection:
        staff.hold_chain(connection)  # a try beside this one is counted before this reads the count
        found = staff.by_login(connection, store.vault, login)
        if found is None:
            staff.record(connection, store.vault, now, None, "login.unknown", "login")
            return None
        if why := found.barred(now):
            staff.record(connection, store.vault, now, found.id, "login.refused", found.id, why)
            return None
        then, action = _after(connection, found, right, now, needs_factor)
        staff.record(connection, store.vault, now, found.id, action, found.id)
        return (found.id, then) if then else None


def _after(
    connection: Connection, found: Staff, right: bool, now: datetime, needs_factor: bool
) -> tuple[Then | None, str]:
    """Count the try; what follows, and the audit's word. A password that does not open alone clears no count."""
    if not right:
        if staff.count_failure(connection, found, now):
            return None, "login.locked"
        return None, "login.failed"
    match then := what_follows(connection, found.id, needs_factor):
        case Then.CODE:
            return then, "login.password"
        case Then.PASSKEY:
            return then, "login.needs_passkey"
        case Then.IN:
            staff.clear_failures(connection, found)
            return then, "login.done"


def what_follows(connection: Connection, staff_id: StaffId, needs_factor: bool) -> Then:
    """What is asked of somebody besides the right password."""
    if factors.is_set(connection, staff_id):
        return Then.CODE
    return Then.PASSKEY if needs_factor and factors.has_second(connection, staff_id) else Then.IN
