"""One escalation: what the page tells, what its buttons do, and what two people at once are told."""

from __future__ import annotations

from typing import Any

import pytest
from clinic import CRY, WHY, Clinic, Desk, Enter

from bot.console.words import LAYERS as WORDS_OF_LAYERS
from bot.safety.screen import LAYERS
from bot.store import evaluation, inbox, opening, patients
from bot.store.escalations import Escalation
from bot.store.patients import Patient
from bot.store.types import PatientId

FULL = {
    "outcome": "safe_plan",
    "spoken_to": "Ana and her sister",
    "risk": "High an hour ago, lower now",
    "means": "yes",
    "next_contact_on": "2026-11-25",
    "follow_up": "Ben Okafor",
}


def path_of(escalation: Escalation) -> str:
    return f"/console/escalation/{escalation.id}"


def patient(clinic: Clinic, patient_id: PatientId) -> Patient:
    with clinic.store.read() as connection:
        return patients.get(connection, clinic.store.vault, patient_id)


def resolve(desk: Desk, clinic: Clinic, escalation: Escalation, **fields: str) -> Any:
    version = str(clinic.escalation(escalation.patient_id).version)
    return desk.post(f"{path_of(escalation)}/resolve", version=version, **fields)


@pytest.fixture
def taken(clinic: Clinic, enter: Enter) -> tuple[Desk, Escalation]:
    """An escalation that Ana has acknowledged."""
    desk = enter()
    _, escalation = clinic.emergency()
    desk.post(f"{path_of(escalation)}/acknowledge")
    return desk, escalation


def test_the_page_tells_all_that_is_needed(clinic: Clinic, enter: Enter) -> None:
    who, escalation = clinic.emergency()
    page = enter().get(path_of(escalation)).text
    for words in (
        "Emergency",
        "Suicide",
        escalation.code,
        "Nobody has it.",
        "<mark>The pills are in my hand</mark>",
        WHY,
        "Words in the message",
        "sorry. nobody can help",
        "Not delivered by SMS: 30003 unreachable",
        "Delivered by SMS",
        "03:28 CET",
        "Spain",
        "Not opted out",
        "Given Thu 5 Nov 2026",
        "Pain went up from 4 to 8 of 10. Mood went down from 6 to 2 of 10.",
        "A message showed risk: Emergency, Suicide",
        clinic.code(who.patient_id),
    ):
        assert words in page, words
    assert "Ana" not in page[page.index("<title>") : page.index("</title>")]


def test_what_a_person_wrote_is_escaped_and_the_title_does_not_hold_it(clinic: Clinic, enter: Enter) -> None:
    who = clinic.patient("<script>alert(1)</script>")
    clinic.writes(who, "<img src=x onerror=alert(2)>\"'", "urgent", "suicide")
    clinic.asks(who, "talk_to_human", "<svg onload=alert(3)>")
    clinic.set_aside("web", "<i>bad</i>", b"<script>alert(4)</script>")
    desk, code = enter(), clinic.code(who.patient_id)
    pages = [path_of(clinic.escalation(who.patient_id)), f"/console/patients/{code}", "/console/patients", "/console/"]
    texts = [desk.get(path).text for path in pages]
    texts.append(desk.post("/console/aside/1").text)
    for text in texts:
        for raw in ("<script>alert", "<img src=x", "<svg onload", "<i>bad"):
            assert raw not in text
        assert "alert" not in text[: text.index("</title>")]
    assert "&lt;img src=x onerror" in texts[0] and "&lt;script&gt;alert(4)" in texts[4]


def test_every_message_of_the_episode_that_showed_risk_is_shown(clinic: Clinic, enter: Enter) -> None:
    who, escalation = clinic.emergency()
    for i in range(12):
        clinic.writes(who, f"small talk {i}")
    clinic.minutes(5)
    clinic.writes(who, "I have written a note", "urgent", "suicide", "written a note")
    page = enter().get(path_of(escalation)).text
    assert "<mark>written a note</mark>" in page and "Another message showed risk" in page


def test_an_alarm_without_words_says_what_decided(clinic: Clinic, enter: Enter) -> None:
    who = clinic.patient()
    message = clinic.writes(who, "it all feels heavy")
    with clinic.store.write() as connection:
        made = opening.note(
            connection, clinic.store.vault, who.patient_id, message, "watch", "hopelessness", clinic.clock.now()
        )
    assert "No single words decided" in enter().get(path_of(made)).text


def test_acknowledging_takes_one_tap_and_names_who_has_it(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    _, escalation = clinic.emergency()
    answer = desk.post(f"{path_of(escalation)}/acknowledge")
    assert "Acknowledged. You have it now." in answer.text
    again = desk.post(f"{path_of(escalation)}/acknowledge")
    assert again.status_code == 200
    assert clinic.escalation(escalation.patient_id).state == "acknowledged"
    assert clinic.actions().count("escalation.acknowledge") == 1


def test_another_message_meanwhile_does_not_stand_in_the_way_of_acknowledging(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    who, escalation = clinic.emergency()
    desk.get(path_of(escalation))
    clinic.writes(who, "I mean it", "emergency", "suicide")
    desk.post(f"{path_of(escalation)}/acknowledge")
    assert clinic.escalation(who.patient_id).state == "acknowledged"


def test_the_second_to_acknowledge_is_told_who_was_first(
    clinic: Clinic, taken: tuple[Desk, Escalation], enter: Enter
) -> None:
    _, escalation = taken
    ben = enter("ben", "Ben Okafor", "clinician")
    answer = ben.post(f"{path_of(escalation)}/acknowledge")
    assert answer.status_code == 409
    assert "Something changed first, so nothing of yours was kept. Ana Torres, 02:32 GMT: Acknowledged." in answer.text
    assert clinic.actions()[-1] == "escalation.conflict"


def test_resolving_needs_every_field_and_loses_nothing(clinic: Clinic, taken: tuple[Desk, Escalation]) -> None:
    desk, escalation = taken
    for name in FULL:
        given = {**FULL, name: ""}
        answer = resolve(desk, clinic, escalation, **given)
        assert answer.status_code == 422, name
        page = answer.text
        assert page.count('class="problem"') == 1 and f'href="#{name}"' in page
        for other, value in given.items():
            assert not value or f'value="{value}"' in page or f"\n{value}</textarea>" in page, (name, other)
    assert clinic.escalation(escalation.patient_id).state == "acknowledged"
    assert "escalation.resolve" not in clinic.actions()


@pytest.mark.parametrize(
    ("fields", "missing"),
    [
        ({"outcome": "not_reached"}, "handed_to"),
        ({"outcome": "miracle"}, "outcome"),
        ({"means": "perhaps"}, "means"),
        ({"next_contact_on": "2026-11-23"}, "next_contact_on"),
        ({"next_contact_on": "soon"}, "next_contact_on"),
        ({"risk": "x" * 2001}, "risk"),
        ({"outcome": "false_alarm"}, "outcome"),
    ],
)
def test_a_field_that_makes_no_sense_is_told(
    clinic: Clinic, taken: tuple[Desk, Escalation], fields: dict[str, str], missing: str
) -> None:
    desk, escalation = taken
    answer = resolve(desk, clinic, escalation, **{**FULL, **fields})
    assert answer.status_code == 422
    assert f'id="problem-{missing}"' in answer.text


def test_resolving_keeps_what_was_told(clinic: Clinic, taken: tuple[Desk, Escalation]) -> None:
    desk, escalation = taken
    resolve(desk, clinic, escalation, **FULL)
    found = clinic.escalation(escalation.patient_id)
    assert found.state == "resolved" and found.resolution == {**FULL, "go_on": False}
    page = desk.get(path_of(escalation)).text
    assert "How it was resolved" in page and "Ana and her sister" in page and "No, they rest until" in page
    assert clinic.actions()[-2:] == ["escalation.view", "escalation.view"] and "escalation.resolve" in clinic.actions()


@pytest.mark.parametrize("go_on", ["yes", ""])
def test_check_ins_go_on_only_if_somebody_says_so(clinic: Clinic, taken: tuple[Desk, Escalation], go_on: str) -> None:
    desk, escalation = taken
    assert patient(clinic, escalation.patient_id).rests_since is not None
    resolve(desk, clinic, escalation, **FULL, go_on=go_on)
    assert (patient(clinic, escalation.patient_id).rests_since is None) is (go_on == "yes")


def test_a_false_alarm_is_a_verdict_in_words_and_deletes_nothing(
    clinic: Clinic, taken: tuple[Desk, Escalation]
) -> None:
    desk, escalation = taken
    path, version = f"{path_of(escalation)}/false_alarm", str(clinic.escalation(escalation.patient_id).version)
    assert 'id="problem-verdict"' in desk.post(path, version=version, verdict=" ").text
    page = desk.post(path, version=version, verdict="She quoted a song").text
    found = clinic.escalation(escalation.patient_id)
    assert found.state == "resolved" and found.resolution["outcome"] == "false_alarm"
    assert "She quoted a song" in page and "<mark>The pills are in my hand</mark>" in page
    with clinic.store.read() as connection:
        line = evaluation.verdicts(connection, clinic.store.vault)[-1]
    assert (line.text, line.verdict, line.screened, line.tier) == (CRY, "false_alarm", "emergency", "none")


def test_nobody_resolves_what_nobody_has(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    _, escalation = clinic.emergency()
    answer = resolve(desk, clinic, escalation, **FULL)
    assert answer.status_code == 409
    assert clinic.escalation(escalation.patient_id).state == "open"


def test_a_new_sign_meanwhile_is_read_before_resolving(clinic: Clinic, taken: tuple[Desk, Escalation]) -> None:
    desk, escalation = taken
    seen = clinic.escalation(escalation.patient_id)
    who = patients.Address(_address(clinic, escalation.patient_id), escalation.patient_id, "sms", None, None)
    clinic.writes(who, "now I have the rope", "emergency", "suicide", "rope")
    answer = desk.post(f"{path_of(escalation)}/resolve", version=str(seen.version), **FULL)
    assert answer.status_code == 409
    assert "The patient, 02:32 GMT: Another message showed risk: Emergency, Suicide." in answer.text
    assert FULL["spoken_to"] in answer.text and "<mark>rope</mark>" in answer.text
    assert clinic.escalation(escalation.patient_id).state == "acknowledged"


def test_the_second_to_resolve_keeps_the_words_and_is_told(
    clinic: Clinic, taken: tuple[Desk, Escalation], enter: Enter
) -> None:
    desk, escalation = taken
    ben = enter("ben", "Ben Okafor")
    version = str(clinic.escalation(escalation.patient_id).version)
    resolve(desk, clinic, escalation, **FULL)
    answer = ben.post(f"{path_of(escalation)}/resolve", version=version, **{**FULL, "risk": "Ben's own view"})
    assert answer.status_code == 409
    assert "Ana Torres, 02:32 GMT: Resolved: Safe plan made." in answer.text
    assert "Ben&#39;s own view" in answer.text
    assert clinic.escalation(escalation.patient_id).resolution["risk"] == FULL["risk"]


def _address(clinic: Clinic, patient_id: PatientId) -> str:
    with clinic.store.read() as connection:
        return patients.addresses_of(connection, patient_id)[0].id


def test_a_contact_is_kept(clinic: Clinic, taken: tuple[Desk, Escalation]) -> None:
    desk, escalation = taken
    page = desk.post(
        f"{path_of(escalation)}/contact",
        how="phone",
        reached="no",
        next_try="2026-11-24T03:15",
        contact_note="rang out",
    ).text
    assert (
        "Contact: Phone call, not reached" in page
        and "rang out" in page
        and "Next try: Tue 24 Nov 2026, 03:15 GMT" in page
    )
    assert "escalation.contact" in clinic.actions()


@pytest.mark.parametrize(
    ("fields", "missing"),
    [
        ({"how": "", "reached": "yes"}, "how"),
        ({"how": "phone", "reached": ""}, "reached"),
        ({"how": "phone", "reached": "no"}, "next_try"),
        ({"how": "phone", "reached": "no", "next_try": "2026-11-24T02:00"}, "next_try"),
        ({"how": "phone", "reached": "no", "next_try": "0001-01-01T00:00"}, "next_try"),
    ],
)
def test_a_contact_that_lacks_something_is_shown_again(
    clinic: Clinic, taken: tuple[Desk, Escalation], fields: dict[str, str], missing: str
) -> None:
    desk, escalation = taken
    answer = desk.post(f"{path_of(escalation)}/contact", contact_note="what I typed", **fields)
    assert answer.status_code == 422
    assert f'id="problem-{missing}"' in answer.text and "what I typed" in answer.text


def test_a_note_is_kept_and_an_empty_one_is_not(clinic: Clinic, taken: tuple[Desk, Escalation]) -> None:
    desk, escalation = taken
    assert "line one\nline two" in desk.post(f"{path_of(escalation)}/note", note="line one\r\nline two").text
    assert desk.post(f"{path_of(escalation)}/note", note="  ").status_code == 422
    assert clinic.actions().count("escalation.note") == 1


def test_earlier_episodes_are_shown(clinic: Clinic, taken: tuple[Desk, Escalation]) -> None:
    desk, escalation = taken
    resolve(desk, clinic, escalation, **FULL)
    clinic.minutes(8 * 24 * 60)
    who = patients.Address(_address(clinic, escalation.patient_id), escalation.patient_id, "sms", None, None)
    clinic.writes(who, "all I do is drag everybody down", "watch", "hopelessness")
    desk.log_in()
    page = desk.get(path_of(clinic.escalation(escalation.patient_id))).text
    assert escalation.code in page and "safe plan made" in page


def test_what_decided_is_told_once_for_each_reason_in_whole_words(clinic: Clinic, enter: Enter) -> None:
    who = clinic.patient()
    clinic.writes(who, CRY, "emergency", "suicide", "The pills are in my hand")
    escalation = clinic.escalation(who.patient_id)
    at = {
        words: (CRY.index(words), CRY.index(words) + len(words)) for words in ("pills", "The pills are", "die tonight")
    }
    pieces = [
        {"start": start, "end": end, "layer": layer, "rule": f"{layer}.emergency"}
        for layer in ("opinion", "context")
        for start, end in at.values()
    ]
    with clinic.store.write() as connection:
        assert escalation.message_id
        inbox.judged(connection, clinic.store.vault, escalation.message_id, "emergency", "suicide", pieces)
    page = enter().get(f"/console/escalation/{escalation.id}").text
    told = ": <q>The pills are</q>, <q>die tonight</q>."
    assert f"read for its sense{told}" in page and f"What was said just before{told}" in page
    assert page.count("<li>Words that weighed most") == 1 and "<q>pills</q>" not in page


def test_every_layer_of_the_screen_has_words() -> None:
    assert {*LAYERS, "answer", "failure"} <= set(WORDS_OF_LAYERS)


def test_what_to_say_on_the_telephone_is_there_until_it_is_resolved(clinic: Clinic, ana: Desk) -> None:
    _, case = clinic.emergency("Ana <b>")
    page = ana.get(path_of(case)).text
    assert "this is Ana Torres from the team" in page and "are you thinking of killing yourself?" in page
    assert "Hello Ana &lt;b&gt;, this is" in page and "tell them to call 112" in page
    assert "What did you take, how much" not in page, "that is of another kind"
    ana.post(f"{path_of(case)}/acknowledge")
    version = str(clinic.escalation(case.patient_id).version)
    ana.post(f"{path_of(case)}/false_alarm", version=version, verdict="a song")
    assert "On the telephone" not in ana.get(path_of(case)).text


def test_a_drill_and_who_contacts_nobody_are_given_no_words_for_a_call(clinic: Clinic, enter: Enter) -> None:
    who, case = clinic.emergency()
    assert "On the telephone" not in enter("adam", "Adam Roy", "administrator").get(path_of(case)).text
    assert "On the telephone" not in enter().get(path_of(clinic.drill(who.patient_id))).text
