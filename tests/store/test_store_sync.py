"""Commits that need not wait for the disk do not; `sync` waits for all of them at once."""

from __future__ import annotations

import asyncio
import os
from datetime import timedelta
from pathlib import Path

import pytest

from bot.clock import TurnedClock
from bot.errors import StoreError
from bot.store import due
from bot.store.database import Store
from tests.conftest import MakePatient
from tests.support.people import Person

Flushed = list[str]


@pytest.fixture
def flushed(monkeypatch: pytest.MonkeyPatch) -> Flushed:
    """Names of the files that Python puts on the disk; SQLite's own waits are not among them."""
    found: Flushed = []
    flush = os.fdatasync

    def note(file: int) -> None:
        found.append(str(Path(f"/proc/self/fd/{file}").readlink()))
        flush(file)

    monkeypatch.setattr(os, "fdatasync", note)
    return found


def _write(store: Store, who: Person, clock: TurnedClock, *, synced: bool) -> None:
    clock.turn(timedelta(minutes=1))
    with store.write(synced=synced) as connection:
        due.set_at(connection, who.id, "checkin", clock.now())


def test_one_wait_serves_all_commits_before_it(
    file_store: Store, a_patient: MakePatient, clock: TurnedClock, flushed: Flushed
) -> None:
    ana = a_patient()
    for _ in range(3):
        _write(file_store, ana, clock, synced=False)
    asyncio.run(file_store.sync())
    assert flushed == [f"{file_store.engine.url.database}-wal"]
    asyncio.run(file_store.sync())
    assert len(flushed) == 1  # nothing new


def test_a_synced_commit_takes_earlier_ones_along(
    file_store: Store, a_patient: MakePatient, clock: TurnedClock, flushed: Flushed
) -> None:
    ana = a_patient()
    _write(file_store, ana, clock, synced=False)
    _write(file_store, ana, clock, synced=True)
    asyncio.run(file_store.sync())
    assert flushed == []


def test_many_who_wait_share_a_wait(
    file_store: Store, a_patient: MakePatient, clock: TurnedClock, flushed: Flushed
) -> None:
    _write(file_store, a_patient(), clock, synced=False)

    async def all_of_them() -> None:
        await asyncio.gather(*(file_store.sync() for _ in range(20)))

    asyncio.run(all_of_them())
    assert len(flushed) == 1


def test_a_disk_that_refuses_is_told(
    file_store: Store, a_patient: MakePatient, clock: TurnedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_file: int) -> None:
        raise OSError(28, "No space left on device")

    _write(file_store, a_patient(), clock, synced=False)
    monkeypatch.setattr(os, "fdatasync", full)
    with pytest.raises(StoreError, match="No space left"):
        asyncio.run(file_store.sync())
    monkeypatch.undo()
    asyncio.run(file_store.sync())


def test_every_database_can_be_asked(store: Store, a_patient: MakePatient, clock: TurnedClock) -> None:
    ana = a_patient()
    _write(store, ana, clock, synced=False)
    asyncio.run(store.sync())
    with store.read() as connection:
        assert "checkin" in due.of(connection, ana.id)
