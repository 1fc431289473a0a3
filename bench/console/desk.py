"""A console on a built clinic, as the gateway makes it, and browsers of those who are logged in."""

from __future__ import annotations

from dataclasses import dataclass, field

import httpx
from starlette.applications import Starlette

from bench.console.house import COVER, ZONE
from bench.console.plan import NOW
from bot.clock import TurnedClock
from bot.console.app import Console, routes
from bot.console.forms import csrf_token
from bot.console.ways_in import codes
from bot.safety.cover import parse
from bot.settings import Settings
from bot.store import factors, sessions, staff
from bot.store.database import Store
from bot.store.types import StaffId
from tests.support import once

HOST = "http://console"
SAME_ORIGIN = {"origin": HOST, "sec-fetch-site": "same-origin"}


def console(store: Store) -> Console:
    """The console of a clinic; its clock goes on from where the clinic stands."""
    coach = once.coach()
    return Console(
        store=store,
        clock=TurnedClock(NOW),
        settings=Settings(_env_file=None, default_zone=ZONE),
        cover=parse(COVER),
        coach=coach,
        reasons={rule.id: rule.why for rule in coach.rules.rules},
        countries={country.code: country.name for country in coach.countries.values()},
    )


def log_in(desk: Console, who: StaffId, token: str) -> None:
    """Begin a session, as a right password would."""
    with desk.store.write() as connection:
        sessions.begin(connection, who, token, desk.clock.now(), browser="Firefox on a phone")


@dataclass
class Browser:
    """The browser of somebody of the staff, logged in."""

    console: Console
    login: str
    client: httpx.AsyncClient = field(init=False)
    csrf: str = field(init=False)

    def __post_init__(self) -> None:
        vault, token = self.console.store.vault, f"the session of {self.login}"
        with self.console.store.write() as connection:
            who = staff.by_login(connection, vault, self.login)
            assert who is not None
            factors.begin(
                connection, vault, who.id, codes.new_key(), self.console.clock.now()
            )  # so that its page shows
        log_in(self.console, who.id, token)
        self.csrf = csrf_token(vault, token)
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(Starlette(routes=routes(self.console))),
            base_url=HOST,
            headers=SAME_ORIGIN,
            cookies={self.console.session_cookie: token},
        )
