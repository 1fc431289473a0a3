"""Pages of what went wrong, and of nothing: each says what to do next, and whom to ask."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from clinic import Clinic, Desk, Enter

STATES = ("away", "failed", "refused", "missing", "stale", "closed", "unreadable")
TEMPLATES = Path(__file__).parents[2] / "bot" / "console" / "templates"


@pytest.fixture
def away(clinic: Clinic, ana: Desk) -> Desk:
    """A supervisor whose database has gone away."""
    with clinic.store.write() as connection:
        connection.exec_driver_sql("DROP TABLE sessions")
    return ana


def words(html: str) -> str:
    """What a page says between head and foot."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html[html.index("<main") : html.index("</main>")]))


@pytest.mark.parametrize("state", STATES)
def test_each_says_what_to_do_and_whom_to_ask_and_leads_on(state: str) -> None:
    page = (TEMPLATES / f"{state}.html").read_text(encoding="utf-8")
    assert "the person who runs the system" in page or "ask an administrator" in page
    assert 'class="button" href=' in page and "<h1>" in page


def test_who_is_in_danger_comes_first_where_the_database_is_away(away: Desk) -> None:
    told = words(away.get("/console/").text)
    assert told.index("If somebody may be in danger") < told.index("What still works")
    assert "gets the crisis text at once" in told and "The link in that page takes the case" in told
    assert "away at 02:12 UTC" in told


def test_a_look_is_tried_again_by_a_link_and_a_step_never(away: Desk) -> None:
    assert 'href="/console/rota">Try again' in away.get("/console/rota").text
    answer = away.client.post("/console/health/redrive", data={"csrf": "x"})
    assert answer.status_code == 503 and 'href="/console/">Try again' in answer.text


def test_the_log_in_page_tells_so_too_where_the_database_is_away(clinic: Clinic) -> None:
    desk = Desk(clinic)
    with clinic.store.write() as connection:
        connection.exec_driver_sql("DROP TABLE staff_links")
        connection.exec_driver_sql("ALTER TABLE staff RENAME TO gone")
    answer = desk.post("/console/login", "/console/login", login="ana", password="x")
    assert answer.status_code == 503 and 'href="/console/">Try again' in answer.text


def test_a_fault_tells_the_time_to_look_for_in_the_log_and_nothing_else(clinic: Clinic, ana: Desk) -> None:
    clinic.staff("ben", "Ben Okafor")
    with clinic.store.write() as connection:  # a name that nobody can open
        connection.exec_driver_sql("UPDATE staff SET name_sealed = x'0001' WHERE login = 'ben'")
    answer = ana.get("/console/staff")
    told = words(answer.text)
    assert answer.status_code == 500 and "the time: 02:12 UTC" in told
    assert told.index("If somebody may be in danger") < told.index("Go back") and "Error" not in told


def test_who_may_not_is_told_as_whom_they_are_here_and_led_to_what_they_may_see(clinic: Clinic, enter: Enter) -> None:
    desk = enter("rea", "Rea Lind", "researcher")
    told = desk.get("/console/patients").text
    assert "You are Rea Lind, researcher." in told and "ask an administrator" in told
    assert desk.get("/console/safety").status_code == 200 and 'href="/console/safety">' in told


def test_nothing_found_leads_only_where_the_role_may_look(ana: Desk, enter: Enter) -> None:
    assert "To the patients" in ana.get("/console/nowhere").text
    assert "To the patients" not in enter("rea", "Rea Lind", "researcher").get("/console/nowhere").text
