"""What the ways of paging share: one try within its time, lost calls as outcomes, and what comes back from staff."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import httpx

from bot.paging.route import PageOutcome, PageResult, Way

CALL_SECONDS = 4.0  # for connecting, and again for the answer
TRY_SECONDS = 6.0  # for all of one try, however slowly the answer drips

# Raised before a byte of the request has left (httpx, "Exceptions"): it is safe to send again.
_NOT_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)

# Takes the escalation in the name of who was paged: the page's token, by which way; the words to say back, also where
# the token is unknown or somebody else has it. A repeat changes nothing. May raise StoreError.
Acknowledge = Callable[[str, Way], Awaitable[str]]
# The same for a text from a number (E.164): the words to say back, or None where it acknowledges nothing.
AcknowledgeReply = Callable[[str, str], Awaitable[str | None]]
# Whether a text from a number (E.164) has the form of an acknowledgement and the number is a staff member's.
IsReply = Callable[[str, str], Awaitable[bool]]
# Links a chat to the staff member whom a code (without `staff_`) was made for: code, chat id; the words to say back.
LinkStaff = Callable[[str, str], Awaitable[str]]
# A provider's later word on a page: its id, `accepted`, `delivered` or `failed`, and why. Any order, with repeats.
ReportPage = Callable[[int, str, str], Awaitable[None]]


async def within(seconds: float, attempt: Awaitable[PageResult]) -> PageResult:
    """What `attempt` gives; UNKNOWN if it takes longer than `seconds`, since the page may be out."""
    try:
        async with asyncio.timeout(seconds):
            return await attempt
    except TimeoutError:
        return PageResult(PageOutcome.UNKNOWN, why="no answer in time")


def lost(error: httpx.HTTPError) -> PageResult:
    """RETRY where the request surely did not leave, UNKNOWN otherwise."""
    outcome = PageOutcome.RETRY if isinstance(error, _NOT_LEFT) else PageOutcome.UNKNOWN
    return PageResult(outcome, why=type(error).__name__)
