"""Accounts of staff: who may do what with them, and what follows at once."""

from __future__ import annotations

import re

import pytest
from authenticator import Device, added, logged_in
from clinic import Clinic, Desk, Enter, token_in
from sqlalchemy import select
from test_console_factor import is_in, set_up

from bot.console.pages.team import MAY
from bot.store import factors, staff, tables
from bot.store.access import Role
from bot.store.staff import FAILURES

TEAM = "/console/staff"
# What -> the address for Bea's account, the form, and the audit's word for it.
STEPS: dict[str, tuple[str, dict[str, str], str]] = {
    "add": (f"{TEAM}/add", {"login": "cy", "name": "Cy", "role": "clinician"}, "staff.added"),
    "password": (f"{TEAM}/bea/password", {}, "staff.link_made"),
    "unlock": (f"{TEAM}/bea/unlock", {}, "staff.unlocked"),
    "log_out": (f"{TEAM}/bea/log_out", {}, "staff.logged_out"),
    "factor": (f"{TEAM}/bea/factor", {}, "factor.reset"),
    "role": (f"{TEAM}/bea/role", {"role": "clinician"}, "staff.role_set"),
    "close": (f"{TEAM}/bea/close", {}, "staff.closed"),
}


def link_in(html: str) -> str:
    """The path of the link that a page shows."""
    found = re.search(r'class="key">http://127.0.0.1:8080(/console/join/[\w-]{43})<', html)
    assert found
    return found[1]


def chosen(clinic: Clinic, link: str, password: str = "chosen by myself") -> Desk:
    """A browser of whoever chose a password by a link."""
    desk = Desk(clinic)
    desk.post(link, link, password=password, again=password)
    return desk


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("what", list(STEPS))
def test_each_step_is_taken_by_the_roles_of_the_table_alone(
    what: str, role: Role, clinic: Clinic, enter: Enter
) -> None:
    clinic.staff("bea", "Bea Lund")
    desk = enter("ana", "Ana Torres", role)
    path, form, action = STEPS[what]
    answer = desk.post(path, **form)
    assert (answer.status_code == 200) is (role in MAY[what])
    assert (action in clinic.actions()) is (role in MAY[what])
    assert ("refused" in clinic.actions()) is (role not in MAY[what])


@pytest.mark.parametrize("role", list(Role))
def test_the_page_is_for_supervisors_and_administrators_and_offers_what_they_may(
    role: Role, clinic: Clinic, enter: Enter
) -> None:
    clinic.staff("bea", "Bea Lund")
    answer = enter("ana", "Ana Torres", role).get(TEAM)
    assert (answer.status_code == 200) is (role in MAY["view"])
    assert ("Add somebody" in answer.text) is (role in MAY["add"])
    assert ("New password" in answer.text) is (role in MAY["password"])


@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.RESEARCHER])
def test_who_may_not_see_it_is_not_led_there(role: Role, enter: Enter) -> None:
    assert f'href="{TEAM}"' not in enter("ana", "Ana Torres", role).get("/console/health").text


@pytest.mark.parametrize("what", [what for what in STEPS if what != "add"])
def test_nobody_does_it_to_themselves(what: str, clinic: Clinic, enter: Enter) -> None:
    desk = enter("ana", "Ana Torres", "administrator")
    path, form, action = STEPS[what]
    assert desk.post(path.replace("bea", "ana"), **form).status_code == 403
    assert action not in clinic.actions() and is_in(desk)


def test_a_new_member_chooses_a_password_by_a_link_that_is_shown_once(clinic: Clinic, enter: Enter) -> None:
    desk = enter("ana", "Ana Torres", "administrator")
    answer = desk.post(f"{TEAM}/add", login=" Cy ", name="Cy <b>Ode</b>", role="clinician")
    assert "Cy &lt;b&gt;Ode&lt;/b&gt;" in answer.text and "<b>Ode" not in answer.text
    link = link_in(answer.text)
    page = desk.get(TEAM).text
    assert link not in page and "Has yet to choose a password" in page
    assert is_in(chosen(clinic, link))
    assert "Has yet to choose" not in desk.get(TEAM).text
    again = Desk(clinic)
    again.log_in("cy", "chosen by myself")
    assert is_in(again)
    with clinic.store.read() as connection:
        assert connection.execute(select(tables.staff.c.tour_step).where(tables.staff.c.login == "cy")).scalar() == 0


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({"login": "bea", "name": "Bea", "role": "clinician"}, "that login is taken"),
        ({"login": "", "name": "Bea", "role": "clinician"}, "needs a login and a name"),
        ({"login": "b e a", "name": "Bea", "role": "clinician"}, "without spaces"),
        ({"login": "b/../a", "name": "Bea", "role": "clinician"}, "a login is made of"),
        ({"login": "béa", "name": "Bea", "role": "clinician"}, "a login is made of"),
        ({"login": "x" * 65, "name": "Bea", "role": "clinician"}, "at most 64"),
        ({"login": "x", "name": "B" * 81, "role": "clinician"}, "at most 80"),
        ({"login": "x", "name": "Bea", "role": "root"}, "there is no role"),
        ({"login": "x", "name": "Bea"}, "there is no role"),
    ],
)
def test_what_can_not_be_added_is_told_and_stays_typed(
    form: dict[str, str], why: str, clinic: Clinic, enter: Enter
) -> None:
    clinic.staff("bea", "Bea Lund")
    answer = enter("ana", "Ana Torres", "administrator").post(f"{TEAM}/add", **form)
    assert answer.status_code == 422 and why in answer.text
    assert f'value="{form["name"]}"' in answer.text
    assert "staff.added" not in clinic.actions()


def test_a_locked_colleague_is_let_in_at_night(clinic: Clinic, enter: Enter) -> None:
    clinic.staff("bea", "Bea Lund")
    bea = Desk(clinic)
    for _ in range(FAILURES):
        bea.log_in("bea", "wrong")
    ana = enter()
    assert "Locked until" in ana.get(TEAM).text
    assert "The login is open again." in ana.post(f"{TEAM}/bea/unlock").text
    bea.log_in("bea")
    assert is_in(bea) and "Locked until" not in ana.get(TEAM).text


@pytest.mark.parametrize("what", ["password", "log_out", "factor", "role", "close"])
def test_what_is_changed_ends_their_sessions_at_once(what: str, clinic: Clinic, enter: Enter) -> None:
    bea = enter("bea", "Bea Lund")
    set_up(clinic, bea)
    ana = enter("ana", "Ana Torres", "administrator")
    path, form, _ = STEPS[what]
    assert is_in(bea)
    ana.post(path, **form)
    assert not is_in(bea)
    with clinic.store.read() as connection:
        found = staff.by_login(connection, clinic.store.vault, "bea")
        assert found and factors.is_set(connection, found.id) is (what not in ("factor", "close"))
        assert found.role == ("clinician" if what == "role" else "supervisor")


def test_a_new_password_takes_the_old_one_s_place_at_once(clinic: Clinic, enter: Enter) -> None:
    clinic.staff("bea", "Bea Lund")
    ana = enter("ana", "Ana Torres", "administrator")
    link = link_in(ana.post(f"{TEAM}/bea/password").text)
    bea = Desk(clinic)
    assert bea.log_in("bea").status_code == 401
    assert is_in(chosen(clinic, link))
    bea.log_in("bea", "chosen by myself")
    assert is_in(bea)


def test_who_lost_the_phone_starts_anew_without_its_passkeys(clinic: Clinic, enter: Enter) -> None:
    device = added(enter("bea", "Bea Lund"), Device())
    ana = enter("ana", "Ana Torres", "administrator")
    assert "Second factor on" in ana.get(TEAM).text
    ana.post(f"{TEAM}/bea/factor")
    found = Desk(clinic)
    logged_in(found, device)
    assert not is_in(found) and "Second factor on" not in ana.get(TEAM).text


@pytest.mark.parametrize("login", ["nobody", "%3Cb%3E", "..", "a%2Fb"])
def test_a_login_that_is_nobody_s_is_not_there(login: str, enter: Enter) -> None:
    assert enter("ana", "Ana Torres", "administrator").post(f"{TEAM}/{login}/unlock").status_code in (404, 405)


def test_a_role_that_is_none_changes_nothing(clinic: Clinic, enter: Enter) -> None:
    bea = enter("bea", "Bea Lund")
    assert enter("ana", "Ana Torres", "administrator").post(f"{TEAM}/bea/role", role="root").status_code == 422
    assert is_in(bea)


def test_a_form_without_its_token_does_nothing(clinic: Clinic, enter: Enter) -> None:
    clinic.staff("bea", "Bea Lund")
    desk = enter("ana", "Ana Torres", "administrator")
    token_in(desk.get(TEAM).text)
    assert desk.client.post(f"{TEAM}/bea/log_out", data={"csrf": "0" * 64}).status_code == 403
    assert "staff.logged_out" not in clinic.actions()
