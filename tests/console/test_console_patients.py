"""The list of patients, and finding somebody by name or code: what was typed leaves no trace but a count."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from clinic import Clinic, Desk, Enter

from bot.store import patients, roster, staff, teams
from bot.store.patients import State
from bot.store.types import PatientId


def codes(page: str) -> list[str]:
    return re.findall(r'row-code code">([A-Z0-9]+)<', page)


def change(clinic: Clinic, who: PatientId, **values: object) -> None:
    with clinic.store.write() as connection:
        patients.change(connection, clinic.store.vault, who, **values)


def searches(clinic: Clinic) -> list[tuple[str, str]]:
    """(subject, detail) of each search in the audit, oldest first."""
    with clinic.store.read() as connection:
        found = reversed(staff.entries(connection))
        return [(entry.subject, entry.detail) for entry in found if entry.action == "patients.find"]


@pytest.mark.parametrize("path", ["/console/find", "/console/patients/find"])
def test_a_code_leads_to_its_page_however_it_is_typed(clinic: Clinic, enter: Enter, path: str) -> None:
    desk = enter()
    who, escalation = clinic.emergency()
    code = clinic.code(who.patient_id)
    for typed, page in (
        (f" {code.lower()} ", f"/console/patients/{code}"),
        (escalation.code.lower(), f"/console/escalation/{escalation.id}"),
    ):
        assert desk.post(path, sought=typed).url.path == page
    assert searches(clinic) == [("patients", "1")] * 2


def test_everybody_of_a_name_is_listed_and_the_address_says_nothing(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    wanted = {clinic.code(clinic.patient(name).patient_id) for name in ("José María", "Ana-José", "JOSÉ")}
    clinic.patient("Josephine")
    answer = desk.post("/console/patients/find", sought="jose")
    assert answer.status_code == 200 and set(codes(answer.text)) == wanted
    assert "3 have this name." in answer.text and 'value="jose"' in answer.text
    assert answer.url.path == "/console/patients/find" and not answer.url.query and "jose" not in str(answer.url)
    assert "jose" not in re.findall(r"<title>(.*?)</title>", answer.text)[0].lower()
    assert searches(clinic) == [("patients", "3")]


@pytest.mark.parametrize("typed", ["", "  ", "Nobody", "ZZZZZZ", "<b>x</b>", "'; --", "ana" * 500, "🙂", "\x00"])
def test_who_is_not_there_is_told_so_and_counted(clinic: Clinic, enter: Enter, typed: str) -> None:
    desk = enter()
    clinic.patient()
    answer = desk.post("/console/find", sought=typed)
    assert answer.status_code == 404 and "Nobody was found." in answer.text and codes(answer.text) == []
    assert "<b>x" not in answer.text and searches(clinic) == [("patients", "0")]


def test_of_a_name_that_very_many_have_the_newest_are_shown(
    clinic: Clinic, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roster, "PER_PAGE", 2)
    desk = enter()
    for n in range(3):
        clinic.minutes(1)
        clinic.patient(f"Ana N{n}")
    page = desk.post("/console/find", sought="ana").text
    assert "More than 2 have this name." in page and "Ana N2" in page and "Ana N0" not in page
    assert searches(clinic) == [("patients", "2+")]


def test_the_list_is_cut_by_state_and_pages_on_by_a_place_that_says_nothing(
    clinic: Clinic, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roster, "PER_PAGE", 2)
    desk = enter()
    for n in range(5):
        clinic.minutes(1)
        who = clinic.patient(f"Person {n}")
        change(clinic, who.patient_id, state=State.PAUSED if n == 4 else State.ACTIVE, demo=n == 3)
    first = desk.get("/console/patients?state=active").text
    assert re.findall(r"Person \d", first) == ["Person 3", "Person 2"] and first.count('class="tag">Demo<') == 1
    older = re.search(r'href="(/console/patients\?state=active&amp;after=[0-9a-f]{32})"', first)
    assert older
    second = desk.get(older[1].replace("&amp;", "&")).text
    assert re.findall(r"Person \d", second) == ["Person 1", "Person 0"]
    assert "Next 50" not in second and 'href="/console/patients?state=active">Back to the newest' in second
    assert re.findall(r"Person \d", desk.get("/console/patients?state=paused").text) == ["Person 4"]
    assert "Nobody stands so." in desk.get("/console/patients?state=stopped").text


@pytest.mark.parametrize("query", ["state=nonsense", "state=unknown", "after=nobody", "after=' OR 1=1 --"])
def test_a_query_that_is_nonsense_shows_the_newest(clinic: Clinic, enter: Enter, query: str) -> None:
    desk = enter()
    code = clinic.code(clinic.patient().patient_id)
    stranger = clinic.patient("Stranger")
    change(clinic, stranger.patient_id, state=State.UNKNOWN, created_at=clinic.clock.now() + timedelta(days=1))
    answer = desk.get(f"/console/patients?{query}")
    assert answer.status_code == 200 and codes(answer.text) == [code]


def test_an_address_that_holds_a_code_or_a_name_finds_nobody(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    clinic.patient()
    assert desk.get("/console/patients?code=Ana&sought=Ana").url.path == "/console/patients"
    assert desk.get("/console/find?sought=Ana").status_code == 404


def test_another_teams_patients_are_neither_listed_nor_found_by_name(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    with clinic.store.write() as connection:
        (me,) = staff.listed(connection, clinic.store.vault)
        north, south = (teams.add(connection, site, "Day team", clinic.clock.now()) for site in ("North", "South"))
        assert north and south
        teams.put_in(connection, me.id, north)
    made = {}
    for name, team in (("Ana North", north), ("Ana South", south), ("Ana Everybody", None)):
        who = clinic.patient(name)
        made[name] = clinic.code(who.patient_id)
        change(clinic, who.patient_id, team_id=team)
    seen = {made["Ana North"], made["Ana Everybody"]}
    page = desk.get("/console/patients").text
    assert set(codes(page)) == seen and 'href="/console/patients?of=mine">Of my teams<' in page
    assert set(codes(desk.get("/console/patients?of=mine&state=active").text)) == {made["Ana North"]}
    assert set(codes(desk.post("/console/find", sought="ana").text)) == seen
    assert searches(clinic) == [("patients", "2")]
    assert desk.post("/console/find", sought=made["Ana South"]).url.path.endswith("/glass")


@pytest.mark.parametrize(("role", "finds"), [("clinician", True), ("administrator", True), ("researcher", False)])
def test_every_page_has_the_command_bar_and_it_finds_for_those_who_may(
    clinic: Clinic, enter: Enter, role: str, finds: bool
) -> None:
    page = enter("kim", "Kim Sand", role).get("/console/health").text
    assert 'src="/console/static/command.js" defer' in page and 'action="/console/find"' in page
    assert (" data-finds" in page) == finds
    assert "command" not in Desk(clinic).get("/console/login").text
