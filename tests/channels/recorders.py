"""What stands for the gateway and for the providers in these tests."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx

from bot.conversation.message import Inbound
from bot.errors import StoreError
from bot.paging.route import Page, Way

ADDRESSES = ("700700700", "+14155550123")
TOKEN = "q83yEjRWeJASNFZ4kBI0Vg"  # a page's: who has it acknowledges, so no log may hold it


def page_of(to: str, **given: Any) -> Page:
    """An emergency, code K7QXM."""
    fields = {"id": 7, "tier": "emergency", "code": "K7QXM", "link": f"https://coach.example/page/{TOKEN}"}
    return Page(**{"to": to, "token": TOKEN, **fields, **given})


@dataclass
class Gateway:
    """Takes what a channel hands over; `down` makes it fail as the store does."""

    down: bool = False
    taken: list[Inbound] = field(default_factory=list)
    aside: list[tuple[str, str, bytes]] = field(default_factory=list)
    reports: list[tuple[str, str, str, str]] = field(default_factory=list)
    manners: dict[str, str] = field(default_factory=dict)

    def _check(self) -> None:
        if self.down:
            raise StoreError("the database is away")

    async def receive(self, inbound: Inbound) -> None:
        self._check()
        self.taken.append(inbound)

    async def set_aside(self, channel: str, reason: str, raw: bytes) -> None:
        self._check()
        self.aside.append((channel, reason, raw))

    async def report(self, channel: str, message: str, state: str, code: str) -> None:
        self._check()
        self.reports.append((channel, message, state, code))

    async def press_seen(self, press: str) -> None:
        self.manners["press"] = press

    async def leave(self, chat: str) -> None:
        self.manners["leave"] = chat


@dataclass
class Duty:
    """Stands for paging: one page is open, TOKEN's, for the first number; `down` makes it fail as the store does."""

    down: bool = False
    acknowledged: list[tuple[str, Way]] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    linked: list[tuple[str, str]] = field(default_factory=list)
    reports: list[tuple[int, str, str]] = field(default_factory=list)
    said: list[tuple[str, str]] = field(default_factory=list)

    def _check(self) -> None:
        if self.down:
            raise StoreError("the database is away")

    async def acknowledge(self, token: str, by_way: Way) -> str:
        self._check()
        self.acknowledged.append((token, by_way))
        return "You have K7QXM." if token == TOKEN else "This page is not known, or too old."

    async def acknowledge_reply(self, number: str, text: str) -> str | None:
        self.asked.append((number, text))
        self._check()
        return "You have K7QXM." if (number, text) == (ADDRESSES[1], "ACK K7QXM") else None

    async def link(self, code: str, chat: str) -> str:
        self._check()
        self.linked.append((code, chat))
        return "This chat is linked." if code == "q83yEjRWeJ" else "This code is not known, or was used."

    async def report(self, page: int, state: str, why: str) -> None:
        self._check()
        self.reports.append((page, state, why))

    async def say(self, number: str, words: str) -> None:
        self.said.append((number, words))


class Provider(httpx.AsyncBaseTransport):
    """Answers as told, in order, and keeps the requests; an answer may also be an error to raise."""

    def __init__(self, answers: list[httpx.Response | Exception], usual: httpx.Response | None = None) -> None:
        self.answers, self.usual = answers, usual
        self.requests: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        self.requests.append(request)
        answer = self.answers.pop(0) if self.answers else self.usual
        assert answer is not None, "one call too many"
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)
