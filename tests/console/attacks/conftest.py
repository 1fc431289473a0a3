"""One world for all attacks that leave nothing behind, and a new one for those that may."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from world import World, make


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A console with something in every table, and all that its pages lead to. Leave it as it is."""
    made = make(tmp_path_factory.mktemp("world"))
    made.learn()
    yield made
    made.clinic.store.close()


@pytest.fixture(scope="module")
def own_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Another one, for a module whose attacks change what is stored."""
    made = make(tmp_path_factory.mktemp("own_world"))
    made.learn()
    yield made
    made.clinic.store.close()
