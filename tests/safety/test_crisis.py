"""Every crisis text, for every country: it is there, it fits, it says what it must and nothing that it must not."""

from __future__ import annotations

import re
import shutil
from datetime import date, timedelta
from itertools import product
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.content.crisis.book import CrisisBook
from bot.content.crisis.check import load_crisis
from bot.content.crisis.forms import KINDS, QUESTIONS, TIERS
from bot.errors import ContentError
from bot.safety.crisis import Answer, CrisisMessage, after_hide, crisis_reply, follow_up, next_question, question_text
from bot.safety.tiers import Kind, Tier

FOLDER = Path(__file__).resolve().parents[2] / "data" / "coach" / "crisis"
CHECKED = date(2026, 11, 23)
COUNTRIES = ("US", "CA", "GB", "IE", "AU", "NZ", "IN", "ZA", "DE", "FR", "ES", "IT", "NL", "EU", "XX")
ALERTS = tuple(tier for tier in Tier if tier is not Tier.NONE)
SEGMENTS = {Tier.EMERGENCY: 2, Tier.URGENT: 3, Tier.WATCH: 3}
PEOPLE_KINDS = (Kind.SUICIDE, Kind.SELF_HARM, Kind.OTHER_PERSON, Kind.HOPELESSNESS, Kind.NONE)

# The test's own copy of the alphabet of 3GPP TS 23.038, so that it does not trust the module's.
GSM_ONE = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_TWO = "^{}\\[~]|€"

# safety.md §3, by the reason for which each is forbidden.
FORBIDDEN = {
    "contract": r"promise",
    "cheer": r"could be worse|think of your|just breathe|stay positive|at least|calm down|cheer",
    "diagnosis": r"depress|at risk|score|you sound|you seem|disorder|suicidal",
    "rescue": r"on (its|their|the) way|between us|be fine|be ok|be all right|secret|have told|been told|help is coming",
    "method": r"\b(pills?|tablets?|knife|rope|gun|bridge|dose|mg)\b|failed|successful|commit",
    "medical": r"vomit|be sick|\btake (a|an|your|no|some)\b|wait and see|stretch|drink water|lie down",
    "skill": r"breath(e|ing exercise)|thought record|streak|well done|proud|great",
    "debate": r"\bwhy\b|selfish|shame|fault|blame",
    "fallback": r"understand you|didn't get|did not get|sorry|press 1|menu|rephrase",
    "abuser": r"abus|partner|husband|wife|boyfriend|violen",
}


@pytest.fixture(scope="module")
def book() -> CrisisBook:
    return load_crisis(FOLDER, CHECKED)


def segments(text: str) -> int:
    assert set(text) <= set(GSM_ONE + GSM_TWO), set(text) - set(GSM_ONE + GSM_TWO)
    length = len(text) + sum(text.count(pair) for pair in GSM_TWO)
    return 1 if length <= 160 else -(-length // 153)


def reply(
    book: CrisisBook,
    country: str,
    tier: Tier,
    kind: Kind,
    *,
    on_duty: bool = False,
    cover: str = "at 8:00",
    **more: bool,
) -> str:
    messages = crisis_reply(book, country, tier, kind, cover=cover, on_duty=on_duty, **more)  # type: ignore[arg-type]  # flags only
    return "\n".join(message.text for message in messages)


def first_number(book: CrisisBook, country: str, use: str) -> str | None:
    shown = book.country(country).shown(use)
    return shown[0].number if shown else None


@pytest.fixture(params=COUNTRIES)
def country(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_the_words_of_the_content_are_those_of_the_screen() -> None:
    assert set(TIERS) == {tier.value for tier in ALERTS}
    assert set(KINDS) - {"default"} == {kind.value for kind in Kind if kind is not Kind.NONE}


def test_every_country_of_the_table_has_its_file() -> None:
    assert {file.stem for file in (FOLDER / "numbers").glob("*.yml")} == set(COUNTRIES)


def test_every_reply_fits_its_segments_in_every_state(book: CrisisBook, country: str) -> None:
    for tier, kind in product(ALERTS, Kind):
        for number in range(64):
            on_duty, enrolled, stopped, guided, can_hide, timed = (bool(number >> bit & 1) for bit in range(6))
            messages = crisis_reply(
                book, country, tier, kind, cover="on Wednesday at 9:00" if timed else "", on_duty=on_duty,
                enrolled=enrolled, stopped=stopped, guided=guided, can_hide=can_hide,
            )  # fmt: skip
            assert 1 <= len(messages) <= 2
            assert sum(segments(message.text) for message in messages) <= SEGMENTS[tier]
            assert not any(line.strip() == "" for message in messages for line in message.text.splitlines())


def test_every_reply_thanks_and_says_that_it_is_a_machine(book: CrisisBook, country: str) -> None:
    for tier, kind in product(ALERTS, Kind):
        text = reply(book, country, tier, kind)
        assert "Thank you" in text
        assert "I'm an automated coach" in text
        assert "person" in text


def test_every_reply_asks_one_question_and_tells_which(book: CrisisBook, country: str) -> None:
    for tier, kind in product(ALERTS, Kind):
        messages = crisis_reply(book, country, tier, kind, cover="", on_duty=False)
        asked = [message.asked for message in messages if message.asked]
        assert len(asked) == 1
        assert sum(message.text.count("?") for message in messages) == 1


def test_an_emergency_leads_with_the_emergency_number(book: CrisisBook, country: str) -> None:
    for kind in Kind:
        text = reply(book, country, Tier.EMERGENCY, kind)
        first = text.splitlines()[0]
        assert first.startswith(f"Call {book.emergency_number(country)} ")
        assert "now" in first
        assert "Don't be alone" in text
        assert text.splitlines()[-1] == "Are you safe right now?"


def test_urgent_gives_the_emergency_number_for_when_it_gets_worse(book: CrisisBook, country: str) -> None:
    for kind in Kind:
        text = reply(book, country, Tier.URGENT, kind)
        assert re.search(rf"gets worse.*call {re.escape(book.emergency_number(country))}", text)


def test_a_crisis_line_to_call_and_to_text_is_given(book: CrisisBook, country: str) -> None:
    for tier, kind in product(ALERTS, PEOPLE_KINDS):
        lines = reply(book, country, tier, kind).splitlines()
        for use in ("suicide_call", "suicide_text"):
            number = first_number(book, country, use)
            assert number is None or any(number in line for line in lines)


def test_an_overdose_gets_the_poison_line_where_there_is_one(book: CrisisBook, country: str) -> None:
    text = reply(book, country, Tier.EMERGENCY, Kind.OVERDOSE)
    number = first_number(book, country, "poison")
    assert (f"Poison line: {number}" in text) == (number is not None)
    assert ("Poison" in text) == (number is not None)


def test_abuse_gets_the_support_line_and_asks_for_safety_first(book: CrisisBook, country: str) -> None:
    for tier in (Tier.EMERGENCY, Tier.URGENT):
        text = reply(book, country, tier, Kind.ABUSE, can_hide=True)
        for use in ("abuse_call", "abuse_text"):
            assert (first_number(book, country, use) or "") in text
        assert "if it is safe" in text
        assert "Reply 0 to end and hide." in text
        assert "Reply 0" not in reply(book, country, tier, Kind.ABUSE)


def test_means_are_spoken_of(book: CrisisBook, country: str) -> None:
    for tier, kind in product(
        (Tier.EMERGENCY, Tier.URGENT), [Kind.SUICIDE, Kind.SELF_HARM, Kind.OVERDOSE, Kind.OTHER_PERSON, Kind.NONE]
    ):
        assert re.search(r"[Dd]istance|[Kk]eep", reply(book, country, tier, kind))


def test_watch_says_nothing_of_means_and_leaves_going_on_open(book: CrisisBook, country: str) -> None:
    text = reply(book, country, Tier.WATCH, Kind.HOPELESSNESS)
    assert not re.search(r"[Dd]istance|[Kk]eep", text)
    assert "or we can go on" in text
    assert "Do you ever have thoughts of not wanting to be alive?" in text


def test_nothing_forbidden_is_said(book: CrisisBook, country: str) -> None:
    for tier, kind in product(ALERTS, Kind):
        for stopped in (False, True):
            text = reply(book, country, tier, kind, can_hide=True, guided=True, stopped=stopped)
            for reason, pattern in FORBIDDEN.items():
                assert not re.search(pattern, text, re.IGNORECASE), f"{reason}: {text}"
            assert "!" not in text


@pytest.mark.parametrize("question", QUESTIONS)
def test_no_question_breaks_the_rules_either(book: CrisisBook, question: str) -> None:
    text = question_text(book, question)
    assert text.count("?") == 1
    assert segments(text) == 1
    for reason in ("contract", "cheer", "diagnosis", "method", "debate", "abuser"):
        assert not re.search(FORBIDDEN[reason], text, re.IGNORECASE)
    assert not re.search(r"n't|right\?|do you\?", text), "leans towards a no"


def test_nobody_is_said_to_read_who_does_not(book: CrisisBook, country: str) -> None:
    for tier, kind in product(ALERTS, Kind):
        off = reply(book, country, tier, kind, cover="on Monday at 8:00")
        assert "No one from the team reads messages now. They will" in off
        assert "on Monday at 8:00." in off
        assert "flagged" not in off and "on duty" not in off
        on = reply(book, country, tier, kind, on_duty=True, cover="until 20:00")
        assert "flagged for the team" in on
        assert "until 20:00" in on
        assert "No person reads these messages as they come." in reply(book, country, tier, kind, cover="")


@pytest.mark.parametrize("tier", ALERTS)
def test_cover_that_does_not_fit_or_is_not_plain_is_left_out(book: CrisisBook, tier: Tier) -> None:
    for cover in (
        "whenever the rota of the second week of the month says",
        "um 8 Uhr \u2014 früh",
        "at 8:00\nand later",
    ):
        text = reply(book, "US", tier, Kind.SUICIDE, cover=cover)
        assert "No person reads these messages as they come." in text
        assert cover not in text


def test_a_stranger_is_told_of_no_coach_and_no_reading(book: CrisisBook, country: str) -> None:
    for tier in ALERTS:
        for kind in Kind:
            for on_duty in (False, True):
                text = reply(book, country, tier, kind, on_duty=on_duty, enrolled=False, guided=True)
                assert not re.search(r"your coach|the team|exercise|go on|flagged", text, re.IGNORECASE)
                assert "a person may not see this" in text


def test_your_coach_is_named_in_guided_mode_only(book: CrisisBook) -> None:
    assert "Your coach will see this." in reply(book, "US", Tier.WATCH, Kind.HOPELESSNESS, guided=True)
    assert "Your coach" not in reply(book, "US", Tier.WATCH, Kind.HOPELESSNESS)


def test_after_stop_the_reply_is_whole_and_says_that_messages_stay_off(book: CrisisBook, country: str) -> None:
    for tier in ALERTS:
        for kind in Kind:
            text = reply(book, country, tier, kind, stopped=True)
            assert "essages stay off." in text
            assert book.emergency_number(country) in text
            assert "exercise" not in text and "we can go on" not in text


def test_italy_leads_with_112_and_says_when_its_line_is_open(book: CrisisBook) -> None:
    text = reply(book, "IT", Tier.EMERGENCY, Kind.SUICIDE)
    assert text.startswith("Call 112 now.\n")
    assert "02 2327 2327 (9-24)" in text


def test_day_and_night_is_said_of_lines_that_are_known_to_be(book: CrisisBook) -> None:
    assert "Crisis line: 988, day and night" in reply(book, "US", Tier.URGENT, Kind.SUICIDE)
    assert "Text 988\n" in reply(book, "US", Tier.URGENT, Kind.SUICIDE)
    assert "day and night" not in reply(book, "GB", Tier.URGENT, Kind.SUICIDE)


def test_a_number_stands_in_a_line_with_no_other_sentence(book: CrisisBook, country: str) -> None:
    for kind in PEOPLE_KINDS:
        for line in reply(book, country, Tier.EMERGENCY, kind).splitlines():
            if re.search(r"\d", line) and "8:00" not in line:
                assert len(re.findall(r"[.?] ", line)) == 0


def test_a_country_without_a_text_line_has_no_gap(book: CrisisBook) -> None:
    text = reply(book, "ES", Tier.EMERGENCY, Kind.SUICIDE)
    assert "Crisis line: 024\nKeep away" in text
    assert "ext " not in text


@pytest.mark.parametrize("code", ["", "QQ", "xx", "zz ", "JP"])
def test_an_unknown_country_gets_words_instead_of_a_number(book: CrisisBook, code: str) -> None:
    text = reply(book, code, Tier.EMERGENCY, Kind.SUICIDE)
    assert text.startswith("Call your local emergency number now.")
    assert "findahelpline.com" in text
    assert crisis_reply(book, code, Tier.EMERGENCY, Kind.SUICIDE, cover="", on_duty=False)[0].numbers == ()


@pytest.mark.parametrize(("code", "same"), [("pt", "EU"), ("SE", "EU"), ("EL", "EU"), ("uk", "GB"), (" us ", "US")])
def test_codes_that_a_file_covers_are_found(book: CrisisBook, code: str, same: str) -> None:
    assert book.country(code) is book.country(same)


def test_numbers_go_with_the_message_for_buttons_and_staff(book: CrisisBook) -> None:
    (message,) = crisis_reply(book, "GB", Tier.EMERGENCY, Kind.SUICIDE, cover="", on_duty=False)
    assert message.numbers == ("999", "116 123", "85258")
    (message,) = crisis_reply(book, "FR", Tier.EMERGENCY, Kind.OVERDOSE, cover="", on_duty=False)
    assert message.numbers == ("15", "112", "01 40 05 48 48")


def test_numbers_for_other_texts(book: CrisisBook) -> None:
    assert (book.emergency_number("IE"), book.crisis_line("IE")) == ("112 or 999", "116 123")
    assert book.crisis_line("IT") == "02 2327 2327 (9-24)"


def test_no_risk_no_reply(book: CrisisBook) -> None:
    assert crisis_reply(book, "US", Tier.NONE, Kind.SUICIDE, cover="", on_duty=True) == ()


@given(
    code=st.text(max_size=5),
    cover=st.text(max_size=60),
    site=st.text(max_size=40),
    known=st.sets(st.sampled_from(QUESTIONS)),
)
def test_a_reply_never_fails_and_always_fits(
    book: CrisisBook, code: str, cover: str, site: str, known: set[str]
) -> None:
    for tier in ALERTS:
        for kind in Kind:
            messages = crisis_reply(book, code, tier, kind, cover=cover, on_duty=True, known=known, site=site)
            assert sum(segments(message.text) for message in messages) <= SEGMENTS[tier]
            assert all(message.asked not in known for message in messages)


def test_the_team_is_called_as_the_site_calls_it(book: CrisisBook) -> None:
    (message,) = crisis_reply(
        book, "US", Tier.URGENT, Kind.SUICIDE, cover="at 8:00", on_duty=False, site="the Leeds team"
    )
    assert "No one from the Leeds team reads messages now." in message.text


def asked_first(book: CrisisBook, tier: Tier, kind: Kind, *known: str) -> str | None:
    (message,) = crisis_reply(book, "US", tier, kind, cover="", on_duty=False, known=known)
    return message.asked


def test_what_was_said_already_is_not_asked(book: CrisisBook) -> None:
    assert asked_first(book, Tier.URGENT, Kind.SUICIDE) == "thoughts"
    assert asked_first(book, Tier.URGENT, Kind.SUICIDE, "thoughts") == "safe_now"
    assert asked_first(book, Tier.EMERGENCY, Kind.SUICIDE) == "safe_now"
    assert asked_first(book, Tier.EMERGENCY, Kind.SUICIDE, "safe_now") is None
    assert asked_first(book, Tier.URGENT, Kind.MEDICAL) == "red_flags"
    assert asked_first(book, Tier.URGENT, Kind.ABUSE) == "safe_now"
    assert asked_first(book, Tier.WATCH, Kind.SUICIDE) == "wish"


@pytest.mark.parametrize(
    ("asked", "answer", "kind", "following"),
    [
        ("safe_now", "no", Kind.SUICIDE, None),
        ("safe_now", "unclear", Kind.SUICIDE, None),
        ("safe_now", "yes", Kind.SUICIDE, "thoughts"),
        ("safe_now", "yes", Kind.SELF_HARM, "wish"),
        ("safe_now", "yes", Kind.ABUSE, None),
        ("safe_now", "yes", Kind.MEDICAL, None),
        ("wish", "yes", Kind.HOPELESSNESS, "thoughts"),
        ("wish", "no", Kind.HOPELESSNESS, "thoughts"),
        ("thoughts", "yes", Kind.SUICIDE, "plan"),
        ("thoughts", "unclear", Kind.SUICIDE, "plan"),
        ("thoughts", "no", Kind.SUICIDE, "acts"),
        ("plan", "no", Kind.SUICIDE, "intent"),
        ("plan", "yes", Kind.SUICIDE, "intent"),
        ("intent", "yes", Kind.SUICIDE, None),
        ("intent", "no", Kind.SUICIDE, "acts"),
        ("intent", "unclear", Kind.SUICIDE, "acts"),
        ("acts", "yes", Kind.SUICIDE, None),
        ("acts", "no", Kind.SUICIDE, None),
        ("red_flags", "yes", Kind.MEDICAL, None),
        ("abuse", "yes", Kind.ABUSE, None),
        ("no_such_question", "yes", Kind.SUICIDE, None),
    ],
)
def test_the_question_that_follows(asked: str, answer: Answer, kind: Kind, following: str | None) -> None:
    assert next_question(asked, answer, kind) == following


def test_a_known_answer_counts_as_a_yes_and_is_passed_over() -> None:
    assert next_question("safe_now", "yes", Kind.SUICIDE, {"thoughts"}) == "plan"
    assert next_question("wish", "yes", Kind.SUICIDE, {"thoughts", "plan"}) == "intent"
    assert next_question("thoughts", "no", Kind.SUICIDE, {"acts"}) is None


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("asked", QUESTIONS)
def test_questions_end(asked: str, kind: Kind) -> None:
    for answer in get_args(Answer):
        question: str | None = asked
        for _ in range(len(QUESTIONS)):
            question = next_question(question, answer, kind) if question else None
        assert question is None


def test_a_follow_up_carries_the_id_of_its_question(book: CrisisBook) -> None:
    message = follow_up(book, "thoughts", "yes", Kind.SUICIDE)
    assert message == CrisisMessage("Have you thought about how you would do it?", "plan", ())
    assert follow_up(book, "acts", "no", Kind.SUICIDE) is None


def test_the_answer_to_zero_promises_no_more_than_is_true(book: CrisisBook) -> None:
    message = after_hide(book)
    assert "until you delete them" in message.text
    assert segments(message.text) == 1


# What the checker refuses


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "crisis"))


def change(file: Path, old: str, new: str) -> int:
    """Replace the first `old`; the line on which it stood."""
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def test_numbers_confirmed_ninety_days_ago_are_fresh_and_older_ones_are_refused() -> None:
    load_crisis(FOLDER, CHECKED + timedelta(days=90))
    with pytest.raises(ContentError, match="91 days ago: confirm it and change the date"):
        load_crisis(FOLDER, CHECKED + timedelta(days=91))
    load_crisis(FOLDER, CHECKED + timedelta(days=91), max_age_days=120)


def test_one_stale_number_is_named_with_its_line(copy: Path) -> None:
    file = copy / "numbers" / "US.yml"
    line = change(file, "checked: 2026-11-23", "checked: 2026-06-01")
    with pytest.raises(ContentError) as refused:
        load_crisis(copy, CHECKED)
    assert (refused.value.file, refused.value.line) == (str(file), line)
    assert "911 (Emergency services)" in refused.value.what


EN = "en.yml"
QUIET = "Don't be alone."


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "old", "new", "what"),
    [
        pytest.param("US", "2026-11-23", "2027-11-23", "yet to come", id="a date to come"),
        pytest.param("US", "code: US", "code: GB", "file's name", id="a code unlike the file's name"),
        pytest.param("US", 'number: "911"', "number: 911", "number", id="a number without quotes"),
        pytest.param("US", "    mark: C\n", "", "mark", id="no mark"),
        pytest.param("US", "use: emergency", "use: health", "use: emergency", id="no emergency number"),
        pytest.param("ES", "use: suicide_call", "use: poison", "suicide_call", id="no crisis line"),
        pytest.param("EU", "[AT,", "[AT, FR,", "two files", id="a country in two files"),
        pytest.param("GB", '    word: "SHOUT"\n', "", "word", id="a word missing"),
        pytest.param("ZA", "how: text", "how: whatsapp\n    word: x", "word", id="a word too many"),
        pytest.param("ES", "how: call", "how: text", "show: false", id="an emergency number that can't be called"),
        pytest.param("ES", '"024"', '"024\u2013"', "outside GSM-7 for ES", id="a number that is not plain"),
        pytest.param("ES", '"024"', f'"{"024 " * 20}"', "for ES, at most", id="a number too long"),
        pytest.param(
            EN, "          {call}\n", "          {cal}\n", "{cal} is no placeholder", id="unknown placeholder"
        ),
        pytest.param(EN, "{cover}. Messages", "{when}. Messages", "{when} is no placeholder", id="unknown in cover"),
        pytest.param(EN, "          {call}\n", "", "lacks {call}", id="a number missing"),
        pytest.param(EN, "Call {emergency} now.\n", "Listen.\n          {emergency}\n", "first line", id="not leading"),
        pytest.param(EN, QUIET, "Don\u2019t be alone.", "\u2019 can't stand here", id="curly quote"),
        pytest.param(EN, QUIET, "Don't be alone!", "! can't stand here", id="exclamation mark"),
        pytest.param(EN, QUIET, "Are you alone?", "of its own", id="a second question"),
        pytest.param(EN, QUIET, QUIET * 3, "at most 306", id="an emergency too long"),
        pytest.param(EN, "The exercise can wait.", "x" * 99, "at most 459", id="an urgent reply too long"),
        pytest.param(EN, "Are you safe right now?", "Are you safe.", "one thing", id="a question that asks nothing"),
        pytest.param(EN, "  intent: {ask", "  intend: {ask", "intend", id="an unknown question"),
        pytest.param(EN, "  plan: {ask", "  # {ask", '"plan" is missing', id="a question missing"),
        pytest.param(EN, "  suicide_text: {text:", "  suicide_text: {sms:", "sms", id="an unknown way"),
        pytest.param(EN, 'chat: "Chat: {number}"', 'web: "x"', "which NL needs", id="a way without a line"),
        pytest.param(
            EN,
            "    default:\n      asks: [safe_now]",
            "    hopelessness:\n      asks: [safe_now]",
            '"default"',
            id="no default",
        ),
        pytest.param(EN, "after_hide: ", "after_hidden: ", "after_hidden", id="a text missing"),
    ],
)
def test_what_is_broken_is_refused_with_its_place(copy: Path, name: str, old: str, new: str, what: str) -> None:
    file = copy / name if name == EN else copy / "numbers" / f"{name}.yml"
    change(file, old, new)
    with pytest.raises(ContentError) as refused:
        load_crisis(copy, CHECKED)
    assert what in refused.value.what
    assert Path(refused.value.file).is_relative_to(copy)
    assert refused.value.line > 0


@pytest.mark.parametrize("name", ["numbers/XX.yml", EN])
def test_a_missing_file_is_refused(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(ContentError) as refused:
        load_crisis(copy, CHECKED)
    assert refused.value.file == str(copy / name)
