"""Ways by which staff were paged are told who has the case and that it is over: once, beside paging, in nobody's way."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest
from ward import EMERGENCY, FAILED, OK, RETRY, UNKNOWN, Recorder, Ward

from bot.paging.news import Herald
from bot.paging.route import News, Page, PageResult, Route, Way
from bot.store import escalations, judging
from bot.store.steps import Step
from bot.store.types import StaffId
from tests.conftest import MakePatient
from tests.support.people import Person


@dataclass
class Follower(Recorder):
    """A route that can follow, too; `follows` answers first, then OK."""

    follows: list[PageResult | Exception] = field(default_factory=list)
    shown: list[tuple[str, str, News, str]] = field(default_factory=list)

    async def follow(self, page: Page, provider_id: str, news: News, words: str) -> PageResult:
        """Note it, and answer."""
        await asyncio.sleep(0)
        self.shown.append((page.to, provider_id, news, words))
        answer = self.follows.pop(0) if self.follows else OK
        if isinstance(answer, Exception):
            raise answer
        return answer


class Case:
    """Ben is paged by Telegram and Ana's service by webhook, for one emergency; Lea by SMS."""

    def __init__(self, ward: Ward, who: Person) -> None:
        self.ward, self.who = ward, who
        self.telegram, self.service = Follower(Way.TELEGRAM, ward.journal), Follower(Way.WEBHOOK, ward.journal)
        ward.routes |= {Way.TELEGRAM: self.telegram, Way.WEBHOOK: self.service}
        ward.pager = ward.a_pager()
        self.ana = ward.staff("ana", Way.WEBHOOK, Way.SMS, role="clinician")
        self.ben = ward.staff("ben", Way.TELEGRAM, role="clinician")
        ward.writes(who, EMERGENCY)
        ward.page()
        self.herald = self.a_herald()

    def a_herald(self) -> Herald:
        """Another process's herald on the same store."""
        routes: dict[Way, Route] = {**self.ward.routes}
        return Herald(self.ward.store, routes, "https://coach.test", "UTC")

    def tell(self) -> int:
        """Look once."""
        return asyncio.run(self.herald.tell())

    def resolve(self, who: StaffId) -> None:
        """In the console."""
        with self.ward.store.write() as connection:
            found = escalations.of_patient(connection, self.ward.store.vault, self.who.id)[0].id
            judging.resolve(
                Step(connection, self.ward.store.vault, found, who, self.ward.clock.now()), {"outcome": "safe_plan"}
            )

    @property
    def heard(self) -> list[tuple[str, News]]:
        """Whom was told what."""
        return [(to, news) for to, _, news, _ in (*self.telegram.shown, *self.service.shown)]


@pytest.fixture
def case(ward: Ward, a_patient: MakePatient) -> Case:
    """An emergency for which both were paged."""
    return Case(ward, a_patient())


def test_while_nobody_has_it_there_is_no_news(case: Case) -> None:
    assert {page.to for page in case.ward.journal} >= {"ana:webhook", "ben:telegram"}
    assert case.tell() == 0 and case.heard == []


def test_once_taken_the_others_see_who_has_it_and_the_service_stops(case: Case) -> None:
    code = case.ward.escalation(case.who).code
    case.ward.acknowledge("ana:sms", Way.SMS)
    case.tell()
    ((to, message, news, words),) = case.telegram.shown
    assert (to, message, news) == ("ben:telegram", "P1", News.TAKEN)
    assert words.startswith(f"Ana has {code} since ")
    assert case.heard[1:] == [("ana:webhook", News.TAKEN)]  # her service does not know what she knows
    assert case.tell() == 0


def test_whoever_took_it_is_not_told_that_they_did(case: Case) -> None:
    case.ward.acknowledge("ben:telegram", Way.TELEGRAM)
    case.tell()
    assert case.heard == [("ana:webhook", News.TAKEN)]


def test_resolved_it_is_over_everywhere_and_said_once(case: Case) -> None:
    case.ward.acknowledge("ana:sms", Way.SMS)
    case.tell()
    case.resolve(case.ana)
    case.telegram.shown.clear(), case.service.shown.clear()
    assert case.tell() == 2 and case.tell() == 0
    assert case.heard == [("ben:telegram", News.OVER), ("ana:webhook", News.OVER)]
    assert case.telegram.shown[0][1] == "P1"
    assert case.telegram.shown[-1][3] == f"{case.ward.escalation(case.who).code} is resolved."


def test_two_processes_tell_it_once(case: Case) -> None:
    case.ward.acknowledge("ana:sms", Way.SMS)
    other = case.a_herald()
    first, second = case.herald._claim(), other._claim()
    assert len(first) == 2 and second == []


@pytest.mark.parametrize("answer", [RETRY, UNKNOWN, RuntimeError("a bug")])
def test_what_may_not_have_arrived_is_told_again_at_the_next_look(case: Case, answer: PageResult | Exception) -> None:
    case.service.follows.append(answer)
    case.ward.acknowledge("ana:sms", Way.SMS)
    assert case.tell() == 2 and case.tell() == 1 and case.tell() == 0
    assert [news for _, _, news, _ in case.service.shown] == [News.TAKEN, News.TAKEN]


def test_a_way_that_refuses_costs_nothing(case: Case) -> None:
    case.service.follows.append(FAILED)
    case.ward.acknowledge("ana:sms", Way.SMS)
    assert case.tell() == 2 and case.tell() == 0
    assert case.ward.escalation(case.who).owner_id == case.ana


def test_reopened_it_is_news_again_by_the_new_pages_alone(case: Case) -> None:
    case.ward.acknowledge("ana:sms", Way.SMS)
    case.resolve(case.ana)
    case.tell()
    case.ward.minutes(60)
    case.ward.writes(case.who, EMERGENCY)
    case.ward.page()
    case.telegram.shown.clear(), case.service.shown.clear()
    assert case.tell() == 0
    case.ward.acknowledge("ana:sms", Way.SMS)
    assert case.tell() == 2 and {news for _, news in case.heard} == {News.TAKEN}


def test_ways_that_can_not_follow_are_left_alone(case: Case) -> None:
    assert set(case.herald.routes) == {Way.TELEGRAM, Way.WEBHOOK}
