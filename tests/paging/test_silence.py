"""Silence after a safety question counts as the graver answer; the day after comes with the numbers, not with cheer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from ward import EMERGENCY, URGENT, WATCH, Ward

from bot.store import handling, patients, vigils
from bot.store.patients import State
from bot.store.steps import Step
from tests.conftest import MakePatient


def watch(ward: Ward) -> int:
    """Let the keeper look."""
    return ward.vigils.tick()


def test_emergency_unanswered_for_ten_minutes_pages_again_from_the_start(ward: Ward, a_patient: MakePatient) -> None:
    ward.team()
    who = a_patient()
    ward.writes(who, EMERGENCY)
    ward.page()
    ward.minutes(9.9)
    assert watch(ward) == 0
    ward.page()
    ward.minutes(0.2)
    assert watch(ward) == 1
    assert ward.page() == ["ana:call", "ana:sms"]
    assert "no_answer" in ward.events(who)


def test_urgent_unanswered_for_an_hour_pages(ward: Ward, a_patient: MakePatient) -> None:
    ward.team()
    who = a_patient()
    ward.writes(who, URGENT)
    ward.page()
    ward.minutes(61)
    ward.page()
    assert watch(ward) == 1
    assert ward.page() == ["ana:call"]
    assert ward.escalation(who).tier == "urgent"


def test_watch_unanswered_for_a_day_is_noted_and_pages_nobody(ward: Ward, a_patient: MakePatient) -> None:
    ward.team()
    who = a_patient()
    ward.writes(who, WATCH)
    ward.minutes(24 * 60 - 1)
    assert watch(ward) == 0
    ward.minutes(1.1)
    assert watch(ward) == 1
    assert ward.events(who)[-1] == "no_answer"


@pytest.mark.parametrize("text", ["yes", "hm", "leave me alone", "my back hurts"])
def test_any_word_ends_the_silence(ward: Ward, a_patient: MakePatient, text: str) -> None:
    ward.team()
    who = a_patient()
    ward.writes(who, EMERGENCY)
    with ward.store.read() as connection:
        before = vigils.of(connection, who.id)[vigils.SILENCE]
    ward.minutes(3)
    ward.writes(who, text)
    with ward.store.read() as connection:
        after = vigils.of(connection, who.id).get(vigils.SILENCE)
    assert after is None or after.at > before.at  # a further question has its own time


def test_stop_does_not_end_the_watching(ward: Ward, a_patient: MakePatient) -> None:
    ward.team()
    who = a_patient(state=State.STOPPED)
    ward.writes(who, EMERGENCY)
    ward.page()
    ward.minutes(10.1)
    ward.page()
    assert watch(ward) == 1
    assert ward.page()


def test_once_acknowledged_the_owner_alone_is_paged(ward: Ward, a_patient: MakePatient) -> None:
    ward.team()
    who = a_patient()
    ward.writes(who, EMERGENCY)
    ward.page()
    ward.acknowledge("ana:call")
    ward.minutes(10.1)
    watch(ward)
    assert ward.page() == ["ana:call", "ana:sms"]


def test_once_reached_nobody_is_paged(ward: Ward, a_patient: MakePatient) -> None:
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
    ward.minutes(10.1)
    watch(ward)
    assert ward.page() == []


class TestTheDayAfter:
    def day_after(self, ward: Ward) -> None:
        ward.clock.turn(timedelta(hours=23.1))  # from ten to nine of New York

    def test_a_fixed_text_with_the_numbers_and_one_question(self, ward: Ward, a_patient: MakePatient) -> None:
        who = a_patient()
        ward.writes(who, EMERGENCY)
        self.day_after(ward)
        watch(ward)
        text = ward.told(who.id)[-1]
        assert "988" in text and "911" in text and text.endswith("Are you safe right now?")

    @pytest.mark.parametrize("case", ["stop", "resumed", "watch"])
    def test_not_where(self, ward: Ward, a_patient: MakePatient, case: str) -> None:
        who = a_patient(state=State.STOPPED if case == "stop" else State.ACTIVE)
        ward.writes(who, WATCH if case == "watch" else EMERGENCY)
        if case == "resumed":
            with ward.store.write() as connection:
                patients.change(connection, ward.store.vault, who.id, rests_since=None)
        self.day_after(ward)
        watch(ward)
        assert not [text for text in ward.told(who.id) if "exercises still rest" in text]

    def test_its_silence_is_noted_and_pages_nobody(self, ward: Ward, a_patient: MakePatient) -> None:
        ward.team()
        who = a_patient()
        ward.writes(who, EMERGENCY)
        ward.page()
        ward.acknowledge("ana:call")
        self.day_after(ward)
        watch(ward)
        ward.page()
        ward.minutes(24 * 60 + 1)
        watch(ward)
        assert ward.events(who)[-1] == "no_answer"
