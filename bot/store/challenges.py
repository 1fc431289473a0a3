"""Challenges that a passkey is to sign: each good once, for one purpose, for the browser that asked, for five minutes."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, delete, insert

from bot.store.tables import challenges
from bot.store.types import token_hash

LIFE = timedelta(minutes=5)
BYTES = 32  # WebAuthn §13.4.3: 16 at least


class Purpose(StrEnum):
    """What a challenge is for."""

    REGISTER = "register"
    LOG_IN = "log_in"


def issue(connection: Connection, purpose: Purpose, asker: str, now: datetime) -> bytes:
    """A new challenge; those that are too old go.

    Args:
        purpose: what it is for.
        asker: a secret that the asking browser holds and no other, such as the token of its forms.
        now: the present.
    """
    connection.execute(delete(challenges).where(challenges.c.expires_at <= now))
    made = secrets.token_bytes(BYTES)
    values = {
        "challenge_hash": _hash(made), "purpose": purpose, "bound_to": token_hash(asker), "expires_at": now + LIFE,
    }  # fmt: skip
    connection.execute(insert(challenges).values(**values))
    return made


def take(connection: Connection, challenge: bytes, purpose: Purpose, asker: str, now: datetime) -> bool:
    """Spend a challenge; False where it is unknown, spent, too old, for something else or another browser's."""
    done = connection.execute(
        delete(challenges).where(
            challenges.c.challenge_hash == _hash(challenge),
            challenges.c.purpose == purpose,
            challenges.c.bound_to == token_hash(asker),
            challenges.c.expires_at > now,
        )
    )
    return bool(done.rowcount)


def _hash(challenge: bytes) -> str:
    return hashlib.sha256(challenge).hexdigest()
