"""Two of the staff in the same instant, on PostgreSQL, where neither waits for the other's whole transaction by itself."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from clinic import Clinic, Desk, build

from bot.store import patients, staff, teams

SECONDS = 0.5  # in which a step that waits for nobody would be over


@pytest.fixture
def served(postgresql_url: str, tmp_path: Path) -> Iterator[Clinic]:
    """An empty clinic on PostgreSQL."""
    made = build(tmp_path, url=postgresql_url)
    yield made
    made.store.close()


def test_of_two_who_give_a_patient_to_a_team_at_once_the_second_undoes_nothing(served: Clinic) -> None:
    vault, now, ana = served.store.vault, served.clock.now(), served.staff("ana", "Ana Torres")
    who, desk, answers = served.patient("Dora"), Desk(served), list[int]()
    desk.log_in("ana", wanted="/console/health")
    with served.store.write() as connection:
        north, south = (teams.add(connection, site, "Day", now) for site in ("North", "South"))
        assert north and south
        for team in (north, south):
            teams.put_in(connection, ana, team)
    at = f"/console/patients/{served.code(who.patient_id)}/team"

    def second() -> None:
        answers.append(desk.post(at, **{"from": "", "team": south}).status_code)

    thread = threading.Thread(target=second)
    with served.store.write() as connection:
        staff.record(connection, vault, now, None, "patient.moved", who.patient_id)
        teams.move(connection, who.patient_id, north)
        thread.start()
        thread.join(SECONDS)
        assert thread.is_alive()  # it has read the patient as they were, and waits
    thread.join()
    assert answers == [409]
    with served.store.read() as connection:
        assert patients.get(connection, vault, who.patient_id).team_id == north
