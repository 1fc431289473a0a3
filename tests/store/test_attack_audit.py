"""Audit tampering by somebody who has the database file and no key: in SQLite itself, past all of our code.

Each way in which an entry can be changed, taken out, put in, moved or cut off is tried on each entry. What only a file that
somebody kept can show (all of it put back to an older day, or wiped) is attacked in tests/cli/test_audit.py.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import pytest

from bot.clock import TurnedClock
from bot.store import chain, staff
from bot.store.database import Store

ENTRIES = 6
ALL = "at, staff_id, action, subject, detail, link"
Tamper = Callable[[sqlite3.Connection, int], object]


def _sql(statement: str) -> Tamper:
    def tamper(database: sqlite3.Connection, n: int) -> object:
        # An entry that only gets a number further out at its own end of the chain stays what and where it was.
        more = {"next": n % ENTRIES + 1, "not_last": min(n, ENTRIES - 1), "not_first": max(n, 2), "all": ALL}
        return database.executescript(statement.format(n=n, **more))

    return tamper


TAMPER: dict[str, Tamper] = {
    "another time": _sql("UPDATE audit SET at = '2020-01-01 00:00:00.000000' WHERE id = {n}"),
    "nobody's": _sql("UPDATE audit SET staff_id = NULL WHERE id = {n}"),
    "somebody else's": _sql(
        "UPDATE audit SET staff_id = (SELECT staff_id FROM audit WHERE id = {next}) WHERE id = {n}"
    ),
    "another action": _sql("UPDATE audit SET action = 'login.done' WHERE id = {n}"),
    "another patient": _sql("UPDATE audit SET subject = 'patient77' WHERE id = {n}"),
    "other words": _sql("UPDATE audit SET detail = '' WHERE id = {n}"),
    "a word moved to its neighbour": _sql(
        "UPDATE audit SET action = action || char(10) || subject, subject = '' WHERE id = {n}"
    ),
    "no link": _sql("UPDATE audit SET link = '' WHERE id = {n}"),
    "the link of another": _sql("UPDATE audit SET link = (SELECT link FROM audit WHERE id = {next}) WHERE id = {n}"),
    "taken out": _sql("DELETE FROM audit WHERE id = {n}"),
    "taken out, and the rest moved up": _sql(
        "DELETE FROM audit WHERE id = {n}; UPDATE audit SET id = id - 1 WHERE id > {n}"
    ),
    "all from there on cut off": _sql("DELETE FROM audit WHERE id >= {n}"),
    "all up to there cut off": _sql("DELETE FROM audit WHERE id <= {n}"),
    "two exchanged": _sql(
        "UPDATE audit SET id = 1000 WHERE id = {n}; UPDATE audit SET id = {n} WHERE id = {next};"
        "UPDATE audit SET id = {next} WHERE id = 1000"
    ),
    "moved to the end": _sql("UPDATE audit SET id = 1000 WHERE id = {not_last}"),
    "moved to the beginning": _sql("UPDATE audit SET id = -5 WHERE id = {not_first}"),
    "written again at the end": _sql("INSERT INTO audit ({all}) SELECT {all} FROM audit WHERE id = {n}"),
    "written again before itself": _sql(
        "UPDATE audit SET id = id + 1000 WHERE id >= {n}; UPDATE audit SET id = id - 999 WHERE id >= 1000;"
        "INSERT INTO audit (id, {all}) SELECT {n}, {all} FROM audit WHERE id = {n} + 1"
    ),
    "one put in after it": _sql(
        "UPDATE audit SET id = id + 1000 WHERE id > {n}; UPDATE audit SET id = id - 999 WHERE id >= 1000;"
        "INSERT INTO audit (id, {all}) SELECT {n} + 1, at, staff_id, action, 'patient77', detail, link FROM audit WHERE id = {n}"
    ),
    "the head emptied": _sql("UPDATE audit_head SET link = ''"),
    "the head taken out": _sql("DELETE FROM audit_head"),
    "the head put back to its beginning": _sql("UPDATE audit_head SET link = (SELECT printf('%.64c', '0'))"),
    "cut off, and the head made the last link": _sql(
        "DELETE FROM audit WHERE id > {n} AND {n} < 6; DELETE FROM audit WHERE id = 6;"
        "UPDATE audit_head SET link = coalesce((SELECT link FROM audit ORDER BY id DESC LIMIT 1), 'x')"
    ),
}


@pytest.fixture
def kept(file_store: Store, clock: TurnedClock) -> Store:
    """A database file with six entries, each of somebody else and about somebody else."""
    for n in range(ENTRIES):
        with file_store.write() as connection:
            staff.record(
                connection, file_store.vault, clock.now(), f"staff{n}", "escalation.view", f"patient{n}", "urgent"
            )
    return file_store


@pytest.mark.parametrize("entry", range(1, ENTRIES + 1))
@pytest.mark.parametrize("tamper", TAMPER.values(), ids=TAMPER)
def test_whatever_is_done_to_an_entry_in_the_file_is_found(kept: Store, tamper: Tamper, entry: int) -> None:
    assert chain.walk(kept) == chain.Walk(ENTRIES, chain.walk(kept).since)
    with sqlite3.connect(str(kept.engine.url.database)) as database:
        before = list(database.iterdump())
        tamper(database, entry)
        assert list(database.iterdump()) != before, "nothing was done"
    database.close()
    assert chain.walk(kept).broken_at is not None


def test_the_entries_that_come_after_do_not_heal_it(kept: Store, clock: TurnedClock) -> None:
    with sqlite3.connect(str(kept.engine.url.database)) as database:
        database.execute("DELETE FROM audit WHERE id > 4")
    database.close()
    for _ in range(3):
        with kept.write() as connection:
            staff.record(connection, kept.vault, clock.now(), "staff9", "queue.view", "queue")
    assert chain.walk(kept).broken_at is not None
