"""In a real Chromium: log in, open, acknowledge and resolve, on a desktop and a phone, light and dark."""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it has no types
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from bot.conversation import takeover
from bot.store import blind, glass, handling, judging, patients, presences, replies, snoozing, staff, teams, troubles
from bot.store.escalations import Escalation
from bot.store.rota import Post
from bot.store.steps import Step
from bot.store.types import PatientId, StaffId

sys.path.insert(0, str(Path(__file__).parents[1] / "console"))
from clinic import PASSWORD, Clinic, build

CHROMIUM = "/usr/bin/chromium"
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
SHOTS = Path("/tmp/shots")
# All of axe's rules for WCAG 2.2 A and AA and its best practices; of these, target-size is off unless asked for.
RULES = {"rules": {"target-size": {"enabled": True}}}
DESKTOP, PHONE, SMALL = (
    {"width": 1200, "height": 800},
    {"width": 390, "height": 844},
    {"width": 320, "height": 640},
)
pytestmark = [pytest.mark.slow, pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium here")]


class Site:
    """The console of a clinic, served on a free port of this machine."""

    def __init__(self, clinic: Clinic) -> None:
        self.clinic = clinic
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        self.server = uvicorn.Server(uvicorn.Config(clinic.app, log_level="warning"))
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.socket]}, daemon=True)

    def start(self) -> None:
        self.thread.start()
        while not self.server.started:
            time.sleep(0.01)

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join(10)
        self.socket.close()
        self.clinic.store.close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    clinic = build(tmp_path)
    clinic.staff("ana", "Ana Torres")
    clinic.staff("ben", "Ben Okafor", "clinician")
    made = Site(clinic)
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield made
        made.close()


def at(browser: Browser, site: Site, size: dict[str, int], scheme: str = "light", login: str = "ana") -> Page:
    """A page of a member of staff who has logged in; anything that the CSP stops or a script throws is an error."""
    context: BrowserContext = browser.new_context(viewport=size, color_scheme=scheme, base_url=site.url)  # type: ignore[arg-type]  # plain strings and numbers
    page = context.new_page()
    page.set_default_timeout(5000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if "Content Security Policy" in said.text else None)
    page.errors = errors  # type: ignore[attr-defined]  # read by `close`
    page.goto("/console/")
    page.get_by_label("Login").fill(login)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Queue", exact=True)).to_be_visible()
    return page


def close(page: Page) -> None:
    assert page.errors == []  # type: ignore[attr-defined]  # set by `at`
    page.context.close()


def shoot(page: Page, name: str, *, whole: bool = False) -> None:
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"console-{name}.png", full_page=whole)


def violations(page: Page) -> list[str]:
    found: list[dict[str, Any]] = Axe().run(page, options=RULES).response["violations"]
    return [f"{row['id']}: {node['html'][:120]}" for row in found for node in row["nodes"]]


def is_too_wide(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


def test_a_supervisor_logs_in_opens_acknowledges_and_resolves(browser: Browser, site: Site) -> None:
    who, escalation = site.clinic.emergency()
    page = at(browser, site, PHONE)
    assert page.title() == "(1) Queue · Evenday"
    page.get_by_role("link", name=escalation.code).click()
    expect(page.get_by_text("Nobody has it.")).to_be_visible()
    began = time.monotonic()
    page.get_by_role("button", name="Acknowledge: I have it").click()
    expect(page.get_by_text("You have it.")).to_be_visible()
    assert time.monotonic() - began < 5
    contact = page.locator("#contact-step")
    contact.get_by_label("Phone call").check()
    contact.get_by_label("Yes").check()
    page.get_by_role("button", name="Keep contact").click()
    expect(page.get_by_text("The contact was kept.")).to_be_visible()

    page.get_by_label("Safe plan made").check()
    page.get_by_label("Who was spoken to").fill("Ana and her sister")
    page.get_by_role("button", name="Resolve").click()
    expect(page.get_by_role("alert")).to_contain_text("4 fields need your answer")
    expect(page.get_by_label("Who was spoken to")).to_have_value("Ana and her sister")
    assert violations(page) == []
    shoot(page, "phone-missing-fields", whole=True)

    page.get_by_label("Risk, as you judge it now, in words").fill(
        "High an hour ago, lower now: her sister is with her."
    )
    page.get_by_role("group", name="Means discussed").get_by_label("Yes").check()
    page.get_by_label("Next contact on").fill("2026-11-25")
    page.get_by_label("Who follows up").fill("Ben Okafor")
    page.get_by_label("Check-ins may go on").check()
    page.get_by_role("button", name="Resolve").click()
    expect(page.get_by_role("heading", name="How it was resolved")).to_be_visible()
    assert site.clinic.escalation(who.patient_id).state == "resolved"
    shoot(page, "phone-resolved", whole=True)
    close(page)


def test_the_queue_shows_what_is_new_by_itself_and_the_second_person_is_told(browser: Browser, site: Site) -> None:
    ana, ben = at(browser, site, DESKTOP), at(browser, site, DESKTOP, login="ben")
    expect(ana.get_by_text("Nothing is open.")).to_be_visible()
    _, escalation = site.clinic.emergency()
    expect(ana.get_by_role("link", name=escalation.code)).to_be_visible(timeout=1500)
    assert ana.title() == "(1) Queue · Evenday"
    for page in (ana, ben):
        page.goto(f"/console/escalation/{escalation.id}")
    ana.get_by_role("button", name="Acknowledge: I have it").click()
    ben.get_by_role("button", name="Acknowledge: I have it").click()
    expect(ben.get_by_role("alert")).to_contain_text("Ana Torres")
    expect(ben.get_by_text("Ana Torres has it.")).to_be_visible()
    shoot(ben, "desktop-second-person")
    close(ana)
    close(ben)


def test_the_queue_says_that_it_is_old_when_the_connection_is_gone(browser: Browser, site: Site) -> None:
    page = at(browser, site, PHONE)
    page.context.set_offline(True)
    expect(page.get_by_role("alert")).to_contain_text("No connection", timeout=4500)
    shoot(page, "phone-offline")
    page.context.set_offline(False)
    expect(page.get_by_role("alert")).to_be_hidden(timeout=4500)
    close(page)


def test_keys_lead_through_the_queue_once_they_are_wanted(browser: Browser, site: Site) -> None:
    _, first = site.clinic.emergency()
    page = at(browser, site, DESKTOP)
    _furnish(site, "", first.id)
    page.goto("/console/")

    def focused() -> str:
        return str(page.evaluate("document.activeElement.id"))

    page.keyboard.press("j")
    assert not focused().startswith("row-")  # nobody asked for them yet
    page.goto("/console/account")
    page.get_by_role("button", name="Single keys").click()
    page.goto("/console/")
    rows = page.locator("main a.row").evaluate_all("rows => rows.map(row => row.id)")
    assert len(rows) > 2
    for key, at_row in (("j", 0), ("j", 1), ("k", 0), ("k", 0)):
        page.keyboard.press(key)
        assert focused() == rows[at_row]
    page.goto(f"/console/escalation/{first.id}")
    page.get_by_role("button", name="Acknowledge: I have it").click()
    expect(page.get_by_text("You have it.")).to_be_visible()
    page.keyboard.press("n")
    page.keyboard.type("jk c/ is what I write")
    expect(page.locator("#note-step textarea")).to_have_value("jk c/ is what I write")
    page.locator("h1").click()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("c")
    assert page.evaluate("document.activeElement.closest('#contact-step') !== null")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("/")
    expect(page.get_by_role("combobox")).to_be_focused()
    page.keyboard.type("q/")
    expect(page.get_by_role("combobox")).to_have_value("q/")
    close(page)


def test_keys_step_over_what_is_folded_away_and_into_what_is_open(browser: Browser, site: Site) -> None:
    clinic = site.clinic
    hidden = clinic.emergency()[1]
    clinic.take(hidden.patient_id, "ana")
    me = _member(clinic, "ana")
    with clinic.store.write() as connection:
        put = Step(connection, clinic.store.vault, hidden.id, me, clinic.clock.now())
        snoozing.snooze(put, clinic.clock.now() + timedelta(minutes=10), "asleep")
    clinic.asks(clinic.patient("Dora"), "talk_to_human")
    page = at(browser, site, DESKTOP)
    page.evaluate("localStorage.setItem('evenday-keys', 'on')")
    rows = page.locator("main a.row").evaluate_all("rows => rows.map(row => row.id)")
    assert rows[0] == f"row-{hidden.id}" and len(rows) == 2
    for key in ("j", "j", "k"):
        page.keyboard.press(key)
        assert page.evaluate("document.activeElement.id") == rows[1], key
    page.locator("#out-of-sight summary").click()
    for key, row in (("j", rows[0]), ("j", rows[1]), ("k", rows[0])):
        page.keyboard.press(key)
        assert page.evaluate("document.activeElement.id") == row, key
    close(page)


def test_a_sound_is_heard_when_more_wait_and_only_if_it_is_wanted(browser: Browser, site: Site) -> None:
    page = at(browser, site, DESKTOP)
    page.evaluate("""() => {
        window.tones = 0;
        const real = AudioContext.prototype.createOscillator;
        AudioContext.prototype.createOscillator = function () { window.tones += 1; return real.call(this); };
    }""")
    _, first = site.clinic.emergency()
    expect(page.get_by_role("link", name=first.code)).to_be_visible()
    assert page.evaluate("tones") == 0
    page.get_by_role("button", name="Sound when more wait").click()
    assert page.evaluate("tones") == 2  # so does it sound
    clinic = site.clinic
    ben = clinic.patient("Bruno", channel="telegram", zone="Europe/Lisbon")
    clinic.writes(ben, "I take more than I should", "urgent", "overdose", "more than I should")
    expect(page.get_by_role("link", name=clinic.escalation(ben.patient_id).code)).to_be_visible()
    assert page.evaluate("tones") == 4
    close(page)


def test_every_step_works_without_javascript(browser: Browser, site: Site) -> None:
    _, escalation = site.clinic.emergency()
    context = browser.new_context(viewport=PHONE, java_script_enabled=False, base_url=site.url)  # type: ignore[arg-type]  # as above
    page = context.new_page()
    page.goto(f"/console/escalation/{escalation.id}")
    page.get_by_label("Login").fill("ana")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("button", name="Acknowledge: I have it").click()
    page.get_by_role("button", name="Take over the chat").click()
    page.get_by_label("Your message, as Ana Torres").fill("I am here. Can I ring you?")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#chat-step").get_by_text("I am here. Can I ring you?")).to_be_visible()
    page.get_by_role("button", name="Hand the chat back to the coach").click()
    page.get_by_label("Why this message was no sign of risk").fill("She quoted a song.")
    page.get_by_role("button", name="It was a false alarm").click()
    expect(page.get_by_text("Noted as a false alarm.")).to_be_visible()
    expect(page.get_by_role("heading", name="How it was resolved")).to_be_visible()
    context.close()


def test_the_audit_is_searched_verified_and_taken_out_without_javascript_or_mouse(browser: Browser, site: Site) -> None:
    _, escalation = site.clinic.emergency()
    context = browser.new_context(viewport=SMALL, java_script_enabled=False, base_url=site.url)  # type: ignore[arg-type]  # as above
    page = context.new_page()
    page.goto(f"/console/escalation/{escalation.id}")
    page.get_by_label("Login").fill("ana")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Audit").press("Enter")
    page.get_by_label("What", exact=True).press("O")  # "Opened an escalation" is the first of its letter
    page.get_by_label("Code of a patient or an escalation").fill(escalation.code)
    page.keyboard.press("Enter")
    expect(page.locator(".entries > li")).to_have_count(1)
    expect(page.locator(".entries")).to_contain_text("Opened an escalation")
    with page.expect_download() as taken:
        page.get_by_role("button", name="Download as CSV").press("Enter")
    text = Path(taken.value.path()).read_text("utf-8")
    assert len(text.splitlines()) == 2 and escalation.code in text
    page.get_by_role("button", name="Verify the whole chain").press("Enter")
    expect(page.get_by_text("when it was last verified")).to_be_visible()
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_breaks_the_rules_of_access(browser: Browser, site: Site, scheme: str) -> None:
    who, escalation = site.clinic.emergency()
    paths = _furnish(site, who.patient_id, escalation.id)
    page = at(browser, site, DESKTOP, scheme)
    for size, device in ((DESKTOP, "desktop"), (PHONE, "phone"), (SMALL, "small")):
        page.set_viewport_size(size)  # type: ignore[arg-type]  # as above
        for name, path in paths.items():
            page.goto(path)
            assert not is_too_wide(page), f"{name} is wider than {device}"
            if device == ("desktop" if scheme == "light" else "small"):
                assert violations(page) == [], f"{name} on {device}"
            if device != "small":
                shoot(page, f"{device}-{name}-{scheme}", whole=device == "phone")
    close(page)


def test_the_log_in_page_breaks_no_rule_of_access(browser: Browser, site: Site) -> None:
    for scheme in ("light", "dark"):
        context = browser.new_context(viewport=PHONE, color_scheme=scheme, base_url=site.url)  # type: ignore[arg-type]  # as above
        page = context.new_page()
        page.goto("/console/")
        assert violations(page) == []
        shoot(page, f"phone-login-{scheme}")
        context.close()


@pytest.mark.parametrize(("size", "scheme"), [(SMALL, "light"), (PHONE, "dark"), (DESKTOP, "light")])
def test_a_second_factor_is_set_up_and_asked_for(
    size: dict[str, int], scheme: str, browser: Browser, site: Site
) -> None:
    page, name = at(browser, site, size, scheme), f"{size['width']}-{scheme}"

    def looked_at(what: str) -> None:
        assert violations(page) == [] and not is_too_wide(page)
        shoot(page, f"factor-{what}-{name}", whole=True)

    page.get_by_role("link", name="Ana Torres, supervisor").click()
    looked_at("off")
    page.locator("#factor-password").fill(PASSWORD)
    page.get_by_role("button", name="Set it up").click()
    phone = pyotp.TOTP(page.locator(".key").inner_text().replace(" ", ""))
    looked_at("key")

    def type_code(label: str, code: str, button: str) -> None:
        page.get_by_label(label).fill(code)
        page.get_by_role("button", name=button).click()

    digits = "Type the six digits that the app shows now"
    type_code(digits, "000000", "Turn it on")
    expect(page.get_by_role("alert")).to_contain_text("does not fit")
    type_code(digits, phone.at(int(site.clinic.clock.now().timestamp())), "Turn it on")
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    recovery = page.locator(".key").first.inner_text()
    looked_at("codes")
    page.get_by_role("link", name="I have them").click()
    expect(page.get_by_text("On.", exact=True)).to_be_visible()
    looked_at("on")

    page.get_by_role("button", name="Log out").click()
    page.get_by_label("Login").fill("ana")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Your code")).to_be_visible()
    looked_at("asked")
    page.get_by_label("Code of your app").fill(recovery)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Queue", exact=True)).to_be_visible()
    close(page)


def _furnish(site: Site, patient_id: str, escalation_id: str) -> dict[str, str]:
    """A clinic with something on every page."""
    clinic = site.clinic
    ben = clinic.patient("Bruno", channel="telegram", zone="Europe/Lisbon")
    clinic.minutes(3)
    clinic.writes(ben, "I take more than I should so that I don't feel it", "urgent", "overdose", "more than I should")
    cleo = clinic.patient("Cleo", channel="web", zone="America/New_York")
    clinic.writes(cleo, "I am only weight on their backs now", "watch", "hopelessness", "weight on their backs")
    clinic.asks(cleo, "talk_to_human", "please ring me after six")
    clinic.asks(cleo, "export_data")
    clinic.set_aside("telegram", "unknown update kind: poll", b'{"poll": {"question": "how are you"}}')
    clinic.take(cleo.patient_id, "ben", "Ben Okafor")
    return {
        "queue": "/console/",
        "mine": "/console/?show=mine",
        "escalation": f"/console/escalation/{escalation_id}",
        "paper": f"/console/escalation/{escalation_id}/paper",
        "taken": f"/console/escalation/{clinic.escalation(cleo.patient_id).id}",
        **_every_stage(clinic),
        **_together(clinic),
        "rota": "/console/rota",
        "shift": f"/console/rota/{_rota(clinic)}",
        "missed": f"/console/patients/{clinic.code(ben.patient_id)}/missed/{clinic.escalation(ben.patient_id).message_id}",
        "patients": "/console/patients",
        "patient": f"/console/patients/{clinic.code(cleo.patient_id)}",
        "safety": "/console/safety",
        "safety-span": "/console/safety?from=2026-11-25&to=never",
        "blind-read": _blind_read(clinic),
        "aside": "/console/aside",
        "audit": "/console/audit",
        "audit-nothing": "/console/audit?what=drill&from=2026-11-01",
        "audit-unfit": "/console/audit?from=yesterday&about=ZZZZZZ",
        "health": "/console/health",
        "staff": "/console/staff",
        **_teams(clinic),
        "account": "/console/account",
        "missing": "/console/nowhere",
    }


def _together(clinic: Clinic) -> dict[str, str]:
    """A case that Ana put out of sight, in whose note Ben names her while he looks at it, and a ready reply of theirs."""
    ana, ben, vault = _member(clinic, "ana"), _member(clinic, "ben"), clinic.store.vault
    who = clinic.patient("Fay")
    clinic.writes(who, "There is no point in anything", "watch", "hopelessness", "no point")
    clinic.take(who.patient_id, "ana")
    case, now = clinic.escalation(who.patient_id), clinic.clock.now()
    with clinic.store.write() as connection:
        mine, bens = (Step(connection, vault, case.id, one, now) for one in (ana, ben))
        handling.note(bens, {"note": "@ana: her clinic opens at nine", "named": ["ana"]}, [ana])
        snoozing.snooze(mine, now + timedelta(hours=6), "Her clinic opens at nine.")
        presences.come(connection, case.id, ben, now)
        words = "Hello {name}, this is {me}. I am here with you."
        reply = replies.add(connection, vault, None, "Say hello", words, ben, now)
    return {
        "out-of-sight": f"/console/escalation/{case.id}",
        "replies": "/console/replies",
        "reply": f"/console/replies/{reply}",
        "reply-add": "/console/replies/add",
    }


def _teams(clinic: Clinic) -> dict[str, str]:
    """Two teams, a patient of the one that Ana is not in, whom Ben opened."""
    dora, emil, now = clinic.patient("Dora", channel="telegram"), clinic.patient("Emil"), clinic.clock.now()
    clinic.writes(dora, "I can't go on like this", "urgent", "suicide", "can't go on")
    ana, ben = _member(clinic, "ana"), _member(clinic, "ben")
    with clinic.store.write() as connection:
        north, south = (teams.add(connection, site, "Day team", now) for site in ("North clinic", "South clinic"))
        assert north and south
        teams.put_in(connection, ana, north)
        teams.move(connection, dora.patient_id, south)
        for who in (dora, emil):
            glass.break_(connection, clinic.store.vault, ben, who.patient_id, "danger", "She rang me.", now)
    return {
        "teams": "/console/teams",
        "glass": "/console/glass",
        "agreed": f"/console/patients/{clinic.code(emil.patient_id)}/agreed",
        "other-team": f"/console/patients/{clinic.code(dora.patient_id)}/glass",
    }


def _member(clinic: Clinic, login: str) -> StaffId:
    with clinic.store.read() as connection:
        found = staff.by_login(connection, clinic.store.vault, login)
    assert found is not None
    return found.id


def _blind_read(clinic: Clinic) -> str:
    """A week's read that Ben has begun, and Ana not."""
    week_on, now = date(2026, 11, 16), clinic.clock.now()
    with clinic.store.write() as connection:
        blind.draw(connection, week_on, now - timedelta(days=1), now, "seed", now, _member(clinic, "ana"))
        blind.mark(connection, week_on, 1, _member(clinic, "ben"), blind.Verdict.FINE, now)
    return f"/console/safety/read/{week_on}"


def _rota(clinic: Clinic) -> str:
    """A fortnight with a cover, a gap in two days, ways that work and one that fails; the id of a shift."""
    ana, ben = _member(clinic, "ana"), _member(clinic, "ben")
    clinic.reach(ana, "call", "+447700900123", "delivered")
    clinic.reach(ana, "sms", "+447700900123", "accepted")
    clinic.reach(ben, "telegram", "8812345678", "failed", "403 blocked")
    clinic.reach(ben, "apprise", "mailto://somebody:secret@clinic.example")
    first = clinic.shift(ana, -2.2, 24)
    clinic.shift(ben, 6, 4, instead_of=first)
    clinic.shift(ben, 21.8, 24)
    clinic.shift(ana, 54, 24 * 9)
    clinic.shift(ben, -2.2, 24 * 13, Post.SECOND)
    with clinic.store.write() as connection:
        found = {
            "rota_gap": "a gap in the rota",
            "loop.pager": "the pager has stood still for a minute: restart the gateway",
        }
        troubles.settle(connection, clinic.clock.now(), found)
        troubles.told(connection, ["loop.pager"], clinic.clock.now())
    return first.id


def _every_stage(clinic: Clinic) -> dict[str, str]:
    """One escalation at each stage of its life, all of Ana's as far as they are somebody's."""
    ana, ben, vault = _member(clinic, "ana"), _member(clinic, "ben"), clinic.store.vault
    way, other = clinic.reach(ben, "sms", "+447700900456"), clinic.reach(ben, "telegram", "8812345678")
    found: dict[str, str] = {}

    def one(name: str) -> Escalation:
        who = clinic.patient(name)
        text = "I have said goodbye to everybody. Tonight I do it."
        clinic.writes(who, text, "emergency", "suicide", "said goodbye to everybody")
        clinic.sends(who, "Call 112 now. Don't be alone.", "delivered", kind="safety")
        made = clinic.escalation(who.patient_id)
        found[f"stage-{name.lower()}"] = f"/console/escalation/{made.id}"
        return made

    paged = one("Paged")
    clinic.page(paged, way, "failed", "30003")
    clinic.page(paged, other)
    clinic.minutes(7)
    mine = {name: one(name) for name in ("Contacted", "Tried", "Chat", "Resolved")}
    offered = one("Offered")
    with clinic.store.write() as connection:
        now = clinic.clock.now()
        soon = now + timedelta(minutes=30)
        for made in mine.values():
            handling.acknowledge(Step(connection, vault, made.id, ana, now), contact_within=timedelta(minutes=15))
        handling.acknowledge(Step(connection, vault, offered.id, ben, now), contact_within=timedelta(minutes=15))
        handling.hand_over(Step(connection, vault, offered.id, ben, now), ana)
        phone = {"how": "phone", "words": "Her sister answered"}
        handling.log_contact(Step(connection, vault, mine["Contacted"].id, ana, now), reached=True, **phone)
        for _ in range(2):
            handling.log_contact(
                Step(connection, vault, mine["Tried"].id, ana, now), reached=False, next_try_at=soon, **phone
            )
        takeover.begin(connection, vault, clinic.console.coach, mine["Chat"].patient_id, ana, now)
        takeover.say(connection, vault, mine["Chat"].patient_id, ana, "1", "I am Ana. Are you with somebody?", now)
        resolution = {
            "outcome": "safe_plan", "spoken_to": "her and her sister", "risk": "lower now", "means": "yes",
            "next_contact_on": "2026-11-25", "follow_up": "Ben Okafor", "go_on": False,
        }  # fmt: skip
        judging.resolve(Step(connection, vault, mine["Resolved"].id, ben, now), resolution)
    clinic.writes(
        patients.Address(_address(clinic, mine["Chat"].patient_id), mine["Chat"].patient_id, "sms", None, None),
        "no, alone",
    )
    drill = clinic.drill(clinic.patient("Demo").patient_id)
    clinic.page(drill, way)
    found["stage-drill"] = f"/console/escalation/{drill.id}"
    return found


def _address(clinic: Clinic, patient_id: PatientId) -> str:
    with clinic.store.read() as connection:
        return patients.addresses_of(connection, patient_id)[0].id
