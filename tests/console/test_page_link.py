"""/page/<token>: a code and a button, nothing of the patient's, and looking takes nothing."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
from clinic import Clinic, TestClient
from starlette.applications import Starlette

from bot.coaching import summon
from bot.console import paged
from bot.errors import StoreError
from bot.paging.acknowledge import Acknowledgement
from bot.paging.memory import Memory
from bot.paging.route import Page, PageOutcome, PageResult, Way
from bot.safety.tiers import Tier
from bot.store import contacts, pages
from bot.store.escalations import Escalation


@pytest.fixture
def link(clinic: Clinic) -> tuple[Any, str, Escalation]:
    """A browser without any log-in, the path of a page's link, and its escalation."""
    clinic.staff("ben", "Ben Okafor")
    who, escalation = clinic.emergency("Zebulon")
    with clinic.store.write() as connection:
        ben = connection.exec_driver_sql("SELECT id FROM staff").scalar_one()
        contacts.add(connection, clinic.store.vault, ben, "sms", "+447700900123", clinic.clock.now())
        bell = summon.Bell(
            connection, clinic.store.vault, clinic.console.coach.paging, clinic.console.cover, clinic.clock.now()
        )
        summon.advance(bell, escalation.id)
        token = pages.open_token(connection, clinic.store.vault, 1)
    desk = Acknowledgement(
        clinic.store, clinic.console.coach, clinic.console.cover, clinic.clock, "http://testserver", "UTC"
    )
    app = Starlette(routes=paged.routes(desk, clinic.clock, "Evenday", ""))
    return TestClient(app), f"/page/{token}", clinic.escalation(who.patient_id)


def test_the_page_shows_a_code_a_tier_and_one_button(link: tuple[Any, str, Escalation]) -> None:
    browser, path, escalation = link
    page = browser.get(path)
    assert page.status_code == 200
    text = re.sub(r"<[^>]+>|\s+", " ", page.text)
    assert escalation.code in text and "Emergency" in text and f"Acknowledge {escalation.code}" in text
    assert page.text.count("<button") == 1 and "<script" not in page.text
    for secret in ("Zebulon", "+34600", "pills", escalation.patient_id, "Ben"):
        assert secret not in page.text


def test_looking_takes_nothing(clinic: Clinic, link: tuple[Any, str, Escalation]) -> None:
    browser, path, escalation = link
    for _ in range(3):
        browser.get(path)
        browser.head(path)
    assert clinic.escalation(escalation.patient_id).is_waiting


def test_the_button_takes_it_without_a_log_in(clinic: Clinic, link: tuple[Any, str, Escalation]) -> None:
    browser, path, escalation = link
    done = browser.post(path, headers={"origin": "http://testserver"})
    assert f"{escalation.code} is yours now." in done.text
    assert not clinic.escalation(escalation.patient_id).is_waiting
    assert "Somebody has it already." in browser.get(path).text


def test_another_site_can_not_press_it(clinic: Clinic, link: tuple[Any, str, Escalation]) -> None:
    browser, path, escalation = link
    assert browser.post(path, headers={"origin": "https://elsewhere.test"}).status_code == 403
    assert clinic.escalation(escalation.patient_id).is_waiting


@pytest.mark.parametrize("token", ["x", "a" * 500, "..%2F"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_wrong_link_is_told_in_plain_words(link: tuple[Any, str, Escalation], token: str, method: str) -> None:
    browser, *_ = link
    answer = getattr(browser, method)(f"/page/{token}", headers={"origin": "http://testserver"})
    assert answer.status_code == 404


def test_no_copy_is_kept_and_no_search_engine_reads_it(link: tuple[Any, str, Escalation]) -> None:
    browser, path, _ = link
    headers = browser.get(path).headers
    assert headers["cache-control"] == "no-store" and "noindex" in headers["x-robots-tag"]


def go_away(clinic: Clinic) -> None:
    """The database is gone."""

    class Away:
        """Gone."""

        def __call__(self, *_args: object) -> None:
            raise StoreError("away")

    clinic.store.read = clinic.store.write = Away()  # type: ignore[method-assign, assignment]


def test_the_database_away_is_told(clinic: Clinic, link: tuple[Any, str, Escalation]) -> None:
    browser, path, _ = link
    go_away(clinic)
    for method in ("get", "post"):
        answer = getattr(browser, method)(path, headers={"origin": "http://testserver"})
        assert answer.status_code == 503 and "nothing could be written" in answer.text


class Handset:
    """A route that notes the link it is given."""

    token = ""

    async def page(self, page: Page) -> PageResult:
        """It rings."""
        self.token = page.token
        return PageResult(PageOutcome.ACCEPTED)


def test_what_was_paged_while_the_database_is_away_is_taken_by_its_link(
    clinic: Clinic, link: tuple[Any, str, Escalation]
) -> None:
    handset, given = Handset(), (clinic.console.coach, clinic.console.cover, clinic.clock)
    memory = Memory(clinic.store, {Way.SMS: handset}, *given, "http://testserver")  # type: ignore[dict-item]  # as much of a route as is asked for
    memory.refresh()
    desk = Acknowledgement(clinic.store, *given, "http://testserver", "UTC", memory=memory)
    browser = TestClient(Starlette(routes=paged.routes(desk, clinic.clock, "Evenday", "")))
    go_away(clinic)
    made = asyncio.run(memory.summon(Tier.EMERGENCY))
    assert made is not None
    path, old = f"/page/{handset.token}", link[1]
    seen = browser.get(path)
    assert seen.status_code == 200 and f"Acknowledge {made.code}" in seen.text and "Nobody has it yet." in seen.text
    known = memory.known(made.code)
    assert known is not None and known.taken_by is None  # looking takes nothing
    assert f"{made.code} is yours now." in browser.post(path, headers={"origin": "http://testserver"}).text
    assert "Somebody has it already." in browser.get(path).text
    assert browser.get(old).status_code == 503  # of that one the memory knows nothing
