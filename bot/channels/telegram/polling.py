"""Fetches updates for a machine that has no public address; one poller for a token, and no webhook.

Source: TG "Getting updates" and getUpdates: `offset` confirms all updates below it, and only then are they dropped.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import TypeVar

import httpx
import structlog

from bot.channels.network import hush
from bot.channels.telegram.intake import Courtesy, Intake
from bot.channels.telegram.secrets import bot_id, bot_token
from bot.channels.telegram.staff import Staff
from bot.conversation.message import Receive, SetAside
from bot.errors import SendError, StoreError
from bot.settings import Settings

ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")
LONGEST_WAIT_SECONDS = 60.0
_CONFLICT_SECONDS = 30.0

log = structlog.get_logger()
Result = TypeVar("Result")


@dataclass(frozen=True)
class _Fetched:
    """One answer to getUpdates: the updates, or how long to wait before asking again and why."""

    updates: tuple[object, ...] = ()
    wait_seconds: float | None = None  # None: there is no trouble; 0: back off by our own count
    why: str = ""


async def poll(
    settings: Settings,
    receive: Receive,
    set_aside: SetAside,
    stop: asyncio.Event,
    courtesy: Courtesy | None = None,
    *,
    staff: Staff | None = None,
    long_poll_seconds: int = 25,
    pause_seconds: float = 0.5,
    first_wait_seconds: float = 1.0,
    transport: httpx.AsyncBaseTransport | None = None,
) -> None:
    """Fetch and store updates until `stop` is set; an update that is being stored is finished first.

    An update counts as fetched only after `receive` has returned: what fails is fetched again. Failures are waited
    out, doubling from `first_wait_seconds` to a minute; a 429 is waited out as Telegram says.

    Args:
        settings: token and address of the Bot API server.
        receive: stores what a person sent; may raise StoreError.
        set_aside: keeps what can't be read; may raise StoreError.
        stop: ends the loop within a moment, also in the middle of a long poll.
        courtesy: the `TelegramSender`, to answer presses and leave groups.
        staff: takes what staff do in their chats.
        long_poll_seconds: how long Telegram may hold an empty answer back.
        pause_seconds: wait after an empty answer, for servers that don't hold it back.
        first_wait_seconds: wait after the first failure in a row.
        transport: another way to reach the server, for tests.

    Raises:
        SendError: Telegram refuses the token; asking again is of no use.
        SettingsError: the token is unusable.
    """
    hush()
    intake = Intake(bot_id(settings), receive, set_aside, courtesy, staff)
    url = f"{settings.telegram_api_url.rstrip('/')}/bot{bot_token(settings)}/getUpdates"
    offset, failures = 0, 0
    async with httpx.AsyncClient(transport=transport, timeout=long_poll_seconds + 10) as client:
        while not stop.is_set():
            asked = {"offset": offset, "timeout": long_poll_seconds, "allowed_updates": list(ALLOWED_UPDATES)}
            fetched = await _unless(stop, _fetch(client, url, asked))
            if fetched is None:
                break
            before, offset = offset, await _store(intake, fetched.updates, offset)
            stuck = fetched.wait_seconds is not None or (bool(fetched.updates) and offset == before)
            failures = failures + 1 if stuck else 0
            if stuck:
                ours = min(first_wait_seconds * 2 ** min(failures - 1, 10), LONGEST_WAIT_SECONDS)
                wait = fetched.wait_seconds or ours
                log.warning("telegram.poll.waits", why=fetched.why or "store", seconds=wait)
                await _unless(stop, asyncio.sleep(wait))
            elif not fetched.updates:
                await _unless(stop, asyncio.sleep(pause_seconds))


async def _fetch(client: httpx.AsyncClient, url: str, asked: dict[str, object]) -> _Fetched:
    try:
        answer = await client.post(url, json=asked)
        body = answer.json()
    except httpx.HTTPError as error:
        return _Fetched(wait_seconds=0, why=type(error).__name__)
    except ValueError:
        return _Fetched(wait_seconds=0, why="no JSON")
    if not isinstance(body, dict):
        return _Fetched(wait_seconds=0, why="no object")
    if answer.status_code == 200 and isinstance(body.get("result"), list):
        return _Fetched(tuple(body["result"]))
    return _refusal(answer.status_code, body)


def _refusal(status: int, body: dict[str, object]) -> _Fetched:
    if status in (401, 404):  # TG: 404 for a malformed token
        raise SendError("Telegram refuses the bot's token: set EVENDAY_TELEGRAM_TOKEN as @BotFather shows it")
    if status == 409:
        return _Fetched(wait_seconds=_CONFLICT_SECONDS, why="409: another poller, or a webhook is set")
    parameters = body.get("parameters")
    seconds = parameters.get("retry_after") if isinstance(parameters, dict) else None
    return _Fetched(wait_seconds=float(seconds) if isinstance(seconds, int | float) else 0, why=str(status))


async def _store(intake: Intake, updates: tuple[object, ...], offset: int) -> int:
    """Store in order; the offset after the last one that was stored."""
    for update in updates:
        number = update.get("update_id") if isinstance(update, dict) else None
        if not isinstance(number, int):
            log.error("telegram.poll.no_update_id")
            continue
        try:
            owed = await intake.take(update, json.dumps(update).encode())
        except StoreError:
            log.error("telegram.in.store_away")
            return offset
        offset = number + 1
        await intake.follow(owed)
    return offset


async def _unless(stop: asyncio.Event, work: Coroutine[None, None, Result]) -> Result | None:
    """The result of `work`, or None with `work` cancelled if `stop` comes first."""
    working, stopping = asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        for task in (working, stopping):
            task.cancel()
        await asyncio.gather(working, stopping, return_exceptions=True)
