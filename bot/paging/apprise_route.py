"""Pages by e-mail, push and chat services, one apprise URL each (https://github.com/caronc/apprise)."""

from __future__ import annotations

import asyncio
import logging
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from bot.paging.route import Page, PageOutcome, PageResult, Way

TRY_SECONDS = 8.0
TITLE = "Evenday"

# apprise logs what it sends, and to which address: none of that may reach a disk.
logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
# Sends a text to an apprise URL, in the calling thread; False where the service refused, None where the URL is none.
Notify = Callable[[str, str, str], bool | None]


@contextmanager
def _apprise() -> Iterator[Any]:
    with warnings.catch_warnings():  # it imports a module that Python 3.13 drops, and does without it there
        warnings.simplefilter("ignore", DeprecationWarning)
        import apprise  # half a second, and only where a page goes this way

        yield apprise.Apprise()


def notify(url: str, title: str, body: str) -> bool | None:
    """Send one message by one apprise URL."""
    with _apprise() as sender:
        return bool(sender.notify(body=body, title=title)) if sender.add(url) else None


class AppriseRoute:
    """A `Route` over apprise. It tells no more than yes or no: a refusal is tried again, by the next way in the end.

    Args:
        send: hands a message over; another one in tests.
    """

    way = Way.APPRISE

    def __init__(self, send: Notify = notify) -> None:
        self._send = send

    async def page(self, page: Page) -> PageResult:
        """Offer one page; in a thread, as apprise waits for the service."""
        title = f"{'DRILL ' if page.is_drill else ''}{TITLE}: {page.tier}"
        try:
            async with asyncio.timeout(TRY_SECONDS):
                done = await asyncio.to_thread(self._send, page.to, title, page.words)
        except TimeoutError:  # the thread goes on, and may yet deliver
            return PageResult(PageOutcome.UNKNOWN, why="no answer in time")
        except Exception as error:
            return PageResult(PageOutcome.UNKNOWN, why=type(error).__name__)
        if done is None:
            return PageResult(PageOutcome.FAILED, why="is no apprise URL")
        return PageResult(PageOutcome.ACCEPTED) if done else PageResult(PageOutcome.RETRY, why="the service refused")


def is_url(url: str) -> bool:
    """Whether apprise knows what to do with a URL."""
    with _apprise() as sender:
        return bool(sender.add(url))


def teller(urls: Sequence[str], send: Notify = notify) -> Callable[[str, str], bool] | None:
    """Tells the operator by every one of some apprise URLs; None where there are none."""

    def tell(title: str, text: str) -> bool:
        return sum(_surely(send, url, title, text) for url in urls) > 0  # by every one, not only the first that works

    return tell if urls else None


def _surely(send: Notify, url: str, title: str, text: str) -> bool:
    try:
        return bool(send(url, title, text))
    except Exception:  # a library's fault must not end the loop that looks for trouble
        return False
