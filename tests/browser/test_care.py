"""What a script can tell of care besides axe: shape, names, the order of the keyboard, and nothing that hides."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from test_console import DESKTOP, PHONE, SMALL, Site, _furnish, at, browser, close, is_too_wide, site

from bot.console import app

__all__ = ["browser", "site"]  # fixtures
pytestmark = [pytest.mark.slow, pytest.mark.skipif(not Path("/usr/bin/chromium").exists(), reason="no Chromium here")]

CARE = (Path(__file__).parent / "care.js").read_text("utf-8")


@pytest.fixture
def pages(site: Site) -> dict[str, str]:
    """Every page, with something on it."""
    who, escalation = site.clinic.emergency()
    return _furnish(site, who.patient_id, escalation.id)


def test_no_page_is_forgotten(pages: dict[str, str]) -> None:
    """A page that is added to the console's tables is added to those that are looked at."""
    looked_at = {path.partition("?")[0] for path in pages.values()}
    wanted = [path for path, *_ in (*app.VIEWS, *app.FIGURES, *app.LONG) if not path.endswith(".csv")]
    forms = {path: re.compile("/console" + re.sub(r"\\{[^}]*\\}", "[^/]+", re.escape(path))) for path in wanted}
    assert [path for path, form in forms.items() if not any(map(form.fullmatch, looked_at))] == []


def opened(page: Page, path: str) -> None:
    """Open a page, with what looks at it."""
    page.goto(path)
    page.evaluate(CARE)


def test_every_page_has_the_shape_that_readers_need(browser: Browser, site: Site, pages: dict[str, str]) -> None:
    page = at(browser, site, DESKTOP)
    for name, path in pages.items():
        opened(page, path)
        shape: dict[str, Any] = page.evaluate("care.shape()")
        assert shape["lang"] == "en" and shape["h1"] == 1 and shape["mains"] == 1, name
        steps = zip(shape["levels"], shape["levels"][1:], strict=False)
        assert all(after <= before + 1 for before, after in steps), f"{name} leaves out a level of headings"
        assert shape["ids"] == [], f"{name} has an id twice"
        assert shape["tabindex"] == 0 and shape["nameless"] == [] and shape["styled"] == 0, (name, shape)
        assert shape["titled"] == 0, f"{name} hides something behind a hover"
    close(page)


@pytest.mark.parametrize(("size", "scheme"), [(DESKTOP, "dark"), (SMALL, "light")], ids=["desktop", "small"])
def test_the_keyboard_goes_through_every_page_in_order_and_always_shows_where_it_is(
    size: dict[str, int], scheme: str, browser: Browser, site: Site, pages: dict[str, str]
) -> None:
    page, faults = at(browser, site, size, scheme), list[str]()
    page.emulate_media(reduced_motion="reduce")  # what scrolls smoothly is not there yet
    for name, path in pages.items():
        opened(page, path)
        faults += [f"{name}: {fault}" for fault in _walked(page)]
    assert faults == []
    close(page)


def _walked(page: Page) -> Iterator[str]:
    wanted = page.evaluate("care.focusable()")
    # From the top: a notice may have taken the focus, and where it was Tab goes on.
    page.evaluate("document.body.tabIndex = -1, document.body.focus(), document.body.removeAttribute('tabindex')")
    seen: list[int] = []
    for _ in range(8 * len(wanted)):  # a time has seven parts
        page.keyboard.press("Tab")
        here = page.evaluate("care.focused()")
        if here is None or (here["nth"] == 0 and len(seen) > 1):
            break
        if here["nth"] is None:
            yield f"{here['html']} is reached and was not expected"
            continue
        if here["nth"] in seen[-1:]:  # date fields have several parts
            continue
        seen.append(here["nth"])
        if not here["isRinged"]:
            yield f"{here['html']} shows no ring"
        if not here["isSeen"]:
            yield f"{here['html']} is hidden behind something"
    if seen != sorted(seen):
        yield f"the order of the keyboard is not the order of the page: {seen}"
    missed = [html for n, html in enumerate(wanted) if n not in seen]
    if missed:
        yield f"the keyboard does not reach {missed}"


def test_text_twice_as_large_fits_a_phone(browser: Browser, site: Site, pages: dict[str, str]) -> None:
    """WCAG 1.4.4: 200 % of the size, and nothing to be scrolled sideways."""
    page, faults = at(browser, site, PHONE), list[str]()
    for name, path in pages.items():
        page.goto(path)
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        if is_too_wide(page):
            faults.append(name)
    assert faults == []
    close(page)
