"""Every cell of safety.md's tables on what a patient gets, said in its own words: §2 (tier by row), §3 (never), §6 (after hours).

A test's name holds the cell: `test_section_2[thanks, and says back - urgent]`. Inside, the cell is looked at for every
language, country and kind, whoever is on duty, whether the person is enrolled, has opted out, or is guided.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from itertools import product
from pathlib import Path

import pytest

from bot.content.coach import Phrases
from bot.content.crisis.book import CrisisBook
from bot.content.crisis.check import load_crisis
from bot.content.gsm import count, plain
from bot.content.skill import Skill
from bot.content.source import read
from bot.safety.cover import parse as parse_cover
from bot.safety.crisis import after_hide, crisis_reply, question_text
from bot.safety.tiers import Kind, Tier

ROOT = Path(__file__).resolve().parents[2]
FOLDER, COACH = ROOT / "data" / "coach" / "crisis", ROOT / "data" / "coach" / "en"
CHECKED = date(2026, 11, 23)
LANGUAGES = tuple(sorted(file.stem for file in FOLDER.glob("*.yml")))
COUNTRIES = tuple(sorted(file.stem for file in (FOLDER / "numbers").glob("*.yml")))
ALERTS = (Tier.EMERGENCY, Tier.URGENT, Tier.WATCH)
# Cover as it is told: somebody is on duty; nobody is, and when they read is known; nobody ever has hours.
DUTY = {"on duty": (True, "until 20:00"), "off duty": (False, "at 8:00"), "no cover": (False, "")}
SEGMENTS = {Tier.EMERGENCY: 2, Tier.URGENT: 3, Tier.WATCH: 3}


@cache
def book(language: str) -> CrisisBook:
    """The texts of one language."""
    return load_crisis(FOLDER, CHECKED, language=language)


@cache
def phrases() -> dict[str, tuple[str, ...]]:
    """The coach's own lines."""
    return dict(read(COACH / "phrases.yml").parse(Phrases).phrases)


@cache
def skill(name: str) -> Skill:
    """One conversation."""
    return read(COACH / f"{name}.yml").parse(Skill)


@dataclass(frozen=True)
class Reply:
    """One reply, and what was true when it was given."""

    language: str
    country: str
    tier: Tier
    kind: Kind
    duty: str
    enrolled: bool
    stopped: bool
    guided: bool
    can_hide: bool
    text: str
    asked: str | None

    @property
    def lines(self) -> list[str]:
        """Line by line."""
        return self.text.splitlines()

    @property
    def emergency(self) -> str:
        """The emergency number, as it stands in a sentence."""
        return book(self.language).emergency_number(self.country)

    @property
    def coached(self) -> bool:
        """Whether there is a programme that the reply may speak of."""
        return self.enrolled and not self.stopped

    def first(self, use: str) -> str | None:
        """The preferred number of a use; None where the country has none."""
        shown = book(self.language).country(self.country).shown(use)
        return shown[0].number if shown else None

    def gives(self, use: str) -> bool:
        """Whether that number stands in the text, wherever the country has one."""
        number = self.first(use)
        return number is None or any(number in line for line in self.lines)


@cache
def everywhere(tier: Tier) -> tuple[Reply, ...]:
    """Every reply of a tier, for every country in all states."""
    return tuple(said for country in COUNTRIES for said in _replies(country, tier))


@cache
def help_words() -> tuple[str, ...]:
    """Every reply to a word that another line asks for."""
    return tuple(
        message.text
        for country, tier, kind, (on_duty, cover), stopped in product(
            COUNTRIES, ALERTS, (Kind.ABUSE, Kind.NONE), DUTY.values(), (False, True)
        )
        for message in crisis_reply(
            book("en"),
            country,
            tier,
            kind,
            cover=cover,
            on_duty=on_duty,
            stopped=stopped,
            can_hide=True,
            help_word=True,
        )
    )


def _replies(country: str, tier: Tier) -> Iterator[Reply]:
    guided_or_not = (False, True) if tier is Tier.WATCH else (True,)  # no other tier's words differ by it
    flags = list(product((True, False), (False, True), guided_or_not, (True, False)))
    for language, kind, duty, state in product(LANGUAGES, Kind, DUTY, flags):
        on_duty, cover = DUTY[duty]
        enrolled, stopped, guided, can_hide = state
        if not can_hide and kind is not Kind.ABUSE:
            continue
        (message,) = crisis_reply(
            book(language), country, tier, kind, cover=cover, on_duty=on_duty,
            enrolled=enrolled, stopped=stopped, guided=guided, can_hide=can_hide,
        )  # fmt: skip
        yield Reply(language, country, tier, kind, duty, *state, message.text, message.asked)


# What a cell looks like in English. Another language needs its own words here before its texts can pass.
SAYS_BACK = {
    Kind.SUICIDE: r"end your life|about dying|dying comes up",
    Kind.SELF_HARM: r"you are hurt|hurting yourself",
    Kind.OVERDOSE: r"too much|what you take|what you took",
    Kind.MEDICAL: r"these signs",
    Kind.ABUSE: r"not safe|what is going on|what happened to you",  # and no word that a glance at the phone gives away
    Kind.OTHER_PERSON: r"someone (may get hurt|may not be safe)|worry for someone",
    Kind.HOPELESSNESS: r"in danger|how hard it is|how heavy this is",
    Kind.NONE: r"in danger|how hard it is|a lot to carry",
}
Check = Callable[[Reply], bool]


def _thanks(said: Reply) -> bool:
    sentence = re.search(r"Thank you for [^\n]*", said.text)
    return bool(sentence and re.search(SAYS_BACK[said.kind], sentence[0]))


def _automated(said: Reply) -> bool:
    return bool(re.search(r"I'm an automated coach; a person(, a doctor,)? is needed", said.text))


def _automated_short(said: Reply) -> bool:
    return "I'm an automated coach, and a person can help too" in said.text


def _call_first(said: Reply) -> bool:
    return (
        said.lines[0].startswith(f"Call {said.emergency} ") and "now" in said.lines[0] and "Don't be alone" in said.text
    )


def _call_if_worse(said: Reply) -> bool:
    line = next((line for line in said.lines if "gets worse" in line), "")
    together = r"be alone|near other people" if said.kind is Kind.ABUSE else r"be alone"
    return f"call {said.emergency}" in line and bool(re.search(together, line)) and line != said.lines[0]


def _no_call_now(said: Reply) -> bool:
    return said.emergency not in said.lines[0] and not re.search(r"\bnow\b.*emergency|be alone", said.text)


def _lines_for_kind(said: Reply) -> bool:
    uses = {Kind.OVERDOSE: ["poison"], Kind.MEDICAL: [], Kind.ABUSE: ["abuse_call", "abuse_text"]}
    return all(said.gives(use) for use in uses.get(said.kind, ["suicide_call", "suicide_text"]))


def _lines(said: Reply) -> bool:
    uses = {Kind.MEDICAL: ["health"], Kind.ABUSE: ["abuse_call", "abuse_text"]}
    return all(said.gives(use) for use in uses.get(said.kind, ["suicide_call", "suicide_text"]))


def _lines_at_the_end(said: Reply) -> bool:
    uses = {Kind.ABUSE: ["abuse_call", "abuse_text"]}.get(said.kind, ["suicide_call", "suicide_text"])
    asked = next(n for n, line in enumerate(said.lines) if line.endswith("?"))
    return all(said.gives(use) for use in uses) and not any(
        re.search(r"\d{2}", line) for line in said.lines[:asked] if "8:00" not in line and "20:00" not in line
    )


def _truthful(said: Reply) -> bool:
    """Exactly one of the four things that can be true stands there."""
    told = {
        "stranger": "a person may not see this" in said.text.lower(),
        "on duty": bool(re.search(r"[Ff]lagged for .* on duty", said.text)),
        "off duty": bool(re.search(r"No one .*reads.* now", said.text)) and "at 8:00" in said.text,
        "no cover": "No person reads these" in said.text,
    }
    expected = said.duty if said.enrolled else "stranger"
    return [name for name, there in told.items() if there] == [expected]


def _truthful_and_guided(said: Reply) -> bool:
    return _truthful(said) and ("Your coach will see this." in said.text) == (said.guided and said.enrolled)


def _asks(question: str) -> Check:
    return lambda said: said.text.count("?") == 1 and question in said.lines


def _asks_urgent(said: Reply) -> bool:
    own = {
        Kind.MEDICAL: "red_flags",
        Kind.ABUSE: "safe_now",
        Kind.OTHER_PERSON: "safe_now",
    }  # they spoke of another danger
    words = book(said.language).texts.questions[own.get(said.kind, "thoughts")]
    return said.text.count("?") == 1 and (words.first or words.ask) in said.lines


def _distance(said: Reply) -> bool:
    return said.kind in (Kind.MEDICAL, Kind.ABUSE) or bool(re.search(r"Keep away|Let someone keep", said.text))


def _distance_gently(said: Reply) -> bool:
    return said.kind in (Kind.MEDICAL, Kind.ABUSE) or bool(
        re.search(r"Distance from .* can help, or (asking )?someone (to keep|keeping)", said.text)
    )


def _no_means(said: Reply) -> bool:
    return not re.search(r"[Dd]istance|[Kk]eep ", said.text)


def _no_task(said: Reply) -> bool:
    return not re.search(r"exercise|go on\b|check-in|question we|where we were", said.text)


def _task_later(said: Reply) -> bool:
    spoken = said.coached and said.kind is not Kind.MEDICAL
    return ("The exercise can wait." in said.text) == spoken and "go on" not in said.text


def _task_paused(said: Reply) -> bool:
    return ("We can pause here, or we can go on." in said.text) == said.coached


CELLS: dict[str, tuple[Check, Check, Check]] = {  # row -> emergency, urgent, watch
    "thanks, and says back": (_thanks, _thanks, _thanks),
    "automated, a person is needed": (_automated, _automated, _automated_short),
    "call now, don't be alone": (_call_first, _call_if_worse, _no_call_now),
    "line to call, line to text": (_lines_for_kind, _lines, _lines_at_the_end),
    "what happens next, truthfully": (_truthful, _truthful, _truthful_and_guided),
    "one question": (
        _asks("Are you safe right now?"),
        _asks_urgent,
        _asks("Do you ever have thoughts of not wanting to be alive?"),
    ),
    "means": (_distance, _distance_gently, _no_means),
    "the coaching task": (_no_task, _task_later, _task_paused),
}  # fmt: skip
SECTION_2 = [
    pytest.param(tier, check, id=f"{row} - {tier}")
    for row, checks in CELLS.items()
    for tier, check in zip(ALERTS, checks, strict=True)
]


def test_every_language_has_its_words_here() -> None:
    assert LANGUAGES == ("en",), "write the words of the cells for the new language, then run the cells on its texts"


@pytest.mark.parametrize(("tier", "check"), SECTION_2)
def test_section_2(tier: Tier, check: Check) -> None:
    missing = [said for said in everywhere(tier) if not check(said)]
    assert missing == []


def _fits(said: Reply) -> bool:
    size = count(said.text)
    return size.encoding == "GSM-7" and size.parts <= SEGMENTS[said.tier] and plain(said.text) == said.text


def _numbers_alone(said: Reply) -> bool:
    """A number stands on its line with nothing to say before the next: a phone makes it one to tap."""
    numbers = [n.number for n in book(said.language).country(said.country).numbers if n.show and n.use != "emergency"]
    bearing = [line for line in said.lines if any(number in line for number in numbers if number not in said.emergency)]
    return all(len(re.findall(r"[.?:] \w", line)) <= 1 for line in bearing)


FORM: dict[str, Check] = {
    "segments and plain characters": _fits,
    "numbers on lines of their own": _numbers_alone,
    "no emoji, no exclamation mark": lambda said: not re.search(r"[!\U0001f000-\U0001faff]", said.text),
    "no link as the only help": lambda said: "http" not in said.text and bool(re.search("[Cc]all", said.text)),
    "a word for another line goes in a new text": lambda said: not re.search(r"(?<!ew text, )(?<!: )send [A-Z]{3,}", said.text),
    "the one in need is not asked twice": lambda said: (said.asked is not None) == ("?" in said.text),
    "abuse: is it safe to write": lambda said: "if it is safe" in said.text
    or (said.kind, said.tier) not in ((Kind.ABUSE, Tier.EMERGENCY), (Kind.ABUSE, Tier.URGENT)),
    "abuse: no word that a glance gives away": lambda said: said.kind is not Kind.ABUSE or not re.search(
        r"abus|violen|partner|husband|wife|hit|hurt|assault|domestic|afraid", said.text, re.IGNORECASE
    ),
    "abuse: reply 0 to end and hide": lambda said: ("Reply 0 to end and hide." in said.text)
    == (said.kind is Kind.ABUSE and said.can_hide),
    "after STOP: whole, and messages stay off": lambda said: ("essages stay off." in said.text) == said.stopped,
}  # fmt: skip


@pytest.mark.parametrize("tier", ALERTS)
@pytest.mark.parametrize("cell", FORM)
def test_section_2_form(cell: str, tier: Tier) -> None:
    assert [said for said in everywhere(tier) if not FORM[cell](said)] == []


def test_section_2_a_word_for_another_line_gets_the_line_and_no_menu() -> None:
    for text in help_words():
        assert re.search(r"Thank you.*Your word came to me, an automated coach", text)
        assert "person is needed" in text and text.count("?") == 1 and "Are you safe right now?" in text
        assert count(text).encoding == "GSM-7" and count(text).parts <= (2 if text.startswith("Call") else 3)


# §3, one row a bullet. Nothing of it may stand in any text that answers risk.
NEVER = {
    "promise or contract": r"promise|swear|\bvow\b|contract|commit to|agree (not|that you)",
    "minimising or cheering up": (
        r"could be worse|think of your|just (breathe|relax)|stay positive|at least|cheer|calm down|"
        r"look on|chin up|not that bad|others have|silver|everything happens"
    ),
    "diagnosis or risk score": (
        r"depress|disorder|diagnos|\bscore|at risk|high risk|low risk|you sound|you seem|suicidal|"
        r"unstable"
    ),
    "promise of rescue or secrecy": (
        r"on (its|their|the) way|help is coming|between us|secret|confidential|"
        r"be (fine|ok|okay|all right)\b|(have|has|been) told|i will not tell"
    ),
    "method, dose or place": (
        r"\b(pills?|tablets?|knife|blade|rope|gun|bridge|dose|mg|overdose|drown|hang|train|roof|cut)\b|"
        r"failed|successful|commit"
    ),
    "medical instruction": (
        r"vomit|be sick|\btake (a|an|your|no|some|it|them)\b|wait and see|stretch|drink|lie down|hang up|"
        r"rest and"
    ),
    "coaching skill": (
        r"breath(?!ing\?)(e|ing exercise)|relax|thought record|streak|well done|proud|great|chart|"
        r"practice|pacing"
    ),
    "debate, why, shame, joke": r"\bwhy\b|selfish|sin\b|shame|fault|blame|guilt|\bgod\b|right to|ha\b|exaggerat",
    "not understood, menu, press 1": (
        r"understand you|didn't (get|catch)|did not get|sorry|press \d\b|menu|rephrase|options|try again|"
        r"unclear"
    ),
}


def fixed_texts() -> dict[str, str]:
    """Every fixed text besides the replies that somebody in danger may read."""
    texts = book("en").texts
    found = {f"question {name}": question_text(book("en"), name) for name in texts.questions}
    found |= {f"first wording of {name}": q.first for name, q in texts.questions.items() if q.first}
    found |= {f"question {name} once more": q.again for name, q in texts.questions.items() if q.again}
    found |= {"after 0": after_hide(book("en")).text}
    spoken = ("resting", "watch_go_on", "slow")
    found |= {f"phrase {name}, {n}": text for name in spoken for n, text in enumerate(phrases()[name])}
    return found


@pytest.mark.parametrize("bullet", NEVER)
def test_section_3_never_said_in_a_reply(bullet: str) -> None:
    lines = {line for tier in ALERTS for said in everywhere(tier) for line in said.lines}
    lines |= {line for text in help_words() for line in text.splitlines()}
    assert [line for line in lines if re.search(NEVER[bullet], line, re.IGNORECASE)] == []


@pytest.mark.parametrize("bullet", NEVER)
def test_section_3_never_said_in_a_question_or_after_it(bullet: str) -> None:
    found = {name: text for name, text in fixed_texts().items() if re.search(NEVER[bullet], text, re.IGNORECASE)}
    assert found == {}


@pytest.mark.parametrize("name", [name for name in fixed_texts() if "question" in name or "first" in name])
def test_section_3_no_question_pulls_for_a_no(name: str) -> None:
    text = fixed_texts()[name]
    assert text.count("?") == 1 and text.endswith("?")
    assert not re.search(
        r"n't|\bnot? (going|thinking|planning|feeling)|right\?|, do you|, are you|at all\?|surely|still", text
    )


# §6. What is true now, from the cover hours of a site to the words.
LONDON = "Mon-Fri 09:00-17:00 Europe/London"
AFTER_HOURS = [
    pytest.param(LONDON, "2026-03-11T10:00", "Europe/London", "on duty until 17:00", id="in cover"),
    pytest.param(LONDON, "2026-03-11T18:00", "Europe/London", "at 09:00", id="evening before a working day"),
    pytest.param(LONDON, "2026-03-13T18:00", "Europe/London", "on Monday at 09:00", id="weekend"),
    pytest.param(LONDON, "2026-03-11T10:00", "America/New_York", "on duty until 13:00", id="in cover, told in the patient's zone"),
    pytest.param(LONDON, "2026-03-27T18:00", "Europe/Madrid", "on Monday at 10:00", id="over the change of clocks"),
    pytest.param("", "2026-03-11T10:00", "Europe/London", "No person reads these", id="no hours at all"),
]  # fmt: skip


@pytest.mark.parametrize("tier", ALERTS)
@pytest.mark.parametrize(("hours", "at", "zone", "told"), AFTER_HOURS)
def test_section_6_the_reply_says_what_is_true(hours: str, at: str, zone: str, told: str, tier: Tier) -> None:
    cover, now = parse_cover(hours), datetime.fromisoformat(at).replace(tzinfo=UTC)
    for country, kind in product(COUNTRIES, Kind):
        (said,) = crisis_reply(
            book("en"), country, tier, kind, cover=cover.brief(now, zone), on_duty=cover.on_duty(now)
        )
        assert told in said.text
        assert ("flagged" in said.text) == cover.on_duty(now)
        assert book("en").emergency_number(country) in said.text


@pytest.mark.parametrize("tier", ALERTS)
def test_section_6_nobody_is_said_to_know_who_does_not(tier: Tier) -> None:
    for said in everywhere(tier):
        if said.duty != "on duty" or not said.enrolled:
            assert not re.search(r"[Ff]lagged|on duty|is reading|has seen", said.text)
        assert not re.search(r"I have told|has been told|knows? now", said.text)


@pytest.mark.parametrize("step", ["what_it_is", "who_reads", "who_is_there"])
def test_section_6_the_start_of_the_programme_says_it_all(step: str) -> None:
    enrolment = skill("enrolment")
    wanted = {
        "what_it_is": (
            "automated coach",
            "not an emergency service",
            "does not replace your doctor",
            "{emergency_number}",
        ),
        "who_reads": ("A computer reads your messages", "can miss them", "your care team is told", "may contact you"),
        "who_is_there": ("{cover}", "not fully private", "STOP"),
    }
    (text,) = enrolment.step(step).say  # type: ignore[union-attr]  # it is there
    assert all(words in text for words in wanted[step])
    assert enrolment.index(step) < enrolment.index("consent"), "before the first question"
    assert enrolment.step("consent").required  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "name", ["help", "not_enrolled_sms", "not_enrolled_telegram", "invitation_needed", "stopped", "resting"]
)
def test_section_6_repeated_on_help_and_wherever_the_coach_is_all_there_is(name: str) -> None:
    assert all("{emergency_number}" in text for text in phrases()[name])


def test_section_6_told_on_asking() -> None:
    steps = skill("account/talk_to_human").steps
    asked = next(step for step in steps if any("{cover}" in text for text in step.say))
    assert all("{cover}" in text and "{emergency_number}" in text for text in asked.say)
