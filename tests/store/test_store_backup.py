"""A whole copy goes from either database to either, or is refused whole."""

from __future__ import annotations

import gzip
import json
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.clock import TurnedClock
from bot.crypto import Vault
from bot.errors import InputError, StoreError
from bot.store import (
    backup,
    chain,
    challenges,
    contacts,
    escalations,
    inbox,
    mentions,
    outbox,
    pages,
    staff,
    troubles,
)
from bot.store.database import Store
from bot.store.lifecycle import Stage
from bot.store.tables import metadata
from tests.store.whole_life import WORDS, live
from tests.support import demo
from tests.support.cluster import Cluster
from tests.support.people import make_patient

MakeStore = Callable[[str], Store]


@pytest.fixture
def another(request: pytest.FixtureRequest, migrated_file: Path, tmp_path: Path, vault: Vault) -> Iterator[MakeStore]:
    """Makes more empty stores, on the database of that name."""
    made: list[tuple[Store, Callable[[], None]]] = []

    def make(on: str) -> Store:
        name = f"other_{uuid.uuid4().hex}"
        if on == "sqlite":
            store = Store(f"sqlite:///{shutil.copy(migrated_file, tmp_path / name)}", vault)
            made.append((store, lambda: None))
        else:
            cluster: Cluster = request.getfixturevalue("cluster")
            store = Store(cluster.create(name, "template_evenday"), vault)
            made.append((store, lambda: cluster.drop(name)))
        return store

    yield make
    for store, drop in made:
        store.close()
        drop()


def everything(store: Store) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table."""
    with store.read() as connection:
        return {
            table.name: sorted(
                ({k: bytes(v) if isinstance(v, memoryview) else v for k, v in row._mapping.items()}
                 for row in connection.execute(select(table))), key=repr,
            )
            for table in metadata.sorted_tables
        }  # fmt: skip


@pytest.mark.parametrize("to", ["sqlite", "postgresql"])
def test_a_copy_is_the_same_on_either_database(
    store: Store, to: str, another: MakeStore, clock: TurnedClock, tmp_path: Path
) -> None:
    live(store, clock)
    before, file = everything(store), tmp_path / "copy"
    count = backup.write(store, file)
    assert count == sum(len(rows) for rows in before.values())
    target = another(to)
    assert backup.restore(target, file) == count
    assert everything(target) == before
    # Life goes on: the counters of ids stand after the restored ones, and the audit chain holds.
    make_patient(target, clock)
    assert chain.walk(target).broken_at is None
    with target.write() as connection:
        staff.record(connection, target.vault, clock.now(), None, "restored", "all")
    assert chain.walk(target).broken_at is None
    with target.write() as connection:
        inbox.put_aside(connection, target.vault, "sms", "later", b"x", clock.now())
        assert len(inbox.asides(connection)) == 3


def test_every_counter_stands_after_the_restored_rows(
    file_store: Store, another: MakeStore, clock: TurnedClock, tmp_path: Path
) -> None:
    live(file_store, clock)
    backup.write(file_store, tmp_path / "copy")
    target = another("postgresql")
    backup.restore(target, tmp_path / "copy")
    counted = [table for table in metadata.sorted_tables if table.autoincrement_column is not None]
    assert {"pages", "mentions", "escalation_events"} <= {table.name for table in counted}
    with target.write() as connection:
        for table in counted:
            sequence = func.pg_get_serial_sequence(table.name, "id")
            last = connection.execute(select(func.max(table.c.id))).scalar_one()
            assert connection.execute(select(func.nextval(sequence))).scalar_one() > last, table.name
        (way, *_), (case, *_) = contacts.usable(connection), escalations.listed(connection, target.vault, tuple(Stage))
        mentions.add(connection, [way.staff_id], case.id, way.staff_id, clock.now())
        assert pages.put(
            connection, target.vault, escalation_id=case.id, page_round=9, step=0, reason="step", tier="urgent",
            contact=way, now=clock.now(),
        )  # fmt: skip


def test_a_copy_holds_no_words_and_every_table(store: Store, clock: TurnedClock, tmp_path: Path) -> None:
    people = live(store, clock)
    assert [name for name, rows in everything(store).items() if not rows] == []
    backup.write(store, tmp_path / "copy")
    text = gzip.decompress((tmp_path / "copy").read_bytes()).decode()
    assert WORDS not in text
    assert people[0].number not in text


@pytest.mark.parametrize("keep", [0, 1, 20, 0.5, 0.9, -1], ids=str)
def test_a_file_cut_short_is_refused_whole(
    keep: float, file_store: Store, another: MakeStore, clock: TurnedClock, tmp_path: Path
) -> None:
    live(file_store, clock)
    file = tmp_path / "copy"
    backup.write(file_store, file)
    data = file.read_bytes()
    file.write_bytes(data[: int(keep * len(data)) if isinstance(keep, float) else keep])
    target = another("sqlite")
    with pytest.raises(InputError, match="nothing was restored"):
        backup.restore(target, file)
    assert sum(len(rows) for rows in everything(target).values()) == 0


def cut_last_rows(lines: list[str]) -> list[str]:
    """A file whose last rows are gone, with its end line."""
    return [*lines[:-4], lines[-1]]


def cut_end_line(lines: list[str]) -> list[str]:
    """A file without its end line."""
    return lines[:-1]


def cut_head(lines: list[str]) -> list[str]:
    """A file without its head."""
    return lines[1:]


def more_after_the_end(lines: list[str]) -> list[str]:
    """Two files in one."""
    return [*lines, *lines[1:]]


def strange_table(lines: list[str]) -> list[str]:
    """A table that we don't have."""
    return [lines[0], json.dumps(["passwords", {"a": 1}]), *lines[1:]]


def other_schema(lines: list[str]) -> list[str]:
    """Of another version."""
    return [json.dumps({**json.loads(lines[0]), "revision": "0099"}), *lines[1:]]


@pytest.mark.parametrize(
    "spoil", [cut_last_rows, cut_end_line, cut_head, more_after_the_end, strange_table, other_schema]
)
def test_a_spoilt_file_is_refused_whole(
    spoil: Callable[[list[str]], list[str]],
    file_store: Store,
    another: MakeStore,
    clock: TurnedClock,
    tmp_path: Path,
) -> None:
    live(file_store, clock)
    file, spoilt = tmp_path / "copy", tmp_path / "spoilt"
    backup.write(file_store, file)
    lines = gzip.decompress(file.read_bytes()).decode().splitlines()
    spoilt.write_bytes(gzip.compress("\n".join(spoil(lines)).encode()))
    target = another("sqlite")
    with pytest.raises(InputError):
        backup.restore(target, spoilt)
    assert sum(len(rows) for rows in everything(target).values()) == 0


def test_a_database_that_holds_something_is_refused(store: Store, clock: TurnedClock, tmp_path: Path) -> None:
    live(store, clock)
    backup.write(store, tmp_path / "copy")
    with pytest.raises(StoreError, match="already"):
        backup.restore(store, tmp_path / "copy")


def test_what_a_first_start_wrote_gives_way(
    store: Store, another: MakeStore, clock: TurnedClock, tmp_path: Path
) -> None:
    live(store, clock)
    backup.write(store, tmp_path / "copy")
    target = another("sqlite")
    with target.write() as connection:
        staff.create(connection, target.vault, "supervisor", "First", "supervisor", "hash", clock.now())
        staff.record(connection, target.vault, clock.now(), None, "made", "staff")
        challenges.issue(connection, challenges.Purpose.LOG_IN, "a browser", clock.now())
        troubles.settle(connection, clock.now(), {"nobody": "no member of staff can be paged"})
    demo.put_in(target, clock)
    backup.restore(target, tmp_path / "copy")
    with target.read() as connection:
        assert [one.login for one in staff.listed(connection, target.vault)] == ["ana", "ben"]
    assert chain.walk(target).broken_at is None


def test_a_set_aside_delivery_alone_keeps_a_restore_out(
    store: Store, another: MakeStore, clock: TurnedClock, tmp_path: Path
) -> None:
    backup.write(store, tmp_path / "copy")
    target = another("sqlite")
    with target.write() as connection:
        outbox.hold(connection, "sms", clock.now(), "429")
    with pytest.raises(StoreError, match="holds holds already"):
        backup.restore(target, tmp_path / "copy")


def test_a_file_that_exists_is_never_written_over(file_store: Store, tmp_path: Path) -> None:
    (tmp_path / "copy").write_text("dear")
    with pytest.raises(InputError, match="does not exist"):
        backup.write(file_store, tmp_path / "copy")
    assert (tmp_path / "copy").read_text() == "dear"
