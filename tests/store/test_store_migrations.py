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
from bot.store import escalations
from bot.store.database import Store
from bot.store.migrate import config, migrate
from bot.store.tables import metadata
from bot.store.types import EscalationId, PatientId
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


def test_an_update_keeps_all_that_was_there_and_pages_what_stands_open(bare: Store) -> None:
    with bare.write() as connection:
        made = config()
        made.attributes["connection"] = connection
        command.upgrade(made, "0001")
        at = "2026-11-23 15:00:00.000000+00:00"
        for table, columns, values in (
            ("patients", "id, code, state, mode, country, zone, language, created_at, unanswered, demo",
             f"'p', 'PPPPPP', 'active', 'unguided', 'US', 'UTC', 'en', '{at}', 0, '0'"),
            ("escalations", "id, code, patient_id, tier, kind, state, opened_at, version",
             f"'e', 'K7QXM', 'p', 'emergency', 'suicide', 'open', '{at}', 1"),
            ("escalations", "id, code, patient_id, tier, kind, state, opened_at, version",
             f"'r', 'K7QXN', 'p', 'emergency', 'suicide', 'resolved', '{at}', 2"),
            ("escalation_events", "escalation_id, at, event", f"'e', '{at}', 'opened'"),
        ):  # fmt: skip
            connection.exec_driver_sql(f"INSERT INTO {table} ({columns}) VALUES ({values})")
    migrate(bare)
    with bare.read() as connection:
        found = {one.code: one for one in escalations.of_patient(connection, bare.vault, PatientId("p"))}
        assert [one.event for one in escalations.history(connection, bare.vault, EscalationId("e"))] == ["opened"]
    assert found["K7QXM"].next_page_at == found["K7QXM"].opened_at
    assert found["K7QXN"].next_page_at is None
