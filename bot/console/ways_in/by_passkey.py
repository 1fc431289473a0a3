"""Log in by a passkey alone: the device has it, and has checked its owner, so it is both factors."""

from __future__ import annotations

import hashlib
from datetime import datetime

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response

from bot.clock import Clock
from bot.console.desk import Console
from bot.console.forms import safe_next
from bot.console.gate import render
from bot.console.visit import Json
from bot.console.ways_in import passkeys
from bot.console.ways_in.entering import (
    STALE,
    TOO_MANY,
    Form,
    address_of,
    admit,
    is_visitors,
    log_in_page,
    visitors_token,
)
from bot.console.ways_in.passkeys import Party, party_of
from bot.console.ways_in.password import Then
from bot.store import challenges, staff
from bot.store import passkeys as kept
from bot.store.challenges import Purpose
from bot.store.database import Connection, Store
from bot.store.passkeys import Passkey
from bot.store.staff import Staff
from bot.store.types import StaffId

REFUSED = (
    "That passkey did not open the console: it is not known here, it came too late, or the login is locked. "
    "Try again, or log in with your password."
)


async def ask(console: Console, request: Request, form: Form) -> Response:
    """POST /console/login/passkey/options: a challenge for this browser to have signed, as JSON."""
    party = party_of(console.settings.public_url, request.headers.get("host", ""))
    if party is None or not is_visitors(console, request, form):
        return render(console, None, Json.problem(STALE, 403))
    if not console.tries.may_ask(address_of(request)):
        return render(console, None, Json.problem(TOO_MANY, 429))
    challenge = await anyio.to_thread.run_sync(_issue, console, visitors_token(console, request))
    return render(console, None, Json(passkeys.to_log_in(party, challenge)))


def _issue(console: Console, asker: str) -> bytes:
    with console.store.write() as connection:
        return challenges.issue(connection, Purpose.LOG_IN, asker, console.clock.now())


async def log_in(console: Console, request: Request, form: Form) -> Response:
    """POST /console/login/passkey."""
    wanted, answer = safe_next(form.get("next", "")), form.get("answer", "")
    party = party_of(console.settings.public_url, request.headers.get("host", ""))
    if party is None or not is_visitors(console, request, form):
        return log_in_page(console, request, wanted, 403, STALE)
    named = hashlib.sha256(passkeys.claim_of(answer).credential_id).hexdigest()
    if not console.tries.may_try(address_of(request), named):
        return log_in_page(console, request, wanted, 429, TOO_MANY)
    asker = visitors_token(console, request)
    who = await anyio.to_thread.run_sync(check_passkey, console.store, console.clock, party, asker, answer)
    if who is None:
        return log_in_page(console, request, wanted, 401, REFUSED)
    return await anyio.to_thread.run_sync(admit, console, request, who, Then.IN, wanted)


def check_passkey(store: Store, clock: Clock, party: Party, asker: str, answer: str) -> StaffId | None:
    """Who logs in; None where the answer does not hold, or the login is locked or closed.

    The challenge is spent whatever comes of it. Failures count with those of the password.

    Args:
        asker: what the challenge was bound to (`challenges.issue`).
        answer: what the browser gave, as JSON.
    """
    now, challenge, claim = clock.now(), passkeys.challenge_of(answer), passkeys.claim_of(answer)
    with store.write() as connection:
        if challenge is None or not challenges.take(connection, challenge, Purpose.LOG_IN, asker, now):
            staff.record(connection, store.vault, now, None, "login.passkey_failed", "login", "challenge")
            return None
        key = kept.by_credential(connection, claim.credential_id)
        if key is None or key.staff_id.encode() != claim.owner:
            staff.record(connection, store.vault, now, None, "login.passkey_failed", "login", "unknown")
            return None
        found = staff.by_id(connection, store.vault, key.staff_id)
        if why := found.barred(now):
            staff.record(connection, store.vault, now, found.id, "login.refused", found.id, why)
            return None
        count = passkeys.signed(party, answer, challenge, key.public_key)
        admitted, action = _after(connection, found, key, count, now)
        staff.record(connection, store.vault, now, found.id, action, found.id, "passkey")
        return admitted


def _after(
    connection: Connection, found: Staff, key: Passkey, count: int | None, now: datetime
) -> tuple[StaffId | None, str]:
    """Count the failure or clear the count. A count that did not rise is a sign of a copy: refused, and written down."""
    if count is not None and kept.use(connection, key.id, count, now):
        staff.clear_failures(connection, found)
        return found.id, "login.done"
    if staff.count_failure(connection, found, now):
        return None, "login.locked"
    if count is None:
        return None, "login.passkey_failed"
    return None, "login.passkey_copied"
