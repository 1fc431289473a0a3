"""One world for all attacks that leave nothing behind, and a new one for each module whose attacks may."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from world import World, make


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A console with something in every table, and all that its pages lead to."""
    made = make(tmp_path_factory.mktemp("world"))
    made.learn()
    yield made
    made.clinic.store.close()
