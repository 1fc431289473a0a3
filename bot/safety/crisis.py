"""What a person in danger is answered, and which question follows: fixed texts, chosen and never written here."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from bot.content.crisis.book import CrisisBook, CrisisMessage, Moment
from bot.safety.tiers import Kind, Tier

__all__ = [
    "Answer",
    "CrisisMessage",
    "after_hide",
    "asked_again",
    "crisis_reply",
    "follow_up",
    "next_question",
    "question_text",
]

Answer = Literal["yes", "no", "unclear"]

# The logic of the Columbia screener in our own words: wish and thoughts, then how and intent where there are thoughts,
# and acts in every case (safety.md §2). Refusing or wavering ("unclear") goes the way of a yes.
_NEXT: dict[tuple[str, Answer], str] = {
    ("wish", "yes"): "thoughts",
    ("wish", "unclear"): "thoughts",
    ("wish", "no"): "thoughts",
    ("thoughts", "yes"): "plan",
    ("thoughts", "unclear"): "plan",
    ("thoughts", "no"): "acts",
    ("plan", "yes"): "intent",
    ("plan", "unclear"): "intent",
    ("plan", "no"): "intent",
    ("intent", "unclear"): "acts",
    ("intent", "no"): "acts",
}
# After "yes, I am safe": somebody who spoke of suicide has said the wish; other kinds end here, and a person goes on.
_AFTER_SAFE: dict[Kind, str] = {
    Kind.SUICIDE: "thoughts",
    Kind.SELF_HARM: "wish",
    Kind.OVERDOSE: "wish",
    Kind.HOPELESSNESS: "wish",
    Kind.NONE: "wish",
}


def crisis_reply(
    book: CrisisBook,
    country: str,
    tier: Tier,
    kind: Kind,
    *,
    cover: str,
    on_duty: bool,
    enrolled: bool = True,
    stopped: bool = False,
    guided: bool = False,
    can_hide: bool = False,
    known: Collection[str] = (),
    site: str = "",
    help_word: bool = False,
) -> tuple[CrisisMessage, ...]:
    """The fixed reply to a message of that tier and kind; pure, and it never raises.

    Send it only once the escalation is stored: it says that the message is flagged.

    Args:
        country: ISO code of where the person is now; an unknown one gets the numbers for anywhere else.
        cover: on duty, until when ("until 20:00"); off duty, when the team reads ("at 8:00", "on Monday at 8:00");
            "" if nobody has hours. More than 20 characters in an emergency, or 24 otherwise, are left out.
        on_duty: somebody of the team is on duty now.
        enrolled: False for a stranger: no coach and no exercise is spoken of, and no reading promised.
        stopped: the person has opted out, and has now written to us.
        guided: a human coach looks after this person.
        can_hide: the caller acts on "0" as the end of it (answering with `after_hide`), so that it may be offered.
        known: questions that are answered already, be it unasked ("thoughts"): the next one is asked, or none.
        site: what the team is called, up to 20 characters.
        help_word: they sent a word that another line asks for: the reply says where it belongs.

    Returns:
        One or two messages, in order; none for `Tier.NONE`.
    """
    if tier is Tier.NONE:
        return ()
    moment = Moment(
        cover.strip(), on_duty, enrolled, stopped, guided and enrolled, can_hide, frozenset(known), site, help_word
    )
    return book.render(country, tier.value, kind.value, moment)


def after_hide(book: CrisisBook) -> CrisisMessage:
    """The neutral answer to "0" after a reply that offered it."""
    return CrisisMessage(book.texts.after_hide, None, ())


def next_question(asked: str, answer: Answer, kind: Kind, known: Collection[str] = ()) -> str | None:
    """Which safety question follows an answer.

    None ends it: all is asked, or the answer makes an emergency (not safe, intends to act), and then the emergency
    reply goes out instead of a question. The tier of the answer is the screen's to judge, not this function's.

    Args:
        asked: id of the question that was answered.
        known: questions that need no asking, as the person has said yes to them unasked.
    """
    after_safe = _AFTER_SAFE.get(kind) if answer == "yes" else None
    following = after_safe if asked == "safe_now" else _NEXT.get((asked, answer))
    return next_question(following, "yes", kind, known) if following is not None and following in known else following


def question_text(book: CrisisBook, question: str) -> str:
    """A safety question as it is worded after the first reply."""
    return book.texts.questions[question].ask


def asked_again(book: CrisisBook, question: str) -> str:
    """A safety question once more, in plainer words if there are any, as it was passed over."""
    return book.texts.questions[question].again or book.texts.questions[question].ask


def follow_up(
    book: CrisisBook, asked: str, answer: Answer, kind: Kind, known: Collection[str] = ()
) -> CrisisMessage | None:
    """The message that asks what follows an answer, None where nothing does (see `next_question`)."""
    question = next_question(asked, answer, kind, known)
    return None if question is None else CrisisMessage(question_text(book, question), question, ())
