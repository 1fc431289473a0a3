"""Entries are found by who, what, about whom and when; page by page, none twice and none left out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import delete

from bot.clock import TurnedClock
from bot.store import staff, trail
from bot.store.database import Store
from bot.store.tables import audit
from bot.store.trail import NOBODY, Wanted
from tests.conftest import MORNING

ANA, BEN, PATIENT, OTHER, CASE = ("a" * 32, "b" * 32, "c" * 32, "d" * 32, "e" * 32)
# (who, action, subject, detail, days after MORNING), ids from 1; two pairs at the same instant
ROWS = (
    (ANA, "login.done", ANA, "", 0),
    (ANA, "patient.view", PATIENT, "", 0),
    (ANA, "escalation.view", PATIENT, "AB2CD", 1),
    (BEN, "escalation.view", PATIENT, "AB2CDX", 1),
    (BEN, "escalation.note", PATIENT, "AB2CD", 2),
    (None, "drill", CASE, "AB2CD", 2),
    (BEN, "escalation.contact", PATIENT, "AB2CD reached", 3),
    (BEN, "escalation.view", OTHER, "AB2CD", 3),
    (None, "login.unknown", "login", "", 9),
)


@pytest.fixture
def kept(store: Store) -> Store:
    """A store with those entries."""
    with store.write() as connection:
        for who, action, subject, detail, days in ROWS:
            staff.record(connection, store.vault, MORNING + timedelta(days=days), who, action, subject, detail)
    return store


def ids(store: Store, wanted: Wanted, limit: int = 50, reach: int = 1000) -> list[int]:
    """All ids, page by page."""
    found: list[int] = []
    before: int | None = None
    for _ in range(50):
        with store.read() as connection:
            page = trail.page(connection, wanted, limit, before, reach)
        assert len(page.entries) <= limit
        found += [entry.id for entry in page.entries]
        before = page.before
        if before is None:
            return found
    raise AssertionError("the pages never end")


DAY = timedelta(days=1)
FILTERS = {
    "all": (Wanted(), [9, 8, 7, 6, 5, 4, 3, 2, 1]),
    "who": (Wanted(who=ANA), [3, 2, 1]),
    "nobody": (Wanted(who=NOBODY), [9, 6]),
    "somebody unknown": (Wanted(who="f" * 32), []),
    "action": (Wanted(actions=frozenset({"escalation.view"})), [8, 4, 3]),
    "actions": (Wanted(actions=frozenset({"escalation.view", "drill"})), [8, 6, 4, 3]),
    "subject": (Wanted(subjects=frozenset({PATIENT})), [7, 5, 4, 3, 2]),
    "escalation": (Wanted(subjects=frozenset({PATIENT, CASE}), code="AB2CD"), [7, 6, 5, 3]),
    "no wild cards in codes": (Wanted(subjects=frozenset({PATIENT}), code="%"), []),
    "since": (Wanted(since=MORNING + 3 * DAY), [9, 8, 7]),
    "until": (Wanted(until=MORNING + DAY), [2, 1]),
    "one day": (Wanted(since=MORNING + DAY, until=MORNING + 3 * DAY), [6, 5, 4, 3]),
    "a day without any": (Wanted(since=MORNING + 5 * DAY, until=MORNING + 6 * DAY), []),
    "before all": (Wanted(until=MORNING - DAY), []),
    "after all": (Wanted(since=MORNING + 90 * DAY), []),
    "all at once": (Wanted(BEN, frozenset({"escalation.note"}), frozenset({PATIENT}), "AB2CD", MORNING), [5]),
}


@pytest.mark.parametrize(("limit", "reach"), [(50, 1000), (1, 1000), (2, 1), (3, 4), (2, 2)])
def test_each_wanted_entry_is_found_once_the_newest_first(kept: Store, limit: int, reach: int) -> None:
    for name, (wanted, expected) in FILTERS.items():
        assert ids(kept, wanted, limit, reach) == expected, name
        with kept.read() as connection:
            assert trail.count(connection, wanted) == (len(expected), 9), name
            assert [entry.id for entry in trail.piece(connection, wanted, 50, 10)] == expected, name


def test_a_page_that_looked_far_enough_says_how_far(kept: Store) -> None:
    with kept.read() as connection:
        page = trail.page(connection, Wanted(who=ANA), 50, None, reach=4)
    assert (page.entries, page.before, page.looked_back_to) == ([], 6, MORNING + 2 * DAY)


def test_an_entry_written_between_two_pages_moves_nothing(kept: Store, clock: TurnedClock) -> None:
    with kept.write() as connection:
        first = trail.page(connection, Wanted(), 4)
        staff.record(connection, kept.vault, MORNING + 9 * DAY, ANA, "logout", ANA)
        second = trail.page(connection, Wanted(), 4, first.before)
    assert [entry.id for entry in first.entries + second.entries] == [9, 8, 7, 6, 5, 4, 3, 2]


@pytest.mark.parametrize("gone", [{1}, {9}, {4, 5}, {1, 2, 3, 8, 9}, set(range(1, 10))])
def test_days_are_found_where_entries_were_taken_out(kept: Store, gone: set[int]) -> None:
    with kept.write() as connection:
        connection.execute(delete(audit).where(audit.c.id.in_(gone)))
    for wanted, expected in FILTERS.values():
        assert ids(kept, wanted) == [one for one in expected if one not in gone]


def test_a_clock_that_was_set_back_by_minutes_hides_nothing(store: Store) -> None:
    times = [0, 50, 20, 58, 31, 59, 40, 119, 70, 110]  # minutes, as committed
    with store.write() as connection:
        for minutes in times:
            staff.record(connection, store.vault, MORNING + timedelta(minutes=minutes), ANA, "logout", ANA)
    for since in range(0, 130, 7):
        for until in range(since, 130, 11):
            wanted = Wanted(since=MORNING + timedelta(minutes=since), until=MORNING + timedelta(minutes=until))
            assert set(ids(store, wanted)) == {n for n, at in enumerate(times, 1) if since <= at < until}


def plan(store: Store, wanted: Wanted, ask: Callable[..., object]) -> str:
    """How SQLite finds the entries."""
    told: list[str] = []
    with store.read() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        seen: list[str] = []
        driver.set_trace_callback(seen.append)
        ask(connection, wanted)
        driver.set_trace_callback(None)
        told = [str(row[3]) for sql in seen if "detail" in sql for row in driver.execute(f"EXPLAIN QUERY PLAN {sql}")]
    return " ".join(told)


@pytest.mark.parametrize("name", FILTERS)
def test_a_page_is_found_by_an_index_and_sorts_no_more_than_a_patients_entries(file_store: Store, name: str) -> None:
    wanted, _ = FILTERS[name]
    with file_store.write() as connection:
        for who, action, subject, detail, days in ROWS:
            staff.record(connection, file_store.vault, MORNING + timedelta(days=days), who, action, subject, detail)
    told = plan(file_store, wanted, lambda connection, wanted: trail.page(connection, wanted, 5))
    assert "SCAN" not in told and "SEARCH audit" in told
    assert ("ix_audit_subject_id" in told) is (wanted.subjects is not None)
