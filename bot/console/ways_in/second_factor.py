"""Checks what is typed besides the password: a code of an app, or a recovery code."""

from __future__ import annotations

from datetime import datetime

from bot.clock import Clock
from bot.console.ways_in import codes
from bot.crypto import Vault
from bot.store import factors, sessions, staff
from bot.store.database import Connection, Store
from bot.store.staff import Staff
from bot.store.types import StaffId


def check_code(store: Store, clock: Clock, token: str, typed: str) -> StaffId | None:
    """Who the code admits, of a session that awaits it: six digits of the app, or a recovery code, each good once.

    Failures count with those of the password: eight in a row lock the login for 15 minutes.
    """
    now = clock.now()
    with store.write() as connection:
        staff.hold_chain(connection)  # a try beside this one is counted before this reads the count
        found = sessions.whose(connection, store.vault, token, now, awaits_code=True)
        if found is None:
            return None
        if why := found.barred(now):
            staff.record(connection, store.vault, now, found.id, "login.refused", found.id, why)
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
