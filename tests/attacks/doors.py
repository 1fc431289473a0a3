"""The whole public port as the gateway serves it, over a real store: every channel is on, nothing leaves the machine."""

from __future__ import annotations

import asyncio
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, Route
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]  # twilio ships no types

from bot.app import Gateway
from bot.clock import TurnedClock
from bot.crypto import new_key
from bot.door import Dressed
from bot.serve import Channels, public_app
from bot.settings import Settings
from tests.support.once import coach, screen

with warnings.catch_warnings():  # starlette 1.10 would rather have httpx2, which is not locked here
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
HERE = "https://coach.example"
NOWHERE = "http://127.0.0.1:9"  # nobody listens there
BOT, SECRET, TWILIO = "123456", "a-secret-of-telegrams", "a token of twilio's"


@dataclass
class Doors:
    """The gateway, and the application that its public port serves."""

    gateway: Gateway
    channels: Channels
    app: Dressed

    def client(self, **given: Any) -> TestClient:
        """Somebody from anywhere; an answer of 500 is an answer, and no redirect is followed."""
        return TestClient(self.app, HERE, raise_server_exceptions=False, follow_redirects=False, **given)

    def close(self) -> None:
        """Let go of providers and store."""

        async def both() -> None:
            await self.channels.close()
            await self.gateway.stop()

        asyncio.run(both())

    def signed(self, path: str, form: dict[str, str], token: str = TWILIO, base: str = HERE) -> dict[str, str]:
        """The header by which Twilio would sign a form."""
        return {"X-Twilio-Signature": RequestValidator(token).compute_signature(base + path, form)}

    def paths(self) -> Iterator[tuple[str, str]]:
        """(method, path) of every route, with a 7 in the place of each parameter."""
        assert isinstance(self.app.app, Starlette)
        yield from _paths(self.app.app.routes, "")


def _paths(routes: list[BaseRoute], before: str) -> Iterator[tuple[str, str]]:
    for route in routes:
        if isinstance(route, Mount):
            yield from _paths(route.routes or [Route("/x", _paths)], before + route.path)
        elif isinstance(route, Route):
            path = re.sub(r"\{\w+\}", "7", before + route.path_format)
            yield from ((method, path) for method in sorted(route.methods or ()))


def open_doors(folder: Path, **given: Any) -> Doors:
    """A gateway whose loops do not run."""
    settings = Settings(
        _env_file=None,
        **{
            "home": folder,
            "keys": new_key(),
            "database_url": f"sqlite:///{folder / 'doors.sqlite'}",
            "public_url": HERE,
            "telegram_api_url": NOWHERE,
            "twilio_api_url": NOWHERE,
            "telegram_token": f"{BOT}:{'a' * 35}",
            "telegram_secret": SECRET,
            "twilio_account_sid": "AC" + "0" * 32,
            "twilio_auth_tokens": TWILIO,
            "twilio_messaging_service_sid": "MG" + "0" * 32,
            "twilio_call_from": "+14155550100",
            **given,
        },
    )
    channels = Channels(settings)
    gateway = Gateway(
        settings, channels.senders(), clock=TurnedClock(NOON), coach=coach(), screen=screen(), pagers=channels.pagers()
    )
    gateway.dialogue = gateway.worker.dialogue = NoRasa()  # type: ignore[assignment]  # duck
    return Doors(gateway, channels, public_app(gateway, channels))


class NoRasa:
    """No Rasa runs here. The real one's connections belong to one event loop, and each request of these tests has its own."""

    async def is_up(self) -> bool:
        """It is not."""
        return False

    async def close(self) -> None:
        """Nothing is open."""
