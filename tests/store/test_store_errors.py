"""What the database does wrong becomes one error that says what to do, and quotes no value."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from bot.clock import TurnedClock
from bot.crypto import Vault
from bot.errors import SettingsError, StoreError
from bot.store import patients
from bot.store.database import Store
from bot.store.tables import patients as table
from tests.conftest import MakePatient
from tests.support.cluster import Cluster
from tests.support.people import make_patient


@pytest.mark.parametrize("url", ["", "no address", "mysql://here/db", "sqlite://"])
def test_a_database_that_is_none_is_named(url: str, vault: Vault) -> None:
    with pytest.raises(SettingsError, match="EVENDAY_DATABASE_URL"):
        Store(url, vault)


def test_a_folder_that_cant_be_made_is_named(tmp_path: Path, vault: Vault) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="folder can't be made"):
        Store(f"sqlite:///{tmp_path / 'file' / 'deeper' / 'db.sqlite'}", vault)


def test_a_file_that_is_no_database_is_named(tmp_path: Path, vault: Vault) -> None:
    (tmp_path / "db.sqlite").write_bytes(b"my diary " * 1000)
    store = Store(f"sqlite:///{tmp_path / 'db.sqlite'}", vault)
    with pytest.raises(StoreError, match="restore a backup"), store.read():
        pass
    store.close()


def test_a_lock_that_another_program_holds_is_waited_for_once(
    file_store: Store, vault: Vault, clock: TurnedClock
) -> None:
    url = file_store.engine.url
    store = Store(f"sqlite:///{url.database}", vault, busy_seconds=0.3)
    other = sqlite3.connect(str(url.database), isolation_level=None)
    waited = []
    for _ in range(4):
        other.execute("BEGIN IMMEDIATE")
        for _ in range(2):
            started = time.monotonic()
            with pytest.raises(StoreError, match="SQLITE_BUSY"), store.write():
                pass
            waited.append(time.monotonic() - started)
        other.execute("ROLLBACK")
        make_patient(store, clock)  # free again, and waited for again
    assert min(waited[0::2]) >= 0.25
    assert min(waited[1::2]) < 0.1  # the least of four: a busy machine may hold up some
    other.close()
    store.close()


def test_nobody_there_is_a_store_error(vault: Vault) -> None:
    store = Store("postgresql://postgres@127.0.0.1:1/evenday", vault)
    for door in (store.read, store.write):
        with pytest.raises(StoreError, match="database is away"), door():
            pass
    store.close()


def test_a_server_that_crashes_is_a_store_error_and_then_is_back(
    cluster: Cluster, postgresql_url: str, vault: Vault, clock: TurnedClock
) -> None:
    store = Store(postgresql_url, vault)
    ana = make_patient(store, clock)

    def cut_off() -> None:
        with store.write() as connection:
            patients.change(connection, vault, ana.id, first_name="Berta")
            cluster.restart("immediate")
            patients.get(connection, vault, ana.id)

    with pytest.raises(StoreError):
        cut_off()
    assert ana.now().first_name == "Ana"
    store.close()


def test_an_error_rolls_back(store: Store, a_patient: MakePatient) -> None:
    ana = a_patient()

    def fail() -> None:
        with store.write() as connection:
            patients.change(connection, store.vault, ana.id, first_name="Berta")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert ana.now().first_name == "Ana"


def test_an_error_quotes_no_value(store: Store, a_patient: MakePatient) -> None:
    ana = a_patient()
    with pytest.raises(IntegrityError) as told, store.write() as connection:
        connection.execute(insert(table).values(id=ana.id, code="zyxomma"))
    assert "zyxomma" not in str(told.value)


def test_readers_see_one_state_throughout(store: Store, a_patient: MakePatient) -> None:
    if not store.is_sqlite:
        return  # on PostgreSQL each statement sees what is committed by then, which all callers are made for
    ana = a_patient()
    with store.read() as reading:
        assert patients.get(reading, store.vault, ana.id).first_name == "Ana"
        with store.write() as connection:
            patients.change(connection, store.vault, ana.id, first_name="Berta")
        assert patients.get(reading, store.vault, ana.id).first_name == "Ana"
