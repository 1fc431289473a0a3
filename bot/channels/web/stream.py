"""What is new for a page, once as JSON or again and again as server-sent events.

Source: HTML Living Standard §9.2 (server-sent events): `id` comes back as `Last-Event-ID`; an event without data is
dropped.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from bot.channels.web.browser import session
from bot.channels.web.sender import Bell
from bot.channels.web.view import Cursor, Shown, Side, WebView
from bot.errors import StoreError


@dataclass(frozen=True)
class Pace:
    """How often a stream speaks, in seconds.

    Attributes:
        beat: longest silence; the page takes three of them for a broken line.
        watch: how often it looks while the coach is writing, as an answer may be to say nothing.
        life: after which it ends, and the page opens another.
    """

    beat: float = 15.0
    watch: float = 1.0
    life: float = 600.0


@dataclass(frozen=True)
class News:
    """What a page does not know yet."""

    shown: list[Shown]
    cursor: Cursor
    writing: bool


async def news(view: WebView, address: str, after: Cursor) -> News:
    """What came after the cursor.

    Raises:
        StoreError: the store is away.
    """

    def look() -> News:
        writing = view.is_writing(address)  # first: an answer that comes in between is then in `since`
        shown = view.since(address, after)
        return News(shown, after.past(shown), writing)

    return await asyncio.to_thread(look)


def as_json(address: str, new: News) -> dict[str, Any]:
    """The form that the page reads (static/line.js)."""
    return {
        "session": session(address),
        "after": str(new.cursor),
        "writing": new.writing,
        "messages": [_message(shown) for shown in new.shown],
    }


def _message(shown: Shown) -> dict[str, Any]:
    message: dict[str, Any] = {
        "id": f"{shown.side.value}-{shown.number}",
        "from": shown.side.value,
        "text": shown.text,
        "at": shown.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    if shown.buttons and shown.side is Side.COACH:
        message |= {"prompt": shown.number, "buttons": list(shown.buttons)}
    if shown.has_image:
        message["image"] = f"/try/images/{shown.number}"
    return message


async def events(view: WebView, bell: Bell, address: str, after: Cursor, pace: Pace) -> AsyncIterator[str]:
    """A message with all that is new, or a beat, again and again; ends with its life, or when the store is away."""
    clock = asyncio.get_running_loop().time
    ends_at = clock() + pace.life
    was_writing: bool | None = None
    with bell.listen(address) as rung, contextlib.suppress(StoreError):
        while True:
            rung.clear()
            new = await news(view, address, after)
            after = new.cursor
            if new.shown or new.writing != was_writing:
                yield f"id: {after}\ndata: {json.dumps(as_json(address, new))}\n\n"
            else:
                yield "event: beat\ndata: 1\n\n"
            was_writing = new.writing
            left = ends_at - clock()
            if left <= 0 or bell.is_closed:
                return
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(rung.wait(), min(left, pace.watch if new.writing else pace.beat))
