"""Column types and id types that every table shares."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NewType

from sqlalchemy import DateTime, Dialect
from sqlalchemy.types import TypeDecorator

PatientId = NewType("PatientId", str)
MessageId = NewType("MessageId", int)
EscalationId = NewType("EscalationId", str)
StaffId = NewType("StaffId", str)
TeamId = NewType("TeamId", str)

# No 0/O, 1/I/L: codes are read aloud over the telephone.
CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODES_TRIED = 10


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime on every database; SQLite keeps none, so the zone is put back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database: UTC; a naive datetime is a bug and refused."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime may not be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """From the database: aware, UTC."""
        if not isinstance(value, datetime):
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def new_id() -> str:
    """A random 128-bit id: says nothing, so it may stand in logs and URLs."""
    return secrets.token_hex(16)


def new_code(length: int = 4) -> str:
    """A short code for people to say aloud, such as K7QM."""
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(length))


def new_codes(length: int) -> Iterator[str]:
    """Random codes to try in turn, until one is of no other row: more than enough of them."""
    return (new_code(length) for _ in range(CODES_TRIED))


def token_hash(token: str) -> str:
    """What is kept of a secret that a browser or a link holds: a stolen database opens nothing by it."""
    return hashlib.sha256(token.encode()).hexdigest()
