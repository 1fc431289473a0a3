"""Two transactions at once on PostgreSQL: the second waits for a row of the first's, and goes on as the first commits."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from sqlalchemy import Connection, text

from bot.store.database import Store

Outcome = TypeVar("Outcome")
PATIENCE_SECONDS = 10.0
_waits = text("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")


def second(
    store: Store,
    first: Callable[[Connection], Any],
    then: Callable[[], Outcome],
    last: Callable[[Connection], Any] = lambda connection: None,
) -> Outcome:
    """What `then`, which makes its own transaction, comes to.

    Args:
        store: where both work.
        first: what is written before `then` begins, and not committed.
        then: the second transaction.
        last: what the first one does besides, once the second waits for it; it commits after that.
    """
    with ThreadPoolExecutor(1) as threads:
        with store.write() as connection:
            first(connection)
            going = threads.submit(then)
            wait_for_lock(store, going)
            last(connection)
        return going.result(PATIENCE_SECONDS)


def wait_for_lock(store: Store, going: Future[Any]) -> None:
    """Until a transaction waits for another one's lock, or `going` is over: then nothing kept it waiting."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not going.done():
        with store.read() as connection:
            if connection.execute(_waits).first() is not None:
                return
        assert time.monotonic() < until, "nobody waits"
