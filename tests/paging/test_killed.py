"""Killed at any point between marking and settling, a page goes again; none is lost, and two pagers double none."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from ward import EMERGENCY, Ward

from bot.paging.route import Page, PageResult, Way
from bot.store import pages
from bot.store.pages import LEASE
from tests.conftest import MakePatient

POINTS = ("before marking", "after marking", "in the call", "after the call")


class Killed(asyncio.CancelledError):
    """The process is gone: nothing catches this."""


def kill(ward: Ward, point: str) -> None:
    """Run a pager that dies at a point, and forget all that it held in memory."""
    pager = ward.a_pager()

    async def die_in_call(page: Page) -> PageResult:
        if point == "after the call":
            ward.journal.append(page)
        raise Killed

    class Dying:
        way = Way.CALL
        page = staticmethod(die_in_call)

    if point == "before marking":
        asyncio.run(ward.store.run(pager._prepare))  # type: ignore[arg-type]
        return
    if point == "after marking":
        pager._prepare()
        assert pager._claim(8)
        return
    pager.routes = {way: Dying() for way in Way}  # type: ignore[assignment]

    async def one_tick() -> list[BaseException | None]:
        await pager.tick()
        return await asyncio.gather(*pager._going, return_exceptions=True)

    ended = asyncio.run(one_tick())
    assert len(ended) == 2 and all(isinstance(one, asyncio.CancelledError) for one in ended)


@pytest.mark.parametrize("point", POINTS)
def test_a_page_goes_again_after_a_kill(ward: Ward, a_patient: MakePatient, point: str) -> None:
    ward.team()
    who = a_patient()
    ward.writes(who, EMERGENCY)
    kill(ward, point)
    ward.pager = ward.a_pager()  # the next process
    if not ward.store.is_sqlite:
        ward.clock.turn(LEASE + timedelta(seconds=1))  # another machine might be at it until then
    assert {"ana:call", "ana:sms"} <= set(ward.page())
    assert set(ward.states(who)) == {"accepted"}


def test_killed_between_the_alarm_and_the_pager_nothing_is_lost(ward: Ward, a_patient: MakePatient) -> None:
    ward.team()
    ward.writes(a_patient(), EMERGENCY)
    ward.pager = ward.a_pager()
    assert ward.page() == ["ana:call", "ana:sms"]


def test_a_commit_that_fails_opens_nothing_and_pages_nobody(ward: Ward, a_patient: MakePatient) -> None:
    ward.team()
    who = a_patient()

    class Full(Exception):
        """The disk."""

    def burst(*_args: object) -> None:
        raise Full

    ward.reception.at_once.answer, kept = burst, ward.reception.at_once.answer  # type: ignore[method-assign, assignment]
    with pytest.raises(Full):
        ward.writes(who, EMERGENCY)
    ward.reception.at_once.answer = kept  # type: ignore[method-assign]
    with ward.store.read() as connection:
        assert pages.counts(connection) == {}
    assert ward.page() == []


def test_two_pagers_send_each_page_once(ward: Ward, a_patient: MakePatient) -> None:
    ward.team()
    for _ in range(5):
        ward.writes(a_patient(), EMERGENCY)
    other = ward.a_pager()
    ward.pager._prepare()  # both have been running for a while
    other._prepare()

    async def both() -> None:
        await asyncio.gather(ward.pager.settle_all(), other.settle_all())

    asyncio.run(both())
    assert len(ward.journal) == len({page.id for page in ward.journal}) == 10


def test_a_step_that_is_due_is_written_once_by_two_pagers(ward: Ward, a_patient: MakePatient) -> None:
    ward.team()
    who = a_patient()
    ward.writes(who, EMERGENCY)
    ward.page()
    ward.minutes(5.1)
    ward.pager._prepare()
    ward.a_pager()._prepare()
    assert len(ward.rows(who)) == 2 + 4
