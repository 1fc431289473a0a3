"""A house for each test; content and screen are read once, as they take seconds and nobody changes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bot.app import CONTENT
from bot.clock import TurnedClock
from bot.content.coach import Coach, load
from bot.safety.screen import Screen
from bot.store.database import Store
from tests.conftest import MORNING
from tests.support.house import House


@pytest.fixture(scope="session")
def coach() -> Coach:
    """All content."""
    return load(CONTENT, MORNING.date())


@pytest.fixture(scope="session")
def screen(coach: Coach) -> Screen:
    """The safety screen."""
    return Screen(coach.rules)


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
