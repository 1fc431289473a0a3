"""Patients who keep on talking, and Telegram's habit of delivering until it is told 200."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from dataclasses import dataclass, field

import httpx

from tests.faults.provider import SECRET, Provider

SCRIPTS = (
    ("check in", "6", "about five hours", "so so", "walked a bit", "yes", "thanks"),
    ("pacing", "walking the dog", "20 minutes", "is this going to help?", "15", "yes", "every day", "in the morning"),
    (
        "I have a negative thought",
        "everybody thinks that I am lazy",
        "is this confidential?",
        "sad",
        "8",
        "skip",
        "skip",
        "later",
    ),
    ("breathing exercise", "yes", "who are you?", "finished", "a bit calmer", "thank you", "check in", "4"),
    ("check in", "seven", "sorry, 6 not 7", "badly", "how much does it cost?", "so so", "later", "no"),
    ("menu", "hello", "check in", "5", "what can you do?", "well", "fine", "good morning", "how am I doing?"),
    ("pacing", "gardening", "can I talk to a human?", "no", "half an hour", "no", "no", "menu"),
)
UPDATES = itertools.count(1)
AGAIN_SECONDS = 0.25


@dataclass
class Talker:
    """One patient: what was delivered, by the provider's key, in order."""

    chat: str
    script: tuple[str, ...]
    delivered: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)


async def talk(talker: Talker, webhook: str, provider: Provider, seed: int, until: asyncio.Event) -> None:
    """Send the script over and over until told to end, at times without waiting for an answer."""
    chance = random.Random(f"{seed} {talker.chat}")
    async with httpx.AsyncClient(trust_env=False, timeout=20) as client:
        for n in itertools.count():
            if until.is_set():
                return
            before = provider.to(talker.chat)
            await deliver(client, talker, talker.script[n % len(talker.script)], webhook)
            if chance.random() < 0.3:  # some write three lines in a row
                await asyncio.sleep(chance.uniform(0, 0.2))
                continue
            await _answered(provider, talker.chat, before, until)
            await asyncio.sleep(chance.uniform(0.2, 1.5))


async def _answered(provider: Provider, chat: str, before: int, until: asyncio.Event) -> None:
    deadline = time.monotonic() + 5
    while provider.to(chat) == before and time.monotonic() < deadline and not until.is_set():
        await asyncio.sleep(0.05)


async def deliver(
    client: httpx.AsyncClient, talker: Talker, text: str, webhook: str, most_wait: float = AGAIN_SECONDS
) -> None:
    """Offer one update until it is taken: the same again after any error, as Telegram does, in doubling waits."""
    number, now, wait = next(UPDATES), int(time.time()), AGAIN_SECONDS
    person = {"id": int(talker.chat), "is_bot": False, "first_name": "A"}
    message = {
        "message_id": number,
        "date": now,
        "chat": {"id": int(talker.chat), "type": "private", "first_name": "A"},
        "from": person,
        "text": text,
    }
    body = {"update_id": number, "message": message}
    while True:
        try:
            answer = await client.post(webhook, json=body, headers={"X-Telegram-Bot-Api-Secret-Token": SECRET})
            if answer.status_code == httpx.codes.OK:
                break
        except httpx.HTTPError:
            pass
        await asyncio.sleep(wait)
        wait = min(most_wait, 2 * wait)
    talker.delivered.append(str(number))
    talker.texts.append(text)
