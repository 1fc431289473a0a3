"""The audit chain shows what was altered, taken out, reordered or cut off."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import delete, insert, update

from bot.clock import TurnedClock
from bot.crypto import Vault, new_key
from bot.store import chain, staff
from bot.store.database import Store
from bot.store.tables import audit, audit_head
from tests.conftest import MORNING


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
    return chain.walk(store).broken_at


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


@pytest.mark.parametrize("piece", [1, 2, 3, 5, 6, 7])
def test_the_size_of_a_piece_changes_nothing(kept: Store, piece: int, clock: TurnedClock) -> None:
    said: list[int] = []
    found = chain.walk(kept, said.append, piece=piece)
    assert (found.count, found.broken_at, found.is_cut) == (6, None, False)
    assert said == sorted(said) and said[-1] == 6
    with kept.read() as connection:
        assert found.since == chain.first_at(connection)
    with kept.write() as connection:
        connection.execute(update(audit).where(audit.c.id == 4).values(detail="tier=watch"))
    broken_one = chain.walk(kept, piece=piece)
    assert (broken_one.count, broken_one.broken_at, broken_one.is_cut) == (3, 4, False)


def test_an_entry_written_during_the_walk_is_walked_too(kept: Store, clock: TurnedClock) -> None:
    def write() -> None:
        if written:
            with kept.write() as connection:
                staff.record(connection, kept.vault, clock.now(), None, written.pop(), "staff")

    written = ["login", "logout"]
    found = chain.walk(kept, rest=write, piece=2)
    assert (found.count, found.broken_at, written) == (8, None, [])


def test_writing_does_not_wait_for_a_walk(kept: Store, clock: TurnedClock) -> None:
    # The rest between two pieces lasts until somebody else has written: with a transaction open it would never end.
    done = threading.Event()

    def write() -> None:
        with kept.write() as connection:
            staff.record(connection, kept.vault, clock.now(), None, "login", "staff")
        done.set()

    def rest() -> None:
        if not done.is_set():
            thread = threading.Thread(target=write)
            thread.start()
            assert done.wait(5)
            thread.join()

    assert chain.walk(kept, rest=rest, piece=2).broken_at is None


def test_where_it_was_cut_is_told_apart_from_what_was_altered(kept: Store) -> None:
    with kept.write() as connection:
        connection.execute(delete(audit).where(audit.c.id > 4))
    found = chain.walk(kept)
    assert (found.count, found.broken_at, found.is_cut) == (4, 5, True)


def test_nothing_is_whole(store: Store) -> None:
    assert chain.walk(store) == chain.Walk(0, None)
    with store.read() as connection:
        assert chain.last_walk(connection) is None and chain.first_at(connection) is None


@pytest.mark.parametrize(
    "walk",
    [
        chain.Walk(0, None),
        chain.Walk(1_000_000, MORNING),
        chain.Walk(2, MORNING, 3),
        chain.Walk(2, MORNING, 3, is_cut=True),
        chain.Walk(0, None, 1, is_cut=True),
    ],
    ids=str,
)
def test_what_a_walk_came_to_is_kept_and_read_again(store: Store, walk: chain.Walk, clock: TurnedClock) -> None:
    with store.write() as connection:
        chain.keep(connection, store.vault, walk, "staff1", clock.now())
        kept = chain.last_walk(connection)
    assert kept is not None and kept[1] == walk
    assert (kept[0].staff_id, kept[0].action, chain.walk(store).count) == ("staff1", "audit.verified", 1)


@pytest.mark.parametrize("told", ["", "whole", "whole, 5 entries since yesterday", "broken at x, 5 entries"])
def test_what_was_not_told_by_a_walk_is_not_read(told: str) -> None:
    assert chain.read(told) is None


@pytest.mark.parametrize("number", [0, -1, -(2**62)])
def test_an_entry_put_in_before_all_others_is_found(kept: Store, number: int, clock: TurnedClock) -> None:
    with kept.write() as connection:
        row = {"id": number, "at": clock.now(), "action": "x", "subject": "y", "detail": "", "link": "0" * 64}
        connection.execute(insert(audit).values(**row))
    assert chain.walk(kept) == chain.Walk(0, None, number)


GARBAGE = [
    "at = 'yesterday'",
    "at = 5",
    "at = X'00'",
    "staff_id = X'00'",
    "action = X'ff'",
    "detail = X'00'",
    "link = X'00'",
]


@pytest.mark.parametrize("garbage", GARBAGE)
@pytest.mark.parametrize("piece", [1, 2, 3, 250])
def test_what_is_no_entry_at_all_is_found_and_hides_nothing(
    file_store: Store, clock: TurnedClock, garbage: str, piece: int
) -> None:
    with file_store.write() as connection:
        for n in range(6):
            staff.record(connection, file_store.vault, clock.now(), f"staff{n}", "queue.view", "queue")
        connection.exec_driver_sql(f"UPDATE audit SET {garbage} WHERE id = 4")
    found = chain.walk(file_store, piece=piece)
    assert (found.count, found.broken_at, found.is_cut) == (3, 4, False)
