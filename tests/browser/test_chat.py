"""The chat page in a real browser, against the real routes and store and a scripted coach."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Route, expect, sync_playwright
from starlette.applications import Starlette

from bot.channels.web import Bell, CountryNumbers, Line, StoreView, WebSender, Wires, routes
from bot.clock import SystemClock
from bot.conversation.message import Inbound, MessageClass, Outgoing, Reply
from bot.crypto import Vault, new_key
from bot.settings import Settings
from bot.store import inbox, outbox, patients
from bot.store.database import Store
from bot.store.migrate import migrate
from bot.store.patients import Address

pytestmark = pytest.mark.slow

SHOTS = Path("/tmp/shots")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PHONE, SMALL, DESK = {"width": 390, "height": 844}, {"width": 320, "height": 568}, {"width": 1280, "height": 900}
SCALE = tuple(str(number) for number in range(11))
LONG = "A short breathing exercise that I can do lying down"
# What the coach says to what; to all else, the last.
SCRIPT: dict[str, list[tuple[str, tuple[str, ...]]]] = {
    "Hello": [
        ("Hello. I'm Evenday, an automated coach for living with pain. In an emergency call 999.", ()),
        (
            "A computer reads what you write for signs of danger. It can miss them.\n\nDo you want to join?",
            ("Yes", "No"),
        ),
    ],
    "Yes": [("Thank you.\n\nHow strong is your pain right now? 0 is none, 10 the worst you can think of.", SCALE)],
    "4": [
        (
            "Thank you for that. 4 is one less than yesterday.\nWhat would help most today?",
            ("Pacing", LONG, "Something else"),
        )
    ],
    "": [("Thank you for telling me. That sounds like a heavy day.", ())],
}
NUMBERS = [
    CountryNumbers(
        "GB",
        "United Kingdom",
        (
            Line("Emergency", "Emergency services", "Call 999", "tel:999"),
            Line("Crisis line", "Samaritans", "Call 116 123", "tel:116123", "day and night"),
            Line("Crisis line by text", "Shout", "Text SHOUT to 85258", "sms:85258"),
        ),
    ),
    CountryNumbers(
        "XX", "Anywhere else", (Line("Emergency", "Local emergency number", "Call your local emergency number"),)
    ),
]


class Coach:
    """Receives as the conversation does, and answers from the script after a moment."""

    def __init__(self, store: Store) -> None:
        self.store, self.clock, self.bell = store, SystemClock(), Bell()
        self.sender = WebSender(self.bell)
        self.came: list[Inbound] = []
        self.pause = 0.05
        self.tasks: set[asyncio.Task[None]] = set()

    async def receive(self, inbound: Inbound) -> None:
        """Store a message once, and begin to answer it."""
        number = await asyncio.to_thread(self._store, inbound)
        if number is None:
            return
        self.came.append(inbound)
        task = asyncio.create_task(self._answer(inbound, number))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def _store(self, inbound: Inbound) -> int | None:
        vault, now = self.store.vault, self.clock.now()
        with self.store.write() as connection:
            address = patients.find(connection, vault, "web", inbound.address) or patients.create(
                connection, vault, "web", inbound.address, now, country="GB", zone="UTC"
            )
            return inbox.put(
                connection,
                vault,
                patient_id=address.patient_id,
                address_id=address.id,
                provider_key=inbound.provider_key,
                form=inbound.form,
                text=inbound.text,
                choice=inbound.choice,
                received_at=now,
                tier="none",
                kind="none",
                evidence=[],
                state="waiting",
            )

    async def _answer(self, inbound: Inbound, number: int) -> None:
        await asyncio.sleep(self.pause)
        for row, text in await asyncio.to_thread(self._queue, inbound, number):
            await self.sender.send(Outgoing(row, inbound.address, Reply(text), MessageClass.REPLY))

    def _queue(self, inbound: Inbound, number: int) -> list[tuple[int, str]]:
        replies = SCRIPT.get(inbound.text, SCRIPT[""])
        with self.store.write() as connection:
            address = self._address(connection, inbound)
            for place, (text, buttons) in enumerate(replies):
                outbox.put(
                    connection,
                    self.store.vault,
                    patient_id=address.patient_id,
                    address_id=address.id,
                    dedupe_key=f"reply:{number}:{place}",
                    message_class="reply",
                    rank=1,
                    text=text,
                    buttons=buttons,
                    now=self.clock.now(),
                )
            inbox.set_state(connection, inbox.MessageId(number), state="done")
            rows = outbox.recent(connection, self.store.vault, address.patient_id, len(replies))
            for row in rows:
                outbox.set_state(connection, row.id, state=outbox.SENT)
        return [(row.id, row.text) for row in rows]

    def _address(self, connection: Any, inbound: Inbound) -> Address:
        found = patients.find(connection, self.store.vault, "web", inbound.address)
        assert found is not None
        return found


@contextmanager
def served(app: Starlette) -> Iterator[str]:
    """The application on a free port of this machine."""
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, ws="none", log_level="warning", timeout_graceful_shutdown=1, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join()
    listening.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def coach(tmp_path: Path) -> Iterator[Coach]:
    store = Store(f"sqlite:///{tmp_path / 'chat.sqlite'}", Vault([new_key()]))
    migrate(store)
    yield Coach(store)
    store.close()


@pytest.fixture
def address(coach: Coach) -> Iterator[str]:
    settings = Settings(_env_file=None, default_country="GB")  # type: ignore[call-arg]  # pydantic-settings' own argument
    view = StoreView(coach.store, coach.clock)
    wires = Wires(b"a key", coach.bell, lambda: NUMBERS)
    with served(Starlette(routes=routes(settings, coach.receive, view, wires))) as found:
        yield found


@contextmanager
def opened(browser: Browser, address: str, page: str = "/try", **options: Any) -> Iterator[Page]:
    """The page in a browser of its own; nothing may be refused by the policy or fail in a script."""
    context: BrowserContext = browser.new_context(**{"viewport": PHONE, "locale": "en-GB", **options})
    context.set_default_timeout(10_000)
    tab = context.new_page()
    faults: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            faults.append(message.text)

    tab.on("console", note)
    tab.on("pageerror", lambda error: faults.append(str(error)))
    tab.goto(address + page)
    yield tab
    context.close()
    assert faults == []


def check(page: Page) -> None:
    """No finding of axe, nothing wider than the screen, no text under 16 px."""
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    small = page.evaluate(
        """() => [...document.querySelectorAll("body *")]
            .filter((one) => one.checkVisibility() && [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
            .filter((one) => parseFloat(getComputedStyle(one).fontSize) < 16).map((one) => one.outerHTML)"""
    )
    assert small == []


def shoot(page: Page, name: str) -> None:
    """A picture for people to look at."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"chat-{name}.png")


def chip(page: Page, name: str) -> Any:
    """The answer with that label."""
    return page.get_by_role("group").get_by_role("button", name=name, exact=True)


def bubbles(page: Page) -> list[str]:
    """All messages, in order."""
    return page.locator(".words").all_text_contents()


def talk(page: Page) -> None:
    """A conversation as far as the third question."""
    page.get_by_role("button", name="Begin").click()
    chip(page, "Yes").click()
    chip(page, "4").click()
    expect(chip(page, "Pacing")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("size", "viewport"), [("phone", PHONE), ("small", SMALL), ("desktop", DESK)])
def test_it_can_be_read_by_everybody(
    browser: Browser, coach: Coach, address: str, size: str, viewport: dict[str, int], scheme: str
) -> None:
    touch = {"has_touch": size != "desktop", "is_mobile": size != "desktop"}
    with opened(browser, address, viewport=viewport, color_scheme=scheme, **touch) as page:
        expect(page.get_by_role("button", name="Begin")).to_be_visible()
        shoot(page, f"{size}-{scheme}-1-welcome")
        check(page)
        page.get_by_role("button", name="Begin").click()
        chip(page, "Yes").click()
        expect(chip(page, "10")).to_be_visible()
        shoot(page, f"{size}-{scheme}-2-scale")
        check(page)
        coach.pause = 1.5
        chip(page, "4").click()
        expect(page.get_by_text("Evenday is writing")).to_be_visible()
        shoot(page, f"{size}-{scheme}-3-writing")
        check(page)
        expect(chip(page, LONG)).to_be_visible()
        shoot(page, f"{size}-{scheme}-4-answers")
        page.get_by_role("link", name="Numbers to call").click()
        expect(page.get_by_role("link", name="Call 999")).to_be_visible()
        shoot(page, f"{size}-{scheme}-5-numbers")
        check(page)
        page.get_by_role("button", name="Close").click()
        page.get_by_role("button", name="Start afresh").click()
        shoot(page, f"{size}-{scheme}-6-afresh")
        check(page)


def test_a_press_is_sent_once_and_its_buttons_go(browser: Browser, coach: Coach, address: str) -> None:
    with opened(browser, address) as page:
        page.get_by_role("button", name="Begin").click()
        yes = chip(page, "Yes")
        yes.dblclick()
        expect(chip(page, "10")).to_be_visible()
        expect(yes).to_have_count(0)
        assert [(one.text, one.choice) for one in coach.came] == [("Hello", None), ("Yes", 1)]
        assert coach.came[1].prompt is not None
        assert bubbles(page) == ["Hello", *[text for text, _ in SCRIPT["Hello"]], "Yes", SCRIPT["Yes"][0][0]]
        before = bubbles(page)
        page.reload()
        expect(chip(page, "10")).to_be_visible()
        assert bubbles(page) == before


def test_the_coach_is_seen_writing(browser: Browser, coach: Coach, address: str) -> None:
    coach.pause = 1.2
    with opened(browser, address) as page:
        page.get_by_role("button", name="Begin").click()
        status = page.get_by_role("status").filter(has_text="Evenday is writing")
        expect(status).to_be_visible()
        assert status.get_attribute("aria-live") == "polite"
        expect(chip(page, "Yes")).to_be_visible()
        expect(status).to_have_count(0)


def test_it_needs_nothing_but_a_keyboard(browser: Browser, coach: Coach, address: str) -> None:
    with opened(browser, address, viewport=DESK) as page:
        begin, text = page.get_by_role("button", name="Begin"), page.get_by_label("Your message")
        expect(begin).to_be_visible()
        while not begin.evaluate("(one) => one === document.activeElement"):
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(chip(page, "Yes")).to_be_focused()
        page.keyboard.press("ArrowRight")
        expect(chip(page, "No")).to_be_focused()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Enter")
        expect(chip(page, "0")).to_be_focused()
        page.keyboard.press("End")
        expect(chip(page, "10")).to_be_focused()
        page.keyboard.press("Escape")
        expect(text).to_be_focused()
        page.keyboard.press("ArrowUp")
        expect(chip(page, "10")).to_be_focused()
        page.keyboard.type("first")
        expect(text).to_be_focused()
        page.keyboard.press("Shift+Enter")
        page.keyboard.type("second")
        expect(text).to_have_value("first\nsecond")
        page.keyboard.press("Enter")
        expect(page.get_by_text(SCRIPT[""][0][0])).to_be_visible()
        expect(text).to_be_focused()
        assert [one.text for one in coach.came] == ["Hello", "Yes", "first\nsecond"]
        expect(page.get_by_role("group")).to_have_count(0)


@pytest.mark.parametrize("is_stored", [False, True])
def test_what_was_lost_on_the_way_is_sent_again(browser: Browser, coach: Coach, address: str, is_stored: bool) -> None:
    def lose(route: Route) -> None:
        if is_stored:
            route.fetch()
        route.abort()

    with opened(browser, address) as page:
        talk(page)
        page.route("**/try/messages", lambda route: lose(route) if route.request.method == "POST" else route.fallback())
        page.get_by_label("Your message").fill("it hurts")
        page.get_by_role("button", name="Send", exact=True).click()
        if not is_stored:
            expect(page.get_by_text("Not sent yet")).to_be_visible()
            expect(page.get_by_text("No connection.")).to_be_visible()
            shoot(page, "phone-light-7-unsent")
            check(page)
            page.reload()
            expect(page.get_by_text("Not sent yet")).to_be_visible()
        page.unroute_all()
        again = page.get_by_role("button", name="Send again")
        if again.is_visible():
            again.click()
        expect(page.get_by_text(SCRIPT[""][0][0])).to_be_visible()
        expect(page.get_by_text("Not sent yet")).to_have_count(0)
        expect(page.get_by_text("No connection.")).to_have_count(0)
        page.wait_for_function("!sessionStorage.length")
        assert [one.text for one in coach.came][3:] == ["it hurts"]
        assert bubbles(page).count("it hurts") == 1


def test_two_texts_written_offline_keep_their_order(browser: Browser, coach: Coach, address: str) -> None:
    with opened(browser, address) as page:
        talk(page)
        page.context.set_offline(True)
        expect(page.get_by_text("No connection.")).to_be_visible()
        for text in ("one", "two", "two"):
            page.get_by_label("Your message").fill(text)
            page.get_by_label("Your message").press("Enter")
        expect(page.get_by_text("Not sent yet")).to_have_count(3)
        page.get_by_role("link", name="Numbers to call").click()
        expect(page.get_by_role("link", name="Call 999")).to_be_visible()
        page.get_by_role("button", name="Close").click()
        page.context.set_offline(False)
        expect(page.get_by_text(SCRIPT[""][0][0])).to_have_count(3)
        assert [one.text for one in coach.came][3:] == ["one", "two", "two"]
        assert [text for text in bubbles(page) if text in ("one", "two")] == ["one", "two", "two"]


def test_without_a_stream_it_asks_now_and_then(browser: Browser, coach: Coach, address: str) -> None:
    with opened(browser, address, page="/try/numbers") as page:
        page.route("**/try/stream*", lambda route: route.fulfill(status=502))
        page.goto(f"{address}/try")
        talk(page)


def test_texts_are_never_markup_and_long_ones_wrap(browser: Browser, coach: Coach, address: str) -> None:
    nasty = "<img src=x onerror=alert(1)><b>bold</b>\n  & " + "x" * 300 + "\n\n\U0001f642 שלום"
    with opened(browser, address, viewport=SMALL) as page:
        talk(page)
        page.get_by_label("Your message").fill(nasty)
        page.get_by_role("button", name="Send", exact=True).click()
        expect(page.get_by_text(SCRIPT[""][0][0])).to_be_visible()
        assert nasty in bubbles(page)
        assert page.locator("#messages img, #messages b").count() == 0
        shoot(page, "small-light-8-long")
        check(page)


def test_a_reader_further_up_is_told_and_not_moved(browser: Browser, coach: Coach, address: str) -> None:
    with opened(browser, address, viewport=SMALL) as page:
        talk(page)
        coach.pause = 1
        page.get_by_label("Your message").fill("hm")
        page.get_by_label("Your message").press("Enter")
        page.evaluate("document.getElementById('scroll').scrollTop = 0")
        newer = page.get_by_role("button", name="New message")
        expect(newer).to_be_visible()
        assert page.evaluate("document.getElementById('scroll').scrollTop") == 0
        shoot(page, "small-light-9-newer")
        newer.click()
        expect(newer).to_be_hidden()
        expect(page.get_by_text(SCRIPT[""][0][0])).to_be_in_viewport()


def test_starting_afresh_forgets_the_conversation_in_all_tabs(browser: Browser, coach: Coach, address: str) -> None:
    with opened(browser, address) as page:
        talk(page)
        other = page.context.new_page()
        other.goto(f"{address}/try")
        expect(chip(other, "Pacing")).to_be_visible()
        page.get_by_role("button", name="Start afresh").click()
        page.get_by_role("dialog").get_by_role("button", name="Start afresh").click()
        expect(page.get_by_role("button", name="Begin")).to_be_visible()
        chip(other, "Pacing").click()
        expect(other.get_by_text(SCRIPT[""][0][0])).to_be_visible()
        assert bubbles(other) == ["Pacing", SCRIPT[""][0][0]]
        assert coach.came[0].address != coach.came[-1].address


def test_an_invitation_in_the_link_goes_with_the_first_message(browser: Browser, coach: Coach, address: str) -> None:
    with opened(browser, address, page="/try#join=k7qm") as page:
        page.get_by_role("button", name="Begin").click()
        expect(chip(page, "Yes")).to_be_visible()
        assert page.url == f"{address}/try"
        assert coach.came[0].start_code == "K7QM"


def test_without_javascript_the_numbers_are_there(browser: Browser, address: str) -> None:
    with opened(browser, address, java_script_enabled=False) as page:
        page.get_by_role("link", name="Open the numbers to call.").click()
        expect(page.get_by_role("link", name="Call 999")).to_be_visible()
    with opened(browser, address, page="/try/numbers") as page:
        shoot(page, "phone-light-10-numbers-page")
        check(page)


def test_reduced_motion_is_respected(browser: Browser, coach: Coach, address: str) -> None:
    coach.pause = 2
    with opened(browser, address, reduced_motion="reduce") as page:
        page.get_by_role("button", name="Begin").click()
        expect(page.get_by_text("Evenday is writing")).to_be_visible()
        assert page.locator(".dots i").first.evaluate("(dot) => getComputedStyle(dot).animationName") == "none"
