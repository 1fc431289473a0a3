"""How large a clinic is built, and what all that builds it shares."""

from __future__ import annotations

import base64
import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bench.console.loading import Loader
from bot.crypto import Vault
from bot.store.types import CODE_LETTERS, PatientId, StaffId

NOW = datetime(2026, 11, 24, 2, 12, tzinfo=UTC)  # a Tuesday night: every built clinic stands at this instant
YEAR = timedelta(days=365)
SEED = 5
# The key of a database that is made up from end to end, so that one which was kept opens again.
KEY = base64.urlsafe_b64encode(hashlib.sha256(b"evenday bench").digest()).decode()


@dataclass(frozen=True)
class Plan:
    """How large it is.

    Attributes:
        messages: of patients; about as many replies go out besides.
        staff, teams: how many there are.
    """

    patients: int = 100_000
    messages: int = 1_000_000
    escalations: int = 2_000
    staff: int = 30
    teams: int = 20

    @property
    def heavy(self) -> int:
        """How many patients have a whole year behind them, with thousands of messages."""
        return max(1, min(20, self.patients // 50))

    @property
    def heavy_messages(self) -> int:
        """How many messages each of those wrote."""
        return min(3_000, self.messages // (4 * self.heavy))

    @property
    def unresolved(self) -> int:
        """How many escalations nobody has resolved yet."""
        return max(6, round(0.03 * self.escalations))

    @property
    def entries(self) -> int:
        """How many entries the audit has."""
        return self.messages

    @property
    def name(self) -> str:
        """For a folder."""
        return f"{self.patients}-{self.messages}-{self.escalations}"


@dataclass(frozen=True)
class Person:
    """A patient, as far as others' rows need them."""

    id: PatientId
    address_id: str
    channel: str
    joined_at: datetime
    is_heavy: bool


@dataclass(frozen=True)
class Case:
    """An escalation, as far as the audit needs it."""

    id: str
    code: str
    patient_id: PatientId
    opened_at: datetime


@dataclass
class Site:
    """What all builders share: where rows go, the vault, the plan, chance, and who works here."""

    loader: Loader
    vault: Vault
    plan: Plan
    chance: random.Random
    staff: Sequence[StaffId] = ()
    teams: Sequence[str] = ()

    def new_id(self) -> str:
        """An id as the product makes them, by this site's chance."""
        return self.chance.randbytes(16).hex()


def code(number: int, length: int) -> str:
    """The code of a number: no two numbers have the same, and they look as if drawn."""
    base = len(CODE_LETTERS)
    left = number * 7_919_317 % base**length  # 31 and 7,919,317 have no divisor in common
    letters = []
    for _ in range(length):
        left, n = divmod(left, base)
        letters.append(CODE_LETTERS[n])
    return "".join(letters)
