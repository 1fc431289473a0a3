"""Opens the database and hands out transactions; the one place that knows SQLite from PostgreSQL."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.crypto import Vault
from bot.errors import SettingsError, StoreError
from bot.store.prepared import insert_new, tell_driver, upsert

__all__ = ["Connection", "Store", "insert_new", "upsert"]

Outcome = TypeVar("Outcome")
BUSY_SECONDS = 10.0
POOL_SIZE = 8
# FULL: a commit that a provider was told of survives a power cut. NORMAL: it does after the next `sync` or synced one.
SYNCED, UNSYNCED = "PRAGMA synchronous=FULL", "PRAGMA synchronous=NORMAL"


class Store:
    """The database and the vault that seals what goes into it.

    Args:
        url: SQLAlchemy URL, `sqlite:///…` or `postgresql://…` (psycopg 3).
        vault: seals and opens free text, names and addresses.
        busy_seconds: how long to wait for another program that holds SQLite's write lock.

    Raises:
        SettingsError: the URL can't be used.
    """

    def __init__(self, url: str, vault: Vault, *, busy_seconds: float = BUSY_SECONDS) -> None:
        self.vault = vault
        self.engine = _engine(url, busy_seconds)
        self._busy_ms = round(busy_seconds * 1000)
        self._locked_out = False
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._writing = threading.Lock()
        self._writer: Connection | None = None
        self._flushing = threading.Lock()
        self._commits = self._on_disk = 0  # how many were made, and how many of them survive a power cut

    @contextmanager
    def write(self, *, synced: bool = True) -> Iterator[Connection]:
        """One transaction that may write: committed at the end, rolled back on any error.

        SQLite has one writer: ours wait here, in order, instead of in its busy loop.

        Args:
            synced: False where nobody is told anything before `sync` is called, or a later commit is synced, which
                takes this one along: SQLite doesn't wait for the disk then. Until there a power cut may lose it.

        Raises:
            StoreError: the database is away or refused.
        """
        with _as_store_errors():
            if not self.is_sqlite:
                with self.engine.begin() as connection:
                    yield connection
                return
            # `begin` is for SQLAlchemy, to whom our own words to the driver say nothing.
            with self._sqlite_writer() as connection, connection.begin():
                tell_driver(connection, SYNCED if synced else UNSYNCED)
                self._lock(connection)
                try:
                    yield connection
                except BaseException:
                    tell_driver(connection, "ROLLBACK")
                    raise
                tell_driver(connection, "COMMIT")
                self._commits += 1
                if synced:
                    self._on_disk = self._commits

    async def sync(self) -> None:
        """Wait until all that is committed survives a power cut; nobody else waits meanwhile, neither loop nor writer.

        Raises:
            StoreError: the disk refused.
        """
        if self.is_sqlite:
            await asyncio.to_thread(self._flush, self._commits)

    def _flush(self, commits: int) -> None:
        """Put SQLite's log on the disk, unless another thread did so since that many commits: one serves all who wait."""
        with self._flushing:
            if self._on_disk >= commits:
                return
            covered = self._commits
            try:
                # The log is no file that SQLite locks: to open and close it here ends no lock of ours.
                log = os.open(f"{self.engine.url.database}-wal", os.O_RDONLY)
                try:
                    os.fdatasync(log)
                finally:
                    os.close(log)
            except OSError as error:
                raise StoreError(f"the database's log can't be put on the disk ({error.strerror})") from None
            self._on_disk = max(self._on_disk, covered)

    def _lock(self, connection: Connection) -> None:
        """Take SQLite's write lock. Once it was waited for in vain nobody waits again, until it is free.

        The gateway's loop writes itself: if each who writes waited in turn, it would stand still for as long as the lock
        is held, and nobody in danger would be answered from memory.
        """
        in_vain = self._locked_out
        if in_vain:
            tell_driver(connection, "PRAGMA busy_timeout=0")
        try:
            tell_driver(connection, "BEGIN IMMEDIATE")
            self._locked_out = False
        except DBAPIError:
            self._locked_out = True
            raise
        finally:
            if in_vain:
                tell_driver(connection, f"PRAGMA busy_timeout={self._busy_ms}")

    @contextmanager
    def _sqlite_writer(self) -> Iterator[Connection]:
        """The one connection that writes; kept, as to fetch it each time costs more than a statement does."""
        with self._writing:
            if self._writer is None:
                self._writer = self.engine.connect()
            try:
                yield self._writer
            except BaseException:  # whatever it was, the next one begins on another
                writer, self._writer = self._writer, None
                writer.close()
                raise

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One transaction that only reads; sees one state throughout.

        Raises:
            StoreError: the database is away.
        """
        with _as_store_errors(), self.engine.connect() as connection:
            if self.is_sqlite:
                tell_driver(connection, "BEGIN")
            try:
                yield connection
            finally:
                if self.is_sqlite:
                    tell_driver(connection, "ROLLBACK")

    async def run(self, function: Callable[..., Outcome], *arguments: Any) -> Outcome:
        """Run a function that uses this store, without keeping an event loop from its work.

        A transaction on SQLite lasts about a millisecond, less than handing it to a thread and back costs beside a busy
        loop; on PostgreSQL it waits for a network, and a thread waits instead of us.
        """
        if self.is_sqlite:
            return function(*arguments)
        return await asyncio.to_thread(function, *arguments)

    def close(self) -> None:
        """Close all connections."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        self.engine.dispose()


@contextmanager
def _as_store_errors() -> Iterator[None]:
    try:
        yield
    except (OperationalError, sqlite3.OperationalError) as error:
        # The driver's own words may quote values of the statement; its class and code do not.
        code = getattr(getattr(error, "orig", error), "sqlite_errorname", type(error).__name__)
        raise StoreError(f"the database is away or refused the statement ({code})") from None
    except PoolTimeout:
        raise StoreError("the database answers too slowly: every connection is in use") from None
    except DBAPIError as error:
        if type(error) is DatabaseError and isinstance(error.orig, sqlite3.Error):
            code = getattr(error.orig, "sqlite_errorname", "damaged")
            raise StoreError(f"the database's file is damaged or none ({code}): restore a backup") from None
        if error.connection_invalidated:
            raise StoreError("the database closed the connection") from None
        error.args = (type(error.orig).__name__,)  # PostgreSQL's own words quote the row
        raise error from None


def _engine(url: str, busy_seconds: float) -> Engine:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise SettingsError(
            "EVENDAY_DATABASE_URL is no database address: use sqlite:///FILE or postgresql://…"
        ) from None
    if parsed.get_backend_name() == "postgresql":
        address = parsed.set(drivername="postgresql+psycopg")
        return create_engine(
            address, pool_size=POOL_SIZE, pool_pre_ping=True, hide_parameters=True, connect_args={"connect_timeout": 5}
        )
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        raise SettingsError("EVENDAY_DATABASE_URL must start with sqlite:/// or postgresql://")
    try:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(
            f"the database's folder can't be made ({error.strerror}): see EVENDAY_DATABASE_URL"
        ) from None
    engine = create_engine(
        parsed,
        connect_args={"timeout": busy_seconds, "check_same_thread": False},
        pool_size=POOL_SIZE,
        hide_parameters=True,  # an error never quotes values into a log
    )
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # Transactions are begun by us (the driver's own begin is deferred, which deadlocks two writers).
    connection.isolation_level = None
    for pragma in ("PRAGMA journal_mode=WAL", SYNCED, "PRAGMA foreign_keys=ON", "PRAGMA cache_size=-32000"):
        connection.execute(pragma)
