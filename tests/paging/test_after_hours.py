"""safety.md §6, row by row: what is true, and who is paged, when nobody is on duty."""

from __future__ import annotations

from datetime import timedelta

import pytest
from ward import EMERGENCY, URGENT, BuildWard, Ward

from bot.paging.route import Way
from bot.store.database import Store
from bot.store.rota import Post
from tests.conftest import MORNING, MakePatient

EVENING = MORNING.replace(hour=20)
HOURS = "Mon-Fri 09:00-17:00 UTC"


@pytest.fixture
def night(store: Store, build: BuildWard) -> Ward:
    """Eight in the evening; cover begins at nine in the morning."""
    made = build(store, cover=HOURS)
    made.clock.turn(EVENING - made.clock.now())
    return made


def test_the_reply_says_that_nobody_reads_now_and_when(night: Ward, a_patient: MakePatient) -> None:
    night.team()
    who = a_patient(zone="UTC")
    night.writes(who, URGENT)
    assert "No one from the team reads messages now. They will see this at 09:00." in night.told(who.id)[0]


def test_nobody_is_said_to_be_on_duty_in_a_gap_of_the_rota(
    store: Store, build: BuildWard, a_patient: MakePatient
) -> None:
    ward = build(store, cover=HOURS)  # three in the afternoon
    team = ward.staff("ana", Way.SMS)
    ward.shift(team, Post.ON_CALL, timedelta(days=-2), timedelta(hours=-1))
    who = a_patient(zone="UTC")
    ward.writes(who, URGENT)
    assert "No person reads these messages as they come." in ward.told(who.id)[0]  # nor is any next shift known
    assert "on duty" not in ward.told(who.id)[0]


def test_on_a_shift_within_hours_the_reply_says_until_when(
    store: Store, build: BuildWard, a_patient: MakePatient
) -> None:
    ward = build(store, cover=HOURS)
    ward.shift(ward.staff("ana", Way.SMS), Post.ON_CALL, timedelta(hours=-1), timedelta(hours=1))
    who = a_patient(zone="UTC")
    ward.writes(who, URGENT)
    assert "Someone is on duty until 16:00." in ward.told(who.id)[0]


def test_emergency_pages_whoever_is_on_a_shift_nevertheless(night: Ward, a_patient: MakePatient) -> None:
    night.team()
    night.writes(a_patient(), EMERGENCY)
    assert night.page() == ["ana:call", "ana:sms", "ben:sms", "ben:telegram", "lea:call", "lea:sms"]


def test_emergency_pages_a_lead_where_nobody_is_on_a_shift(night: Ward, a_patient: MakePatient) -> None:
    night.staff("lea", Way.CALL, Way.SMS)
    night.staff("max", Way.SMS, role="clinician")
    night.writes(a_patient(), EMERGENCY)
    assert night.page() == ["lea:call", "lea:sms"]
    night.minutes(5.1)
    assert night.page() == ["lea:call", "lea:sms"]


def test_urgent_waits_for_the_start_of_cover_then_begins_with_whoever_is_on_call(
    night: Ward, a_patient: MakePatient
) -> None:
    night.team()
    who = a_patient()
    night.writes(who, URGENT)
    assert night.page() == []
    assert night.due_in(who) == 13 * 60
    night.minutes(13 * 60 - 1)
    assert night.page() == []
    night.minutes(1.1)
    assert night.page() == ["ana:call"]
    night.minutes(29)
    assert night.page() == []
    night.minutes(1.1)
    assert night.page() == ["ana:call", "ben:sms"]


def test_an_emergency_of_the_night_is_paged_anew_at_the_start_of_cover(night: Ward, a_patient: MakePatient) -> None:
    night.staff("lea", Way.CALL, Way.SMS)
    max_ = night.staff("max", Way.SMS, role="clinician")
    who = a_patient()
    night.shift(max_, Post.ON_CALL, timedelta(hours=13), timedelta(hours=21))
    night.writes(who, EMERGENCY)
    night.page()
    night.minutes(13 * 60 - 1)
    night.page()
    night.minutes(1.1)
    assert night.page() == ["max:sms"]


def test_without_any_cover_nobody_is_said_to_read_and_everything_is_paged(
    store: Store, build: BuildWard, a_patient: MakePatient
) -> None:
    ward = build(store, cover="")
    ward.staff("lea", Way.CALL, Way.SMS)
    who = a_patient()
    ward.writes(who, URGENT)
    assert "No person reads these messages as they come." in ward.told(who.id)[0]
    assert ward.page() == ["lea:call"]


def test_the_queue_opens_with_the_gravest_then_the_oldest(night: Ward, a_patient: MakePatient) -> None:
    from bot.store import escalations
    from bot.store.lifecycle import Stage

    night.team()
    people = [a_patient() for _ in range(3)]
    for person, text in zip(people, (URGENT, EMERGENCY, URGENT), strict=True):
        night.writes(person, text)
        night.minutes(1)
    with night.store.read() as connection:
        found = escalations.listed(connection, night.store.vault, (Stage.OPEN, Stage.PAGED))
    assert [one.patient_id for one in found] == [people[1].id, people[0].id, people[2].id]
