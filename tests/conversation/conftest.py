"""A house for each test."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bot.clock import TurnedClock
from bot.content.coach import Coach
from bot.safety.screen import Screen
from bot.store.database import Store
from tests.support.house import House

BuildHouse = Callable[..., House]


@pytest.fixture
def build(file_store: Store, clock: TurnedClock, coach: Coach, screen: Screen) -> BuildHouse:
    """Builds a house: `build(channel="telegram", enrolment="invited")`."""

    def made(**wishes: Any) -> House:
        return House(file_store, clock, coach, wishes.pop("screen", screen), **wishes)

    return made


@pytest.fixture
def house(build: BuildHouse) -> House:
    """A house on SMS."""
    return build()
