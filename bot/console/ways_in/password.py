"""Checks a login and password: slowly, equally slowly whether the login exists, and only so often."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

import anyio.to_thread
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from bot.clock import Clock
from bot.console import codes
from bot.crypto import Vault
from bot.store import factors, staff
from bot.store.database import Connection, Store
from bot.store.staff import Staff
from bot.store.types import StaffId

PER_ADDRESS = RateLimitItemPerMinute(20)
PER_LOGIN = RateLimitItemPerMinute(10)
LONGEST_PASSWORD = 200
AT_ONCE = 2  # each check takes 64 MiB and some 50 ms of a core: more at once would be a way to fell the house

_hasher = PasswordHasher()  # argon2id with the library's parameters (RFC 9106, low-memory profile)
_checks = threading.BoundedSemaphore(AT_ONCE)


@cache
def _nobodys_hash() -> str:
    return _hasher.hash("a login that does not exist costs the same work")


def hash_password(password: str) -> str:
    """The argon2id hash to keep."""
    return _hasher.hash(password)


def _fits(password: str, kept: str | None) -> bool:
    nobodys = _nobodys_hash()
    with _checks:
        try:
            return _hasher.verify(kept or nobodys, password) and kept is not None
        except (VerificationError, InvalidHashError):
            return False


@dataclass(frozen=True)
class Tries:
    """Counts tries to log in, by network address and by login, in a moving minute."""

    limiter: MovingWindowRateLimiter = field(default_factory=lambda: MovingWindowRateLimiter(MemoryStorage()))

    def may_try(self, address: str, login: str) -> bool:
        """Count one try; False where there were too many."""
        return self._hit(PER_ADDRESS, "address", address) and self._hit(PER_LOGIN, "login", login)

    def _hit(self, item: RateLimitItem, what: str, who: str) -> bool:
        return self.limiter.hit(item, "console", what, who)


# The first that a browser's own words hold: most claim to be several.
BROWSERS = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}
SYSTEMS = {
    "Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Windows": "Windows", "Mac OS": "Mac", "Linux": "Linux",
}  # fmt: skip


def browser_of(user_agent: str) -> str:
    """A browser in the words of the member's own list of sessions: "Firefox on Windows"."""
    browser, system = (
        next((name for mark, name in known.items() if mark in user_agent), "") for known in (BROWSERS, SYSTEMS)
    )
    return " on ".join(filter(None, (browser or "A browser", system)))


async def check(store: Store, clock: Clock, login: str, password: str) -> StaffId | None:
    """Who logs in; None where login or password is wrong, or the login is locked.

    The work is the same in each case, and so is the answer: whoever guesses learns nothing. Eight failures in a row
    lock a login for 15 minutes, in which the right password does not open it either.
    """
    login = login.strip().lower()
    kept = await anyio.to_thread.run_sync(_kept_hash, store, login)
    fits = await anyio.to_thread.run_sync(_fits, password[:LONGEST_PASSWORD], kept)
    return await anyio.to_thread.run_sync(_settle, store, clock, login, fits)


def _kept_hash(store: Store, login: str) -> str | None:
    with store.read() as connection:
        found = staff.by_login(connection, store.vault, login)
    return found.password_hash if found else None


def _settle(store: Store, clock: Clock, login: str, fits: bool) -> StaffId | None:
    """Count the failure or clear the count, in one transaction, so that tries side by side can't slip through."""
    now = clock.now()
    with store.write() as connection:
        found = staff.by_login(connection, store.vault, login)
        if found is None:
            staff.record(connection, store.vault, now, None, "login.unknown", "login")
            return None
        if found.locked_until and found.locked_until > now:
            staff.record(connection, store.vault, now, found.id, "login.refused", found.id, "locked")
            return None
        admitted, action = _after_password(connection, found, fits, now)
        staff.record(connection, store.vault, now, found.id, action, found.id)
        return admitted


def _after_password(connection: Connection, found: Staff, fits: bool, now: datetime) -> tuple[StaffId | None, str]:
    """Count the try; whom it lets on, and the audit's word. A password alone clears no count where a code is to follow."""
    if not fits:
        if staff.count_failure(connection, found, now):
            return None, "login.locked"
        return None, "login.failed"
    if factors.is_set(connection, found.id):
        return found.id, "login.password"
    staff.clear_failures(connection, found)
    return found.id, "login.done"


def check_code(store: Store, clock: Clock, token: str, typed: str) -> StaffId | None:
    """Who the code admits, of a session that awaits it: six digits of the app, or a recovery code, each good once.

    Failures count with those of the password: eight in a row lock the login for 15 minutes.
    """
    now = clock.now()
    with store.write() as connection:
        found = staff.by_session(connection, store.vault, token, now, awaits_code=True)
        if found is None:
            return None
        if found.locked_until and found.locked_until > now:
            staff.record(connection, store.vault, now, found.id, "login.refused", found.id, "locked")
            return None
        how = spend_code(connection, store.vault, found.id, typed, now)
        admitted, action = _after_code(connection, found, how, now)
        staff.record(connection, store.vault, now, found.id, action, found.id, how)
        return admitted


def _after_code(connection: Connection, found: Staff, how: str, now: datetime) -> tuple[StaffId | None, str]:
    if not how:
        if staff.count_failure(connection, found, now):
            return None, "login.locked"
        return None, "login.code_failed"
    staff.clear_failures(connection, found)
    return found.id, "login.done"


def spend_code(connection: Connection, vault: Vault, staff_id: StaffId, typed: str, now: datetime) -> str:
    """Spend a code of a member: "code" or "recovery code", "" where it is wrong or was used."""
    if codes.looks_like_recovery(typed):
        return "recovery code" if factors.use_recovery(connection, vault, staff_id, typed, now) else ""
    factor = factors.of(connection, vault, staff_id)
    if factor is None or factor.confirmed_at is None:
        return ""
    step = codes.step_of(factor.key, typed, now)
    return "code" if step is not None and factors.use_step(connection, staff_id, step) else ""
