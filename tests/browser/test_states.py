"""In a real Chromium: a console that waits, is cut off, or has nothing to show."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from test_console import DESKTOP, SMALL, Site, at, browser, close, is_too_wide, shoot, site, violations

from bot.conversation import takeover
from bot.store import staff, teams

__all__ = ["browser", "site"]  # fixtures
pytestmark = [pytest.mark.slow, pytest.mark.skipif(not Path("/usr/bin/chromium").exists(), reason="no Chromium here")]
EMPTY = ("", "patients", "rota", "audit?what=drill", "safety", "health", "aside", "teams", "glass", "staff", "nowhere")


@pytest.mark.parametrize(("size", "scheme"), [(DESKTOP, "dark"), (SMALL, "light")], ids=["desktop", "small"])
def test_a_console_with_nothing_in_it_is_whole(browser: Browser, site: Site, size: dict[str, int], scheme: str) -> None:
    page = at(browser, site, size, scheme)
    for path in EMPTY:
        page.goto(f"/console/{path}")
        assert violations(page) == [] and not is_too_wide(page), path
    close(page)


@pytest.mark.parametrize(("size", "scheme"), [(DESKTOP, "light"), (SMALL, "dark")], ids=["desktop", "small"])
def test_a_database_that_goes_away_is_told_legibly(
    browser: Browser, site: Site, size: dict[str, int], scheme: str
) -> None:
    page = at(browser, site, size, scheme)
    page.goto("/console/health")
    with site.clinic.store.write() as connection:
        connection.exec_driver_sql("DROP TABLE sessions")
    page.goto("/console/rota")
    expect(page.get_by_role("heading", name="The database does not answer")).to_be_visible()
    assert violations(page) == [] and not is_too_wide(page)
    shoot(page, f"{size['width']}-{scheme}-away", whole=True)
    close(page)


def test_a_queue_that_is_cut_off_says_so_and_what_still_works_and_goes_on(browser: Browser, site: Site) -> None:
    page = at(browser, site, SMALL)
    page.context.set_offline(True)
    notice = page.locator("#offline")
    expect(notice).to_contain_text("Pages to your phone still come", timeout=10_000)
    assert violations(page) == []
    page.context.set_offline(False)
    expect(notice).to_be_hidden(timeout=10_000)
    close(page)


def test_a_chat_that_is_cut_off_or_closed_says_so(browser: Browser, site: Site) -> None:
    clinic, (who, case) = site.clinic, site.clinic.emergency()
    clinic.take(who.patient_id, "ben")
    with clinic.store.write() as connection:
        ben = staff.by_login(connection, clinic.store.vault, "ben")
        assert ben is not None
        takeover.begin(connection, clinic.store.vault, clinic.console.coach, who.patient_id, ben.id, clinic.clock.now())
    page = at(browser, site, SMALL)
    page.goto(f"/console/escalation/{case.id}")
    page.context.set_offline(True)
    offline, closed = page.locator("#offline"), page.locator("#closed")
    expect(offline).to_be_visible(timeout=10_000)
    expect(offline).to_contain_text("What you see is of ")
    assert violations(page) == [] and not is_too_wide(page)
    page.context.set_offline(False)
    expect(offline).to_be_hidden(timeout=10_000)
    expect(closed).to_be_hidden()
    with clinic.store.write() as connection:
        teams.move(connection, who.patient_id, teams.add(connection, "North", "Day", clinic.clock.now()))
    clinic.sends(who, "one more")
    expect(closed).to_be_visible(timeout=20_000)
    expect(offline).to_be_hidden()
    refused = clinic.actions().count("refused.other_team")
    clinic.sends(who, "and one")  # of which open pages are told, too
    page.wait_for_timeout(2_000)
    assert refused == clinic.actions().count("refused.other_team") == 1
    close(page)


@pytest.mark.parametrize(("size", "scheme"), [(DESKTOP, "dark"), (SMALL, "light")], ids=["desktop", "small"])
def test_what_was_not_kept_is_given_back_legibly(
    browser: Browser, site: Site, size: dict[str, int], scheme: str
) -> None:
    clinic, (who, case) = site.clinic, site.clinic.emergency()
    page = at(browser, site, size, scheme)
    page.goto(f"/console/escalation/{case.id}")
    page.get_by_label("For the next person").fill("She is with her sister.\n" + "x" * 60)
    with clinic.store.write() as connection:
        north = teams.add(connection, "North", "Day", clinic.clock.now())
        teams.move(connection, who.patient_id, north)
    page.get_by_role("button", name="Keep note").click()
    expect(page.get_by_role("heading", name="Not open to you")).to_be_visible()
    expect(page.get_by_text("She is with her sister.")).to_be_visible()
    assert violations(page) == [] and not is_too_wide(page)
    shoot(page, f"{size['width']}-{scheme}-closed", whole=True)
    page.get_by_role("link", name="Open it again").click()
    expect(page.get_by_role("heading", name="Another team’s patient")).to_be_visible()
    with clinic.store.write() as connection:
        teams.move(connection, who.patient_id, None)
    clinic.take(who.patient_id, "ana")
    page.goto(f"/console/escalation/{case.id}")
    page.get_by_label("Why this message was no sign of risk").fill("She quoted a song.")
    clinic.writes(who, "now I have the rope", "emergency", "suicide", "rope")
    page.get_by_role("button", name="It was a false alarm").click()
    expect(page.get_by_role("alert")).to_contain_text("What you had written")
    assert violations(page) == [] and not is_too_wide(page)
    shoot(page, f"{size['width']}-{scheme}-second", whole=True)
    close(page)


def test_a_button_that_was_pressed_shows_it_and_a_file_can_be_taken_out_twice(browser: Browser, site: Site) -> None:
    page = at(browser, site, DESKTOP)
    page.goto("/console/audit")
    button = page.get_by_role("button", name="Download as CSV")
    for _ in range(2):
        with page.expect_download():
            button.click()
        form = page.locator("form", has=button)
        expect(form).to_have_attribute("data-sent", "yes")
        expect(form).not_to_have_attribute("data-sent", "yes", timeout=7_000)
    close(page)
