"""Whoever leaves is let in, called and offered nowhere any more, and leaves nobody in danger behind."""

from __future__ import annotations

from datetime import timedelta

import pytest
from authenticator import Device, added, logged_in
from clinic import NIGHT, Clinic, Desk, Enter
from test_console_factor import is_in, set_up
from test_console_links import NEW
from test_console_staff import TEAM, chosen, link_in

from bot.coaching.summon import Bell
from bot.console.staff_accounts import link_for, remove_factor, set_password
from bot.conversation import takeover
from bot.errors import EvendayError
from bot.paging.route import Way
from bot.store import contacts, handling, pages, rota, staff
from bot.store.access import Refused
from bot.store.steps import Step
from bot.store.types import StaffId

CLOSE, OPEN = f"{TEAM}/bea/close", f"{TEAM}/bea/open"


@pytest.fixture
def ana(enter: Enter) -> Desk:
    """An administrator."""
    return enter("ana", "Ana Torres", "administrator")


def of(clinic: Clinic, login: str = "bea") -> StaffId:
    with clinic.store.read() as connection:
        found = staff.by_login(connection, clinic.store.vault, login)
    assert found
    return found.id


def test_nothing_lets_in_who_left_and_all_they_were_logged_in_ends(clinic: Clinic, enter: Enter, ana: Desk) -> None:
    bea = enter("bea", "Bea Lund")
    device, _ = added(bea, Device()), set_up(clinic, bea)
    answer = ana.post(CLOSE)
    assert "The account is closed" in answer.text and "Left" in answer.text
    assert not is_in(bea)
    for desk in (Desk(clinic), bea):
        assert desk.log_in("bea").status_code == 401
        assert logged_in(desk, device).status_code == 401
        assert not is_in(desk)
    assert clinic.actions().count("login.refused") == 2


def test_a_link_opens_no_closed_account(clinic: Clinic, ana: Desk) -> None:
    link = f"/console/join/{link_for(clinic.store, clinic.clock, 'bea', 'Bea Lund', 'clinician')}"
    ana.post(CLOSE)
    thief = Desk(clinic)
    assert thief.get(link).status_code == 404
    assert thief.post(link, "/console/login", password=NEW, again=NEW).status_code == 404 and not is_in(thief)
    for attempt in (
        lambda: link_for(clinic.store, clinic.clock, "bea", "Bea", "clinician"),
        lambda: set_password(clinic.store, clinic.clock, "bea"),
        lambda: remove_factor(clinic.store, clinic.clock, "bea"),
    ):
        with pytest.raises(EvendayError, match="closed"):
            attempt()


@pytest.mark.parametrize("step", ["password", "unlock", "log_out", "factor", "role", "close"])
def test_a_closed_account_is_only_opened_again(step: str, clinic: Clinic, ana: Desk) -> None:
    clinic.staff("bea", "Bea Lund")
    assert ana.post(OPEN).status_code == 404
    ana.post(CLOSE)
    assert ana.post(f"{TEAM}/bea/{step}", role="clinician").status_code == 404


def test_whoever_comes_back_does_so_by_a_new_link(clinic: Clinic, enter: Enter, ana: Desk) -> None:
    bea = enter("bea", "Bea Lund")
    device = added(bea, Device())
    ana.post(CLOSE)
    answer = ana.post(OPEN)
    assert not is_in(bea)
    old = Desk(clinic)
    assert old.log_in("bea").status_code == 401 and logged_in(old, device).status_code == 401
    assert is_in(chosen(clinic, link_in(answer.text), NEW))
    assert {"staff.closed", "staff.reopened", "staff.link_made"} <= set(clinic.actions())


def test_nobody_leaves_with_a_case_in_hand(clinic: Clinic, enter: Enter, ana: Desk) -> None:
    bea = enter("bea", "Bea Lund")
    _, mine = clinic.emergency()
    _, offered = clinic.emergency("Cleo")
    drill = clinic.drill(clinic.patient("Demo").patient_id)
    clinic.take(mine.patient_id, "bea")
    clinic.take(offered.patient_id, "cy")
    with clinic.store.write() as connection:
        vault, now = clinic.store.vault, clinic.clock.now()
        handling.hand_over(Step(connection, vault, offered.id, of(clinic, "cy"), now), of(clinic))
        handling.acknowledge(Step(connection, vault, drill.id, of(clinic), now))
    answer = ana.post(CLOSE)
    assert answer.status_code == 409 and "Bea Lund still has 2 cases." in answer.text
    assert is_in(bea) and "staff.closed" not in clinic.actions()


def test_nobody_leaves_in_the_middle_of_a_chat_or_with_a_shift_ahead(clinic: Clinic, enter: Enter, ana: Desk) -> None:
    bea = clinic.staff("bea", "Bea Lund")
    who = clinic.patient("Ana")
    with clinic.store.write() as connection:
        takeover.begin(connection, clinic.store.vault, clinic.console.coach, who.patient_id, bea, clinic.clock.now())
    clinic.shift(bea, -30, 24)  # over
    clinic.shift(bea, -2, 24)
    clinic.shift(bea, 48, 24)
    assert "still has 1 chat, 2 shifts." in ana.post(CLOSE).text
    assert is_in(ana)


def test_who_left_is_not_offered_called_or_put_on_the_rota(clinic: Clinic, enter: Enter, ana: Desk) -> None:
    bea = clinic.staff("bea", "Bea Lund")
    sms = clinic.reach(bea, Way.SMS, "+447700900123", "failed")
    cy = enter("cy", "Cy Ode")
    _, case = clinic.emergency()
    clinic.take(case.patient_id, "cy")
    places = (f"/console/escalation/{case.id}", "/console/rota")
    assert all("Bea Lund" in cy.get(path).text for path in places)
    ana.post(CLOSE)
    assert not any("Bea Lund" in cy.get(path).text for path in places)
    with clinic.store.write() as connection:
        vault, now = clinic.store.vault, clinic.clock.now()
        assert contacts.usable(connection) == [] == contacts.listed(connection, [bea])
        assert contacts.open_address(connection, vault, sms.id) is None
        assert contacts.by_address(connection, vault, "+447700900123") == []
        assert not pages.can_page_anybody(connection)
        assert bea not in staff.roles(connection) and staff.names(connection, vault)[bea] == "Bea Lund"
        bell = Bell(connection, vault, clinic.console.coach.paging, clinic.console.cover, now)
        assert bell.team().able == []
        with pytest.raises(Refused):
            handling.hand_over(Step(connection, vault, case.id, of(clinic, "cy"), now), bea)
    starts, ends = ((NIGHT + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M") for hours in (24, 32))
    form = {"who": bea, "post": "on_call", "starts": starts, "ends": ends, "days": "1"}
    assert cy.post("/console/rota/add", "/console/rota", **form).status_code == 422
    with clinic.store.read() as connection:
        assert not rota.is_kept(connection)


def test_what_they_signed_keeps_their_name(clinic: Clinic, enter: Enter, ana: Desk) -> None:
    bea = enter("bea", "Bea Lund")
    _, case = clinic.emergency()
    path = f"/console/escalation/{case.id}"
    bea.post(f"{path}/acknowledge", path, version="1")
    bea.post(f"{path}/note", path, note="I have rung her")
    version = str(clinic.escalation(case.patient_id).version)
    bea.post(f"{path}/false_alarm", path, version=version, verdict="She quoted a song.")
    assert "The account is closed" in ana.post(CLOSE).text
    assert "Bea Lund" in ana.get(path).text and "Bea Lund" in ana.get("/console/audit").text


def test_a_page_that_was_sent_before_takes_no_case_for_who_left(clinic: Clinic, ana: Desk) -> None:
    bea = clinic.staff("bea", "Bea Lund")
    clinic.reach(bea, Way.SMS, "+447700900123")
    _, case = clinic.emergency()
    ana.post(CLOSE)
    with clinic.store.write() as connection, pytest.raises(Refused):
        handling.acknowledge(Step(connection, clinic.store.vault, case.id, bea, clinic.clock.now()))
    assert clinic.escalation(case.patient_id).owner_id is None
