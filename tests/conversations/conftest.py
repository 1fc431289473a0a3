"""One Rasa, one reading of the content and one screen for all conversations."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from bot import rasa
from bot.app import CONTENT
from bot.clock import SystemClock
from bot.content.coach import Coach, load
from bot.rehearsal import Backstage, rasa_running
from bot.safety.screen import Screen


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--golden`: write the golden transcripts anew."""
    parser.addoption("--golden", action="store_true", help="write the golden transcripts anew; review them as prose")


@pytest.fixture(scope="session")
def coach() -> Coach:
    """All content."""
    return load(CONTENT, SystemClock().now().date())


@pytest.fixture(scope="session")
def screen(coach: Coach) -> Screen:
    """The safety screen."""
    return Screen(coach.rules)


@pytest.fixture(scope="session")
def backstage() -> Iterator[Backstage]:
    """A real Rasa with the trained model."""
    rasa.train_if_changed(print)
    with asyncio.Runner() as runner:
        stage = rasa_running()
        yield runner.run(stage.__aenter__())
        runner.run(stage.__aexit__(None, None, None))
