"""Taking a case: by link, key, button or text; once, by a named person, with the patient told that it was seen."""

from __future__ import annotations

from datetime import timedelta

import pytest
from ward import EMERGENCY, URGENT, WATCH, Ward

from bot.paging.acknowledge import NOT_VALID
from bot.paging.route import Way
from bot.store import contacts, judging, pages, staff
from bot.store.lifecycle import Stage
from bot.store.patients import State
from bot.store.steps import Step
from bot.store.types import StaffId
from tests.conftest import MakePatient
from tests.support.people import Person

SEEN = "A person from the team has seen your message."


def paged(ward: Ward, who: Person, text: str = EMERGENCY) -> dict[str, StaffId]:
    """The team, paged for somebody."""
    team = ward.team()
    ward.writes(who, text)
    ward.page()
    return team


def resolve(ward: Ward, who: Person, by: StaffId) -> None:
    with ward.store.write() as connection:
        judging.resolve(
            Step(connection, ward.store.vault, ward.escalation(who).id, by, ward.clock.now()), {"outcome": "safe_plan"}
        )


@pytest.mark.parametrize("way", [Way.LINK, Way.CALL, Way.TELEGRAM])
def test_the_bearer_of_the_link_is_whoever_was_paged(ward: Ward, a_patient: MakePatient, way: Way) -> None:
    who = a_patient()
    team = paged(ward, who)
    code = ward.escalation(who).code
    assert ward.acknowledge("ana:call", way).startswith(f"{code} is yours now. Open it: https://coach.test/console/")
    found = ward.escalation(who)
    assert (found.state, found.owner_id) == (Stage.ACKNOWLEDGED, team["ana"])
    with ward.store.read() as connection:
        entry = staff.entries(connection, who.id)[0]
    assert (entry.staff_id, entry.action, entry.detail) == (team["ana"], "escalation.acknowledge", f"{code} by {way}")


def test_a_second_tap_changes_nothing(ward: Ward, a_patient: MakePatient) -> None:
    who = a_patient()
    paged(ward, who)
    ward.acknowledge("ana:call")
    before = ward.escalation(who)
    assert ward.acknowledge("ana:sms") == (
        f"{before.code} is yours since 15:00. Open it: https://coach.test/console/escalation/{before.id}"
    )
    assert ward.escalation(who) == before
    assert ward.told(who.id).count(SEEN) == 1


def test_a_second_person_is_told_who_has_it(ward: Ward, a_patient: MakePatient) -> None:
    who = a_patient()
    paged(ward, who)
    ward.minutes(5.1)
    ward.page()
    ward.acknowledge("ana:call")
    assert ward.acknowledge("ben:sms") == f"Ana has {ward.escalation(who).code} since 15:05."


@pytest.mark.parametrize("form", ["ACK {code}", "ack {code}.", "{code}", "{lower}", "ACK", "acknowledged", " Ack! "])
def test_a_text_back_takes_it(ward: Ward, a_patient: MakePatient, form: str) -> None:
    who = a_patient()
    team = paged(ward, who)
    code = ward.escalation(who).code
    words = ward.desk.take_by_reply("ana:sms", form.format(code=code, lower=code.lower()))
    assert words is not None and words.startswith(f"{code} is yours now.")
    assert ward.escalation(who).owner_id == team["ana"]


@pytest.mark.parametrize("text", ["", "who is this?", "THANK", "WHERE", "12", "ACK ACK ACK please", "I hurt"])
def test_other_words_of_staff_take_nothing(ward: Ward, a_patient: MakePatient, text: str) -> None:
    who = a_patient()
    paged(ward, who)
    assert ward.desk.take_by_reply("ana:sms", text) is None
    assert ward.escalation(who).is_waiting


def test_a_number_that_is_nobodys_takes_nothing(ward: Ward, a_patient: MakePatient) -> None:
    who = a_patient()
    paged(ward, who)
    assert ward.desk.take_by_reply(who.number, f"ACK {ward.escalation(who).code}") is None
    assert ward.escalation(who).is_waiting


def test_ack_with_several_open_asks_for_the_code(ward: Ward, a_patient: MakePatient) -> None:
    ana, eve = a_patient(), a_patient()
    paged(ward, ana)
    ward.writes(eve, URGENT)
    ward.page()
    ward.minutes(30.1)
    ward.page()
    words = ward.desk.take_by_reply("ben:sms", "ACK") or ""
    assert words.startswith("2 pages are open: ") and ward.escalation(eve).code in words
    assert ward.escalation(ana).is_waiting and ward.escalation(eve).is_waiting
    assert ward.desk.take_by_reply("ben:sms", f"ack {ward.escalation(eve).code}") is not None
    assert not ward.escalation(eve).is_waiting and ward.escalation(ana).is_waiting


def test_ack_with_nothing_open_says_so(ward: Ward) -> None:
    ward.team()
    assert ward.desk.take_by_reply("ana:sms", "ACK") == "No page is open for this number."
    assert ward.desk.take_by_reply("ana:sms", "ACK K7QXM") == "No open page has the code K7QXM. Look at the console."


@pytest.mark.parametrize("token", ["", "x", "0" * 22, "../../etc"])
def test_a_wrong_link_is_none(ward: Ward, a_patient: MakePatient, token: str) -> None:
    paged(ward, a_patient())
    assert ward.desk.take_by_token(token, Way.LINK) == NOT_VALID
    assert ward.desk.look(token) is None


def test_a_link_ends_after_two_days(ward: Ward, a_patient: MakePatient) -> None:
    who = a_patient()
    paged(ward, who)
    token = ward.token_of("ana:call")
    ward.clock.turn(timedelta(hours=48, minutes=1))
    assert ward.desk.take_by_token(token, Way.LINK) == NOT_VALID
    assert ward.escalation(who).is_waiting


def test_a_link_ends_when_the_case_is_resolved(ward: Ward, a_patient: MakePatient) -> None:
    who = a_patient()
    team = paged(ward, who)
    ward.acknowledge("ana:call")
    resolve(ward, who, team["ana"])
    assert ward.acknowledge("ana:sms") == NOT_VALID


def test_no_link_is_kept_in_clear(ward: Ward, a_patient: MakePatient) -> None:
    paged(ward, a_patient())
    tokens = {page.token for page in ward.journal}
    assert all(len(token) >= 22 for token in tokens)  # 128 bits
    from sqlalchemy import select

    from bot.store.tables import pages as table

    with ward.store.read() as connection:
        rows = repr(connection.execute(select(table)).all())
    assert not [token for token in tokens if token in rows]


def test_a_role_that_may_not_is_told_so(ward: Ward, a_patient: MakePatient) -> None:
    who = a_patient()
    team = paged(ward, who)
    with ward.store.write() as connection:
        staff.change(connection, team["ana"], role="researcher")
    assert ward.acknowledge("ana:call").startswith("your role may not acknowledge")
    assert ward.escalation(who).is_waiting


class TestSeen:
    def test_the_patient_is_told_once_truthfully(self, ward: Ward, a_patient: MakePatient) -> None:
        who = a_patient()
        paged(ward, who)
        assert SEEN not in ward.told(who.id)
        ward.acknowledge("ana:call")
        assert ward.told(who.id)[-1] == SEEN
        assert ward.events(who)[-1] == "seen_said"

    def test_not_after_stop(self, ward: Ward, a_patient: MakePatient) -> None:
        who = a_patient(state=State.STOPPED)
        paged(ward, who)
        ward.acknowledge("ana:call")
        assert SEEN not in ward.told(who.id)

    def test_not_for_a_watch(self, ward: Ward, a_patient: MakePatient) -> None:
        who = a_patient()
        ward.team()
        ward.writes(who, WATCH)
        ward.minutes(24 * 60 + 1)
        ward.page()
        ward.acknowledge("ana:call")
        assert SEEN not in ward.told(who.id)

    def test_again_in_a_new_episode(self, ward: Ward, a_patient: MakePatient) -> None:
        who = a_patient()
        team = paged(ward, who)
        ward.acknowledge("ana:call")
        resolve(ward, who, team["ana"])
        ward.writes(who, EMERGENCY)
        ward.page()
        ward.acknowledge("ana:call")
        assert ward.told(who.id).count(SEEN) == 2


def test_a_chat_is_linked_by_its_code_once(ward: Ward) -> None:
    team = ward.team()
    with ward.store.write() as connection:
        code = contacts.start_link(connection, team["max"], Way.TELEGRAM, ward.clock.now())
    assert ward.desk._link("WRONG", "77").startswith("This code is wrong")
    assert ward.desk._link(code, "77").startswith("You will be paged here")
    assert ward.desk._link(code, "78").startswith("This code is wrong")
    with ward.store.read() as connection:
        (found,) = contacts.by_address(connection, ward.store.vault, "77")
    assert (found.staff_id, found.verified_at is not None) == (team["max"], True)


def test_an_old_code_links_nothing(ward: Ward) -> None:
    team = ward.team()
    with ward.store.write() as connection:
        code = contacts.start_link(connection, team["max"], Way.TELEGRAM, ward.clock.now())
    ward.clock.turn(timedelta(days=8))
    assert ward.desk._link(code, "77").startswith("This code is wrong")


def test_what_answers_has_the_form_of_an_answer(ward: Ward, a_patient: MakePatient) -> None:
    who = a_patient()
    paged(ward, who)
    code = ward.escalation(who).code
    forms = {
        "ACK": True,
        code: True,
        "THANK": False,
        "help": False,
        "ok": False,
        "yes": False,
        "": False,
    }  # staff may be patients, whose "ok" must be screened
    assert {text: ward.desk._is_reply("ana:sms", text) for text in forms} == forms
    assert not ward.desk._is_reply(who.number, "ACK")


def test_an_answer_proves_the_way(ward: Ward, a_patient: MakePatient) -> None:
    who = a_patient()
    team = paged(ward, who)
    ward.acknowledge("ana:sms")
    with ward.store.read() as connection:
        found = {one.way: one.last_outcome for one in contacts.listed(connection, [team["ana"]])}
    assert found == {"call": "accepted", "sms": "delivered", "apprise": None}
    assert pages.DELIVERED in found.values()
