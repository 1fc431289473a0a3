"""In a real Chromium: a passkey is added and logs in, a link is followed, and none of it needs JavaScript but the passkey."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from test_console import (
    CHROMIUM,
    DESKTOP,
    PASSWORD,
    PHONE,
    SMALL,
    Path,
    Site,
    browser,
    is_too_wide,
    shoot,
    site,
    violations,
)

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium here")]
__all__ = ["browser", "site"]  # fixtures
DEVICE = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


def at(browser_: Browser, site_: Site, size: dict[str, int], scheme: str = "light", script: bool = True) -> Page:
    """A page at the console's name: passkeys are bound to names. What the CSP stops or a script throws is an error."""
    named = site_.url.replace("127.0.0.1", "localhost")
    context = browser_.new_context(viewport=size, color_scheme=scheme, base_url=named, java_script_enabled=script)  # type: ignore[arg-type]  # plain strings and numbers
    page = context.new_page()
    page.set_default_timeout(5000)
    page.errors = []  # type: ignore[attr-defined]  # read at the end
    page.on("pageerror", lambda error: page.errors.append(str(error)))  # type: ignore[attr-defined]  # as above
    page.on("console", lambda said: page.errors.append(said.text) if "Content Security" in said.text else None)  # type: ignore[attr-defined]  # as above
    return page


def log_in(page: Page, password: str = PASSWORD, login: str = "ana") -> None:
    page.goto("/console/login")
    page.get_by_label("Login").fill(login)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in", exact=True).click()


def looked_at(page: Page, name: str) -> None:
    assert violations(page) == [] and not is_too_wide(page), name
    shoot(page, f"ways-in-{name}", whole=True)


def device_of(page: Page) -> tuple[Any, str]:
    """Chromium's virtual authenticator, in place of a phone's."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    return session, made["authenticatorId"]


@pytest.mark.parametrize(("size", "scheme"), [(SMALL, "light"), (PHONE, "dark"), (DESKTOP, "light")])
def test_a_passkey_is_added_and_logs_in(size: dict[str, int], scheme: str, browser: Browser, site: Site) -> None:
    page, name = at(browser, site, size, scheme), f"{size['width']}-{scheme}"
    session, device = device_of(page)
    log_in(page)
    page.goto("/console/account")
    page.get_by_label("What you call it").fill("my phone")
    page.get_by_label("Your password", exact=True).last.fill("not it, not it")
    add = page.get_by_role("button", name="Add a passkey")
    add.click()
    expect(page.get_by_role("alert")).to_contain_text("That is not your password")
    looked_at(page, f"refused-{name}")
    page.get_by_label("Your password", exact=True).last.fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your passkey is added.")).to_be_visible()
    expect(page.get_by_text("my phone", exact=True)).to_be_visible()
    looked_at(page, f"added-{name}")

    page.get_by_role("button", name="Log out").click()
    looked_at(page, f"log-in-{name}")
    session.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    page.get_by_role("button", name="Log in with a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was done")
    session.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": True})
    page.get_by_role("button", name="Log in with a passkey").press("Enter")
    expect(page.get_by_role("heading", name="Queue", exact=True)).to_be_visible()
    assert site.clinic.actions().count("login.done") == 2
    assert page.errors == []  # type: ignore[attr-defined]  # set by `at`
    page.context.close()


def test_a_device_makes_one_passkey_and_a_stranger_s_opens_nothing(browser: Browser, site: Site) -> None:
    page = at(browser, site, PHONE)
    session, device = device_of(page)
    log_in(page)

    def add() -> None:
        page.goto("/console/account")
        page.get_by_label("What you call it").fill("my phone")
        page.get_by_label("Your password", exact=True).last.fill(PASSWORD)
        page.get_by_role("button", name="Add a passkey").click()

    add()
    expect(page.get_by_text("Your passkey is added.")).to_be_visible()
    add()
    expect(page.get_by_role("alert")).to_contain_text("has a passkey of yours already")
    page.get_by_text("Remove it").first.click()
    page.locator("details[open]").get_by_label("Your password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_text("opens nothing any more")).to_be_visible()
    page.get_by_role("button", name="Log out").click()
    page.get_by_role("button", name="Log in with a passkey").click()  # the device does not know that it was removed
    expect(page.get_by_role("alert").first).to_contain_text("did not open the console")
    session.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": device})
    page.context.close()


def test_without_javascript_there_is_a_password_and_no_passkey(browser: Browser, site: Site) -> None:
    page = at(browser, site, PHONE, script=False)
    page.goto("/console/login")
    expect(page.get_by_role("button", name="Log in with a passkey")).to_be_hidden()
    log_in(page)
    expect(page.get_by_role("heading", name="Queue", exact=True)).to_be_visible()
    page.goto("/console/account")
    expect(page.get_by_role("button", name="Add a passkey")).to_be_hidden()
    expect(page.get_by_text("you need a current browser with JavaScript")).to_be_visible()
    page.get_by_text("Change your password").click()
    page.get_by_label("Your password now").fill(PASSWORD)
    page.get_by_label("New password", exact=True).fill("chosen by myself")
    page.get_by_label("New password, once more").fill("chosen by myself")
    page.get_by_role("button", name="Change it").click()
    expect(page.get_by_text("Your password is changed.")).to_be_visible()
    page.context.close()


@pytest.mark.parametrize(("size", "scheme"), [(SMALL, "dark"), (DESKTOP, "light")])
def test_a_colleague_is_invited_closed_and_opened_again(
    size: dict[str, int], scheme: str, browser: Browser, site: Site
) -> None:
    clinic, name = site.clinic, f"{size['width']}-{scheme}"
    clinic.staff("gil", "Gil Adeyemi", "administrator")
    page, guest = at(browser, site, size, scheme), at(browser, site, size, scheme)
    log_in(page, login="gil")
    page.goto("/console/staff")
    page.get_by_label("Login").fill("dora")
    page.get_by_label("Name, as colleagues see it").fill("Dora Quist")
    page.get_by_label("Clinician", exact=True).check()
    page.get_by_role("button", name="Add", exact=True).click()
    link = page.locator(".key").inner_text()
    looked_at(page, f"invited-{name}")
    guest.goto(link[link.index("/console") :])
    looked_at(guest, f"join-{name}")
    guest.get_by_label("New password", exact=True).fill("too short")
    guest.get_by_label("New password, once more").fill("too short")
    guest.get_by_role("button", name="Keep it, and log in").click()
    expect(guest.get_by_role("alert")).to_contain_text("12 characters or more")
    guest.get_by_label("New password", exact=True).fill("chosen by myself")
    guest.get_by_label("New password, once more").fill("chosen by myself")
    guest.keyboard.press("Enter")
    expect(guest.get_by_role("heading", name="Queue", exact=True)).to_be_visible()

    page.goto("/console/staff")
    page.get_by_text("More for Dora Quist").click()
    page.get_by_role("button", name="Close the account").locator("visible=true").click()
    expect(page.get_by_text("The account is closed.")).to_be_visible()
    looked_at(page, f"closed-{name}")
    guest.goto("/console/")
    expect(guest.get_by_role("heading", name="Log in", exact=True)).to_be_visible()
    guest.goto(f"/console/join/{'x' * 43}")
    looked_at(guest, f"no-link-{name}")
    page.get_by_role("button", name="Open it again").click()
    expect(page.locator(".key")).to_contain_text("/console/join/")
    for one in (page, guest):
        assert one.errors == []  # type: ignore[attr-defined]  # set by `at`
        one.context.close()


def test_whoever_has_one_case_is_not_closed(browser: Browser, site: Site) -> None:
    clinic = site.clinic
    clinic.staff("gil", "Gil Adeyemi", "administrator")
    _, case = clinic.emergency()
    clinic.take(case.patient_id, "ben")
    page = at(browser, site, PHONE)
    log_in(page, login="gil")
    page.goto("/console/staff")
    page.get_by_text("More for Ben Okafor").click()
    page.get_by_role("button", name="Close the account").locator("visible=true").click()
    expect(page.get_by_role("alert")).to_contain_text("Ben Okafor still has 1 case.")
    looked_at(page, "not-closed")
    page.context.close()
