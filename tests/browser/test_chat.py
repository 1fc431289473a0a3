"""The chat page in a real browser, against the real routes and store and a scripted coach."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from chat_rehearsal import (
    ARGUMENTS,
    DESK,
    LONG,
    NUMBERS,
    PHONE,
    SCRIPT,
    SMALL,
    Coach,
    bubbles,
    check,
    chip,
    opened,
    served,
    shoot,
    talk,
)
from playwright.sync_api import Browser, Route, ViewportSize, expect, sync_playwright
from starlette.applications import Starlette

from bot.channels.web import StoreView, Wires, routes
from bot.crypto import Vault, new_key
from bot.settings import Settings
from bot.store.database import Store
from bot.store.migrate import migrate

pytestmark = pytest.mark.slow


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
    settings = Settings(_env_file=None, default_country="GB")
    view = StoreView(coach.store, coach.clock)
    wires = Wires(b"a key", coach.bell, lambda: NUMBERS)
    with served(Starlette(routes=routes(settings, coach.receive, view, wires)), coach.bell) as found:
        yield found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("size", "viewport"), [("phone", PHONE), ("small", SMALL), ("desktop", DESK)])
def test_it_can_be_read_by_everybody(
    browser: Browser, coach: Coach, address: str, size: str, viewport: ViewportSize, scheme: str
) -> None:
    touch = size != "desktop"
    with opened(browser, address, viewport=viewport, color_scheme=scheme, has_touch=touch, is_mobile=touch) as page:
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
    losing = True

    def lose(route: Route) -> None:
        nonlocal losing
        if not losing or route.request.method != "POST":
            route.fallback()
            return
        if is_stored:  # only once: each further loss would double the wait before the next try
            losing = False
            route.fetch()
        route.abort()

    with opened(browser, address) as page:
        talk(page)
        page.route("**/try/messages", lose)
        page.get_by_label("Your message").fill("it hurts")
        page.get_by_role("button", name="Send", exact=True).click()
        if is_stored:
            expect(page.get_by_text(SCRIPT[""][0][0])).to_be_visible()
        else:
            expect(page.get_by_text("Not sent yet")).to_be_visible()
            expect(page.get_by_text("No connection.")).to_be_visible()
            shoot(page, "phone-light-7-unsent")
            check(page)
            page.reload()
            expect(page.get_by_text("Not sent yet")).to_be_visible()
        losing = False
        page.evaluate("document.querySelector('.again')?.click()")  # unless it has just been sent again by itself
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


def test_what_waits_is_tried_soon_again_once_the_network_is_back(browser: Browser, address: str) -> None:
    with opened(browser, address) as page:
        talk(page)
        page.route("**/try/messages", lambda route: route.abort())
        page.evaluate("""() => {
            window.waits = [];
            const real = window.setTimeout;
            window.setTimeout = (work, ms) => {
                const resends = String(work).includes("flush");
                if (resends) window.waits.push(ms);
                return real(work, resends ? 50 : ms);
            };
        }""")
        page.get_by_label("Your message").fill("it hurts")
        page.get_by_label("Your message").press("Enter")
        page.wait_for_function("() => window.waits.length > 4")
        longest = max(page.evaluate("window.waits"))
        page.evaluate("window.waits.length = 0; window.dispatchEvent(new Event('online'))")
        page.wait_for_function("() => window.waits.length > 1")
        assert min(page.evaluate("window.waits")) < longest / 4  # it begins anew with short waits


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
