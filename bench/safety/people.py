"""Those who write: a crowd that chats at a human pace, and people in danger, each message until the gateway has taken it."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass, field

import httpx

from bench.safety.verdict import Cry
from tests.faults.people import Talker, deliver

CONNECTIONS = 40  # Telegram's default for a webhook
MOST_WAIT_SECONDS = 8.0  # between two offers; Telegram's own waits double up to a minute or two
RISK_MOST_WAIT_SECONDS = 1.0
# Text, and whether it is an emergency (two routes at once) or urgent (one).
CRIES = (
    ("I want to kill myself tonight", True),
    ("I want to kill myself", False),
    ("I am going to end my life, I have the pills here", True),
    ("I don't want to live any more", False),
    ("I took an overdose an hour ago", True),
    ("I'm about to jump", True),
    ("I can't go on, I'd rather be dead", False),
    ("I have taken all of my tablets, I want to die", True),
)


@dataclass
class Line:
    """The way of messages to the gateway, as Telegram delivers them."""

    webhook: str
    client: httpx.AsyncClient
    cries: list[Cry] = field(default_factory=list)
    said: int = 0

    async def chat(self, talker: Talker, every_seconds: float, seed: int, until: asyncio.Event) -> None:
        """Go through a script over and over, a line about every so many seconds, whatever comes back."""
        chance = random.Random(f"{seed} {talker.chat}")
        pause, n = chance.uniform(0, every_seconds), 0
        while not until.is_set():
            try:
                await asyncio.wait_for(until.wait(), pause)
            except TimeoutError:
                await deliver(
                    self.client, talker, talker.script[n % len(talker.script)], self.webhook, MOST_WAIT_SECONDS
                )
                self.said += 1
            pause, n = chance.uniform(0.5, 1.5) * every_seconds, n + 1

    async def cry(self, talker: Talker, which: int, after_seconds: float) -> Cry:
        """Write that one is in danger."""
        await asyncio.sleep(after_seconds)
        text, is_emergency = CRIES[which % len(CRIES)]
        at = time.monotonic()
        await deliver(self.client, talker, text, self.webhook, RISK_MOST_WAIT_SECONDS)
        made = Cry(talker.chat, talker.delivered[-1], at, is_emergency)
        self.cries.append(made)
        return made


def line(webhook: str) -> Line:
    """A new one; close its client afterwards."""
    limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
    return Line(webhook, httpx.AsyncClient(trust_env=False, timeout=20, limits=limits))
