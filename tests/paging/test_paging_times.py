"""safety.md §4, row by row: who is paged when, by how many ways, until somebody acknowledges."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from ward import EMERGENCY, FAILED, RETRY, UNKNOWN, URGENT, WATCH, Ward

from bot.paging.pager import MOST_TRIES
from bot.paging.route import Way
from bot.store import handling, pages, rounds
from bot.store.lifecycle import Stage
from bot.store.steps import Step
from tests.conftest import MakePatient

EVERYONE = ["lea:call", "lea:sms", "ana:call", "ana:sms", "ben:sms", "ben:telegram", "max:sms"]


def test_the_first_pages_are_rows_of_the_commit_that_opens_the_escalation(ward: Ward, a_patient: MakePatient) -> None:
    ward.team()
    who = a_patient()
    ward.writes(who, EMERGENCY)
    assert [(row.way, row.state) for row in ward.rows(who)] == [("call", "waiting"), ("sms", "waiting")]
    assert ward.escalation(who).state is Stage.OPEN


def test_emergency_at_once_two_ways_to_whoever_is_on_call(ward: Ward, a_patient: MakePatient) -> None:
    ward.team()
    who = a_patient()
    ward.writes(who, EMERGENCY)
    assert ward.page() == ["ana:call", "ana:sms"]
    assert ward.states(who) == ["accepted", "accepted"]
    assert ward.escalation(who).state is Stage.PAGED
    assert ward.escalation(who).paged_at is not None


def test_emergency_after_five_minutes_the_second_too(ward: Ward, a_patient: MakePatient) -> None:
    ward.team()
    ward.writes(a_patient(), EMERGENCY)
    ward.page()
    ward.minutes(4.9)
    assert ward.page() == []
    ward.minutes(0.2)
    assert ward.page() == ["ana:call", "ana:sms", "ben:sms", "ben:telegram"]


def test_emergency_after_ten_minutes_the_lead_and_everybody_then_every_five(ward: Ward, a_patient: MakePatient) -> None:
    ward.team()
    ward.writes(a_patient(), EMERGENCY)
    ward.page()
    ward.minutes(5.1)
    ward.page()
    ward.minutes(5)
    assert sorted(ward.page()) == sorted(EVERYONE)
    for _ in range(3):
        ward.minutes(4.8)
        assert ward.page() == []
        ward.minutes(0.3)
        assert sorted(ward.page()) == sorted(EVERYONE)
    assert ward.last.again >= 3


def test_urgent_one_way_then_after_thirty_minutes_up_the_rota(ward: Ward, a_patient: MakePatient) -> None:
    ward.team()
    ward.writes(a_patient(), URGENT)
    assert ward.page() == ["ana:call"]
    ward.minutes(29)
    assert ward.page() == []
    ward.minutes(1.1)
    assert ward.page() == ["ana:call", "ben:sms"]
    ward.minutes(30.1)
    assert sorted(ward.page()) == ["ana:call", "ben:sms", "lea:call", "max:sms"]


def test_watch_no_page_but_a_review_within_one_working_day(ward: Ward, a_patient: MakePatient) -> None:
    ward.team()
    who = a_patient()
    ward.writes(who, WATCH)
    assert ward.escalation(who).tier == "watch"
    assert ward.page() == []
    assert ward.escalation(who).review_due_at is not None
    assert ward.due_in(who) == 24 * 60
    ward.minutes(24 * 60 + 1)
    assert ward.page() == ["ana:call"]


def test_a_watch_on_friday_is_reviewed_on_monday_where_nobody_works_on_weekends(
    file_ward: Ward, build: object, a_patient: MakePatient
) -> None:
    from bot.coaching.summon import working_days_later
    from bot.safety.cover import parse

    friday = file_ward.clock.now() + timedelta(days=4)
    assert working_days_later(friday, 1, parse("Mon-Fri 09:00-17:00 UTC")).weekday() == 0
    assert working_days_later(friday, 1, parse("")).weekday() == 0
    assert working_days_later(friday, 1, parse("Mon-Sun 09:00-17:00 UTC")).weekday() == 5


def test_acknowledged_nobody_is_paged_any_more(ward: Ward, a_patient: MakePatient) -> None:
    team = ward.team()
    who = a_patient()
    ward.writes(who, EMERGENCY)
    ward.page()
    assert ward.acknowledge("ana:sms").endswith(f"/console/escalation/{ward.escalation(who).id}")
    assert ward.escalation(who).owner_id == team["ana"]
    ward.minutes(14)
    assert ward.page() == []


@pytest.mark.parametrize(("text", "minutes"), [(EMERGENCY, 15), (URGENT, 240)])
def test_a_contact_that_is_late_pages_the_owner_and_the_lead(
    ward: Ward, a_patient: MakePatient, text: str, minutes: int
) -> None:
    ward.team()
    who = a_patient()
    ward.writes(who, text)
    ward.page()
    ward.acknowledge("ana:call")
    assert ward.due_in(who) == minutes
    ward.minutes(minutes + 0.1)
    ways = {15: ["ana:call", "ana:sms", "lea:call", "lea:sms"], 240: ["ana:call", "lea:call"]}[minutes]
    assert ward.page() == ways
    assert ward.events(who)[-1] == "contact_late"


def test_a_contact_in_time_ends_the_pages(ward: Ward, a_patient: MakePatient) -> None:
    team = ward.team()
    who = a_patient()
    ward.writes(who, EMERGENCY)
    ward.page()
    ward.acknowledge("ana:call")
    with ward.store.write() as connection:
        handling.log_contact(
            Step(connection, ward.store.vault, ward.escalation(who).id, team["ana"], ward.clock.now()),
            how="phone",
            reached=True,
        )
    assert ward.escalation(who).state is Stage.CONTACTED
    ward.minutes(24 * 60)
    assert ward.page() == []


def test_a_next_try_that_has_passed_is_paged_for(ward: Ward, a_patient: MakePatient) -> None:
    team = ward.team()
    who = a_patient()
    ward.writes(who, EMERGENCY)
    ward.page()
    ward.acknowledge("ana:call")
    with ward.store.write() as connection:
        handling.log_contact(
            Step(connection, ward.store.vault, ward.escalation(who).id, team["ana"], ward.clock.now()),
            how="phone",
            reached=False,
            next_try_at=ward.clock.now() + timedelta(minutes=40),
        )
    ward.minutes(39)
    assert ward.page() == []
    ward.minutes(1.1)
    assert "ana:call" in ward.page()


def test_a_hand_over_that_nobody_accepts_pages_both(ward: Ward, a_patient: MakePatient) -> None:
    team = ward.team()
    who = a_patient()
    ward.writes(who, EMERGENCY)
    ward.page()
    ward.acknowledge("ana:call")
    with ward.store.write() as connection:
        handling.hand_over(
            Step(connection, ward.store.vault, ward.escalation(who).id, team["ana"], ward.clock.now()),
            team["ben"],
            accept_within=timedelta(minutes=5),
        )
    ward.minutes(5.1)
    assert ward.page() == ["ben:sms", "ben:telegram", "ana:call", "ana:sms"]
    assert ward.acknowledge("ben:sms").startswith(ward.escalation(who).code)
    assert ward.escalation(who).owner_id == team["ben"]
    assert ward.events(who)[-1] == "accepted"


def test_a_rise_of_tier_starts_clocks_and_paging_again(ward: Ward, a_patient: MakePatient) -> None:
    ward.team()
    who = a_patient()
    ward.writes(who, URGENT)
    ward.page()
    ward.acknowledge("ana:call")
    ward.minutes(3)
    ward.writes(who, EMERGENCY)
    assert ward.escalation(who).state is Stage.OPEN
    assert ward.page() == ["ana:call", "ana:sms"]
    ward.minutes(5.1)
    assert "ben:sms" in ward.page()


def test_a_message_of_the_same_tier_pages_nobody_again(ward: Ward, a_patient: MakePatient) -> None:
    ward.team()
    who = a_patient()
    ward.writes(who, EMERGENCY)
    ward.page()
    ward.writes(who, EMERGENCY)
    assert ward.page() == []


def test_a_way_that_fails_gives_way_to_the_next_at_once(ward: Ward, a_patient: MakePatient) -> None:
    ward.team()
    who = a_patient()
    ward.routes[Way.CALL].always = FAILED
    ward.writes(who, EMERGENCY)
    assert ward.page() == ["ana:call", "ana:sms", "ana:apprise"]
    assert [(row.way, row.state) for row in ward.rows(who)] == [
        ("call", "failed"),
        ("sms", "accepted"),
        ("apprise", "accepted"),
    ]


def test_where_nobody_of_a_step_is_reached_the_next_step_does_not_wait(ward: Ward, a_patient: MakePatient) -> None:
    ward.team()
    ward.routes[Way.CALL].always = ward.routes[Way.SMS].always = ward.routes[Way.APPRISE].always = FAILED
    ward.writes(a_patient(), EMERGENCY)
    found = ward.page()
    assert "ben:telegram" in found
    assert ward.minutes(1) is None and ward.page() == []


def test_where_no_way_works_at_all_it_is_tried_again_and_shown(ward: Ward, a_patient: MakePatient) -> None:
    ward.team()
    for route in ward.routes.values():
        route.always = FAILED
    who = a_patient()
    ward.writes(who, EMERGENCY)
    ward.page()
    with ward.store.read() as connection:
        assert rounds.unheard(connection) == [ward.escalation(who).code]
    assert 0 < (ward.due_in(who) or 0) <= 5
    ward.minutes(5.1)
    assert ward.page()


def test_without_any_contact_a_row_says_so(ward: Ward, a_patient: MakePatient) -> None:
    who = a_patient()
    ward.writes(who, EMERGENCY)
    (row,) = ward.rows(who)
    assert (row.staff_id, row.way, row.state) == (None, pages.NOBODY, pages.FAILED)
    assert ward.events(who) == ["opened", "nobody_to_page"]
    with ward.store.read() as connection:
        assert rounds.unheard(connection) == [ward.escalation(who).code]
        assert not pages.can_page_anybody(connection)
    assert ward.due_in(who) == 5


@pytest.mark.parametrize("answer", [RETRY, UNKNOWN, RuntimeError("a route must not raise")])
def test_what_may_not_have_left_goes_again(ward: Ward, a_patient: MakePatient, answer: object) -> None:
    ward.team()
    ward.routes[Way.CALL].answers = [answer]  # type: ignore[list-item]  # both kinds
    who = a_patient()
    ward.writes(who, EMERGENCY)
    assert ward.page() == ["ana:call", "ana:sms"]
    assert ward.states(who) == ["waiting", "accepted"]
    ward.minutes(0.1)
    assert ward.page() == ["ana:call"]
    assert ward.states(who) == ["accepted", "accepted"]
    tokens = {page.token for page in ward.routes[Way.CALL].got}
    assert len(tokens) == 1, "a page that goes twice has one link, or the first would be dead"


def test_a_way_that_never_answers_is_given_up_for_the_next(ward: Ward, a_patient: MakePatient) -> None:
    ward.team()
    ward.routes[Way.CALL].always = UNKNOWN
    who = a_patient()
    ward.writes(who, EMERGENCY)
    for _ in range(MOST_TRIES):
        ward.page()
        ward.minutes(0.1)
    assert len(ward.routes[Way.CALL].got) == MOST_TRIES
    assert "ana:apprise" in [page.to for page in ward.journal]


def test_a_report_that_it_did_not_arrive_sends_the_next_way(ward: Ward, a_patient: MakePatient) -> None:
    ward.team()
    who = a_patient()
    ward.writes(who, EMERGENCY)
    ward.page()
    call, text = ward.rows(who)
    ward.desk.settle_report(call.id, "failed", "no-answer")
    ward.desk.settle_report(text.id, "delivered", "")
    assert ward.page() == ["ana:apprise"]
    ward.desk.settle_report(text.id, "failed", "30003")  # late, and out of order
    assert ward.states(who) == ["failed", "delivered", "accepted"]


def test_a_page_carries_a_code_and_a_link_and_nothing_of_the_patients(ward: Ward, a_patient: MakePatient) -> None:
    ward.team()
    who = a_patient(name="Zebulon")
    ward.writes(who, EMERGENCY)
    ward.page()
    words = ward.last.words
    assert words == f"Evenday: emergency, code {ward.escalation(who).code}. https://coach.test/page/{ward.last.token}"
    assert len(words) <= 160


def test_what_waits_when_somebody_acknowledges_is_not_sent(ward: Ward, a_patient: MakePatient) -> None:
    ward.team()
    ward.routes[Way.CALL].answers = [RETRY] * 4  # the clock goes on, so a slow machine tries again meanwhile
    who = a_patient()
    ward.writes(who, EMERGENCY)
    ward.page()
    ward.acknowledge("ana:sms")
    assert ward.states(who) == ["cancelled", "accepted"]
    ward.minutes(1)
    assert ward.page() == []


def test_an_idle_pager_writes_nothing(ward: Ward) -> None:
    ward.team()
    assert asyncio.run(ward.pager.tick()) == 0
