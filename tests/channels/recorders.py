"""What stands for the gateway and for the providers in these tests."""

from __future__ import annotations

from dataclasses import dataclass, field

import httpx

from bot.conversation.message import Inbound
from bot.errors import StoreError

ADDRESSES = ("700700700", "+14155550123")


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
