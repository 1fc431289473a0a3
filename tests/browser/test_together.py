"""In a real Chromium: two who look at one case, a ready reply, and what is out of sight."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from test_console import DESKTOP, PHONE, SMALL, Site, at, browser, close, is_too_wide, shoot, site, violations

from bot.store import handling, outbox, snoozing, staff
from bot.store.steps import Step

__all__ = ["browser", "site"]  # fixtures
pytestmark = [pytest.mark.slow, pytest.mark.skipif(not Path("/usr/bin/chromium").exists(), reason="no Chromium here")]

BEAT = "setInterval = (work, ms) => window.original(work, ms === 20000 ? 300 : ms)"  # a beat is quick for tests


def hasten(page: object) -> None:
    """Make the beats of pages quick: the rest is as it is."""
    page.add_init_script("window.original = window.setInterval; window." + BEAT)  # type: ignore[attr-defined]  # a Page


def test_two_who_look_at_one_case_see_each_other_come_and_go(browser: Browser, site: Site) -> None:
    _, case = site.clinic.emergency()
    ana, ben = at(browser, site, PHONE), at(browser, site, DESKTOP, login="ben")
    hasten(ana)
    hasten(ben)
    ana.goto("/console/")
    ana.goto(f"/console/escalation/{case.id}")
    ben.goto("/console/")
    row = ben.locator(f"#row-{case.id}")
    expect(row).to_contain_text("Ana Torres is looking")
    status = ana.locator("[data-here]")
    expect(status).to_have_text("")
    place = ana.get_by_role("button", name="Acknowledge: I have it").bounding_box()
    ben.goto(f"/console/escalation/{case.id}")
    expect(status).to_have_text("Ben Okafor is looking at this, too.", timeout=2000)
    assert (
        ana.get_by_role("button", name="Acknowledge: I have it").bounding_box() == place
    )  # nothing moved under a thumb
    expect(ben.locator("[data-here]")).to_have_text("Ana Torres is looking at this, too.")
    assert violations(ana) == []
    shoot(ana, "phone-here")
    ben.goto("/console/")  # closes the page: a beacon says so
    expect(status).to_have_text("", timeout=2000)
    ana.goto("/console/patients")
    expect(row.locator(".row-here")).to_have_text("", timeout=2000)
    close(ana)
    close(ben)


def test_a_page_that_is_covered_is_not_looked_at(browser: Browser, site: Site) -> None:
    _, case = site.clinic.emergency()
    ana, ben = at(browser, site, PHONE), at(browser, site, DESKTOP, login="ben")
    hasten(ben)
    ben.goto(f"/console/escalation/{case.id}")
    ana.goto(f"/console/escalation/{case.id}")
    status = ben.locator("[data-here]")
    expect(status).to_contain_text("Ana Torres", timeout=2000)
    for hidden, told in (("true", ""), ("false", "Ana Torres is looking at this, too.")):
        ana.evaluate(f"""() => {{
            Object.defineProperty(document, "hidden", {{value: {hidden}, configurable: true}});
            document.dispatchEvent(new Event("visibilitychange"));
        }}""")
        expect(status).to_have_text(told, timeout=2000)
    close(ana)
    close(ben)


@pytest.mark.parametrize("with_script", [True, False], ids=["with script", "without"])
def test_a_ready_reply_is_read_and_changed_before_it_is_sent(browser: Browser, site: Site, with_script: bool) -> None:
    who, case = site.clinic.emergency("Rosa")
    first = at(browser, site, SMALL)
    first.goto(f"/console/escalation/{case.id}")
    first.get_by_role("button", name="Take over the chat").click()
    expect(first.get_by_text("You write in this chat")).to_be_visible()
    state = first.context.storage_state()
    context = browser.new_context(
        viewport=SMALL,
        base_url=site.url,
        storage_state=state,
        java_script_enabled=with_script,  # type: ignore[arg-type]  # plain numbers
    )
    page = context.new_page()
    page.goto(f"/console/escalation/{case.id}")
    field = page.get_by_label("Your message, as Ana Torres")
    field.fill("Good evening.")
    choice, button = page.get_by_label("Ready replies"), page.get_by_role("button", name="Put it in the field")
    if with_script:
        expect(button).to_be_hidden()
        choice.select_option("starter-3")
        choice.select_option("starter-1")  # takes the place of the first
        expect(page.locator("#filled")).to_have_text("It is in the field. Nothing is sent.")
    else:
        choice.select_option("starter-1")
        button.click()
    words = "Good evening.\nI want to ask you straight, Rosa: are you safe right now? A yes or a no is enough."
    expect(field).to_have_value(words)
    with site.clinic.store.read() as connection:
        sent = [row.text for row in outbox.recent(connection, site.clinic.store.vault, who.patient_id, 9)]
    assert not any("ask you straight" in text for text in sent)
    assert not is_too_wide(page)
    if with_script:
        assert violations(page) == []
        shoot(page, "small-ready-reply")
    field.fill("Are you safe, Rosa?")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".chat")).to_contain_text("Are you safe, Rosa?")
    context.close()
    close(first)


def test_what_is_out_of_sight_stays_unfolded_when_the_queue_refreshes(browser: Browser, site: Site) -> None:
    clinic = site.clinic
    who, _ = clinic.emergency()
    page = at(browser, site, PHONE)
    clinic.take(who.patient_id, "ana")
    case, vault, now = clinic.escalation(who.patient_id), clinic.store.vault, clinic.clock.now()
    with clinic.store.write() as connection:
        ana = staff.by_login(connection, vault, "ana")
        ben = staff.by_login(connection, vault, "ben")
        assert ana and ben
        snoozing.snooze(Step(connection, vault, case.id, ana.id, now), now + timedelta(hours=1), "She sleeps.")
    page.goto("/console/")
    link = page.get_by_role("link", name=case.code)
    expect(link).to_be_hidden()
    page.get_by_text("Out of sight until a time").click()
    expect(link).to_be_visible()
    other, _ = clinic.emergency("Bea")
    new = clinic.escalation(other.patient_id).code
    expect(page.get_by_role("link", name=new)).to_be_visible(timeout=2000)
    expect(link).to_be_visible()
    with clinic.store.write() as connection:
        note = {"note": "@ana look", "named": ["ana"]}
        handling.note(Step(connection, vault, case.id, ben.id, clinic.clock.now()), note, [ana.id])
    expect(page.get_by_role("heading", name="You are mentioned")).to_be_visible(timeout=2000)
    assert page.title() == "(2) Queue · Evenday"
    assert violations(page) == [] and not is_too_wide(page)
    shoot(page, "phone-out-of-sight", whole=True)
    close(page)
