"""A chat page to try out in a browser: the real routes and store, and a coach who speaks from a script."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # has no types
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, ViewportSize, expect
from sqlalchemy import Connection
from starlette.applications import Starlette

from bot.channels.web import Bell, CountryNumbers, Line, WebSender
from bot.clock import SystemClock
from bot.conversation.message import Inbound, MessageClass, Outgoing, Reply
from bot.store import inbox, outbox, patients
from bot.store.database import Store
from bot.store.patients import Address
from bot.store.types import MessageId

SHOTS = Path("/tmp/shots")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PHONE, SMALL, DESK = (
    ViewportSize(width=390, height=844),
    ViewportSize(width=320, height=568),
    ViewportSize(width=1280, height=900),
)
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
            inbox.set_state(connection, MessageId(number), state="done")
            rows = outbox.recent(connection, self.store.vault, address.patient_id, len(replies))
            for row in rows:
                outbox.set_state(connection, row.id, state=outbox.SENT)
        return [(row.id, row.text) for row in rows]

    def _address(self, connection: Connection, inbound: Inbound) -> Address:
        found = patients.find(connection, self.store.vault, "web", inbound.address)
        assert found is not None
        return found


@contextmanager
def served(app: Starlette, bell: Bell) -> Iterator[str]:
    """The application on a free port of this machine."""
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, ws="none", log_level="warning", timeout_graceful_shutdown=1, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    bell.close()
    server.should_exit = True
    thread.join()
    listening.close()


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
            .filter((one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
            .filter((one) => one.checkVisibility())
            .filter((one) => parseFloat(getComputedStyle(one).fontSize) < 16).map((one) => one.outerHTML)"""
    )
    assert small == []


def shoot(page: Page, name: str) -> None:
    """A picture for people to look at."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"chat-{name}.png")


def chip(page: Page, name: str) -> Locator:
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
