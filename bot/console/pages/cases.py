"""What every queue reads of the store, whoever looks at it: the cases, and of whom they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from bot.crypto import Vault
from bot.store import demos, diary, drills, escalations, judging, patients, staff, teams
from bot.store.access import Connection
from bot.store.diary import Request
from bot.store.escalations import Escalation
from bot.store.lifecycle import IN_HAND, NOBODY_HAS_IT
from bot.store.patients import Whose
from bot.store.types import PatientId, TeamId

LATELY = timedelta(days=7)
MOST_RESOLVED, MOST_REQUESTS = 200, 1_000  # of all teams, of which each reader sees those of their own


@dataclass(frozen=True)
class Cases:
    """All cases that a queue may show. What is open is read whole: cut here, by all teams', a reader's own would be missed.

    Attributes:
        names: of staff, by id.
        requests: what patients asked staff for; `demo_requests`: and those who are made up.
        whose: the patients whom the cases are about.
        titles: of teams.
    """

    names: Mapping[str, str]
    waiting: tuple[Escalation, ...]
    in_hand: tuple[Escalation, ...]
    unread: tuple[Escalation, ...]
    resolved: tuple[Escalation, ...]
    drills: tuple[Escalation, ...]
    demo: tuple[Escalation, ...]
    requests: tuple[Request, ...]
    demo_requests: tuple[Request, ...]
    whose: Mapping[PatientId, Whose]
    titles: Mapping[TeamId, str]

    @property
    def team_of(self) -> dict[PatientId, TeamId | None]:
        """The team of each patient."""
        return {patient_id: one.team_id for patient_id, one in self.whose.items()}


def read(connection: Connection, vault: Vault, now: datetime) -> Cases:
    """Read them."""
    since = now - LATELY
    parts = {
        "waiting": escalations.listed(connection, vault, tuple(NOBODY_HAS_IT)),
        "in_hand": escalations.listed(connection, vault, tuple(IN_HAND)),
        "unread": judging.unread(connection, vault),
        "resolved": escalations.resolved_since(connection, vault, since, limit=MOST_RESOLVED),
        "drills": [one for one in drills.listed(connection, vault) if one.opened_at >= since],
        "demo": demos.cases(connection, vault),
    }
    about = {one.patient_id for one in chain.from_iterable(parts.values())}
    return Cases(
        names=staff.names(connection, vault),
        whose=patients.whose(connection, about),
        requests=tuple(diary.open_requests(connection, limit=MOST_REQUESTS)),
        demo_requests=tuple(demos.requests(connection)),
        titles={team.id: team.title for team in teams.listed(connection)},
        **{name: tuple(found) for name, found in parts.items()},
    )
