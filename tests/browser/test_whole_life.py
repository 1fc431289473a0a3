"""The whole life of an escalation with the real product: Rasa, gateway, stand-ins of Telegram and Twilio, two browsers."""

from __future__ import annotations

import contextlib
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol, TypeVar

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from twilio.request_validator import RequestValidator

from bot.channels.sms.webhook import IN_PATH
from bot.clock import SystemClock
from bot.console.staff_accounts import add_staff
from bot.crypto import Vault, new_key
from bot.store import contacts, escalations, staff
from bot.store.database import Store
from bot.store.escalations import Escalation
from bot.store.migrate import migrate
from bot.store.types import PatientId
from tests.faults.product import Product
from tests.faults.provider import TOKEN
from tests.support.people import Person, make_patient

sys.path.insert(0, str(Path(__file__).parents[1] / "contracts"))
from stand_ins import processes
from stand_ins.gate import Gate

CHROMIUM = "/usr/bin/chromium"
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
SHOTS = Path(tempfile.gettempdir()) / "shots"
DESKTOP, PHONE = {"width": 1200, "height": 800}, {"width": 390, "height": 844}
ACCOUNT, AUTH_TOKEN = "AC" + "0123456789abcdef" * 2, "the-first-token"
DANGER = "I have the pills in my hand and I will take them all tonight"
TAPS, SECONDS_TO_ACKNOWLEDGE, SECONDS_TO_RESOLVE = 2, 5, 60
TYPING_MS = 60  # between keys: 200 letters a minute, an unhurried typist on a phone
pytestmark = [pytest.mark.slow, pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium here")]


NAMES = {"ana": "Ana Torres", "ben": "Ben Okafor"}
NUMBERS = {"ana": "+447700900101", "ben": "+447700900102"}
Found = TypeVar("Found")


class Line(Protocol):
    """How a patient writes by one provider, and what they were sent."""

    def writes(self, text: str) -> None:
        """They write."""

    def got(self) -> list[str]:
        """What they were sent, in order."""


@dataclass
class Telegram:
    """By telemelya: the person speaks there, and it calls our webhook."""

    gate: Gate
    chat: str

    def writes(self, text: str) -> None:
        address = f"{self.gate.address}/api/v1/test/send_update?bot_token={TOKEN}"
        body = {"chat_id": int(self.chat), "text": text}
        httpx.post(address, json=body, headers={"Authorization": "Bearer x"}, timeout=10).raise_for_status()

    def got(self) -> list[str]:
        sent = [call.fields for call in self.gate.calls if call.path.endswith("/sendMessage")]
        return [str(one["text"]) for one in sent if str(one.get("chat_id")) == self.chat]


@dataclass
class Sms:
    """By Twilio: Prism takes what we send by Twilio's own description; their signed webhook is ours to make."""

    gate: Gate
    url: str
    number: str
    count: int = 0

    def writes(self, text: str) -> None:
        self.count += 1
        form = {"MessageSid": f"SM{self.count:032x}", "AccountSid": ACCOUNT, "From": self.number, "To": "+447700900000",
                "Body": text, "NumMedia": "0"}  # fmt: skip
        signature = RequestValidator(AUTH_TOKEN).compute_signature(self.url + IN_PATH, form)
        headers = {"X-Twilio-Signature": signature}
        httpx.post(self.url + IN_PATH, data=form, headers=headers, timeout=10).raise_for_status()

    def got(self) -> list[str]:
        return [str(call.fields["Body"]) for call in self.gate.calls if call.fields.get("To") == self.number]


@dataclass
class House:
    """The product as it runs, with its stand-ins."""

    product: Product
    store: Store
    telegram: Gate
    twilio: Gate
    url: str
    passwords: dict[str, str]

    def patient(self, channel: str) -> tuple[Person, Line]:
        """Somebody active, on Telegram or SMS."""
        who = make_patient(self.store, SystemClock(), on=channel, country="GB", zone="Europe/London", name="Rosa")
        line = Telegram(self.telegram, who.number) if channel == "telegram" else Sms(self.twilio, self.url, who.number)
        return who, line

    def escalation(self, patient_id: PatientId) -> Escalation:
        """The patient's newest one, once it is there."""
        return until(lambda: self._escalations(patient_id))[0]

    def _escalations(self, patient_id: PatientId) -> list[Escalation]:
        with self.store.read() as connection:
            return escalations.of_patient(connection, self.store.vault, patient_id)

    def link_paged(self, code: str) -> str:
        """The link in the newest text to staff about that escalation."""

        def found() -> list[str]:
            texts = [str(call.fields.get("Body", "")) for call in self.twilio.calls]
            return re.findall(rf"{re.escape(self.url)}/page/\S+", "\n".join(text for text in texts if code in text))

        return until(found)[-1]


def until(look: Callable[[], Found], seconds: float = 15) -> Found:
    """What `look` finds, once it is something."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"nothing came in {seconds:g} s"
        time.sleep(0.02)
    return found


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with contextlib.ExitStack() as stack:
        telegram = stack.enter_context(Gate(stack.enter_context(processes.telegram())))
        twilio = stack.enter_context(Gate(stack.enter_context(processes.twilio())))
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="evenday-whole-life-")))
        port, key = processes.free_port(), new_key()
        url = f"http://127.0.0.1:{port}"
        product = Product(
            home, "", key, telegram.address, port, public_url=url, cover_hours="Mon-Sun 00:00-24:00 Europe/London",
            twilio_account_sid=ACCOUNT, twilio_auth_tokens=AUTH_TOKEN, twilio_api_url=twilio.address,
            twilio_messaging_service_sid="MG" + "0123456789abcdef" * 2, sms_per_second="50",
        )  # fmt: skip
        store = Store(f"sqlite:///{home / 'evenday.sqlite'}", Vault([key]))
        stack.callback(store.close)
        migrate(store)
        passwords = _staff(store)
        stack.callback(product.stop)
        product.start()
        product.wait_until_ready()
        yield House(product, store, telegram, twilio, url, passwords)


def _staff(store: Store) -> dict[str, str]:
    """Ana and Ben, both supervisors, each with a telephone."""
    clock = SystemClock()
    made = {login: add_staff(store, clock, login, name, "supervisor") for login, name in NAMES.items()}
    with store.write() as connection:
        for login, number in NUMBERS.items():
            who = staff.by_login(connection, store.vault, login)
            assert who is not None
            contacts.add(connection, store.vault, who.id, "sms", number, clock.now())
    return made


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield made
        made.close()


def enter(browser: Browser, house: House, login: str, size: dict[str, int]) -> Page:
    """A page of a supervisor who has logged in."""
    page = browser.new_context(viewport=size, base_url=house.url).new_page()  # type: ignore[arg-type]  # plain numbers
    page.set_default_timeout(10_000)
    page.goto("/console/")
    page.get_by_label("Login").fill(login)
    page.get_by_label("Password").fill(house.passwords[login])
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page.get_by_role("heading", name="Queue", exact=True)).to_be_visible()
    return page


def shoot(page: Page, name: str) -> None:
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"life-{name}.png", full_page=True)


def types(page: Page, label: str, text: str) -> None:
    """Type as a person does, key by key."""
    page.get_by_label(label).press_sequentially(text, delay=TYPING_MS)


@pytest.mark.parametrize("channel", ["telegram", "sms"])
def test_two_supervisors_live_through_an_emergency(channel: str, browser: Browser, house: House) -> None:
    ana, ben = enter(browser, house, "ana", PHONE), enter(browser, house, "ben", DESKTOP)
    who, line = house.patient(channel)
    line.writes(DANGER)
    case = house.escalation(who.id)
    for page in (ana, ben):
        expect(page.get_by_role("link", name=case.code)).to_be_visible(timeout=3000)
        page.goto(f"/console/escalation/{case.id}")
    until(lambda: [text for text in line.got() if "999" in text])  # the crisis text of their country
    _acknowledge_by_the_link(browser, house, case)
    owner, other = _who_has_it(ana, ben)
    # The other's page is as old as the case: nobody had it then. They are told who was first, and overwrite nothing.
    other.get_by_role("button", name="Acknowledge: I have it").click()
    expect(other.get_by_role("alert")).to_contain_text("Acknowledged")
    _take_over_and_hand_back(owner, line, who)
    _contact_and_resolve(owner)
    shoot(owner, f"{channel}-resolved")
    _read_as_the_second(other, case)
    shoot(other, f"{channel}-read")
    assert house.escalation(who.id).read_at is not None
    for page in (ana, ben):
        page.context.close()


def _acknowledge_by_the_link(browser: Browser, house: House, case: Escalation) -> None:
    """From the text with the link to acknowledged: two taps, without a log-in, on a phone."""
    link = house.link_paged(case.code)
    phone = browser.new_context(viewport=PHONE).new_page()  # type: ignore[arg-type]  # plain numbers
    began, taps = time.monotonic(), 0
    phone.goto(link)
    taps += 1
    phone.get_by_role("button", name=f"Acknowledge {case.code}").click()
    taps += 1
    expect(phone.get_by_role("status")).to_contain_text(case.code)
    until(lambda: house.escalation(case.patient_id).acknowledged_at)
    took = time.monotonic() - began
    print(f"from the link to acknowledged: {taps} taps, {took:.2f} s")
    assert taps <= TAPS and took <= SECONDS_TO_ACKNOWLEDGE
    phone.context.close()


def _who_has_it(*pages: Page) -> tuple[Page, Page]:
    """The page of whoever was paged and has it now, read anew; then the other's, as it was."""
    owner = next(page for page in pages if _reads_anew(page).get_by_text("You have it.").count())
    return owner, next(page for page in pages if page is not owner)


def _reads_anew(page: Page) -> Page:
    again = page.context.new_page()
    again.goto(page.url)
    has_it = again.get_by_text("You have it.").count()
    again.close()
    if has_it:
        page.reload()
    return page


def _take_over_and_hand_back(page: Page, line: Line, who: Person) -> None:
    page.get_by_role("button", name="Take over the chat").click()
    until(lambda: [text for text in line.got() if "a person from the team" in text])
    page.get_by_label("Your message, as").fill("I am here. Are you alone?")
    page.get_by_role("button", name="Send", exact=True).click()
    until(lambda: "I am here. Are you alone?" in line.got())
    before = len(line.got())
    line.writes("my sister is coming over")
    expect(page.locator("#chat-step").get_by_text("my sister is coming over")).to_be_visible(timeout=3000)
    line.writes("I have taken all of the pills now")  # screened still, and answered with the numbers
    until(lambda: [text for text in line.got()[before:] if "999" in text])
    assert len(line.got()) == before + 1, "the coach spoke while a person had the chat"
    page.get_by_role("button", name="Hand the chat back to the coach").click()
    until(lambda: [text for text in line.got() if "has left this chat" in text])
    before = len(line.got())
    line.writes("thank you")
    until(lambda: len(line.got()) > before)


def _contact_and_resolve(page: Page) -> None:
    """A practised person: a call that reached them, then every field of the resolution, typed key by key."""
    page.reload()
    if page.get_by_role("button", name="Acknowledge: I have it").count():  # what they wrote meanwhile was graver
        page.get_by_role("button", name="Acknowledge: I have it").click()
    contact = page.locator("#contact-step")
    contact.get_by_label("Phone call").check()
    contact.get_by_label("Yes").check()
    page.get_by_role("button", name="Keep contact").click()
    expect(page.get_by_text("The contact was kept.")).to_be_visible()
    began = time.monotonic()
    page.get_by_label("Safe plan made").check()
    types(page, "Who was spoken to", "Rosa and her sister")
    types(page, "Risk, as you judge it now, in words", "High an hour ago. Lower now: her sister stays.")
    page.get_by_role("group", name="Means discussed").get_by_label("Yes").check()
    page.get_by_label("Next contact on").fill((datetime.now(UTC) + timedelta(days=1)).date().isoformat())
    types(page, "Who follows up", "Day team")
    page.get_by_role("button", name="Resolve", exact=True).click()
    expect(page.get_by_role("heading", name="How it was resolved")).to_be_visible()
    took = time.monotonic() - began
    print(f"to resolved, all fields: {took:.1f} s")
    assert took <= SECONDS_TO_RESOLVE


def _read_as_the_second(page: Page, case: Escalation) -> None:
    page.goto("/console/")
    page.get_by_role("link", name=re.compile(f"{case.code} Second reading")).click()
    page.get_by_role("button", name="I have read it").click()
    expect(page.get_by_text("Noted: you have read it.")).to_be_visible()
