"""Verbs of the command, each in this process, on a home folder of the test's own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli.main import app
from bot.crypto import Vault
from bot.store.database import Store

Evenday = Callable[..., Result]


@pytest.fixture
def site(
    sqlite_url: str, secret: str, vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Store]:
    """The store of a site whose settings name nothing but its home and key."""
    for name in [name for name in os.environ if name.startswith("EVENDAY_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("EVENDAY_HOME", str(tmp_path))
    monkeypatch.setenv("EVENDAY_KEYS", secret)
    made = Store(sqlite_url, vault)
    yield made
    made.close()


@pytest.fixture
def evenday(site: Store) -> Evenday:
    """Runs a verb of that site: `evenday("rota", "show")`."""

    def run(*words: str) -> Result:
        return CliRunner().invoke(app, list(words))

    return run
