"""What happens around a reply to risk: what can't be read, answers of skills, "0", "skip", words for other lines, STOP."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.clock import TurnedClock
from bot.content.coach import Coach
from bot.content.skill import Skill
from bot.conversation.message import Form
from bot.program.place import Frame, Place, to_json
from bot.safety.crisis import question_text
from bot.safety.screen import Screen
from bot.safety.tiers import Tier
from bot.store import diary, escalations, inbox, outbox, positions, vigils
from bot.store.patients import State
from tests.conftest import MakePatient
from tests.conversation.conftest import BuildHouse
from tests.support.house import House
from tests.support.people import Person

WISH = "I want to kill myself"
ABUSE = "my husband hits me"
HEARD = [Form.VOICE, Form.PHOTO, Form.FILE, Form.LOCATION]


def history(house: House, person: Person) -> list[str]:
    """Events of a person's newest escalation."""
    with house.store.read() as connection:
        (newest, *_) = escalations.of_patient(connection, house.store.vault, person.id)
        events = [event.event for event in escalations.history(connection, house.store.vault, newest.id)]
    return [event for event in events if event != "nobody_to_page"]  # this site has no rota


def requests(house: House) -> list[str]:
    """What stands on the staff's list."""
    with house.store.read() as connection:
        return [row.what for row in diary.open_requests(connection)]


def asks(house: House, person: Person, skill: str, step: str, asked: str, **answers: Any) -> None:
    """Let a skill have asked a question."""
    now = house.clock.now()
    place = Place((Frame(skill, step, answers, opened_by="other"),))
    with house.store.write() as connection:
        positions.put(connection, house.store.vault, person.id, to_json(place), now)
        outbox.put(
            connection, house.store.vault, patient_id=person.id, address_id=person.address.id, asked=asked,
            dedupe_key=f"asked:{now}:{asked}", message_class="reply", rank=1, text="The question?", now=now, sent_at=now,
        )  # fmt: skip
    house.clock.turn(timedelta(seconds=1))


class TestNotRead:
    """Voice, photo, file, place: said plainly, asked in words, shown to staff."""

    @pytest.mark.parametrize("form", HEARD)
    def test_it_is_said_with_the_number_and_stands_on_the_staffs_list_once(
        self, form: Form, house: House, a_patient: MakePatient
    ) -> None:
        ana = a_patient()
        for _ in range(2):
            (said,) = house.say(ana.writes("", form))
            assert "call 911" in said and "word" in said
        assert requests(house) == [f"unread_{form}"]

    def test_within_an_alarm_it_is_one_more_sign(self, house: House, a_patient: MakePatient) -> None:
        ana = a_patient()
        house.say(ana.writes(WISH))
        house.say(ana.writes("yes I am safe"))
        house.say(ana.writes("no"))
        with house.store.write() as connection:  # the last question is answered
            outbox.put(
                connection, house.store.vault, patient_id=ana.id, address_id=ana.address.id, dedupe_key="rests",
                message_class="reply", rank=1, text="Your check-ins rest.", now=house.clock.now(), sent_at=house.clock.now(),
            )  # fmt: skip
        before = history(house, ana)
        house.clock.turn(timedelta(minutes=1))
        house.receive(ana.writes("", Form.VOICE))
        assert history(house, ana) == [*before, "unreadable"]
        assert requests(house) == []

    def test_as_the_answer_to_a_safety_question_it_counts_as_the_graver_one(
        self, house: House, a_patient: MakePatient
    ) -> None:
        ana = a_patient()
        house.say(ana.writes("I took too many of my pills on purpose"))
        received = house.receive(ana.writes("", Form.VOICE))
        said = " ".join(house.send())
        assert received.tier is Tier.EMERGENCY
        assert "Are you safe right now?" in said and "Thank you for saying" not in said

    def test_a_stranger_is_answered_and_nobody_is_bothered(self, house: House, a_patient: MakePatient) -> None:
        house.say(a_patient(state=State.UNKNOWN).writes("", Form.PHOTO))
        assert requests(house) == []


MEASURE = Skill.model_validate(
    {
        "id": "measure",
        "title": "A questionnaire",
        "opens": {"other": ["Two questions."]},
        "steps": [
            {
                "id": "item9",
                "ask": "choice",
                "say": ["How often were you bothered by thoughts like these?"],
                "options": ["Not at all", "Several days", "More than half the days", "Nearly every day"],
                "values": [0, 1, 2, 3],
                "again": ["A number is enough.", "Pick one."],
                "sets": "checkin.mood",
                "risk": [
                    {"when": {"item9": {"at_least": 1}}, "tier": "urgent", "kind": "suicide"},
                    {"when": {"item9": {"at_least": 3}}, "tier": "emergency", "kind": "suicide"},
                ],
            },
            {
                "id": "low",
                "ask": "score",
                "say": ["How low, 0-10?"],
                "again": ["A number is enough.", "Pick one."],
                "risk": [{"when": {"low": {"at_least": 8}}, "tier": "watch", "kind": "hopelessness"}],
            },
            {"id": "last", "ask": "score", "say": ["And pain, 0-10?"], "again": ["A number.", "Pick one."]},
        ],
    }
)


class TestAnswersThatAreMarked:
    """PHQ item 9, red flags and any other answer with `risk:` go the way of free words."""

    @pytest.fixture
    def measured(self, build: BuildHouse, coach: Coach, screen: Screen, clock: TurnedClock, file_store: Any) -> House:
        """A house with a questionnaire."""
        return House(file_store, clock, replace(coach, skills={**coach.skills, "measure": MEASURE}), screen)

    @pytest.mark.parametrize(
        ("answer", "tier"),
        [("2", Tier.URGENT), ("3", Tier.URGENT), ("4", Tier.EMERGENCY), ("nearly every day", Tier.EMERGENCY), ("1", Tier.NONE)],
    )  # fmt: skip
    def test_it_is_in_the_commit_that_stores_the_message_and_needs_no_dialogue(
        self, answer: str, tier: Tier, measured: House, a_patient: MakePatient
    ) -> None:
        ana = a_patient()
        asks(measured, ana, "measure", "item9", "measure.item9")
        measured.dialogue.fails = 99
        received = measured.receive(ana.writes(answer))
        assert received.tier is tier
        assert (measured.escalation(ana.id) is not None) == (tier is not Tier.NONE)
        if tier is not Tier.NONE:
            assert received.message_id
            said = " ".join(measured.send())
            assert "988" in said and "How often" not in said
            with measured.store.read() as connection:
                (piece,) = inbox.evidence(connection, measured.store.vault, received.message_id)
            assert (piece["layer"], piece["rule"]) == ("answer", "measure.item9")
            assert ana.now().rests_since is not None

    def test_what_the_answer_sets_is_kept(self, measured: House, a_patient: MakePatient, clock: TurnedClock) -> None:
        ana = a_patient()
        asks(measured, ana, "measure", "item9", "measure.item9")
        measured.say(ana.writes("3"))
        with measured.store.read() as connection:
            (row,) = diary.checkins_of(connection, measured.store.vault, ana.id, clock.now().date() - timedelta(days=1))
        assert row.mood == 2

    def test_a_watch_goes_on_behind_the_question_that_was_answered(
        self, measured: House, a_patient: MakePatient
    ) -> None:
        ana = a_patient()
        asks(measured, ana, "measure", "low", "measure.low")
        (said,) = measured.say(ana.writes("9"))
        assert "Do you ever have thoughts of not wanting to be alive?" in said
        measured.clock.turn(timedelta(minutes=1))
        said = " ".join(measured.say(ana.writes("no")))
        assert "And pain, 0-10?" in said and "How low" not in said

    def test_an_answer_that_only_the_dialogue_offers_raises_it_too(
        self, measured: House, a_patient: MakePatient
    ) -> None:
        ana = a_patient()
        asks(measured, ana, "measure", "item9", "measure.item9")
        with measured.store.write() as connection:  # another message of ours went between
            outbox.put(
                connection, measured.store.vault, patient_id=ana.id, address_id=ana.address.id, dedupe_key="slow",
                message_class="reply", rank=1, text="My answer is late.", now=measured.clock.now(), sent_at=measured.clock.now(),
            )  # fmt: skip
        measured.clock.turn(timedelta(seconds=5))
        said = " ".join(measured.say(ana.writes("3")))
        assert "988" in said
        found = measured.escalation(ana.id)
        assert found and (found.tier, found.kind) == ("urgent", "suicide")

    @pytest.mark.parametrize(
        ("skill", "step", "asked", "tier", "kind"),
        [
            ("flare_now", "red", "red_flags", "emergency", "medical"),
            ("movement", "flags", "red_flags", "emergency", "medical"),
            ("communication", "afraid", "abuse", "urgent", "abuse"),
        ],
    )
    def test_the_questions_on_danger_in_the_skills(
        self, skill: str, step: str, asked: str, tier: str, kind: str, house: House, a_patient: MakePatient
    ) -> None:
        ana = a_patient()
        asks(house, ana, skill, step, asked)
        house.say(ana.writes("yes"))
        found = house.escalation(ana.id)
        assert found and (found.tier, found.kind) == (tier, kind)

    @pytest.mark.parametrize(
        ("skill", "step", "asked"),
        [("flare_now", "red", "red_flags"), ("communication", "afraid", "abuse")],
    )
    def test_a_no_is_the_skills_own(
        self, skill: str, step: str, asked: str, house: House, a_patient: MakePatient
    ) -> None:
        ana = a_patient()
        asks(house, ana, skill, step, asked)
        house.say(ana.writes("no"))
        assert house.escalation(ana.id) is None
        with house.store.read() as connection:
            place = positions.get(connection, house.store.vault, ana.id)
        assert place["frames"][0]["step"] != step


class TestHide:
    """Abuse: "0" ends it with neutral words; what was opened stays open."""

    @pytest.mark.parametrize("zero", ["0", " 0. ", "zero"])
    def test_zero_ends_and_hides_and_the_escalation_stays(
        self, zero: str, house: House, a_patient: MakePatient
    ) -> None:
        ana = a_patient()
        assert "Reply 0 to end and hide." in " ".join(house.say(ana.writes(ABUSE)))
        opened = house.escalation(ana.id)
        (said,) = house.say(ana.writes(zero))
        assert said == house.coach.crisis.texts.after_hide
        left = house.escalation(ana.id)
        assert opened and left and (left.id, left.tier, left.state) == (opened.id, opened.tier, opened.state)
        assert ana.now().rests_since is not None, "no check-in either"

    def test_the_neutral_words_name_nothing(self, coach: Coach) -> None:
        said = coach.crisis.texts.after_hide.lower()
        assert not any(word in said for word in ("safe", "abus", "hit", "hurt", "danger", "team", "line", "911"))

    def test_it_is_not_brought_up_afterwards(self, house: House, a_patient: MakePatient) -> None:
        ana = a_patient()
        house.say(ana.writes(ABUSE))
        house.clock.turn(timedelta(minutes=1))
        house.say(ana.writes("0"))
        house.clock.turn(timedelta(minutes=1))
        said = " ".join(house.say(ana.writes("hello there")))
        assert "safe" not in said.lower() and "0" not in said

    def test_zero_elsewhere_is_a_number(self, house: House, a_patient: MakePatient) -> None:
        ana = a_patient()
        house.say(ana.writes("I took too many of my pills on purpose"))
        assert house.receive(ana.writes("0")).tier is Tier.EMERGENCY
        assert "Ended." not in " ".join(house.send())


class TestPassedOver:
    """A first "skip" to a question on danger is asked once more, plainly; a second counts as unclear."""

    @pytest.mark.parametrize("word", ["skip", "Skip.", "can we skip this one please", "next", "not now", "repeat", "?"])
    def test_the_red_flags_are_asked_once_more(self, word: str, house: House, a_patient: MakePatient) -> None:
        ana = a_patient()
        asks(house, ana, "flare_now", "red", "red_flags")
        received = house.receive(ana.writes(word))
        (said,) = house.send()
        assert received.tier is Tier.NONE and house.escalation(ana.id) is None
        assert said.startswith("YES if one of these is new")
        house.clock.turn(timedelta(minutes=1))
        house.say(ana.writes("no"))
        assert house.escalation(ana.id) is None

    def test_a_second_time_it_is_taken_for_the_graver_answer(self, house: House, a_patient: MakePatient) -> None:
        ana = a_patient()
        asks(house, ana, "flare_now", "red", "red_flags")
        house.say(ana.writes("skip"))
        house.clock.turn(timedelta(minutes=1))
        assert house.receive(ana.writes("skip")).tier is Tier.EMERGENCY

    def test_asked_again_after_a_crisis_reply_its_silence_is_watched(
        self, house: House, a_patient: MakePatient
    ) -> None:
        ana = a_patient()
        house.say(ana.writes(WISH))
        with house.store.write() as connection:
            question = question_text(house.coach.crisis, "red_flags")
            outbox.put(
                connection, house.store.vault, patient_id=ana.id, address_id=ana.address.id, dedupe_key="flags",
                message_class="safety", rank=0, text=question, asked="red_flags", now=house.clock.now(),
            )  # fmt: skip
        house.clock.turn(timedelta(minutes=5))
        house.say(ana.writes("skip"))
        assert house.rows(ana.id)[-1].asked == "red_flags"
        found = house.escalation(ana.id)
        assert found is not None
        with house.store.read() as connection:
            silence = vigils.of(connection, ana.id)[vigils.SILENCE]
        assert silence.tier == found.tier
        within = house.coach.paging.no_answer_after(Tier(found.tier))
        assert timedelta(0) <= house.clock.now() - (silence.at - within) < timedelta(minutes=1)

    @pytest.mark.parametrize("words", ["I'd rather not say", "maybe", "skip it, yes my legs are numb", "..."])
    def test_wavering_and_more_words_are_no_skip(self, words: str, house: House, a_patient: MakePatient) -> None:
        ana = a_patient()
        asks(house, ana, "flare_now", "red", "red_flags")
        assert house.receive(ana.writes(words)).tier is Tier.EMERGENCY

    def test_a_question_after_risk_is_not_passed_over(self, house: House, a_patient: MakePatient) -> None:
        ana = a_patient()
        house.say(ana.writes(WISH))
        assert house.receive(ana.writes("skip")).tier.rank >= Tier.URGENT.rank


WORDS = ["START", "home", "Hello", "SHOUT", "talk", "HELP", "help."]


class TestWordsForOtherLines:
    """Within a day of a reply to risk, such a word is a sign that help was wanted, and no command."""

    @pytest.mark.parametrize("word", WORDS)
    def test_it_is_a_sign_and_told_where_it_belongs(self, word: str, house: House, a_patient: MakePatient) -> None:
        ana = a_patient(country="GB")
        house.say(ana.writes(WISH))
        house.clock.turn(timedelta(hours=3))
        before = len(history(house, ana))
        said = house.say(ana.writes(word))
        assert "Your word came to me" in said[0] and "send SHOUT to 85258" in said[0].replace(
            "New text to 85258: SHOUT", "send SHOUT to 85258"
        )
        assert len(history(house, ana)) == before + 1
        assert not any("check-in a day" in one for one in said[:1])

    def test_after_the_team_has_closed_it_the_word_opens_it_again(self, house: House, a_patient: MakePatient) -> None:
        ana = a_patient()
        house.say(ana.writes("what's the point of anything, nothing will ever get better"))
        house.clock.turn(timedelta(minutes=1))
        house.say(ana.writes("no"))
        house.clock.turn(timedelta(hours=2))
        said = house.say(ana.writes("HELP"))
        assert "Your word came to me" in said[0]
        assert any("HELP for help" in one or "STOP to end" in one for one in said[1:]), "carriers want it answered, too"

    @pytest.mark.parametrize("word", ["HELP", "START", "HOME"])
    def test_without_risk_or_a_day_later_it_means_what_it_says(
        self, word: str, house: House, a_patient: MakePatient
    ) -> None:
        ana = a_patient()
        assert "Your word" not in " ".join(house.say(ana.writes(word)))
        house.say(ana.writes("what's the point of anything, nothing will ever get better"))
        house.clock.turn(timedelta(minutes=1))
        house.say(ana.writes("no"))
        house.clock.turn(timedelta(hours=26))
        assert "Your word" not in " ".join(house.say(ana.writes(word)))

    def test_start_after_stop_brings_messages_back_and_is_a_sign_too(
        self, house: House, a_patient: MakePatient
    ) -> None:
        ana = a_patient()
        house.say(ana.writes(WISH))
        house.say(ana.writes("STOP"))
        house.clock.turn(timedelta(hours=1))
        said = " ".join(house.say(ana.writes("START")))
        assert "Welcome back" in said and "Your word came to me" in said
        assert "stay off" not in said


class TestStop:
    """STOP ends messages, never an alarm."""

    def test_stop_after_risk_is_shown_to_staff_and_the_alarm_stays(self, house: House, a_patient: MakePatient) -> None:
        ana = a_patient()
        house.say(ana.writes("what's the point of anything, nothing will ever get better"))
        house.clock.turn(timedelta(minutes=1))
        house.say(ana.writes("no"))
        before, version = history(house, ana), house.escalation(ana.id).version  # type: ignore[union-attr]  # it is open
        house.clock.turn(timedelta(hours=2))
        house.say(ana.writes("STOP"))
        found = house.escalation(ana.id)
        assert found and found.state != escalations.Stage.RESOLVED
        assert history(house, ana) == [*before, "opted_out"]
        assert found.version > version  # who had it on the screen reads it before they resolve

    def test_whoever_blocks_the_coach_is_shown_as_having_left(self, house: House, a_patient: MakePatient) -> None:
        ana = a_patient()
        house.say(ana.writes(WISH))
        before = history(house, ana)
        house.clock.turn(timedelta(hours=2))
        house.receive(ana.writes("", Form.LEFT))
        assert history(house, ana) == [*before, "left"]

    def test_stop_as_the_answer_to_are_you_safe_stops_and_is_the_graver_answer(
        self, house: House, a_patient: MakePatient
    ) -> None:
        ana = a_patient()
        house.say(ana.writes("I took too many of my pills on purpose"))
        received = house.receive(ana.writes("STOP"))
        said = " ".join(house.send())
        assert received.tier is Tier.EMERGENCY and ana.now().state is State.STOPPED
        assert "Messages stay off." in said and "Call 911 now" in said

    def test_after_stop_only_danger_is_answered(self, house: House, a_patient: MakePatient) -> None:
        ana = a_patient()
        house.say(ana.writes("STOP"))
        assert house.say(ana.writes("my back is sore")) == []
        said = " ".join(house.say(ana.writes(WISH)))
        assert "988" in said and "Other messages stay off." in said
        assert ana.now().state is State.STOPPED


class TestQuestions:
    """What was said unasked is not asked."""

    def test_who_spoke_of_killing_themselves_is_asked_whether_they_are_safe(
        self, house: House, a_patient: MakePatient
    ) -> None:
        ana = a_patient()
        assert "Are you safe right now?" in " ".join(house.say(ana.writes(WISH)))
        house.clock.turn(timedelta(minutes=1))
        assert "how you would do it" in " ".join(house.say(ana.writes("yes, I am safe")))

    def test_who_spoke_of_a_wish_to_be_dead_is_asked_for_thoughts(self, house: House, a_patient: MakePatient) -> None:
        ana = a_patient()
        said = " ".join(house.say(ana.writes("I hope I die in my sleep")))
        assert "Are you thinking of ending your life?" in said
