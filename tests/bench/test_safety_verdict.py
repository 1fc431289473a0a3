"""What the harness of `make bench-safety` makes of what it saw."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.safety.__main__ import is_good, summary
from bench.safety.run import Found
from bench.safety.sink import by_telegram
from bench.safety.verdict import (
    Answer,
    Cry,
    HandOver,
    Kept,
    Seen,
    Trouble,
    Verdict,
    answered_after,
    judge,
    p99,
    paged_after,
)
from tests.faults.provider import Accepted

CRY, AGAIN = Cry("700", "1", 10.0, True), Cry("700", "2", 20.0, False)
KEPT = Kept(frozenset("12"), frozenset("12"), (frozenset({"K7QXM"}),), ("Call 999", "Still there? 999"))
RIGHT = Seen(
    [CRY, AGAIN],
    {"700": KEPT},
    [Answer("700", "Call 999", 10.4), Answer("700", "Still there? 999", 20.2)],
    [HandOver("apprise", "K7QXM", "a 1", 10.6), HandOver("telegram", "K7QXM", "b 1", 11.0)],
)


def counts(seen: Seen) -> tuple[int, int, int]:
    """Lost, doubled, unanswered."""
    verdict = judge(seen)
    assert len(verdict.notes) >= bool(verdict.lost or verdict.doubled or verdict.unanswered)
    return verdict.lost, verdict.doubled, verdict.unanswered


def kept(**changes: object) -> dict[str, Kept]:
    """The store, with something else in it."""
    return {"700": replace(KEPT, **changes)}  # type: ignore[arg-type]


def test_what_is_right_is_seen() -> None:
    assert counts(RIGHT) == (0, 0, 0)
    assert judge(RIGHT).again == 0


@pytest.mark.parametrize(
    ("seen", "found"),
    [
        pytest.param(replace(RIGHT, kept=kept(stored=frozenset("1"))), (1, 0, 0), id="not stored"),
        pytest.param(replace(RIGHT, kept=kept(escalated=frozenset("2"))), (1, 0, 0), id="no escalation"),
        pytest.param(replace(RIGHT, hand_overs=RIGHT.hand_overs[:1]), (1, 0, 0), id="an emergency by one route"),
        pytest.param(replace(RIGHT, hand_overs=[]), (1, 0, 0), id="nobody was paged"),
        pytest.param(replace(RIGHT, kept={}), (2, 0, 0), id="nothing of the person"),
        pytest.param(
            replace(RIGHT, kept=kept(codes=(frozenset({"K7QXM"}), frozenset({"AB2CD"})))), (0, 1, 0),
            id="two escalations",
        ),
        pytest.param(
            replace(RIGHT, answers=[*RIGHT.answers, Answer("700", "Call 999", 10.9)]), (0, 1, 0), id="answered twice"
        ),
        pytest.param(
            replace(RIGHT, hand_overs=[*RIGHT.hand_overs, HandOver("apprise", "K7QXM", "a 1", 40.0)]), (0, 1, 0),
            id="one page twice",
        ),
        pytest.param(replace(RIGHT, answers=RIGHT.answers[:1]), (0, 0, 1), id="the second is not answered"),
        pytest.param(replace(RIGHT, answers=[Answer("700", "Call 999", 9.0)]), (0, 0, 2), id="answered before"),
        pytest.param(replace(RIGHT, answers=[Answer("701", "Call 999", 11.0)]), (0, 0, 2), id="somebody else's"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_counted(seen: Seen, found: tuple[int, int, int]) -> None:
    assert counts(seen) == found


def test_the_same_words_to_two_messages_are_right() -> None:
    twice = [Answer("700", "Call 999", 10.4), Answer("700", "Call 999", 20.2)]
    assert counts(replace(RIGHT, answers=twice, kept=kept(answers=("Call 999", "Call 999")))) == (0, 0, 0)


def test_a_reminder_is_another_page() -> None:
    reminder = HandOver("apprise", "K7QXM", "a 2", 310.0)
    assert counts(replace(RIGHT, hand_overs=[*RIGHT.hand_overs, reminder])) == (0, 0, 0)


@pytest.mark.parametrize(("at", "explained"), [(8.0, False), (10.2, True), (12.0, True), (30.0, False)])
def test_a_repeat_is_meant_where_a_kill_left_the_first_in_doubt(at: float, explained: bool) -> None:
    again = [*RIGHT.answers, Answer("700", "Call 999", 31.0)]
    verdict = judge(replace(RIGHT, answers=again, troubles=[Trouble(at, at)]))
    assert (verdict.doubled, verdict.again) == ((0, 1) if explained else (1, 0))


def test_one_kill_explains_one_repeat_only() -> None:
    again = [*RIGHT.answers, Answer("700", "Call 999", 31.0), Answer("700", "Call 999", 61.0)]
    verdict = judge(replace(RIGHT, answers=again, troubles=[Trouble(11.0, 11.0)]))
    assert (verdict.doubled, verdict.again) == (1, 1)


def test_times_are_those_of_the_first_that_came() -> None:
    assert answered_after(RIGHT.answers, CRY) == pytest.approx(0.4)
    assert paged_after(RIGHT, CRY) == pytest.approx(0.6)
    assert paged_after(RIGHT, CRY, 2) == pytest.approx(1.0)
    assert paged_after(RIGHT, CRY, 3) is None
    assert RIGHT.opening == [CRY]


def test_what_never_came_is_not_left_out_of_the_times() -> None:
    assert p99([0.1, None, 0.2], 150.0) == 150.0
    assert p99([], 150.0) == 150.0


def test_pages_in_a_chat_are_told_apart_by_link_and_number() -> None:
    words = "Evenday: emergency, code K7QXM{}. https://coach.example/page/s3-cret"
    taken = [Accepted(n, "900001", words.format(mark), float(n)) for n, mark in enumerate(("", " (again, 2)"), 1)]
    others = [Accepted(3, "700", "Call 999", 3.0)]
    assert by_telegram([*taken, *others]) == [
        HandOver("telegram", "K7QXM", "s3-cret 1", 1.0),
        HandOver("telegram", "K7QXM", "s3-cret 2", 2.0),
    ]


def test_the_worst_times_and_all_counts_stand_in_the_last_line() -> None:
    runs = [Found(0.1, 1.9, 3.0, Verdict(lost=1)), Found(0.2, 1.0, 4.0, Verdict(lost=1, unanswered=2))]
    figures = {"commit_p99_s": 0.2, "answer_p99_s": 1.9, "page_p99_s": 4.0, "lost": 2, "doubled": 0, "unanswered": 2}
    assert summary(runs) == figures
    assert not is_good(figures)
    assert is_good({**figures, "lost": 0, "unanswered": 0})
    assert not is_good({**figures, "lost": 0, "unanswered": 0, "answer_p99_s": 2.0})
