"""In a real Chromium: one field leads to pages, steps, people and cases, by the keyboard alone, and gives the focus back."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from test_console import DESKTOP, SMALL, Site, at, browser, close, is_too_wide, shoot, site, violations

__all__ = ["browser", "site"]  # fixtures
pytestmark = [pytest.mark.slow, pytest.mark.skipif(not Path("/usr/bin/chromium").exists(), reason="no Chromium here")]


def ask(page: Page, typed: str, key: str = "Control+k") -> None:
    """Open the bar and type."""
    page.keyboard.press(key)
    expect(page.get_by_role("combobox")).to_be_focused()
    page.keyboard.type(typed)


def active(page: Page) -> str:
    """What Enter would do, as a reader is told it."""
    found = page.get_by_role("combobox").get_attribute("aria-activedescendant")
    item = page.locator(f"#{found}")
    assert (
        item.get_attribute("aria-selected") == "true" and page.locator("[role=option][aria-selected=true]").count() == 1
    )
    return item.inner_text()


def test_the_bar_leads_anywhere_by_keyboard_alone(browser: Browser, site: Site) -> None:
    who, case = site.clinic.emergency()
    code = site.clinic.code(who.patient_id)
    page = at(browser, site, DESKTOP)
    ask(page, "rot")
    assert active(page) == "Rota Page"
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Rota", exact=True)).to_be_visible()

    for typed, address in ((code, f"/console/patients/{code}"), (case.code.lower(), f"/console/escalation/{case.id}")):
        ask(page, typed, "Meta+k")
        assert active(page) == f"Find “{typed}” by name or code" or page.get_by_role("option").count() > 1
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{address}")

    ask(page, "ready")
    assert active(page) == "Ready replies Page"
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Ready replies", exact=True)).to_be_visible()
    page.goto(f"/console/escalation/{case.id}")

    ask(page, "write note")  # a step of this page, whatever stands between its words
    page.keyboard.press("Escape")
    ask(page, "safe")
    page.keyboard.press("ArrowUp")
    assert active(page) == "Find “safe” by name or code"
    page.keyboard.press("ArrowDown")
    assert active(page).startswith("Safety")

    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox")).to_be_hidden()
    ask(page, "ÁNA")
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 has this name.")).to_be_visible()
    assert page.url == f"{site.url}/console/find" and "ÁNA" not in page.title()
    close(page)


def test_a_step_of_the_page_is_gone_to_and_not_taken(browser: Browser, site: Site) -> None:
    who, _ = site.clinic.emergency()
    page = at(browser, site, DESKTOP)
    page.goto(f"/console/patients/{site.clinic.code(who.patient_id)}")
    ask(page, "change to gui")
    page.keyboard.press("Enter")
    focused = page.evaluate("[document.activeElement.tagName, document.activeElement.textContent]")
    assert focused in (["SUMMARY", "Change to guided"], ["BUTTON", "Change to guided"])
    ask(page, "time line")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "h-line"
    assert [action for action in site.clinic.actions() if action.startswith("patient.set")] == []
    close(page)


@pytest.mark.parametrize(("size", "scheme"), [(DESKTOP, "light"), (SMALL, "dark")], ids=["desktop", "small"])
def test_the_bar_is_a_dialog_that_keeps_the_focus_and_gives_it_back(
    browser: Browser, site: Site, size: dict[str, int], scheme: str
) -> None:
    page = at(browser, site, size, scheme)
    page.goto("/console/patients")
    opener = page.get_by_role("button", name="Find").first
    opener.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Go to a page or a step")).to_be_visible()
    assert page.get_by_role("option").count() > 5
    for _ in range(6):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('#command')")
    page.get_by_role("combobox").focus()
    page.keyboard.type("a")
    assert violations(page) == [] and not is_too_wide(page)
    shoot(page, f"command-bar-{scheme}")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(opener).to_be_focused()
    close(page)


def test_without_the_script_the_patients_page_finds(browser: Browser, site: Site) -> None:
    who, _ = site.clinic.emergency()
    page = at(browser, site, SMALL)
    state = page.context.storage_state()
    context = browser.new_context(base_url=site.url, java_script_enabled=False, storage_state=state)
    plain = context.new_page()
    plain.goto("/console/patients")
    expect(plain.locator("#command")).to_be_hidden()
    plain.get_by_label("Find by first name or code").fill("ana")
    plain.locator("#find button").click()
    expect(plain.get_by_text(site.clinic.code(who.patient_id))).to_be_visible()
    context.close()
    close(page)
