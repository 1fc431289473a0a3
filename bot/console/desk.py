"""What every page of the console is given; `app.py` of the gateway makes the one that is in force."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment

from bot.clock import Clock
from bot.console.audit.verifying import Verifying
from bot.console.fragments import Fragments
from bot.console.look import environment
from bot.console.measures.settled import Settled
from bot.console.shared import Shared
from bot.console.ways_in.tries import Tries
from bot.content.coach import Coach
from bot.safety.cover import Cover
from bot.settings import Settings
from bot.store.database import Store


def _nothing() -> None:
    return None


@dataclass(frozen=True)
class Console:
    """The console of one site.

    Attributes:
        store: the database.
        clock: the present.
        settings: `site_name`, `default_zone`, `public_url`.
        cover: when staff are on duty; its zone is the one in which staff read times.
        coach: the content: the paging policy with its limits, and the fixed words that a step of staff sends.
        reasons: what each safety rule looks for, in words, by rule id (`RuleBook.rules`: `id` → `why`).
        countries: names of countries by ISO code.
        is_rasa_up: asks Rasa whether it answers, in the gateway's event loop; None: nobody here can ask.
        woken: called after a step was committed that gives workers, post or pager something to do.
        templates: the pages.
        tries: how often a log-in was tried lately.
        verifying: the walk over the audit's chain, while one is under way.
        shared: the readings that all who are told of a change get.
        fragments: pieces of pages that look the same to many readers.
        settled: what the safety figures are made of, as far as it does not change any more.
    """

    store: Store
    clock: Clock
    settings: Settings
    cover: Cover
    coach: Coach
    reasons: Mapping[str, str] = field(default_factory=dict)
    countries: Mapping[str, str] = field(default_factory=dict)
    woken: Callable[[], None] = _nothing
    is_rasa_up: Callable[[], Coroutine[Any, Any, bool]] | None = None
    templates: Environment = field(default_factory=environment)
    tries: Tries = field(default_factory=Tries)
    verifying: Verifying = field(default_factory=Verifying)
    shared: Shared = field(default_factory=Shared)
    fragments: Fragments = field(default_factory=Fragments)
    settled: Settled = field(default_factory=Settled)

    @property
    def zone(self) -> str:
        """The IANA zone in which staff read times."""
        return self.cover.zone if self.cover.days else self.settings.default_zone

    @property
    def needs_factor(self) -> bool:
        """Whether staff must log in with more than a password: a code besides it, or a passkey in its place."""
        return self.settings.second_factor == "required"

    @property
    def is_secure(self) -> bool:
        """Whether staff come by https, so that cookies may say so."""
        return urlsplit(self.settings.public_url).scheme == "https"

    @property
    def session_cookie(self) -> str:
        """Name of the session cookie; `__Host-` keeps other hosts of the domain from setting it (RFC 6265bis)."""
        return "__Host-evenday_console" if self.is_secure else "evenday_console"

    @property
    def visit_cookie(self) -> str:
        """Name of the cookie that the log-in form's token is bound to."""
        return "__Host-evenday_visit" if self.is_secure else "evenday_visit"
