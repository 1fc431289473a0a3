"""One public port for all attacks: opening it takes a second."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from doors import Doors, open_doors


@pytest.fixture(scope="session")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    """The public port, open."""
    made = open_doors(tmp_path_factory.mktemp("doors"))
    yield made
    made.close()
