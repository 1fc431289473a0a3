"""What goes between paging and the ways in which a person can be reached: the only types that both know."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable


class Way(StrEnum):
    """How a page reaches somebody."""

    CALL = "call"  # a phone call by Twilio: speaks, and takes a pressed key
    SMS = "sms"
    TELEGRAM = "telegram"
    APPRISE = "apprise"  # e-mail, push and chat services, one URL each
    WEBHOOK = "webhook"  # signed, in the form of PagerDuty Events v2
    LINK = "link"  # no way to page by: the page's own link was opened


class PageOutcome(StrEnum):
    """All that can come of one try to page."""

    ACCEPTED = "accepted"  # handed over; `provider_id` names it there
    RETRY = "retry"  # surely not handed over: try again soon
    UNKNOWN = "unknown"  # may have been handed over: pages go again, twice is better than never
    FAILED = "failed"  # this way does not work for this contact: take the next one


@dataclass(frozen=True)
class Page:
    """One page on its way. It carries a code and a link, and nothing of a patient's (safety.md §5).

    Attributes:
        id: ours; status reports name it.
        to: number (E.164), chat id, apprise URL or webhook URL; sealed when stored, never logged.
        tier: `emergency`, `urgent` or `watch`: how loud it is.
        code: the escalation's short code, as staff see it.
        link: where it can be acknowledged; the bearer of the link acknowledges in the name of who was paged.
        token: the link's secret, for ways that acknowledge without the link (a button, a pressed key).
        again: how many times this person was paged for it before.
        is_drill: a marked test.
    """

    id: int
    to: str
    tier: str
    code: str
    link: str
    token: str
    again: int = 0
    is_drill: bool = False

    @property
    def words(self) -> str:
        """One line, at most one SMS segment: "Evenday: emergency, code K7QXM. https://…"."""
        mark = "DRILL, not real. " if self.is_drill else ""
        repeat = f" (again, {self.again + 1})" if self.again else ""
        return f"{mark}Evenday: {self.tier}, code {self.code}{repeat}. {self.link}"


@dataclass(frozen=True)
class PageResult:
    """What came of one try. `why` is the provider's code in a few words, without address."""

    outcome: PageOutcome
    provider_id: str | None = None
    why: str = ""


class Route(Protocol):
    """One way of paging; a channel or service implements it."""

    way: Way

    async def page(self, page: Page) -> PageResult:
        """Offer one page, once, within a few seconds. Never raises for what the provider does."""
        ...


class News(StrEnum):
    """What becomes of an escalation after its pages."""

    TAKEN = "acknowledged"
    OVER = "resolved"


@runtime_checkable
class Follows(Protocol):
    """A way that can show later what became of a page: so that nobody goes on answering what somebody has."""

    way: Way

    async def follow(self, page: Page, provider_id: str, news: News, words: str) -> PageResult:
        """Show it, once, within a few seconds. Never raises for what the provider does.

        Args:
            page: the page, as it was sent.
            provider_id: its `PageResult.provider_id`; "" where the way gave none.
            words: who has it; no more than a page may say.
        """
        ...
