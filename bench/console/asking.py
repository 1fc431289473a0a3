"""Asks every page and the commonest steps again and again, and tells how long the server took and how much it sent.

In this process, through the real ASGI application: timed from the request's arrival in it until the last byte of the
answer is handed over. So neither a network nor a client's own work is in the figures, and nothing is left out of ours.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bench.clock import percentile
from bench.console.addresses import PAGES, STEPS, Page, Step, check
from bench.console.desk import Browser
from bench.console.house import LEAD
from bench.console.subjects import EACH, OTHER, Subjects, subjects
from bot.console.desk import Console

WARM_UP = 2  # askings before those that count: templates are compiled once in a process
MOST_MS, MOST_KB = 100.0, 100.0


@dataclass
class Figures:
    """What was measured of one page or step.

    Attributes:
        wrong: statuses that were not the expected one.
    """

    name: str
    is_file: bool = False
    ms: list[float] = field(default_factory=list)
    kb: float = 0.0
    wrong: set[int] = field(default_factory=set)

    @property
    def is_good(self) -> bool:
        """Whether it is within what is allowed."""
        return not self.wrong and percentile(self.ms, 0.95) <= MOST_MS and (self.is_file or self.kb <= MOST_KB)

    def row(self) -> str:
        """For the table."""
        p50, p95 = percentile(self.ms, 0.5), percentile(self.ms, 0.95)
        bad = "" if self.is_good else f"  TOO MUCH {sorted(self.wrong) or ''}"
        return f"{self.name:58} {p50:7.1f} {p95:7.1f} {max(self.ms):7.1f} {self.kb:7.1f}{bad}"


HEAD = f"{'page':58} {'p50 ms':>7} {'p95 ms':>7} {'max ms':>7} {'kB':>7}"


async def ask_all(console: Console, each: int = EACH) -> list[Figures]:
    """Every page, then every step."""
    check(console)
    found, browsers = subjects(console), {login: Browser(console, login) for login in (LEAD, OTHER)}
    pages = [await _page(browsers[page.login], page, found, each) for page in PAGES if page.of(found)]
    return pages + [await _step(browsers[LEAD], step, step.of(found)[:each]) for step in STEPS]


async def _page(browser: Browser, page: Page, found: Subjects, each: int) -> Figures:
    figures = Figures(f"GET {page.path}{', ' if page.label else ''}{page.label}", page.is_file)
    addresses = itertools.cycle(page.of(found))
    for n in range(-WARM_UP, each):
        await _timed(browser, figures, next(addresses), page.status, None, counts=n >= 0)
    return figures


async def _step(browser: Browser, step: Step, addresses: Iterable[str]) -> Figures:
    figures = Figures(f"POST {step.path}")
    for address in addresses:
        await _timed(browser, figures, address, step.status, step.form)
    return figures


async def _timed(
    browser: Browser,
    figures: Figures,
    address: str,
    status: int,
    form: Mapping[str, str] | None,
    *,
    counts: bool = True,
) -> None:
    sent = None if form is None else {"csrf": browser.csrf, **form}
    begun = time.perf_counter()
    answer = await browser.client.request("GET" if sent is None else "POST", f"/console{address}", data=sent)
    took = 1000 * (time.perf_counter() - begun)
    if answer.status_code != status:
        figures.wrong.add(answer.status_code)
    if counts:
        figures.ms.append(took)
        figures.kb = max(figures.kb, len(answer.content) / 1000)
