"""The audit chain shows what was altered, taken out, reordered or cut off."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import delete, update

from bot.clock import TurnedClock
from bot.crypto import Vault, new_key
from bot.store import staff
from bot.store.database import Store
from bot.store.tables import audit, audit_head


@pytest.fixture
def kept(store: Store, clock: TurnedClock) -> Store:
    """A store with six entries, ids 1 to 6."""
    for n in range(6):
        with store.write() as connection:
            staff.record(
                connection, store.vault, clock.now(), f"staff{n}", "escalation.view", f"patient{n}", "tier=urgent"
            )
    return store


def broken(store: Store) -> int | None:
    """What the check says."""
    with store.read() as connection:
        return staff.broken_link(connection, store.vault)


def test_an_untouched_chain_holds(kept: Store) -> None:
    assert broken(kept) is None
    with kept.read() as connection:
        assert staff.audit_count(connection) == 6
        assert [entry.subject for entry in staff.entries(connection, "patient3")] == ["patient3"]
        assert [entry.id for entry in staff.entries(connection, limit=2)] == [6, 5]


@pytest.mark.parametrize("column", ["at", "staff_id", "action", "subject", "detail", "link"])
def test_an_altered_entry_is_found(kept: Store, column: str, clock: TurnedClock) -> None:
    changed = clock.now().replace(year=2020) if column == "at" else "other"
    with kept.write() as connection:
        connection.execute(update(audit).where(audit.c.id == 3).values({column: changed}))
    assert broken(kept) == 3


@pytest.mark.parametrize("gone", [1, 3])
def test_a_missing_entry_is_found(kept: Store, gone: int) -> None:
    with kept.write() as connection:
        connection.execute(delete(audit).where(audit.c.id == gone))
    assert broken(kept) == gone + 1


@pytest.mark.parametrize("left", [0, 4])
def test_entries_cut_off_at_the_end_are_missed(kept: Store, left: int, clock: TurnedClock) -> None:
    with kept.write() as connection:
        connection.execute(delete(audit).where(audit.c.id > left))
    assert broken(kept) == left + 1
    with kept.write() as connection:  # and what is written afterwards does not heal it
        staff.record(connection, kept.vault, clock.now(), None, "login", "staff")
    assert broken(kept) is not None


def test_the_head_taken_out_is_missed(kept: Store) -> None:
    with kept.write() as connection:
        connection.execute(delete(audit_head))
    assert broken(kept) is not None


def test_two_entries_exchanged_are_found(kept: Store) -> None:
    with kept.write() as connection:
        connection.execute(update(audit).where(audit.c.id == 2).values(id=99))
        connection.execute(update(audit).where(audit.c.id == 4).values(id=2))
        connection.execute(update(audit).where(audit.c.id == 99).values(id=4))
    assert broken(kept) == 2


def test_an_entry_of_somebody_without_the_key_is_found(kept: Store, clock: TurnedClock) -> None:
    with kept.write() as connection:
        staff.record(connection, Vault([new_key()]), clock.now(), "staff1", "escalation.view", "patient1")
    assert broken(kept) == 7


def test_entries_written_at_once_make_one_chain(kept: Store, clock: TurnedClock) -> None:
    def write(n: int) -> None:
        for _ in range(10):
            with kept.write() as connection:
                staff.record(connection, kept.vault, clock.now(), f"staff{n}", "view", "queue")

    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with kept.read() as connection:
        assert staff.audit_count(connection) == 46
    assert broken(kept) is None
