"""What every queue reads of the store, whoever looks at it; and one reading of it for all consoles that are told of a change.

When a case is opened, fifty consoles ask for it in the same instant: read by each of them, that would take the server some
seconds, in which somebody in danger waits to be seen.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from bot.crypto import Vault
from bot.store import changes, demos, drills, escalations, judging, patients, staff, teams
from bot.store.access import Connection
from bot.store.escalations import Escalation
from bot.store.lifecycle import IN_HAND, NOBODY_HAS_IT
from bot.store.patients import Whose
from bot.store.types import PatientId, TeamId

LATELY = timedelta(days=7)
MOST_RESOLVED = 200  # of all teams, of which each reader sees those of their own
SHARED_SECONDS = 2.0  # so long after a change was told, all who ask for it get the same reading


@dataclass(frozen=True)
class Cases:
    """All cases that a queue may show.

    Attributes:
        names: of staff, by id.
        whose: the patients whom they are about.
        titles: of teams.
    """

    names: Mapping[str, str]
    waiting: tuple[Escalation, ...]
    in_hand: tuple[Escalation, ...]
    unread: tuple[Escalation, ...]
    resolved: tuple[Escalation, ...]
    drills: tuple[Escalation, ...]
    demo: tuple[Escalation, ...]
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
        titles={team.id: team.title for team in teams.listed(connection)},
        **{name: tuple(found) for name, found in parts.items()},
    )


class Shared:
    """One reading for all who ask for the same change. A request whose transaction sees another state reads by itself."""

    def __init__(self) -> None:
        self._reading = threading.Lock()
        self._told: tuple[int, ...] | None = None
        self._until = 0.0
        self._found: tuple[tuple[int, ...], Cases] | None = None

    def tell(self, mark: tuple[int, ...]) -> None:
        """All open pages are about to be told of the change that made this mark."""
        self._told, self._until = mark, time.monotonic() + SHARED_SECONDS

    def cases(self, connection: Connection, reads: Callable[[], Cases]) -> Cases:
        """The cases as this transaction sees them, or as another one read them that sees the same.

        Args:
            connection: the open transaction.
            reads: reads them in it.
        """
        if time.monotonic() >= self._until:
            return reads()
        mark = changes.mark(connection)
        if mark != self._told:
            return reads()
        with self._reading:
            if self._found is None or self._found[0] != mark:
                self._found = (mark, reads())
            return self._found[1]
