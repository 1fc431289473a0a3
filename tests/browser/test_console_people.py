"""In a real Chromium: colleagues help each other in, stand in for each other, and open what is another team's."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from test_console import DESKTOP, PHONE, Site, at, browser, close, shoot, site, violations

from bot.safety.duty import on_call
from bot.store import patients, rota, staff, teams
from bot.store.rota import Post
from bot.store.staff import FAILURES

__all__ = ["browser", "site"]  # fixtures
pytestmark = [pytest.mark.slow, pytest.mark.skipif(not Path("/usr/bin/chromium").exists(), reason="no Chromium here")]


def test_a_colleague_who_is_locked_out_at_night_is_let_in(browser: Browser, site: Site) -> None:
    context = browser.new_context(viewport=PHONE, base_url=site.url)  # type: ignore[arg-type]  # plain numbers
    ben = context.new_page()
    ben.goto("/console/")
    for _ in range(FAILURES):
        ben.get_by_label("Login").fill("ben")
        ben.get_by_label("Password").fill("a wrong password")
        ben.get_by_role("button", name="Log in", exact=True).click()
        expect(ben.get_by_role("alert")).to_contain_text("wrong, or the login is locked")
    shoot(ben, "phone-locked-out")
    ana = at(browser, site, DESKTOP)
    ana.get_by_role("link", name="Staff", exact=True).click()
    expect(ana.get_by_text("Locked out")).to_be_visible()
    ana.get_by_role("button", name="Unlock now").click()
    expect(ana.get_by_text("The login is open again.")).to_be_visible()
    close(ana)
    context.close()
    close(at(browser, site, PHONE, login="ben"))


def test_a_night_on_call_is_handed_to_a_colleague(browser: Browser, site: Site) -> None:
    with site.clinic.store.read() as connection:
        who = {one.login: one.id for one in staff.listed(connection, site.clinic.store.vault)}
    shift = site.clinic.shift(who["ana"], -1, 12)
    page = at(browser, site, PHONE)
    page.goto(f"/console/rota/{shift.id}")
    page.get_by_label("Ben Okafor").check()
    page.get_by_role("button", name="Cover the shift").click()
    expect(page.get_by_text("stands in,")).to_be_visible()
    assert violations(page) == []
    shoot(page, "phone-rota-handed-over", whole=True)
    now = site.clinic.clock.now()
    with site.clinic.store.read() as connection:
        serving = on_call(rota.between(connection, now, now + timedelta(hours=1)), Post.ON_CALL, now)
    assert serving == [who["ben"]]
    close(page)


def test_another_team_s_patient_is_opened_with_a_reason_and_that_is_looked_at(browser: Browser, site: Site) -> None:
    clinic = site.clinic
    who, case = clinic.emergency()
    clinic.staff("olga", "Olga Lind")
    with clinic.store.write() as connection:
        south = teams.add(connection, "South clinic", "Day team", clinic.clock.now())
        olga = staff.by_login(connection, clinic.store.vault, "olga")
        assert south and olga
        teams.put_in(connection, olga.id, south)
        teams.move(connection, who.patient_id, south)
    ben = at(browser, site, PHONE, login="ben")
    ben.get_by_role("link", name=case.code).click()
    expect(ben.get_by_role("heading", name="Another team’s patient")).to_be_visible()
    assert "pills" not in ben.content()
    assert violations(ben) == []
    ben.get_by_role("button", name="Open for 4 hours").click()
    expect(ben.get_by_role("alert")).to_contain_text("2 fields need your answer")
    shoot(ben, "phone-glass", whole=True)
    ben.get_by_label("Somebody may be in danger now").check()
    ben.get_by_label("In a few words").fill("Nobody of their team answers the telephone.")
    ben.get_by_role("button", name="Open for 4 hours").click()
    expect(ben.get_by_role("button", name="Acknowledge: I have it")).to_be_visible()
    close(ben)
    olga_page = at(browser, site, DESKTOP, login="olga")
    olga_page.get_by_role("link", name="1 patient was opened across teams").click()
    expect(olga_page.get_by_text("Nobody of their team answers the telephone.")).to_be_visible()
    shoot(olga_page, "desktop-glass", whole=True)
    olga_page.get_by_role("button", name="I have looked at it").click()
    expect(olga_page.get_by_text("Olga Lind looked at it")).to_be_visible()
    with clinic.store.read() as connection:
        assert patients.get(connection, clinic.store.vault, who.patient_id).team_id == south
    close(olga_page)
