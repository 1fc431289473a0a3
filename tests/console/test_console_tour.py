"""The tour of a new member of staff: by role, noticing what was done, and over when they say so."""

from __future__ import annotations

import re

import pytest
from clinic import Clinic, Desk

from bot.console import tour
from bot.store import demos, staff
from bot.store.access import Role
from tests.support.demo import put_in


def newcomer(clinic: Clinic, role: str = "supervisor", login: str = "new", step: int | None = 0) -> Desk:
    """Somebody who has just been given an account."""
    clinic.staff(login, "Noa Berg", role, tour=step)
    desk = Desk(clinic)
    desk.log_in(login, wanted="/console/account")
    return desk


def bar(html: str) -> str:
    """The words of the bar, "" where there is none."""
    found = re.search(r'<aside class="tour".*?</aside>', html, re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[0])).strip() if found else ""


def press(desk: Desk, button: str) -> str:
    """Press a button of the bar, as it stands on the account page; the page that follows."""
    page = desk.get("/console/account").text
    number = re.search(r'name="number" value="(\d+)"', page)
    assert number
    return str(desk.post(f"/console/tour/{button}", "/console/account", number=number[1]).text)


@pytest.mark.parametrize("role", sorted(Role))
def test_each_role_is_led_to_pages_that_it_may_see_and_to_an_end(clinic: Clinic, role: str) -> None:
    desk = newcomer(clinic, role)
    stops = tour.TOURS[role]
    for number, stop in enumerate(stops, 1):
        page = desk.get(stop.href or "/console/")
        assert page.status_code == 200 and "Not for your role" not in page.text
        assert f"Tour, {number} of {len(stops)}" in bar(page.text)
        page = press(desk, "next")
    assert "The tour is over" in page and bar(page) == ""


def test_it_notices_by_itself_what_was_done(clinic: Clinic) -> None:
    put_in(clinic.store, clinic.clock)
    desk = newcomer(clinic)
    with clinic.store.read() as connection:
        case = demos.cases(connection, clinic.store.vault)[0]
    path = f"/console/escalation/{case.id}"
    assert (
        "3 of 8" in bar(press(desk, "next")) and f'href="{path}"' in desk.get("/console/").text
    )  # it is open: taken as read
    assert f"2 of 8 {case.code} in the queue is made up" in bar(desk.get("/console/").text)
    assert "Press “Acknowledge" in bar(desk.get(path).text)
    assert "4 of 8" in bar(desk.post(f"{path}/acknowledge", path).text)
    assert "5 of 8" in bar(desk.post(f"{path}/contact", path, how="phone", reached="yes").text)
    told = {"outcome": "safe_plan", "spoken_to": "Nora", "risk": "low", "means": "yes", "follow_up": "me"}
    seen = re.search(r'name="version" value="(\d+)"', desk.get(path).text)
    assert seen
    done = desk.post(f"{path}/resolve", path, **told, next_contact_on="2026-11-25", version=seen[1])
    assert "6 of 8" in bar(done.text)
    assert "1 of 8" in bar(press(desk, "back"))  # what was done is passed on the way back, too
    assert "6 of 8" in bar(press(desk, "next"))


def test_a_case_that_a_colleague_took_is_not_theirs_to_try(clinic: Clinic) -> None:
    put_in(clinic.store, clinic.clock)
    first, second = newcomer(clinic), newcomer(clinic, login="second", step=1)
    with clinic.store.read() as connection:
        case = demos.cases(connection, clinic.store.vault)[0]
    path = f"/console/escalation/{case.id}"
    first.post(f"{path}/acknowledge", path)
    words = bar(second.get(path).text)
    assert "When a case comes" in words and case.code not in words


def test_without_the_demo_it_speaks_of_what_will_come(clinic: Clinic) -> None:
    desk = newcomer(clinic)
    said = [bar(press(desk, "next")) for _ in range(4)]
    assert "When a case comes, open it" in said[0] and "Once the person is safe" in said[3]
    assert not any("made up" in words or "{code}" in words for words in said)


def test_it_ends_at_once_stays_over_and_begins_again_on_the_account_page(clinic: Clinic) -> None:
    desk = newcomer(clinic, step=4)
    assert bar(press(desk, "end")) == "" and bar(desk.get("/console/").text) == ""
    assert "Take the tour" in desk.get("/console/account").text
    assert "1 of 8" in bar(desk.post("/console/tour/begin", "/console/account").text)
    assert "Take the tour" not in desk.get("/console/account").text


def test_whoever_knows_the_console_sees_none(clinic: Clinic) -> None:
    desk = newcomer(clinic, step=None)
    assert all(bar(desk.get(page).text) == "" for page in ("/console/", "/console/health", "/console/account"))


@pytest.mark.parametrize("number", ["", "x", "-1", "999", "1 or 1=1"])
def test_no_number_from_outside_leads_anywhere_else(clinic: Clinic, number: str) -> None:
    desk = newcomer(clinic)
    for button in ("next", "back"):
        assert desk.post(f"/console/tour/{button}", "/console/account", number=number).status_code == 404
    with clinic.store.read() as connection:
        found = staff.by_login(connection, clinic.store.vault, "new")
    assert found and found.tour_step == 0


def test_another_ones_tour_is_out_of_reach(clinic: Clinic) -> None:
    mine, other = newcomer(clinic), newcomer(clinic, login="other", step=3)
    press(mine, "end")
    assert "4 of 8" in bar(other.get("/console/").text)
    assert other.client.post("/console/tour/end", data={"csrf": "0" * 64}).status_code == 403


def test_it_waits_until_the_second_way_in_is_set_up_where_the_site_asks_for_one(clinic: Clinic) -> None:
    clinic.console.settings.second_factor = "required"
    assert bar(newcomer(clinic).get("/console/account").text) == ""


def test_parts_that_a_script_fetches_have_no_bar(clinic: Clinic) -> None:
    assert 'class="tour"' not in newcomer(clinic).get("/console/live?mark=old").text
