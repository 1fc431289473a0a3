"""A gateway that can't be kept up can't tell so itself: the supervisor does, once, and once when it is back."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import httpx

from bot.supervisor import ALARM_SECONDS, Part, Supervisor


def test_the_operator_is_told_once_after_a_minute_and_once_when_it_is_back() -> None:
    told: list[str] = []

    def tell(_title: str, text: str) -> bool:
        told.append(text)
        return True

    part = Part("gateway", [], {}, "http://gateway.test/healthz", Path("x"), 30)
    part.process = Living()  # type: ignore[assignment]
    well = False

    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200 if well else 503)

    async def looks(supervisor: Supervisor, times: int) -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
            for _ in range(times):
                await supervisor._alarm(client, part)

    supervisor = Supervisor([part], lambda line: None, tell)
    part.well_at = time.monotonic()
    asyncio.run(looks(supervisor, 2))
    assert told == []
    part.well_at -= ALARM_SECONDS + 1
    asyncio.run(looks(supervisor, 3))
    assert told == ["gateway has not answered for a minute, and is being started again"]
    well = True
    asyncio.run(looks(supervisor, 3))
    assert told[1:] == ["gateway is back"]


class Living:
    """A process that runs."""

    def poll(self) -> Any:
        """It has not ended."""
