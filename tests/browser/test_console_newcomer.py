"""In a real Chromium: a new supervisor is led through an emergency that is made up, prints it, and takes the demo out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from test_console import DESKTOP, PHONE, SMALL, Site, at, browser, close, is_too_wide, shoot, site, violations

from bot.store import demos
from tests.support.demo import put_in

__all__ = ["browser", "site"]  # fixtures
pytestmark = [pytest.mark.slow, pytest.mark.skipif(not Path("/usr/bin/chromium").exists(), reason="no Chromium here")]
PAPER = {"width": 680, "height": 962}  # A4 within its margins, in CSS pixels


@pytest.fixture
def first_day(site: Site) -> Site:
    """The clinic with its made-up people, and somebody new."""
    site.clinic.staff("noa", "Noa Berg", tour=0)
    put_in(site.clinic.store, site.clinic.clock)
    return site


def bar(page: Page, words: str) -> None:
    expect(page.get_by_role("complementary", name="Tour")).to_contain_text(words)


@pytest.mark.parametrize("scripted", [True, False], ids=["with scripts", "without"])
def test_a_new_supervisor_is_led_through_an_emergency(browser: Browser, first_day: Site, scripted: bool) -> None:
    context = browser.new_context(viewport=PHONE, base_url=first_day.url, java_script_enabled=scripted)  # type: ignore[arg-type]  # plain numbers
    page = context.new_page()
    page.goto("/console/")
    page.get_by_label("Login").fill("noa")
    page.get_by_label("Password").fill("a password for tests")
    page.get_by_role("button", name="Log in", exact=True).click()
    tour = page.get_by_role("complementary", name="Tour")
    bar(page, "1 of 8")
    tour.get_by_role("button", name="Next").click()
    bar(page, "Press “Acknowledge")
    page.get_by_role("button", name="Acknowledge: I have it").click()
    bar(page, "4 of 8")
    contact = page.locator("#contact-step")
    contact.get_by_label("Phone call").check()
    contact.get_by_label("Yes").check()
    contact.get_by_role("button", name="Keep contact").click()
    bar(page, "5 of 8")
    resolve = page.locator("#resolve-step")
    resolve.get_by_label("Safe plan made").check()
    for label, words in (("Who was spoken to", "Nora"), ("Risk, as you judge", "lower"), ("Who follows up", "Noa")):
        resolve.get_by_label(label).fill(words)
    resolve.get_by_role("group", name="Means discussed").get_by_label("Yes").check()
    resolve.get_by_label("Next contact on").fill("2026-11-25")
    resolve.get_by_role("button", name="Resolve").click()
    bar(page, "6 of 8")
    for number in (7, 8):
        tour.get_by_role("button", name="Next").click()
        bar(page, f"{number} of 8")
    tour.get_by_role("button", name="Done").click()
    expect(page.get_by_text("The tour is over.")).to_be_visible()
    expect(tour).to_have_count(0)
    context.close()


@pytest.mark.parametrize("size", [DESKTOP, PHONE, SMALL], ids=["desktop", "phone", "small"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_demo_and_tour_are_for_everybody(browser: Browser, first_day: Site, size: dict[str, int], scheme: str) -> None:
    page = at(browser, first_day, size, scheme, login="noa")
    for path in ("/console/", "/console/patients", "/console/account"):
        page.goto(path)
        assert violations(page) == [] and not is_too_wide(page)
        shoot(page, f"{size['width']}-{scheme}-newcomer{path.replace('/', '-')}")
    close(page)


def test_what_has_the_focus_is_never_behind_the_tour(browser: Browser, first_day: Site) -> None:
    page = at(browser, first_day, PHONE, login="noa")
    page.emulate_media(reduced_motion="reduce")
    hidden = """() => { const it = document.activeElement, tour = document.querySelector(".tour");
        if (!it || it === document.body || tour.contains(it)) return "";
        const box = it.getBoundingClientRect();
        return box.bottom > tour.getBoundingClientRect().top + 1 && box.top > 0 ? it.outerHTML.slice(0, 80) : ""; }"""
    for _ in range(40):
        page.keyboard.press("Tab")
        assert page.evaluate(hidden) == ""
    close(page)


def test_a_case_is_printed_whole_and_legible_in_black_on_white(browser: Browser, first_day: Site) -> None:
    with first_day.clinic.store.read() as connection:
        case = demos.cases(connection, first_day.clinic.store.vault)[2]
    page = at(browser, first_day, DESKTOP, "dark")
    page.goto(f"/console/escalation/{case.id}")
    page.get_by_role("link", name="Print").click()
    expect(page.get_by_role("button", name="Print")).to_be_visible()
    pages = len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4")))
    assert 2 <= pages <= 6
    page.emulate_media(media="print")
    page.set_viewport_size(PAPER)  # type: ignore[arg-type]  # plain numbers
    expect(page.get_by_text("Printed by Ana Torres, supervisor")).to_be_visible()
    shown = "it => getComputedStyle(it).display !== 'none' && it.getClientRects().length > 0"
    for pressed in ("button", "form", "nav", ".alarms"):
        assert not any(page.locator(pressed).evaluate_all(f"all => all.map({shown})")), pressed
    ground, ink = page.evaluate(
        "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
    )
    assert (ground, ink) == ("rgb(255, 255, 255)", "rgb(0, 0, 0)")
    mark = page.locator("mark").first
    assert mark.evaluate("it => getComputedStyle(it).textDecorationLine") == "underline"
    assert page.locator(".line-it").evaluate("it => parseFloat(getComputedStyle(it).borderTopWidth)") > 2
    assert not is_too_wide(page)
    shoot(page, "paper", whole=True)
    close(page)


def test_the_demo_is_taken_out_on_the_page(browser: Browser, first_day: Site) -> None:
    page = at(browser, first_day, PHONE)
    page.get_by_role("button", name="Remove the demo data").click()
    expect(page.get_by_text("The demo data is gone")).to_be_visible()
    expect(page.get_by_text("Demo: these people are made up")).to_have_count(0)
    close(page)
