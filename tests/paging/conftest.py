"""Fixtures of paging's tests: a ward on each database, with content read once."""

from __future__ import annotations

import pytest
from ward import BuildWard, Ward

from bot.clock import TurnedClock
from bot.content.coach import Coach
from bot.safety.screen import Screen
from bot.store.database import Store


@pytest.fixture
def build(clock: TurnedClock, coach: Coach, screen: Screen) -> BuildWard:
    """Builds a ward on a store: `build(store, cover="Mon-Fri 09:00-17:00 UTC")`."""

    def made(store: Store, **given: str) -> Ward:
        return Ward(store, clock, coach, screen, **given)

    return made


@pytest.fixture
def ward(store: Store, build: BuildWard) -> Ward:
    """A ward whose team is on duty day and night, on each database."""
    return build(store)


@pytest.fixture
def file_ward(file_store: Store, build: BuildWard) -> Ward:
    """The same on SQLite alone, for what does not depend on the database."""
    return build(file_store)
