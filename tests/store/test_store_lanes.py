"""One worker at a time has a lane, in the order of what waits; whoever lost it can't write."""

from __future__ import annotations

import multiprocessing
from collections.abc import Sequence
from datetime import datetime, timedelta
from multiprocessing.synchronize import Barrier as Gate

import pytest

from bot.clock import TurnedClock
from bot.crypto import Vault
from bot.errors import LeaseLost
from bot.store import inbox, lanes
from bot.store.database import Store
from bot.store.types import MessageId, PatientId
from tests.conftest import MakePatient
from tests.support.people import Person


def put(store: Store, person: Person, text: str, now: datetime, not_before: datetime | None = None) -> MessageId:
    """A waiting message."""
    with store.write() as connection:
        lanes.put(connection, person.id, not_before or now)
        made = inbox.put(
            connection, store.vault, patient_id=person.id, address_id=person.address.id,
            provider_key=f"{person.id}:{text}", form="text", text=text, choice=None, received_at=now,
            tier="none", kind="none", evidence=[], state=inbox.WAITING,
        )  # fmt: skip
        assert made is not None
        inbox.set_state(connection, made, not_before=not_before or now)
        return made


def claim(store: Store, person: Person, holder: str, now: datetime) -> bool:
    """Try to take a lane."""
    with store.write() as connection:
        return lanes.claim(connection, person.id, holder, now)


def ready(store: Store, now: datetime) -> list[PatientId]:
    """Lanes with work."""
    with store.read() as connection:
        return lanes.ready(connection, now)


def test_lanes_are_ready_in_the_order_of_what_waits(store: Store, a_patient: MakePatient, clock: TurnedClock) -> None:
    ana, ben, cleo = (a_patient(name=name) for name in ("Ana", "Ben", "Cleo"))
    now = clock.now()
    put(store, ben, "first", now)
    put(store, ana, "second", now + timedelta(seconds=1))
    put(store, cleo, "tomorrow", now, now + timedelta(days=1))
    put(store, ben, "third", now + timedelta(seconds=2))
    assert ready(store, now + timedelta(seconds=5)) == [ben.id, ana.id]
    assert ready(store, now + timedelta(days=2)) == [ben.id, ana.id, cleo.id]


def test_a_held_lane_is_nobody_elses_until_its_lease_is_out(
    store: Store, a_patient: MakePatient, clock: TurnedClock
) -> None:
    ana, now = a_patient(), clock.now()
    put(store, ana, "hello", now)
    assert claim(store, ana, "one", now)
    assert claim(store, ana, "one", now)  # again by the same holder
    assert not claim(store, ana, "two", now + lanes.LEASE)
    assert ready(store, now) == []
    later = now + lanes.LEASE + timedelta(seconds=1)
    assert ready(store, later) == [ana.id]
    assert claim(store, ana, "two", later)


def test_a_lease_is_renewed_by_holding(store: Store, a_patient: MakePatient, clock: TurnedClock) -> None:
    ana, now = a_patient(), clock.now()
    put(store, ana, "hello", now)
    claim(store, ana, "one", now)
    with store.write() as connection:
        lanes.hold(connection, ana.id, "one", now + timedelta(seconds=15))
    assert not claim(store, ana, "two", now + lanes.LEASE + timedelta(seconds=1))


def test_a_lost_lease_writes_nothing(store: Store, a_patient: MakePatient, clock: TurnedClock) -> None:
    ana, now = a_patient(), clock.now()
    message = put(store, ana, "hello", now)
    claim(store, ana, "one", now)
    claim(store, ana, "two", now + timedelta(minutes=5))

    def write() -> None:
        with store.write() as connection:
            inbox.set_state(connection, message, state=inbox.DONE)
            lanes.hold(connection, ana.id, "one")

    with pytest.raises(LeaseLost):
        write()
    with store.write() as connection:
        assert inbox.get(connection, store.vault, message).state == inbox.WAITING
        lanes.release(connection, ana.id, "one")  # of no effect
    assert not claim(store, ana, "three", now + timedelta(minutes=5))


def test_release_tells_when_the_earliest_waiting_message_is_due(
    store: Store, a_patient: MakePatient, clock: TurnedClock
) -> None:
    ana, now = a_patient(), clock.now()
    later = now + timedelta(seconds=30)
    message = put(store, ana, "hello", now, later)
    claim(store, ana, "one", now)
    with store.write() as connection:
        assert lanes.release(connection, ana.id, "one") == later
    assert ready(store, now) == []
    assert ready(store, later) == [ana.id]
    claim(store, ana, "one", later)
    with store.write() as connection:
        inbox.set_state(connection, message, state=inbox.DONE)
        assert lanes.release(connection, ana.id, "one") is None
    assert ready(store, later + timedelta(days=1)) == []


def test_the_sweep_finds_a_lane_that_nobody_marked(store: Store, a_patient: MakePatient, clock: TurnedClock) -> None:
    ana, now = a_patient(), clock.now()
    put(store, ana, "hello", now)
    with store.write() as connection:
        connection.exec_driver_sql("UPDATE lanes SET ready_at = NULL")
        assert lanes.sweep(connection, now) == 1
        assert lanes.sweep(connection, now) == 0
    assert ready(store, now) == [ana.id]


def test_the_start_of_the_only_process_frees_all(store: Store, a_patient: MakePatient, clock: TurnedClock) -> None:
    ana, now = a_patient(), clock.now()
    put(store, ana, "hello", now)
    claim(store, ana, "dead", now)
    with store.write() as connection:
        lanes.free_all(connection)
    assert ready(store, now) == [ana.id]


def test_the_earlier_mark_holds(store: Store, a_patient: MakePatient, clock: TurnedClock) -> None:
    ana, now = a_patient(), clock.now()
    put(store, ana, "now", now)
    put(store, ana, "later", now, now + timedelta(hours=1))
    assert ready(store, now) == [ana.id]


def _claim_all(
    url: str, key: str, ids: Sequence[PatientId], now: datetime, holder: str, out: object, gate: Gate
) -> None:
    """In a process of its own: try to take every lane, again and again, from when the other is ready, too."""
    store, mine = Store(url, Vault([key])), []
    gate.wait(60)
    for _ in range(3):
        for patient_id in ids:
            with store.write() as connection:
                if lanes.claim(connection, patient_id, holder, now) and patient_id not in mine:
                    mine.append(patient_id)
    store.close()
    out.put((holder, mine))  # type: ignore[attr-defined]


def test_two_processes_take_different_lanes(postgresql_url: str, vault: Vault, secret: str, clock: TurnedClock) -> None:
    from tests.support.people import make_patient

    store = Store(postgresql_url, vault)
    ids = [make_patient(store, clock).id for _ in range(40)]
    context = multiprocessing.get_context("spawn")
    out, gate = context.Queue(), context.Barrier(2)
    processes = [
        context.Process(target=_claim_all, args=(postgresql_url, secret, order, clock.now(), holder, out, gate))
        for holder, order in (("one", ids), ("two", ids[::-1]))
    ]
    for process in processes:
        process.start()
    taken = dict(out.get(timeout=60) for _ in processes)
    for process in processes:
        process.join()
    store.close()
    assert sorted(taken["one"] + taken["two"]) == sorted(ids)
    assert taken["one"] and taken["two"]
