"""A case out of sight until a time: asked for with a reason, told plainly, never for what is late, and back by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from clinic import Clinic, Desk
from test_console_life import step

from bot.clock import local
from bot.console.clocks import Clock, Limit, is_out_of_sight
from bot.store import patients
from bot.store.escalations import Escalation


@pytest.fixture
def mine(clinic: Clinic, ana: Desk) -> Escalation:
    """An emergency that Ana has."""
    who, _ = clinic.emergency()
    clinic.take(who.patient_id, "ana")
    return clinic.escalation(who.patient_id)


def in_minutes(clinic: Clinic, count: int) -> str:
    """So many minutes from now, as the form gives it."""
    return f"{local(clinic.clock.now() + timedelta(minutes=count), clinic.console.zone):%Y-%m-%dT%H:%M}"


def snooze(desk: Desk, case: Escalation, minutes: int = 60, why: str = "She <sleeps> now") -> Any:
    return step(desk, case, "snooze", snooze_until=in_minutes(desk.clinic, minutes), snooze_why=why)


def parts(desk: Desk, show: str = "all") -> tuple[str, str]:
    """The queue's main lists, and what is out of sight."""
    page = desk.get(f"/console/?show={show}").text
    before, _, rest = page.partition('<details class="hidden"')
    hidden, _, after = rest.partition("</details>")
    return before + after, hidden


def test_it_leaves_the_lists_and_stands_in_a_closed_part_with_its_time(
    clinic: Clinic, ana: Desk, mine: Escalation
) -> None:
    page = snooze(ana, mine).text
    assert "It is out of sight until then. No clock stops for it." in page and "Out of sight until" in page
    assert "Put out of sight for a while" in page and "Why: She &lt;sleeps&gt; now" in page
    for show in ("all", "mine"):
        main, hidden = parts(ana, show)
        assert mine.code not in main and mine.code in hidden and "Out of sight until" in hidden
        assert " open" not in hidden.partition(">")[0] and 'class="count">1<' in hidden
        assert "sleeps" not in hidden
    assert mine.code not in ana.get("/console/?show=unassigned").text
    assert clinic.actions().count("escalation.snooze") == 1


def test_it_is_back_at_the_time_by_itself_and_the_live_part_notices(
    clinic: Clinic, ana: Desk, mine: Escalation
) -> None:
    snooze(ana, mine, 10)
    mark = ana.get("/console/live").text.partition('data-mark="')[2][:16]
    clinic.minutes(9)
    assert ana.get(f"/console/live?mark={mark}").status_code == 204
    clinic.minutes(2)
    assert ana.get(f"/console/live?mark={mark}").status_code == 200
    main, hidden = parts(ana)
    assert mine.code in main and hidden == ""


def test_a_new_sign_brings_it_back(clinic: Clinic, ana: Desk, mine: Escalation) -> None:
    with clinic.store.read() as connection:
        where = patients.addresses_of(connection, mine.patient_id)[0]
    snooze(ana, mine)
    clinic.writes(where, "I want to die", "urgent", "suicide")
    assert mine.code in parts(ana)[0]


def test_show_it_again_is_one_press_for_any_colleague(clinic: Clinic, ana: Desk, ben: Desk, mine: Escalation) -> None:
    snooze(ana, mine)
    page = step(ben, mine, "show_again").text
    assert "It is in sight again." in page and "Put in sight again</strong>, Ben Okafor" in page
    assert mine.code in parts(ana)[0]


def test_a_colleague_who_takes_the_chat_brings_it_back(clinic: Clinic, ana: Desk, ben: Desk, mine: Escalation) -> None:
    snooze(ana, mine)
    step(ben, mine, "take_over")
    assert mine.code in parts(ana)[0]


@pytest.mark.parametrize(
    ("name", "fields"),
    [("note", {"note": "Her sister called."}), ("contact", {"how": "phone", "reached": "yes"})],
)
def test_what_a_colleague_does_brings_it_back_and_what_its_owner_does_leaves_it(
    clinic: Clinic, ana: Desk, ben: Desk, mine: Escalation, name: str, fields: dict[str, str]
) -> None:
    snooze(ana, mine)
    assert step(ana, mine, name, **fields).status_code == 200
    assert mine.code in parts(ana)[1]
    assert step(ben, mine, name, **fields).status_code == 200
    assert mine.code in parts(ana)[0]


@pytest.mark.parametrize(
    ("minutes", "why", "told"),
    [
        (60, "", "Write why it can wait."),
        (-5, "x", "That time is past."),
        (73 * 60, "x", "Give a time up to"),
        (60, "x" * 2001, "Use at most 2000 characters."),
    ],
)
def test_what_is_not_fit_is_told_and_hides_nothing(
    clinic: Clinic, ana: Desk, mine: Escalation, minutes: int, why: str, told: str
) -> None:
    answer = snooze(ana, mine, minutes, why)
    assert answer.status_code == 422 and told in answer.text
    assert mine.code in parts(ana)[0]


def test_not_beyond_the_contact_and_not_at_all_once_it_is_overdue(clinic: Clinic, ana: Desk) -> None:
    who, case = clinic.emergency()
    page = step(ana, case, "acknowledge").text  # through the door, so that the contact is due in 15 minutes
    assert "then the contact is due." in page
    assert "Give a time up to" in snooze(ana, case, 20).text
    assert snooze(ana, case, 10).status_code == 200
    clinic.minutes(16)
    assert case.code in parts(ana)[0]
    answer = snooze(ana, clinic.escalation(who.patient_id), 10)
    assert answer.status_code == 422 and "Its contact is overdue, so it stays in sight." in answer.text


def test_what_changed_unread_is_not_put_out_of_sight(clinic: Clinic, ana: Desk, ben: Desk, mine: Escalation) -> None:
    seen = str(clinic.escalation(mine.patient_id).version)
    step(ben, mine, "contact", how="phone", reached="yes")
    fields = {"snooze_until": in_minutes(clinic, 60), "snooze_why": "my words"}
    answer = ana.post(f"/console/escalation/{mine.id}/snooze", version=seen, **fields)
    assert answer.status_code == 409 and '<dt>Why it can wait</dt><dd dir="auto">my words</dd>' in answer.text
    assert clinic.escalation(mine.patient_id).snoozed_until is None


def test_whoever_has_it_not_is_not_offered_and_not_let(clinic: Clinic, ana: Desk, ben: Desk, mine: Escalation) -> None:
    assert "/snooze" not in ben.get(f"/console/escalation/{mine.id}").text
    answer = snooze(ben, mine)
    assert answer.status_code == 409 and clinic.escalation(mine.patient_id).snoozed_until is None


def test_what_is_overdue_is_never_out_of_sight(clinic: Clinic, ana: Desk, mine: Escalation) -> None:
    now = clinic.clock.now()
    case = replace(mine, snoozed_until=now + timedelta(hours=1))
    late, soon = Clock(Limit.CONTACT, now), Clock(Limit.CONTACT, now + timedelta(minutes=1))
    assert [is_out_of_sight(case, clock, now) for clock in (None, soon, late)] == [True, True, False]
    assert not is_out_of_sight(case, None, now + timedelta(hours=1))
