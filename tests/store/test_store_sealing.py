"""Every sealed column has its place, opens only there, and opens after the key was changed."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from bot.clock import TurnedClock
from bot.crypto import Vault, new_key
from bot.errors import SettingsError
from bot.store import sealing
from bot.store.database import Store
from bot.store.tables import metadata
from tests.conftest import MakePatient
from tests.store.whole_life import live


def values(store: Store) -> dict[str, list[Any]]:
    """What stands in each sealed column, by `table.column`."""
    found: dict[str, list[Any]] = {}
    with store.read() as connection:
        for column in sealing.sealed_columns():
            rows = connection.execute(select(column.table).where(column.isnot(None))).all()
            found[str(column)] = list(rows)
    return found


def opened(store: Store) -> dict[str, list[str]]:
    """The same, opened."""
    return {
        name: sorted(
            store.vault.open(bytes(getattr(row, name.partition(".")[2])), sealing.PLACES[name](row)) for row in rows
        )
        for name, rows in values(store).items()
    }


def test_every_sealed_column_has_a_place() -> None:
    assert {str(column) for column in sealing.sealed_columns()} == set(sealing.PLACES)


def test_a_life_fills_every_sealed_column_and_all_of_it_opens(store: Store, clock: TurnedClock) -> None:
    live(store, clock)
    assert [name for name, rows in opened(store).items() if len(rows) < 2] == []


def test_a_value_moved_to_another_row_does_not_open(store: Store, clock: TurnedClock) -> None:
    live(store, clock)
    for name, rows in values(store).items():
        column = metadata.tables[name.partition(".")[0]].columns[name.partition(".")[2]]
        first, second = rows[0], rows[1]
        moved = bytes(getattr(first, column.name))
        with pytest.raises(SettingsError, match="altered or moved"):
            store.vault.open(moved, sealing.PLACES[name](second))


def test_rotation_reopens_all_with_the_new_key_alone_but_for_addresses(
    store: Store, clock: TurnedClock, secret: str
) -> None:
    live(store, clock)
    before, fresh = opened(store), new_key()
    store.vault = Vault([fresh, secret])
    told: list[str] = []
    count = sealing.rotate(store, told.append)
    assert count == sum(len(rows) for rows in before.values())
    assert len(told) == len(sealing.PLACES)
    assert opened(store) == before
    store.vault = Vault([fresh])
    assert opened(store) == before
    assert sealing.rotate(store, told.append) == 0


def test_rotation_cut_short_goes_on(store: Store, clock: TurnedClock, secret: str) -> None:
    live(store, clock)
    before = opened(store)
    store.vault = Vault([new_key(), secret])

    def stop(_line: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sealing.rotate(store, stop)
    assert opened(store) == before
    assert sealing.rotate(store, lambda line: None) > 0
    assert opened(store) == before


def test_after_rotation_everybody_is_still_found(store: Store, a_patient: MakePatient, secret: str) -> None:
    from bot.store import patients

    ana = a_patient()
    store.vault = Vault([new_key(), secret])
    sealing.rotate(store, lambda line: None)
    with store.read() as connection:
        found = patients.find(connection, store.vault, ana.channel, ana.number)
        assert found is not None and found.patient_id == ana.id
        assert patients.open_address(connection, store.vault, found.id) == ana.number


def test_a_changed_bit_is_noticed(vault: Vault) -> None:
    sealed = bytearray(vault.seal("worst flare in months", "inbox.text:1"))
    for position in range(len(sealed)):
        sealed[position] ^= 1
        with pytest.raises(SettingsError):
            vault.open(bytes(sealed), "inbox.text:1")
        sealed[position] ^= 1


@given(text=st.text(), place=st.text())
def test_what_is_sealed_opens(text: str, place: str) -> None:
    vault = Vault([base64.urlsafe_b64encode(bytes(range(32))).decode()])
    if text.encode(errors="replace").decode() == text and place.encode(errors="replace").decode() == place:
        assert vault.open(vault.seal(text, place), place) == text


@pytest.mark.parametrize("key", ["", "short", "é" * 44, "!" * 44, base64.urlsafe_b64encode(bytes(31)).decode()])
def test_a_bad_key_is_named(key: str) -> None:
    with pytest.raises(SettingsError, match="evenday key new"):
        Vault([key])


def test_no_key_is_named() -> None:
    with pytest.raises(SettingsError, match="EVENDAY_KEYS is empty"):
        Vault([])


def test_the_gateway_may_write_while_keys_rotate(store: Store, clock: TurnedClock, secret: str) -> None:
    from bot.store import positions

    people = live(store, clock)
    store.vault = Vault([new_key(), secret])
    column = metadata.tables["positions"].columns["place_sealed"]
    with store.read() as connection:
        row = connection.execute(select(column.table)).first()
    assert row is not None
    with store.write() as connection:  # what the gateway writes first is what rotation then seals
        positions.put(connection, store.vault, people[0].id, {"frames": ["newer"]}, clock.now())
    sealing.rotate(store, lambda line: None)
    with store.read() as connection:
        assert positions.get(connection, store.vault, people[0].id) == {"frames": ["newer"]}


def test_a_naive_datetime_is_refused(store: Store, clock: TurnedClock) -> None:
    from sqlalchemy.exc import StatementError

    from bot.store import due

    people = live(store, clock)
    with pytest.raises(StatementError), store.write() as connection:
        due.set_at(connection, people[0].id, "checkin", clock.now().replace(tzinfo=None))
