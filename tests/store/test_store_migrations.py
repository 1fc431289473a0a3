"""The chain of migrations equals the models, starts from nothing, and is applied whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from bot.crypto import Vault, new_key
from bot.errors import SettingsError, StoreError
from bot.store.database import Store
from bot.store.migrate import config, migrate
from bot.store.tables import metadata
from tests.conftest import MakePatient
from tests.support.cluster import Cluster


@pytest.fixture(params=["sqlite", "postgresql"])
def bare(request: pytest.FixtureRequest, tmp_path: Path, vault: Vault) -> Iterator[Store]:
    """A database with nothing in it."""
    if request.param == "sqlite":
        made = Store(f"sqlite:///{tmp_path / 'deep' / 'bare.sqlite'}", vault)
        yield made
        made.close()
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    made = Store(cluster.create("bare"), vault)
    yield made
    made.close()
    cluster.drop("bare")


def tables(store: Store) -> set[str]:
    """Names of all tables."""
    with store.read() as connection:
        return set(inspect(connection).get_table_names())


def test_the_chain_equals_the_models(store: Store) -> None:
    with store.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_up_from_nothing_makes_every_table(bare: Store) -> None:
    migrate(bare)
    assert tables(bare) == {*metadata.tables, "alembic_version"}
    migrate(bare)  # and a second time changes nothing


def test_down_leaves_nothing(bare: Store) -> None:
    migrate(bare)
    with bare.write() as connection:
        made = config()
        made.attributes["connection"] = connection
        command.downgrade(made, "base")
    assert tables(bare) == {"alembic_version"}


def test_a_newer_schema_is_refused(store: Store) -> None:
    with store.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'ffff'")
    with pytest.raises(StoreError, match="newer Evenday"):
        migrate(store)


def test_a_migration_cut_short_leaves_the_schema_as_it_was(bare: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    upgrade = command.upgrade

    def cut_short(made: object, target: str) -> None:
        upgrade(made, target)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "upgrade", cut_short)
    with pytest.raises(KeyboardInterrupt):
        migrate(bare)
    monkeypatch.undo()
    assert tables(bare) == set()
    migrate(bare)
    assert "patients" in tables(bare)


def test_a_wrong_key_is_told_before_anything_starts(store: Store, a_patient: MakePatient) -> None:
    a_patient()
    store.vault = Vault([new_key()])
    with pytest.raises(SettingsError, match="EVENDAY_KEYS no longer holds"):
        migrate(store)
