"""Checks a login and password: slowly, equally slowly whether the login exists, and only so often."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache

import anyio.to_thread
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from bot.clock import Clock
from bot.store import staff
from bot.store.database import Store
from bot.store.staff import Staff
from bot.store.types import StaffId

FAILURES = 8
LOCKED_FOR = timedelta(minutes=15)
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
        values, action = _verdict(found, fits, now)
        staff.change(connection, found.id, **values)
        staff.record(connection, store.vault, now, found.id, action, found.id)
        return found.id if fits else None


def _verdict(found: Staff, fits: bool, now: datetime) -> tuple[dict[str, object], str]:
    if fits:
        return {"failed": 0, "locked_until": None}, "login.done"
    if found.failed + 1 >= FAILURES:
        return {"failed": 0, "locked_until": now + LOCKED_FOR}, "login.locked"
    return {"failed": found.failed + 1}, "login.failed"
