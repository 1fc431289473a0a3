"""Streams of events: nobody takes all of them, and who gets none is served all the same.

Of the console's own see tests/console/test_console_stream.py (`test_one_login_can_not_take_all_streams`).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

import pytest
from doors import HERE, Doors

from bot.channels.web.browser import new_browser
from bot.channels.web.guard import ALL_STREAMS, STREAMS
from bot.console.stream import AT_ONCE, PER_SESSION
from bot.door import Limits

OURS = {"origin": HERE, "sec-fetch-site": "same-origin"}


def crowd(_cookie: str) -> list[str]:
    """As many browsers as there are streams, each with a cookie of its own."""
    return [new_browser() for _ in range(ALL_STREAMS)]


def greedy(cookie: str) -> list[str]:
    """One browser, with as many tabs as it may have."""
    return [cookie.partition(".")[0]] * STREAMS


@pytest.mark.parametrize("who", [crowd, greedy], ids=["a crowd of cookies", "one browser"])
def test_a_stream_too_many_is_refused_and_the_page_goes_on_by_asking(
    doors: Doors, who: Callable[[str], list[str]]
) -> None:
    client = doors.client(headers=OURS)
    client.get("/try")
    with ExitStack() as stack:
        for browser in who(client.cookies["evenday_chat"]):
            stack.enter_context(doors.channels.bell.listen(browser))
        assert client.get("/try/stream").status_code == 429
        assert client.get("/try/messages").status_code == 200
        assert client.post("/try/messages", json={"id": new_browser(), "text": "hello"}).status_code == 200
    assert doors.channels.bell.all_listeners == 0


def test_all_streams_together_leave_room_for_who_asks_and_for_providers() -> None:
    assert PER_SESSION < AT_ONCE and STREAMS < ALL_STREAMS
    assert Limits().connections >= AT_ONCE + ALL_STREAMS + 100
