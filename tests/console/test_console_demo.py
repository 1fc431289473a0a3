"""Made-up people on the pages: marked wherever they are, counted nowhere, and taken out by a button."""

from __future__ import annotations

import pytest
from clinic import Clinic, Desk, Enter

from bot.store import demos
from tests.support.demo import put_in


@pytest.fixture
def clinic(clinic: Clinic) -> Clinic:
    """A clinic with the made-up people in it."""
    put_in(clinic.store, clinic.clock)
    return clinic


def test_the_queue_shows_them_apart_and_counts_none(clinic: Clinic, ana: Desk) -> None:
    page = ana.get("/console/").text
    assert "<title>Queue ·" in page and 'data-count="0"' in page and "overdue.</strong>" not in page
    apart = page[page.index("Demo: these people are made up") :]
    assert apart.count('<span class="tag">Demo</span>') == 5  # four cases and a request
    assert "Mara Lind (made up) has it" in apart and "Wants to talk to a person" in apart
    assert "Nothing is open." in page and "No requests wait." in page and "(0)" not in page
    clinic.minutes(60 * 24 * 3)
    ana.log_in()
    assert "overdue.</strong>" not in ana.get("/console/").text


def test_real_ones_come_first_and_alone_are_counted(clinic: Clinic, ana: Desk) -> None:
    _, real = clinic.emergency()
    page = ana.get("/console/").text
    assert "<title>(1) Queue" in page and page.index(real.code) < page.index("Demo: these people are made up")


def test_they_are_marked_on_every_page(clinic: Clinic, ana: Desk) -> None:
    with clinic.store.read() as connection:
        cases = demos.cases(connection, clinic.store.vault)
    assert ana.get("/console/patients").text.count('<span class="tag">Demo</span>') == 6
    for case in cases:
        page = ana.get(f"/console/escalation/{case.id}").text
        assert "This patient is made up." in page and '<span class="tag">Demo</span>' in page
        patient = ana.get(f"/console/patients/{clinic.code(case.patient_id)}").text
        assert '<span class="tag">Demo</span>' in patient


def test_the_button_takes_all_of_them_out_once(clinic: Clinic, ana: Desk) -> None:
    assert "Remove the demo data" in ana.get("/console/patients").text
    answer = ana.post("/console/demo/remove")
    assert "The demo data is gone" in answer.text and "Demo: these people" not in answer.text
    assert "There was no demo data any more" in ana.post("/console/demo/remove").text
    assert "Remove the demo data" not in ana.get("/console/patients").text
    assert clinic.actions().count("demo.removed") == 1 and clinic.actions().count("demo.added") == 1


@pytest.mark.parametrize(
    ("role", "may"), [("supervisor", True), ("administrator", True), ("clinician", False), ("researcher", False)]
)
def test_who_may_take_them_out(clinic: Clinic, enter: Enter, role: str, may: bool) -> None:
    desk = enter("tess", "Tess", role)
    if role != "researcher":
        assert ("Remove the demo data" in desk.get("/console/").text) is may
    answer = desk.post("/console/demo/remove")
    assert (answer.status_code == 200) is may
    with clinic.store.read() as connection:
        assert demos.any_exist(connection) is not may


def test_every_step_can_be_tried_with_them_and_what_is_written_is_shown_as_not_sent(clinic: Clinic, ana: Desk) -> None:
    with clinic.store.read() as connection:
        case = demos.cases(connection, clinic.store.vault)[0]
    path = f"/console/escalation/{case.id}"
    assert "You have it." in ana.post(f"{path}/acknowledge", path).text
    ana.post(f"{path}/take_over", path)
    ana.post(f"{path}/write", path, once="1", text="Hello, this is Ana.")
    page = ana.get(path).text
    assert "Hello, this is Ana." in page and "Not sent by SMS: made up" in page


def test_made_up_colleagues_take_nothing_and_log_in_nowhere(clinic: Clinic, ana: Desk) -> None:
    _, case = clinic.emergency()
    clinic.staff("ben", "Ben Okafor", "clinician")
    path = f"/console/escalation/{case.id}"
    page = ana.post(f"{path}/acknowledge", path).text
    assert "Ben Okafor" in page and "Mara Lind" not in page
    assert "Mara Lind" not in ana.get("/console/staff").text
    for password in ("none", "a password for tests"):
        assert "/console/login" in str(Desk(clinic).log_in("demo.mara", password).url)
