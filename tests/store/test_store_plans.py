"""What a page lists is found by an index, however much else is stored: the plans of SQLite, which has no statistics."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bot.store import charge, diary, evaluation, inbox, outbox, roster
from bot.store.database import Connection, Store
from bot.store.patients import State
from bot.store.roster import Which
from bot.store.types import PatientId, StaffId, TeamId
from tests.conftest import MORNING

ANA = PatientId("a" * 32)
Ask = Callable[[Connection, Store], Any]


def plans(store: Store, ask: Ask) -> str:
    """How SQLite finds what is asked for."""
    said: list[str] = []
    with store.read() as connection:
        driver: Any = connection.connection.driver_connection
        driver.set_trace_callback(said.append)
        ask(connection, store)
        driver.set_trace_callback(None)
        return "\n".join(str(row[3]) for sql in said for row in driver.execute(f"EXPLAIN QUERY PLAN {sql}"))


ASKED: dict[str, tuple[Ask, str]] = {
    "the last messages of a patient": (
        lambda connection, store: inbox.until(connection, store.vault, ANA, MORNING, 10),
        "ix_inbox_patient_id_received_at",
    ),
    "the next messages of a patient": (
        lambda connection, store: inbox.after(connection, store.vault, ANA, MORNING, 10),
        "ix_inbox_patient_id_received_at",
    ),
    "the last messages to a patient": (
        lambda connection, store: outbox.until(connection, store.vault, ANA, MORNING, 10),
        "ix_outbox_patient_id_created_at",
    ),
    "the next messages to a patient": (
        lambda connection, store: outbox.after(connection, store.vault, ANA, MORNING, 10),
        "ix_outbox_patient_id_created_at",
    ),
    "whom somebody was paged for": (
        lambda connection, store: charge.called_to(connection, StaffId("s"), [ANA], MORNING),
        "SEARCH pages USING INDEX sqlite_autoindex_pages_1 (escalation_id=?)",
    ),
    "verdicts on the screen": (
        lambda connection, store: evaluation.counts(connection),
        "SCAN escalation_events USING INDEX ix_escalation_events_judged",
    ),
    "requests that wait": (
        lambda connection, store: diary.open_requests(connection),
        "SCAN exercises USING INDEX ix_exercises_open_requests",
    ),
    "requests that wait, of some teams": (
        lambda connection, store: diary.open_requests(connection, [TeamId("t"), TeamId("u")]),
        "SCAN exercises USING INDEX ix_exercises_open_requests",
    ),
}


@pytest.mark.parametrize("name", ASKED)
def test_it_is_found_by_its_index(file_store: Store, name: str) -> None:
    ask, index = ASKED[name]
    told = plans(file_store, ask)
    assert index in told
    others = [step for step in told.splitlines() if step.startswith("SCAN") and index not in step]
    assert set(others) <= {"SCAN open_ones", "SCAN patients USING INDEX ix_patients_demo"}  # a handful each


@pytest.mark.parametrize("team", [TeamId("t"), None])
def test_the_patients_of_a_team_are_found_by_it_however_few_they_are(file_store: Store, team: TeamId | None) -> None:
    which = Which(State.PAUSED, frozenset({team, TeamId("u")}))
    told = plans(file_store, lambda connection, store: roster.page(connection, store.vault, which, ANA))
    assert told.count("SEARCH patients USING INDEX ix_patients_team_id_created_at (team_id=?") == 2
    assert "SCAN patients" not in told


@pytest.mark.parametrize(
    ("table", "column"),
    [("mentions", "escalation_id"), ("escalation_events", "message_id"), ("escalations", "message_id")],
)
def test_what_refers_to_a_message_or_a_case_is_found_when_that_is_deleted(
    file_store: Store, table: str, column: str
) -> None:
    with file_store.read() as connection:
        driver: Any = connection.connection.driver_connection
        (told,) = driver.execute(f"EXPLAIN QUERY PLAN SELECT 1 FROM {table} WHERE {column} = ?", ("x",)).fetchall()
    assert f"INDEX ix_{table}_{column}" in told[3]
