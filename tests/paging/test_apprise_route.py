"""apprise tells yes or no: what that means for a page, and that the operator is told by every URL."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from bot.paging.apprise_route import AppriseRoute, is_url, teller
from bot.paging.route import Page, PageOutcome

PAGE = Page(7, "json://127.0.0.1/x", "emergency", "K7QXM", "https://coach.test/page/t", "t")


def breaks(*_: str) -> bool:
    raise RuntimeError("a plugin broke")


@pytest.mark.parametrize(
    ("send", "wanted"),
    [
        (lambda *_: True, PageOutcome.ACCEPTED),
        (lambda *_: False, PageOutcome.RETRY),
        (lambda *_: None, PageOutcome.FAILED),
        (breaks, PageOutcome.UNKNOWN),
    ],
)
def test_each_answer_means_one_outcome(send: Callable[..., bool | None], wanted: PageOutcome) -> None:
    assert asyncio.run(AppriseRoute(send).page(PAGE)).outcome is wanted


def test_a_page_is_offered_in_its_words() -> None:
    got: list[tuple[str, ...]] = []
    asyncio.run(AppriseRoute(lambda *given: got.append(given) or True).page(PAGE))  # type: ignore[func-returns-value]
    assert got == [(PAGE.to, "Evenday: emergency", PAGE.words)]


def test_the_operator_is_told_by_every_url_though_one_breaks() -> None:
    got: list[str] = []

    def send(url: str, _title: str, _text: str) -> bool:
        got.append(url)
        return url == "b" or breaks()

    tell = teller(["a", "b", "c"], send)
    assert tell is not None and tell("Evenday", "trouble")
    assert got == ["a", "b", "c"]
    assert teller([]) is None


def test_what_is_an_apprise_url() -> None:
    assert is_url("json://127.0.0.1/x") and not is_url("nothing of the kind")
