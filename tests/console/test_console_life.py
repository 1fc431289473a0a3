"""The life of an escalation through its page: clocks, pages, hand-over, chat, contacts, second reading, opening again."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from clinic import Clinic, Desk, Enter

from bot.store import escalations, handling, outbox, patients, staff, takeovers
from bot.store.escalations import Escalation
from bot.store.lifecycle import Stage
from bot.store.types import StaffId


def path_of(escalation: Escalation) -> str:
    return f"/console/escalation/{escalation.id}"


def member(clinic: Clinic, login: str) -> StaffId:
    with clinic.store.read() as connection:
        found = staff.by_login(connection, clinic.store.vault, login)
    assert found is not None
    return found.id


def step(desk: Desk, escalation: Escalation, name: str, **fields: str) -> Any:
    version = str(desk.clinic.escalation(escalation.patient_id).version)
    return desk.post(f"{path_of(escalation)}/{name}", version=version, **fields)


def stages(page: str) -> dict[str, str]:
    """Name of each stage on the page -> how it stands."""
    found = re.findall(r'class="stage stage-(\w+)".*?stage-name">([^<]+)<', page, re.DOTALL)
    return {name: mark for mark, name in found}


def test_each_limit_has_its_clock_and_what_is_overdue_is_said_in_words(
    clinic: Clinic, ana: Desk, case: Escalation
) -> None:
    page = ana.get(path_of(case)).text
    assert "Acknowledge: <time" in page and ">in 1 min<" in page  # 4 of its 5 minutes went by
    assert stages(page)["Acknowledged"] == "now" and "not yet, then within 15 min" in page
    clinic.minutes(3)
    page = ana.get(path_of(case)).text
    assert ">overdue by 2 min<" in page and stages(page)["Acknowledged"] == "late"
    page = step(ana, case, "acknowledge").text
    assert "Contact: <time" in page and ">in 15 min<" in page
    assert stages(page) == {
        "Opened": "done", "Paged": "passed", "Acknowledged": "done", "Contacted": "now", "Resolved": "ahead",
    }  # fmt: skip
    clinic.minutes(16)
    assert ">overdue by 1 min<" in ana.get(path_of(case)).text
    assert "1 is overdue." in ana.get("/console/").text
    page = step(ana, case, "contact", how="phone", reached="yes").text
    assert "overdue" not in page and stages(page)["Contacted"] == "done"


def test_a_watch_is_reviewed_not_paged(clinic: Clinic, ana: Desk) -> None:
    who = clinic.patient("Cleo")
    clinic.writes(who, "weight on their backs", "watch", "hopelessness")
    made = clinic.escalation(who.patient_id)
    with clinic.store.write() as connection:
        handling.set_times(connection, made.id, review_due_at=clinic.clock.now() + timedelta(hours=24, seconds=30))
    page = ana.get(path_of(made)).text
    assert "Review: <time" in page and ">in 1 day<" in page and "Paged" not in stages(page)
    assert "Nobody is paged for a watch" in page


def test_every_page_to_staff_is_told_with_person_way_time_and_outcome(
    clinic: Clinic, ana: Desk, ben: Desk, case: Escalation
) -> None:
    failing = clinic.reach(member(clinic, "ben"), "sms", "+447700900456")
    clinic.page(case, failing, "failed", "30003")
    clinic.page(case, clinic.reach(member(clinic, "ben"), "telegram", "8812345678"))
    page = ana.get(path_of(case)).text
    assert "<strong>Ben Okafor</strong>, SMS" in page and "Failed (30003)" in page
    assert "<strong>Ben Okafor</strong>, Telegram" in page and "Delivered 02:32 GMT" in page
    assert stages(page)["Paged"] == "done"
    for private in ("+447700900456", "8812345678"):
        assert private not in page


def test_a_case_for_which_nobody_could_be_paged_says_so(clinic: Clinic, ana: Desk, case: Escalation) -> None:
    clinic.page(case, None, "failed", "no member of staff can be paged")
    assert "There was nobody who could be paged" in ana.get(path_of(case)).text


@pytest.mark.parametrize(
    ("state", "told", "calls"),
    [
        ("delivered", "The crisis reply was delivered.", False),
        ("sent", "The crisis reply was sent; no word of delivery yet.", False),
        ("waiting", "The crisis reply is on its way.", False),
        ("failed", "Reply not delivered: first contact is a phone call.", True),
        ("dropped", "Reply not delivered: first contact is a phone call.", True),
        ("unknown", "The reply may not have arrived: first contact is a phone call.", True),
    ],
)
def test_whether_the_crisis_reply_arrived_is_told(
    clinic: Clinic, ana: Desk, state: str, told: str, calls: bool
) -> None:
    who = clinic.patient("Dora")
    clinic.writes(who, "I want to die tonight", "emergency", "suicide")
    clinic.sends(who, "Call 112 now.", state, kind="safety")
    page = ana.get(path_of(clinic.escalation(who.patient_id))).text
    assert told in page
    # Whoever must be called has the number beside the alarm, and one among the facts.
    assert page.count('href="tel:+34600Dora"') == (2 if calls else 1)


def test_who_may_only_read_sees_no_telephone_number(clinic: Clinic, enter: Enter, case: Escalation) -> None:
    assert "tel:" not in enter("kim", "Kim Sand", "administrator").get(path_of(case)).text


def test_a_hand_over_stays_with_its_owner_until_it_is_accepted(
    clinic: Clinic, ana: Desk, ben: Desk, case: Escalation
) -> None:
    step(ana, case, "acknowledge")
    assert "Choose to whom you hand it over." in step(ana, case, "hand_over", to="nobody").text
    page = step(ana, case, "hand_over", to=member(clinic, "ben")).text
    assert "You have it." in page and "offered to <strong>Ben Okafor</strong>" in page
    assert "offered to <strong>you</strong>" in ben.get("/console/?show=mine").text
    assert clinic.escalation(case.patient_id).owner_id == member(clinic, "ana")
    page = step(ben, case, "accept").text
    assert "Accepted. You have it now." in page and "Offered to Ben Okafor" in page
    assert clinic.escalation(case.patient_id).owner_id == member(clinic, "ben")
    assert {"escalation.hand_over", "escalation.accept"} <= set(clinic.actions())


def test_an_offer_that_was_accepted_by_another_is_told(clinic: Clinic, ana: Desk, ben: Desk, case: Escalation) -> None:
    step(ana, case, "acknowledge")
    answer = step(ben, case, "accept")
    assert answer.status_code == 409 and "Ana Torres, 02:32 GMT: Acknowledged." in answer.text


def try_in_vain(desk: Desk, case: Escalation, **fields: str) -> Any:
    return step(desk, case, "contact", how="phone", reached="no", **fields)


def test_three_tries_in_vain_need_a_plan_in_writing(clinic: Clinic, ana: Desk, case: Escalation) -> None:
    step(ana, case, "acknowledge")
    for count in (1, 2):
        page = try_in_vain(ana, case, next_try="2026-11-24T04:00").text
        assert f"Tried without reaching the person: {count} of 3" in page and "Try again: <time" in page
    answer = try_in_vain(ana, case, next_try="2026-11-24T04:00")
    assert answer.status_code == 422 and 'id="problem-plan"' in answer.text
    assert clinic.escalation(case.patient_id).tries == 2
    page = try_in_vain(ana, case, next_try="2026-11-24T04:00", plan="Her sister goes there now").text
    assert "Plan: Her sister goes there now" in page
    found = clinic.escalation(case.patient_id)
    assert (found.tries, found.state) == (3, Stage.ACKNOWLEDGED)


@pytest.mark.parametrize("tried", ["2026-11-24T05:00", "2026-11-23T23:00", "soon"])
def test_a_contact_has_a_time_that_can_be(ana: Desk, case: Escalation, tried: str) -> None:
    step(ana, case, "acknowledge")
    answer = step(ana, case, "contact", how="phone", reached="yes", tried_at=tried)
    assert answer.status_code == 422 and 'id="problem-tried_at"' in answer.text


def test_a_contact_counts_from_when_it_was_made(clinic: Clinic, ana: Desk, case: Escalation) -> None:
    step(ana, case, "acknowledge")
    clinic.minutes(30)
    step(ana, case, "contact", how="phone", reached="yes", tried_at="2026-11-24T02:33")
    at = clinic.escalation(case.patient_id).contacted_at
    assert at is not None and f"{at:%H:%M}" == "02:33"


def test_a_person_writes_in_the_chat_under_their_name(clinic: Clinic, ana: Desk, ben: Desk, case: Escalation) -> None:
    page = step(ana, case, "take_over").text
    assert "You write in this chat" in page and "This is Ana Torres, a person from the team" in page
    once = re.search(r'name="once" value="(\w+)"', page)
    assert once
    for _ in range(2):  # a second tap
        page = step(ana, case, "write", once=once[1], text="Are you with <somebody>?").text
    with clinic.store.read() as connection:
        sent = [row.text for row in outbox.recent(connection, clinic.store.vault, case.patient_id, 9)]
    assert sent.count("Are you with <somebody>?") == 1
    assert "Ana Torres (staff)" in page and "Are you with &lt;somebody&gt;?" in page
    page = ben.get(path_of(case)).text
    assert "Ana Torres writes in this chat" in page and "Your message, as" not in page
    page = step(ana, case, "hand_back").text
    assert "The coach answers again." in page and "Take over the chat" in page
    names = clinic.actions()
    assert [names.count(f"escalation.{name}") for name in ("take_over", "write", "hand_back")] == [1, 2, 1]


def test_nobody_writes_in_a_chat_that_another_has(clinic: Clinic, ana: Desk, ben: Desk, case: Escalation) -> None:
    step(ana, case, "take_over")
    answer = step(ben, case, "write", once="1", text="my words")
    assert answer.status_code == 409 and "Ana Torres" in answer.text and "my words" in answer.text
    answer = step(ben, case, "take_over")
    assert answer.status_code == 409
    with clinic.store.read() as connection:
        standing = takeovers.of(connection, case.patient_id)
        sent = [row.text for row in outbox.recent(connection, clinic.store.vault, case.patient_id, 9)]
    assert standing is not None and standing.staff_id == member(clinic, "ana") and "my words" not in sent


def test_whoever_said_stop_is_called_not_written_to(clinic: Clinic, ana: Desk, case: Escalation) -> None:
    with clinic.store.write() as connection:
        for address in patients.addresses_of(connection, case.patient_id):
            patients.change_address(connection, address.id, opted_out_at=clinic.clock.now())
    assert "They opted out (STOP)" in ana.get(path_of(case)).text
    answer = step(ana, case, "take_over")
    assert answer.status_code == 422 and "call them" in answer.text


def test_the_chat_is_sent_again_only_when_it_changed(clinic: Clinic, ana: Desk, case: Escalation) -> None:
    page = step(ana, case, "take_over").text
    mark = re.search(r'data-mark="(\w+)"', page)
    assert mark
    live = f"{path_of(case)}/live"
    assert ana.get(f"{live}?mark={mark[1]}").status_code == 204
    clinic.sends(patients.Address(_address(clinic, case), case.patient_id, "sms", None, None), "one more")
    answer = ana.get(f"{live}?mark={mark[1]}")
    assert answer.status_code == 200 and "one more" in answer.text and "<html" not in answer.text
    assert ana.get("/console/escalation/nope/live").status_code == 404


def _address(clinic: Clinic, case: Escalation) -> str:
    with clinic.store.read() as connection:
        return patients.addresses_of(connection, case.patient_id)[0].id


RESOLUTION = {
    "outcome": "safe_plan", "spoken_to": "her", "risk": "lower", "means": "yes", "next_contact_on": "2026-11-25",
    "follow_up": "Ben",
}  # fmt: skip


def test_an_emergency_is_read_by_a_second_person_within_a_day(
    clinic: Clinic, ana: Desk, ben: Desk, case: Escalation
) -> None:
    step(ana, case, "acknowledge")
    page = step(ana, case, "resolve", **RESOLUTION).text
    assert "You resolved it yourself, so it must be somebody else." in page and "I have read it" not in page
    answer = step(ana, case, "second_read")
    assert answer.status_code == 403 and "A second person must read it: you resolved it yourself." in answer.text
    queue = ben.get("/console/").text
    assert "Second reading due" in queue and "resolved by Ana Torres" in queue
    clinic.minutes(25 * 60)
    ben.log_in("ben")
    assert "Second reading: <time" in ben.get("/console/").text and "1 is overdue." in ben.get("/console/").text
    page = step(ben, case, "second_read", reading="Ring her on Friday").text
    assert "Noted: you have read it." in page and "Ring her on Friday" in page
    found = clinic.escalation(case.patient_id)
    assert found.read_by == member(clinic, "ben")
    assert "Second reading due" not in ben.get("/console/").text
    assert step(ben, case, "second_read").status_code == 409


def test_a_resolved_one_is_opened_again_in_words(clinic: Clinic, ana: Desk, case: Escalation) -> None:
    step(ana, case, "acknowledge")
    step(ana, case, "resolve", **RESOLUTION)
    assert 'id="problem-why"' in step(ana, case, "reopen", why="").text
    page = step(ana, case, "reopen", why="She did not come").text
    assert "Opened again" in page and "Why: She did not come" in page and "Nobody has it." in page
    assert clinic.escalation(case.patient_id).state is Stage.OPEN


def test_a_resolution_of_something_older_is_not_read_as_the_new_one(
    clinic: Clinic, ana: Desk, ben: Desk, case: Escalation
) -> None:
    step(ana, case, "acknowledge")
    step(ana, case, "resolve", **RESOLUTION)
    seen = str(clinic.escalation(case.patient_id).version)
    step(ana, case, "reopen", why="again")
    step(ana, case, "acknowledge")
    step(ana, case, "resolve", **{**RESOLUTION, "outcome": "referred"})
    answer = ben.post(f"{path_of(case)}/second_read", version=seen)
    assert answer.status_code == 409 and "Ana Torres" in answer.text and "Referred" in answer.text


def test_a_drill_is_marked_plainly_and_stands_apart(clinic: Clinic, ana: Desk) -> None:
    made = clinic.drill(clinic.patient("Demo").patient_id)
    page = ana.get(path_of(made)).text
    assert "This is a test of paging. Nobody is in danger." in page and "Take over the chat" not in page
    queue = ana.get("/console/").text
    assert queue.index("Drills: nobody is in danger") < queue.index(made.code) and "<title>Queue" in queue


def test_a_demo_patient_is_marked_plainly(clinic: Clinic, ana: Desk) -> None:
    who = clinic.patient("Demo")
    clinic.writes(who, "I want to die tonight", "emergency", "suicide")
    with clinic.store.write() as connection:
        patients.change(connection, clinic.store.vault, who.patient_id, demo=True)
    assert "This patient is made up." in ana.get(path_of(clinic.escalation(who.patient_id))).text
    assert '<span class="tag">Demo</span>' in ana.get("/console/").text


@pytest.mark.parametrize("name", ["note", "false_alarm", "reopen", "second_read"])
def test_words_that_are_too_long_are_not_cut(clinic: Clinic, ana: Desk, ben: Desk, case: Escalation, name: str) -> None:
    step(ana, case, "acknowledge")
    if name in ("reopen", "second_read"):
        step(ana, case, "resolve", **RESOLUTION)
    long = "x" * 2001
    answer = step(ben, case, name, note=long, verdict=long, why=long, reading=long)
    assert answer.status_code == 422 and "Use at most 2000 characters." in answer.text


def test_no_address_and_no_title_holds_what_was_written(clinic: Clinic, ana: Desk, case: Escalation) -> None:
    for name, fields in (
        ("acknowledge", {}),
        ("note", {"note": "a private note"}),
        ("contact", {"how": "phone", "reached": "yes", "contact_note": "a private note"}),
        ("take_over", {}),
        ("write", {"once": "1", "text": "a private note"}),
        ("false_alarm", {"verdict": "a private note"}),
    ):
        answer = step(ana, case, name, **fields)
        assert answer.status_code == 200, name
        assert "private" not in str(answer.url) and "private" not in answer.text[: answer.text.index("</title>")]
    with clinic.store.read() as connection:
        assert not any("private" in entry.detail for entry in staff.entries(connection))
        assert escalations.get(connection, clinic.store.vault, case.id).state is Stage.RESOLVED
