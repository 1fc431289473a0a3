"""Steps on a patient's programme, through the door: by role and state, told beforehand, and never over somebody else's."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from clinic import Clinic, Desk, Enter, build, token_in

from bot.console import words
from bot.store import care, due, outbox, patients, staff, takeovers
from bot.store.care import STEPS, Care, Closing, Mode
from bot.store.lifecycle import Role
from bot.store.patients import Address, Patient, State

FORMS: dict[Care, dict[str, str]] = {
    Care.PAUSE: {"until": "2026-12-03"},
    Care.GO_ON: {},
    Care.SET_MODE: {"mode": "guided"},
    Care.CLOSE: {"closing": "finished"},
    Care.REOPEN: {},
}


def now(clinic: Clinic, who: Address) -> Patient:
    with clinic.store.read() as connection:
        return patients.get(connection, clinic.store.vault, who.patient_id)


def change(clinic: Clinic, who: Address, **values: Any) -> None:
    with clinic.store.write() as connection:
        patients.change(connection, clinic.store.vault, who.patient_id, **values)


def path(clinic: Clinic, who: Address) -> str:
    return f"/console/patients/{clinic.code(who.patient_id)}"


def mark(page: str) -> str:
    found = re.search(r'name="mark" value="([^"]*)"', page)
    return html.unescape(found[1]) if found else ""


def take(desk: Desk, where: str, step: Care, **fields: str) -> Any:
    """Open the page, fill in the form of a step, and send it."""
    page = desk.get(where).text
    given = {"csrf": token_in(page), "mark": mark(page), **FORMS[step], **fields}
    return desk.client.post(f"{where}/{step}", data=given)


def told(clinic: Clinic, who: Address) -> list[tuple[str, str]]:
    """(text, state) of what the coach was to say, oldest first."""
    with clinic.store.read() as connection:
        rows = outbox.recent(connection, clinic.store.vault, who.patient_id, 20)
        return [(row.text, row.state) for row in rows if row.dedupe_key.startswith(("programme:", "test:"))]


def due_now(clinic: Clinic, who: Address) -> dict[str, Any]:
    with clinic.store.read() as connection:
        return due.of(connection, who.patient_id)


def steps_taken(clinic: Clinic) -> list[tuple[str, str]]:
    with clinic.store.read() as connection:
        found = reversed(staff.entries(connection))
        return [
            (one.action, one.detail) for one in found if one.action.startswith("patient.") and "view" not in one.action
        ]


@pytest.fixture
def ana(clinic: Clinic) -> Address:
    """Somebody active, whom no alarm keeps at rest."""
    who = clinic.patient("Ben")
    change(clinic, who, rests_since=None, checkin_time="09:30")
    return who


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Clinic, dict[Role, Desk]]]:
    """One clinic for all cells, with somebody of each role."""
    clinic = build(tmp_path_factory.mktemp("ward"))
    desks = {}
    for role in Role:
        clinic.staff(role, role.title(), role)
        desks[role] = Desk(clinic)
        desks[role].log_in(role, wanted="/console/health")
    yield clinic, desks
    clinic.store.close()


@pytest.mark.parametrize("step", Care)
@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("role", Role)
def test_a_step_is_offered_and_taken_only_where_the_tables_allow(
    role: Role, state: State, step: Care, ward: tuple[Clinic, dict[Role, Desk]]
) -> None:
    clinic, desks = ward
    who = clinic.patient(f"Ben {role} {state} {step}")
    change(clinic, who, state=state, rests_since=clinic.clock.now() if step is Care.GO_ON else None)
    where, before = path(clinic, who), now(clinic, who)
    page = desks[role].get(where)
    may = care.may(role, step) and step in STEPS[state]
    assert (f'action="{where}/{step}"' in page.text) == may
    form = {"csrf": token_in(desks[role].get("/console/health").text), "mark": _mark_of(before), **FORMS[step]}
    answer = desks[role].client.post(f"{where}/{step}", data=form)
    assert answer.status_code == (200 if may else 403 if not care.may(role, step) else 409)
    assert (now(clinic, who) != before) == may


def _mark_of(who: Patient) -> str:
    at = [one.isoformat() if one else "" for one in (who.paused_until, who.rests_since)]
    return "|".join((who.state, who.mode, *at))


def test_check_ins_rest_until_the_day_and_begin_again_on_it(clinic: Clinic, enter: Enter, ana: Address) -> None:
    desk = enter()
    page = take(desk, path(clinic, ana), Care.PAUSE, until="2026-12-03").text
    assert "The check-ins rest." in page and "Paused until Thu 3 Dec 2026, 00:00 CET" in page
    found = now(clinic, ana)
    assert found.state is State.PAUSED and due_now(clinic, ana) == {"resume": found.paused_until}
    ((text, state),) = told(clinic, ana)
    assert text.startswith("Your care team has paused the check-ins until 3 December.") and "112" in text
    assert state == "waiting" and clinic.woken == ["woken"]
    assert steps_taken(clinic) == [("patient.pause", "until 2026-12-03")]
    assert "Paused a patient’s check-ins: until 2026-12-03" in desk.get(path(clinic, ana)).text


def test_nobody_is_told_in_the_night(clinic: Clinic, enter: Enter, ana: Address) -> None:
    take(enter(), path(clinic, ana), Care.PAUSE)
    with clinic.store.read() as connection:
        assert outbox.ready(connection, "sms", clinic.clock.now()) == []
        assert outbox.ready(connection, "sms", clinic.clock.now() + timedelta(hours=5, minutes=47)) == []
        assert len(outbox.ready(connection, "sms", clinic.clock.now() + timedelta(hours=5, minutes=49))) == 1


@pytest.mark.parametrize(
    "until", ["", "soon", "2026-11-24", "2020-01-01", "2028-01-01", "9999-12-31", "0001-01-01", "<b>"]
)
def test_a_day_that_is_none_is_asked_for_again(clinic: Clinic, enter: Enter, ana: Address, until: str) -> None:
    answer = take(enter(), path(clinic, ana), Care.PAUSE, until=until)
    assert answer.status_code == 422 and "1 field needs your answer" in answer.text and "<b>" not in answer.text
    assert '<details class="more" open>' in answer.text
    assert now(clinic, ana).state is State.ACTIVE and steps_taken(clinic) == []


@pytest.mark.parametrize("paused", [True, False], ids=["after a pause", "after an alarm"])
def test_check_ins_go_on(clinic: Clinic, enter: Enter, ana: Address, paused: bool) -> None:
    desk = enter()
    if paused:
        take(desk, path(clinic, ana), Care.PAUSE)
    else:
        change(clinic, ana, rests_since=clinic.clock.now())
    assert "The check-ins go on." in take(desk, path(clinic, ana), Care.GO_ON).text
    found = now(clinic, ana)
    assert (found.state, found.paused_until, found.rests_since) == (State.ACTIVE, None, None)
    assert set(due_now(clinic, ana)) == {"checkin"} and "on again" in told(clinic, ana)[-1][0]
    assert f"{path(clinic, ana)}/go_on" not in desk.get(path(clinic, ana)).text


def test_the_mode_is_changed_there_and_back_and_the_person_is_told_nothing(
    clinic: Clinic, enter: Enter, ana: Address
) -> None:
    desk = enter()
    page = desk.get(path(clinic, ana)).text
    assert "somebody must look here each working day" in page
    assert "Guided: a person of the team looks after them." in take(desk, path(clinic, ana), Care.SET_MODE).text
    assert now(clinic, ana).mode == "guided"
    take(desk, path(clinic, ana), Care.SET_MODE, mode="unguided")
    assert now(clinic, ana).mode == "unguided" and told(clinic, ana) == []
    assert steps_taken(clinic) == [("patient.set_mode", "guided"), ("patient.set_mode", "unguided")]


@pytest.mark.parametrize("mode", ["", "unguided", "owned"])
def test_no_other_mode_is_set(clinic: Clinic, enter: Enter, ana: Address, mode: str) -> None:
    assert take(enter(), path(clinic, ana), Care.SET_MODE, mode=mode).status_code == 409
    assert now(clinic, ana).mode == "unguided"


def test_a_closed_programme_says_so_once_and_then_nothing(clinic: Clinic, enter: Enter, ana: Address) -> None:
    desk = enter()
    clinic.sends(ana, "a check-in that waits", "waiting", kind="checkin")
    with clinic.store.write() as connection:
        due.set_at(connection, ana.patient_id, "checkin", clinic.clock.now())
    page = take(desk, path(clinic, ana), Care.CLOSE, closing="care_elsewhere").text
    assert "The programme is closed." in page and "Stopped." in page
    assert now(clinic, ana).state is State.STOPPED and due_now(clinic, ana) == {}
    (_, dropped), (text, state) = told(clinic, ana)
    assert (dropped, state) == ("dropped", "waiting") and "START" in text and "112" in text
    assert steps_taken(clinic) == [("patient.close", "care_elsewhere")]
    assert "Closed a patient’s programme: their care goes on elsewhere" in page
    with clinic.store.read() as connection:
        assert patients.reachable(connection, ana.patient_id)  # closed is not STOP: staff can still write


@pytest.mark.parametrize("closing", ["", "tired of them"])
def test_a_programme_is_closed_for_a_reason_of_the_list(
    clinic: Clinic, enter: Enter, ana: Address, closing: str
) -> None:
    answer = take(enter(), path(clinic, ana), Care.CLOSE, closing=closing)
    assert answer.status_code == 422 and "Choose why it is closed." in answer.text
    assert now(clinic, ana).state is State.ACTIVE


def test_a_closed_programme_is_opened_again(clinic: Clinic, enter: Enter, ana: Address) -> None:
    desk = enter()
    take(desk, path(clinic, ana), Care.CLOSE)
    assert "The programme is open again." in take(desk, path(clinic, ana), Care.REOPEN).text
    assert now(clinic, ana).state is State.ACTIVE and set(due_now(clinic, ana)) == {"checkin"}
    assert told(clinic, ana)[-1][0].startswith("Welcome back")


def test_stop_and_a_consent_taken_back_are_not_undone_by_staff(clinic: Clinic, enter: Enter, ana: Address) -> None:
    desk = enter()
    take(desk, path(clinic, ana), Care.CLOSE)
    with clinic.store.write() as connection:
        patients.change_address(connection, ana.id, opted_out_at=clinic.clock.now())
    answer = take(desk, path(clinic, ana), Care.REOPEN)
    assert answer.status_code == 409 and "They said STOP. Only they can open it again" in answer.text
    with clinic.store.write() as connection:
        patients.change_address(connection, ana.id, opted_out_at=None)
        patients.withdraw_consent(connection, ana.patient_id, clinic.clock.now())
    answer = take(desk, path(clinic, ana), Care.REOPEN)
    assert answer.status_code == 409 and "Their consent does not hold any more" in answer.text
    assert now(clinic, ana).state is State.STOPPED


def test_while_an_escalation_is_open_nothing_ends_or_goes_on_and_nobody_is_told(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    who, _ = clinic.emergency()
    for step, why in (
        (Care.CLOSE, "An escalation is open. Resolve it first."),
        (Care.GO_ON, "When you resolve it, say there whether check-ins may go on."),
    ):
        answer = take(desk, path(clinic, who), step, mark=_mark_of(now(clinic, who)))
        assert answer.status_code == 409 and why in answer.text
        assert f'action="{path(clinic, who)}/{step}"' not in answer.text
    before = len(told(clinic, who))
    take(desk, path(clinic, who), Care.PAUSE)
    assert now(clinic, who).state is State.PAUSED and len(told(clinic, who)) == before


@pytest.mark.parametrize("why", ["opted_out_at", "closed_at"])
def test_whom_nobody_can_write_to_is_not_said_to_be_told(clinic: Clinic, enter: Enter, ana: Address, why: str) -> None:
    desk = enter()
    assert "They are told so, outside of their quiet hours." in desk.get(path(clinic, ana)).text
    with clinic.store.write() as connection:
        patients.change_address(connection, ana.id, **{why: clinic.clock.now()})
    page = desk.get(path(clinic, ana)).text
    assert "They can’t be written to, so they are told nothing" in page and "They are told so" not in page
    before = len(told(clinic, ana))
    take(desk, path(clinic, ana), Care.PAUSE)
    assert now(clinic, ana).state is State.PAUSED and len(told(clinic, ana)) == before


def test_a_chat_that_a_person_has_is_not_cut_off(clinic: Clinic, enter: Enter, ana: Address) -> None:
    desk = enter()
    olga = clinic.staff("olga", "Olga Lind")
    with clinic.store.write() as connection:
        takeovers.begin(connection, ana.patient_id, olga, clinic.clock.now())
    answer = take(desk, path(clinic, ana), Care.CLOSE, mark=_mark_of(now(clinic, ana)))
    assert answer.status_code == 409 and "Hand it back to the coach first." in answer.text
    assert now(clinic, ana).state is State.ACTIVE


def test_the_second_of_two_people_is_told_who_was_first_and_overwrites_nothing(
    clinic: Clinic, enter: Enter, ana: Address
) -> None:
    desk, other = enter(), enter("kim", "Kim Sand", "clinician")
    where = path(clinic, ana)
    page = other.get(where).text
    take(desk, where, Care.PAUSE, until="2026-12-03")
    paused = now(clinic, ana)
    form = {"csrf": token_in(page), "mark": mark(page), "until": "2027-01-01"}
    answer = other.client.post(f"{where}/pause", data=form)
    assert answer.status_code == 409 and "nothing of yours was kept" in answer.text
    assert "Ana Torres paused a patient’s check-ins, Tue 24 Nov 2026" in answer.text
    assert now(clinic, ana) == paused
    assert steps_taken(clinic) == [("patient.pause", "until 2026-12-03"), ("patient.conflict", "pause")]
    assert other.client.post(f"{where}/close", data={**form, "mark": "nonsense", "closing": "other"}).status_code == 409


def test_a_form_without_its_token_does_nothing(clinic: Clinic, enter: Enter, ana: Address) -> None:
    desk = enter()
    form = {"mark": _mark_of(now(clinic, ana)), "closing": "other"}
    assert desk.client.post(f"{path(clinic, ana)}/close", data=form).status_code == 403
    assert now(clinic, ana).state is State.ACTIVE


def test_all_words_are_there() -> None:
    assert set(words.CLOSINGS) == set(Closing) and set(words.MODES) == set(Mode) and set(FORMS) == set(Care)
