"""The page of health: which channels are heard, whether Rasa answers, pages to staff, and room on the disk."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from clinic import Clinic, Desk, Enter, build
from starlette.applications import Starlette

from bot.console.app import routes
from bot.console.pages.health import Disk, disk
from bot.store import pages


def test_health_tells_of_channels_that_are_on_and_what_came_by_them_lately(tmp_path: Path) -> None:
    clinic = build(tmp_path, telegram_token=f"1:{'a' * 35}")
    clinic.staff("ana", "Ana Torres")
    desk = Desk(clinic)
    desk.log_in()
    assert desk.get("/console/health").text.count("On. Nothing came in 24 hours") == 2, "the web, and Telegram"
    who = clinic.patient(channel="telegram")
    clinic.writes(who, "hello?")
    clinic.minutes(60)
    desk.log_in()
    page = desk.get("/console/health").text
    assert "On. 1 message in 24 hours, the last Tue 24 Nov 2026, 02:12 GMT" in page and "<dd>Off</dd>" in page
    clinic.minutes(24 * 60)
    desk.log_in()
    assert desk.get("/console/health").text.count("On. Nothing came in 24 hours") == 2
    clinic.store.close()


@pytest.mark.parametrize(
    ("up", "words"), [(True, "<dd>Answers</dd>"), (False, "Does not answer."), (None, "Not asked")]
)
def test_health_asks_rasa(tmp_path: Path, up: bool | None, words: str) -> None:
    async def answers() -> bool:
        return bool(up)

    clinic = build(tmp_path)
    console = replace(clinic.console, is_rasa_up=None if up is None else answers)
    clinic.app = Starlette(routes=routes(console))
    clinic.staff("ana", "Ana Torres")
    desk = Desk(clinic)
    desk.log_in()
    assert words in desk.get("/console/health").text
    clinic.store.close()


def test_health_tells_of_pages_and_since_when_one_waits(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    assert "None were sent." in desk.get("/console/health").text
    _, case = clinic.emergency()
    clinic.page(case, clinic.reach(clinic.staff("ben", "Ben Okafor"), "sms", "+447700900001"))
    with clinic.store.write() as connection:
        pages.set_state(connection, pages.of_escalation(connection, case.id)[0].id, state=pages.WAITING)
    page = desk.get("/console/health").text
    assert "<dt>Waiting to be sent</dt><dd>1</dd>" in page and "One waits since Tue 24 Nov 2026" in page


@pytest.mark.parametrize(
    ("free", "size", "is_low"), [(100, 200, False), (1.5, 3, True), (19, 200, True), (20, 200, False)]
)
def test_a_disk_with_little_room_is_told(free: float, size: float, is_low: bool) -> None:
    assert Disk(free, size).is_low is is_low


def test_the_disk_of_a_folder_that_is_not_there_yet_is_that_above_it(tmp_path: Path) -> None:
    found, above = disk(tmp_path / "not" / "there"), disk(tmp_path)
    assert found is not None and above is not None and found.size == above.size > 0
