"""One Rasa for all conversations."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from bot import rasa
from bot.rehearsal import Backstage, rasa_running


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--golden`: write the golden transcripts anew."""
    parser.addoption("--golden", action="store_true", help="write the golden transcripts anew; review them as prose")


@pytest.fixture(scope="session")
def backstage() -> Iterator[Backstage]:
    """A real Rasa with the trained model."""
    rasa.train_if_changed(print)
    with asyncio.Runner() as runner:
        stage = rasa_running()
        yield runner.run(stage.__aenter__())
        runner.run(stage.__aexit__(None, None, None))
