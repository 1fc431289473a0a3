"""A web channel in miniature: real routes and a real SQLite store, and a stand-in for the conversation behind it."""

from __future__ import annotations

import functools
import tempfile
import warnings
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from starlette.applications import Starlette

from bot.channels.web import Bell, CountryNumbers, Line, StoreView, Wires, routes
from bot.channels.web.stream import Pace
from bot.clock import TurnedClock
from bot.conversation.message import RANK, Inbound, MessageClass
from bot.crypto import Vault, new_key
from bot.errors import StoreError
from bot.settings import Settings
from bot.store import inbox, outbox, patients
from bot.store.database import Store
from bot.store.migrate import migrate
from bot.store.patients import Address
from tests.support.standing import StandingClock

with warnings.catch_warnings():  # starlette 1.10 would rather have httpx2, which is not locked here
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

__all__ = ["Place", "TestClient", "a_place"]

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SELDOM = Pace(beat=0.05, watch=0.05, life=0.12)
NUMBERS = [
    CountryNumbers("GB", "United Kingdom", (Line("Emergency", "Emergency services", "Call 999", "tel:999"),), ("UK",)),
    CountryNumbers("XX", "Anywhere else", (Line("Emergency", "Local number", "Call your local emergency number"),)),
]


@dataclass
class Place:
    """Store, clock and what came in; `away` makes the store refuse."""

    store: Store
    clock: TurnedClock
    settings: Settings
    bell: Bell = field(default_factory=Bell)
    came: list[Inbound] = field(default_factory=list)
    away: bool = False

    async def receive(self, inbound: Inbound) -> None:
        """A `Receive` that stores the message as waiting for its answer."""
        if self.away:
            raise StoreError("the database is away")
        self.came.append(inbound)
        self.hear(inbound.address, inbound.text, inbound.provider_key, inbound.choice)

    def address(self, browser: str) -> Address:
        """The browser's address row, made where it is missing."""
        with self.store.write() as connection:
            found = patients.find(connection, self.store.vault, "web", browser)
            return found or patients.create(
                connection, self.store.vault, "web", browser, self.clock.now(), country="GB", zone="UTC"
            )

    def hear(self, browser: str, text: str, key: str, choice: int | None = None, state: str = "waiting") -> None:
        """Store a message of the person."""
        address = self.address(browser)
        with self.store.write() as connection:
            inbox.put(
                connection,
                self.store.vault,
                patient_id=address.patient_id,
                address_id=address.id,
                provider_key=key,
                form="text",
                text=text,
                choice=choice,
                received_at=self.clock.now(),
                tier="none",
                kind="none",
                evidence=[],
                state=state,
            )

    def say(
        self,
        browser: str,
        text: str,
        buttons: tuple[str, ...] = (),
        *,
        key: str = "",
        image: bytes | None = None,
        kind: MessageClass = MessageClass.REPLY,
        expires_at: datetime | None = None,
        state: str = outbox.WAITING,
    ) -> int:
        """Queue a message of the coach; tells its id."""
        address = self.address(browser)
        with self.store.write() as connection:
            outbox.put(
                connection,
                self.store.vault,
                patient_id=address.patient_id,
                address_id=address.id,
                dedupe_key=key or f"reply:{text}",
                message_class=kind,
                rank=RANK[kind],
                text=text,
                buttons=buttons,
                image=image,
                now=self.clock.now(),
                expires_at=expires_at,
            )
            row = outbox.recent(connection, self.store.vault, address.patient_id, 1)[0]
            outbox.set_state(connection, row.id, state=state)
            return row.id

    def answered(self, browser: str) -> None:
        """Note all of the person's messages as done."""
        address = self.address(browser)
        with self.store.write() as connection:
            for message in inbox.recent(connection, self.store.vault, address.patient_id, 99):
                inbox.set_state(connection, message.id, state=inbox.DONE)

    def client(self, **headers: str) -> TestClient:
        """A browser that has opened the page; its headers are those of the page's own requests unless given."""
        own = {"origin": "http://testserver", "sec-fetch-site": "same-origin"}
        opened = TestClient(self.app(), headers={**own, **headers})
        opened.get("/try", headers={"sec-fetch-site": "none"})
        return opened

    def app(self) -> Starlette:
        """The application."""
        wires = Wires(b"a key", self.bell, lambda: NUMBERS, SELDOM)
        return Starlette(routes=routes(self.settings, self.receive, self.view, wires))

    @property
    def view(self) -> StoreView:
        """What pages are shown."""
        return StoreView(self.store, self.clock)


def a_place(folder: Path) -> Place:
    """A place with an empty store."""
    file = folder / "web.sqlite"
    file.write_bytes(_empty_database())
    store = Store(f"sqlite:///{file}", Vault([new_key()]))
    settings = Settings(_env_file=None, default_country="GB")
    return Place(store, StandingClock(NOON), settings)


@functools.cache
def _empty_database() -> bytes:
    """A migrated database; made once, as migrating takes longer than a test."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "empty.sqlite"
        store = Store(f"sqlite:///{file}", Vault([new_key()]))
        migrate(store)
        store.close()
        return file.read_bytes()
