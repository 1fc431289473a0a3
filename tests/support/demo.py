"""The made-up people, put into a store as `evenday demo add` puts them."""

from __future__ import annotations

from functools import cache

from bot.app import CONTENT
from bot.clock import Clock
from bot.content.demo import Demo, load_demo
from bot.demo import Stage, add
from bot.safety.cover import parse
from bot.settings import Settings
from bot.store.database import Store
from tests.support import once


@cache
def people() -> Demo:
    """All of them, as content has them."""
    return load_demo(CONTENT / "demo", once.coach())


def put_in(store: Store, clock: Clock, cover: str = "", demo: Demo | None = None) -> int:
    """Play them into a store; tells how many."""
    given = Settings(_env_file=None)
    return add(Stage(store, once.coach(), once.whole_screen(), given, parse(cover), demo or people()), clock)
