"""A clock that stands, so that no test's result hangs on how fast the machine is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.clock import TurnedClock


class StandingClock(TurnedClock):
    """Stands where it is set until it is turned: a busy machine makes nothing due."""

    def __init__(self, start: datetime) -> None:
        super().__init__(start)
        self._at = start.astimezone(UTC)

    def now(self) -> datetime:
        """Where it stands, UTC."""
        return self._at

    def turn(self, by: timedelta) -> None:
        """Move forward by `by`."""
        self._at += by
