"""A message means what it means after what came before it."""

from __future__ import annotations

import pytest

from bot.safety.answers import Answer, Answers
from bot.safety.screen import Said
from bot.safety.tiers import Kind, Tier
from tests.support.once import rule_book, screen

BOOK, SCREEN = rule_book(), screen()
ANSWERS = Answers(BOOK)

THOUGHTS = {"bot": "Are you thinking of ending your life?"}
WISH = {"bot": "Have you wished you were dead or wished not to wake up?"}
SAFE = {"bot": "Are you safe right now?"}
PLAN = {"bot": "Do you intend to act on it, or have you started to work out details?"}
ACT = {"bot": "Have you ever done anything to end your life?"}
FLAG = {"bot": "Any numbness between your legs, or trouble passing water?"}
STILL = {"bot": "Can you still pass water as you normally do?"}
HURT = {"bot": "Is someone hurting you at home?"}
WALK = {"bot": "Did you manage your walk today?"}

TABLE: list[tuple[str, list[object], str]] = [
    ("yes to thoughts", ["rough week", THOUGHTS, "yes"], "urgent"),
    ("letter to thoughts", ["rough week", THOUGHTS, "y"], "urgent"),
    ("thumb to thoughts", ["rough week", THOUGHTS, "👍"], "urgent"),
    ("sometimes to thoughts", ["rough week", THOUGHTS, "sometimes"], "urgent"),
    ("maybe to thoughts", ["rough week", THOUGHTS, "maybe idk"], "urgent"),
    ("not really to thoughts", ["rough week", THOUGHTS, "not really"], "urgent"),
    ("refusal to thoughts", ["rough week", THOUGHTS, "I'd rather not say"], "urgent"),
    ("silence to thoughts", ["rough week", THOUGHTS, "..."], "urgent"),
    ("no but to thoughts", ["rough week", THOUGHTS, "no, but it crosses my mind"], "urgent"),
    ("shrug to thoughts", ["rough week", THOUGHTS, "🤷"], "urgent"),
    ("clear no to thoughts", ["rough week", THOUGHTS, "No, nothing like that"], "none"),
    ("never to thoughts", ["rough week", THOUGHTS, "no never"], "none"),
    ("yes to a wish", [WISH, "mhm"], "urgent"),
    ("no to a wish", [WISH, "nope"], "none"),
    ("yes to a plan", ["I want to die", PLAN, "yes"], "emergency"),
    ("hedge to a plan", ["I want to die", PLAN, "sort of"], "emergency"),
    ("no to a plan keeps the wish", ["I want to die", PLAN, "no"], "urgent"),
    ("yes to an act", ["I want to die", ACT, "last week, yes"], "emergency"),
    ("safe", [SAFE, "yes I'm safe"], "none"),
    ("not safe", [SAFE, "no"], "emergency"),
    ("unclear about safety", [SAFE, "don't know"], "emergency"),
    ("yes to a red flag", [FLAG, "y"], "emergency"),
    ("a bit of a red flag", [FLAG, "a bit"], "emergency"),
    ("no red flag", [FLAG, "no"], "none"),
    ("talk of something else after a red flag question",
     [FLAG, "my back is stiff and the stretches went well this morning"], "none"),
    ("can still go", [STILL, "yes"], "none"),
    ("can't go", [STILL, "no"], "emergency"),
    ("hurt at home", [HURT, "yes"], "urgent"),
    ("not hurt at home", [HURT, "no, never"], "none"),
    ("ordinary yes", [WALK, "yes"], "none"),
    ("ordinary no", [WALK, "no"], "none"),
    ("ordinary plan", [{"bot": "What is your plan for the day?"}, "yes, a walk"], "none"),
    ("ordinary try", [{"bot": "Have you tried the breathing exercise?"}, "yes"], "none"),
    ("split wish", ["I wish I could just", "not exist"], "urgent"),
    ("split in three", ["i want", "to", "die"], "urgent"),
    ("split red flag", ["my back is bad", "and since this morning", "I can't feel it when I wipe"], "emergency"),
    ("split apart by a day", ["I wish I could just", {"wait_hours": 24}, "not eat so much cake"], "none"),
    ("retraction", ["I want to die", "jk forget it"], "urgent"),
    ("stop after an emergency", ["I'm going to kill myself tonight", "STOP"], "emergency"),
    ("small talk after", ["I cut myself last night", "anyway, nice weather"], "urgent"),
    ("split joke", ["I can't do this any more", "the crossword is too hard"], "none"),
    ("a joke does not resolve a wish", ["I want to die", "of boredom lol"], "urgent"),
    ("two watch days of three", ["I feel hopeless", {"wait_hours": 24}, "I feel so hopeless today"], "urgent"),
    ("watch a week apart", ["I feel hopeless", {"wait_hours": 200}, "I feel so hopeless today"], "watch"),
    ("falling mood", ["mood 6", {"wait_hours": 24}, "mood 1, I feel hopeless"], "urgent"),
    ("a rise of tablets",
     ["took one extra tramadol", {"wait_hours": 24}, "took six extra", {"wait_hours": 12}, "took all of them"], "emergency"),
    ("all of it with no medicine before", ["made biscuits", {"wait_hours": 3}, "the kids ate all of them"], "none"),
]  # fmt: skip


@pytest.mark.parametrize(("entries", "tier"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_a_conversation_stands_where_it_should(entries: list[object], tier: str) -> None:
    assert SCREEN.standing(entries)[-1].tier == tier  # type: ignore[arg-type]  # rows of a table


def test_not_safe_takes_the_kind_in_play() -> None:
    verdict = SCREEN.standing(["my husband hits me", SAFE, "no"])[-1]
    assert (verdict.tier, verdict.kind) == (Tier.EMERGENCY, Kind.ABUSE)


def test_an_id_names_the_question_whatever_its_words() -> None:
    verdict = SCREEN.judge("yes", [Said("coach", "And that?", 0.0, asked="safety.intent")])
    assert verdict.tier is Tier.EMERGENCY


def test_an_old_question_is_not_answered_days_later() -> None:
    assert SCREEN.judge("yes", [Said("coach", str(THOUGHTS["bot"]), 72.0)]).tier is Tier.NONE


def test_joined_evidence_lies_in_the_message_judged() -> None:
    (piece, *_) = SCREEN.judge("not exist", [Said("person", "I wish I could just", 0.1)]).evidence
    assert (piece.start, piece.end, piece.layer) == (0, 9, "context")


@pytest.mark.parametrize(
    "text", ["no", "No.", "nope", "never", "not at all", "definitely not", "I don't", "no thank god"]
)
def test_a_clear_no_is_a_no(text: str) -> None:
    assert ANSWERS.read(text) is Answer.NO


@pytest.mark.parametrize(
    "text",
    [
        "",
        "...",
        "idk",
        "not yet",
        "no comment",
        "no but",
        "not today",
        "why",
        "maybe",
        "a little",
        "depends",
        "🙃",
        "hm",
        "no idea",
    ],
)
def test_anything_else_is_not_a_no(text: str) -> None:
    assert ANSWERS.read(text) is not Answer.NO
