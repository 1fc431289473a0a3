"""Whom to call and the safety plan: written by who cares, kept in versions, and there when an escalation is open."""

from __future__ import annotations

import pytest
from clinic import Clinic, Enter

from bot.console.agreed import SAFETY_FIELDS
from bot.console.escalation.forms import LONGEST
from bot.store import agreements
from bot.store.access import Role
from bot.store.agreements import Kind
from bot.store.lifecycle import Action, may

LEA = {"name": "Lea <b>Torres", "relation": "sister", "telephone": "+44 20 7946 0123", "may_call": "yes",
       "safe_way": "Not before ten. Leave no message."}  # fmt: skip


def at(clinic: Clinic) -> tuple[str, str]:
    """The page of an emergency's patient, and that of the escalation."""
    who, case = clinic.emergency()
    return f"/console/patients/{clinic.code(who.patient_id)}/agreed", f"/console/escalation/{case.id}"


def test_whom_to_call_is_on_the_escalation_with_a_number_to_tap(clinic: Clinic, enter: Enter) -> None:
    ana, (page, case) = enter(), at(clinic)
    assert "Nobody to call is written down" in ana.get(case).text
    assert "Kept." in ana.post(f"{page}/contact", page, version="0", **LEA).text
    shown = ana.get(case).text
    assert 'href="tel:+442079460123"' in shown and "Lea &lt;b&gt;Torres" in shown and "Leave no message" in shown
    assert "agreed that they are called" in shown
    assert clinic.actions().count("agreed.contact") == 1


@pytest.mark.parametrize(("answer", "told"), [("no", "did not agree"), ("not_asked", "was not asked yet")])
def test_whether_they_may_be_called_is_said_beside_the_number(
    answer: str, told: str, clinic: Clinic, enter: Enter
) -> None:
    ana, (page, case) = enter(), at(clinic)
    ana.post(f"{page}/contact", page, version="0", **LEA | {"may_call": answer})
    assert told in ana.get(case).text


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"telephone": "ring the bell"}, "Give one number"),
        ({"telephone": ""}, "Give the number"),
        ({"name": ""}, "Write who it is"),
        ({"may_call": ""}, "Choose whether"),
        ({"may_call": "perhaps"}, "Choose whether"),
        ({"safe_way": "x" * (LONGEST + 1)}, "Use at most"),
    ],
)
def test_what_lacks_is_told_and_stays_typed(change: dict[str, str], told: str, clinic: Clinic, enter: Enter) -> None:
    ana, (page, case) = enter(), at(clinic)
    answer = ana.post(f"{page}/contact", page, version="0", **LEA | change)
    assert answer.status_code == 422 and told in answer.text and 'value="sister"' in answer.text
    assert "Nobody to call is written down" in ana.get(case).text


def test_a_national_number_is_read_in_the_patient_s_country(clinic: Clinic, enter: Enter) -> None:
    ana, (page, case) = enter(), at(clinic)  # Spain
    ana.post(f"{page}/contact", page, version="0", **LEA | {"telephone": "912 345 678"})
    assert 'href="tel:+34912345678"' in ana.get(case).text


def test_the_safety_plan_is_on_the_escalation_step_by_step(clinic: Clinic, enter: Enter) -> None:
    ana, (page, case) = enter(), at(clinic)
    ana.post(f"{page}/safety_plan", page, version="0", signs="I stop answering", home="My sister keeps the pills")
    shown = ana.get(case).text
    assert "I stop answering" in shown and "My sister keeps the pills" in shown
    assert [told for told in SAFETY_FIELDS.values() if told in shown] == [SAFETY_FIELDS["signs"], SAFETY_FIELDS["home"]]


def test_of_two_who_write_at_once_the_second_is_told_and_both_versions_stay(clinic: Clinic, enter: Enter) -> None:
    ana, ben, (page, _) = enter(), enter("ben", "Ben Ode", "clinician"), at(clinic)
    ana.post(f"{page}/safety_plan", page, version="0", signs="first")
    answer = ben.post(f"{page}/safety_plan", page, version="0", signs="second")
    assert answer.status_code == 409 and "Changed meanwhile" in answer.text and "second" in answer.text
    assert "first" in ben.get(page).text and "second" not in ben.get(page).text
    assert ben.post(f"{page}/safety_plan", page, version="1", signs="second").status_code == 200
    assert "second" in ana.get(page).text


def test_a_form_with_an_error_is_second_all_the_same(clinic: Clinic, enter: Enter) -> None:
    ana, ben, (page, _) = enter(), enter("ben", "Ben Ode", "clinician"), at(clinic)
    ben.post(f"{page}/contact", page, version="0", **LEA)
    answer = ana.post(f"{page}/contact", page, version="0", **LEA | {"relation": "aunt", "telephone": "ring the bell"})
    assert answer.status_code == 409 and "Changed meanwhile" in answer.text and "ring the bell" in answer.text
    assert 'value="sister"' in answer.text and 'value="aunt"' not in answer.text


@pytest.mark.parametrize("version", ["7", "-1", "", "x", "²", "1" * 40])
def test_a_version_that_never_was_keeps_nothing(version: str, clinic: Clinic, enter: Enter) -> None:
    ana, (page, _) = enter(), at(clinic)
    assert ana.post(f"{page}/safety_plan", page, version=version, signs="lost").status_code == 409
    assert "lost" not in ana.get(page).text and "agreed.safety_plan" not in clinic.actions()


@pytest.mark.parametrize("role", list(Role))
def test_it_is_written_by_who_cares_alone(role: Role, clinic: Clinic, enter: Enter) -> None:
    desk, (page, _) = enter("ana", "Ana Torres", role), at(clinic)
    answer = desk.post(f"{page}/safety_plan", version="0", signs="I stop answering")
    assert (answer.status_code == 200) is may(role, Action.NOTE)
    assert ("agreed.safety_plan" in clinic.actions()) is may(role, Action.NOTE)


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.CLINICIAN, Role.ADMINISTRATOR])
def test_who_may_not_write_it_is_not_led_to_write_it(role: Role, clinic: Clinic, enter: Enter) -> None:
    desk, (page, case) = enter("ana", "Ana Torres", role), at(clinic)
    for shown in (page.removesuffix("/agreed"), case):
        assert (f'href="{page}"' in desk.get(shown).text) is may(role, Action.NOTE)


def test_nothing_of_it_is_stored_in_clear(clinic: Clinic, enter: Enter) -> None:
    ana, (page, _) = enter(), at(clinic)
    ana.post(f"{page}/contact", page, version="0", **LEA)
    ana.post(f"{page}/safety_plan", page, version="0", signs="I stop answering")
    with clinic.store.read() as connection:
        kept = [tuple(row) for row in connection.exec_driver_sql("SELECT * FROM agreements")]
    assert len(kept) == 2 and not any(word in repr(kept) for word in ("Lea", "7946", "answering"))


def test_the_newest_of_each_kind_is_in_force(clinic: Clinic) -> None:
    who, vault, me = clinic.patient(), clinic.store.vault, clinic.staff("ana", "Ana")
    with clinic.store.write() as connection:
        for version, words in enumerate(("one", "two", "three")):
            now = clinic.clock.now()
            agreements.keep(connection, vault, who.patient_id, Kind.SAFETY_PLAN, {"signs": words}, version, me, now)
        agreements.keep(connection, vault, who.patient_id, Kind.CONTACT, {"name": "Lea"}, 0, me, clinic.clock.now())
        found = agreements.newest(connection, vault, who.patient_id)
    assert {kind: (one.version, dict(one.data)) for kind, one in found.items()} == {
        Kind.SAFETY_PLAN: (3, {"signs": "three"}),
        Kind.CONTACT: (1, {"name": "Lea"}),
    }
