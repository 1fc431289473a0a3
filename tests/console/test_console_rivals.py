"""Tries at a log-in side by side, on PostgreSQL: each of them counts."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection

from bot.clock import TurnedClock
from bot.console.ways_in.second_factor import check_code
from bot.store import factors, sessions, staff
from bot.store.database import Store
from bot.store.staff import FAILURES
from bot.store.types import StaffId
from tests.support.rivals import second

CODE = "ABCD-EFGH-JKMN"


@pytest.fixture
def ana(server: Store, clock: TurnedClock) -> StaffId:
    """Somebody who gave her password, and a code is awaited."""
    with server.write() as connection:
        made = staff.create(connection, server.vault, "ana", "Ana", "supervisor", "hash", clock.now())
        factors.keep_recovery(connection, server.vault, made, [CODE], clock.now())
        sessions.begin(connection, made, "token", clock.now(), awaits_code=True)
    return made


def failures(server: Store, clock: TurnedClock, connection: Connection, who: StaffId, count: int) -> None:
    """So many wrong codes."""
    read = staff.by_id(connection, server.vault, who)
    for _ in range(count):
        staff.count_failure(connection, read, clock.now())


def test_two_wrong_tries_at_once_are_two(server: Store, clock: TurnedClock, ana: StaffId) -> None:
    second(
        server,
        lambda connection: failures(server, clock, connection, ana, 1),
        lambda: check_code(server, clock, "token", "123456"),
    )
    with server.read() as connection:
        assert staff.by_id(connection, server.vault, ana).failed == 2


def test_a_right_code_beside_the_last_wrong_one_opens_nothing(server: Store, clock: TurnedClock, ana: StaffId) -> None:
    came = second(
        server,
        lambda connection: failures(server, clock, connection, ana, FAILURES),
        lambda: check_code(server, clock, "token", CODE),
    )
    with server.read() as connection:
        assert came is None and staff.by_id(connection, server.vault, ana).barred(clock.now()) == "locked"
