"""Puts millions of rows into a database: in bulk, with its indexes made last, and with nobody waiting for the disk."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select, text

from bot.store.database import Store
from bot.store.tables import metadata

PIECE = 20_000  # rows that are kept before they are written
Row = dict[str, Any]


class Loader:
    """Takes rows of any table, and writes those of parents before those of their children.

    Args:
        connection: an open transaction. Every row of a table must have the same columns, and all that can't be NULL.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.is_sqlite = connection.dialect.name == "sqlite"
        self._rows: dict[str, list[Row]] = {}
        self._kept = 0

    def put(self, table: Table, **row: Any) -> None:
        """Take one row."""
        self._rows.setdefault(table.name, []).append(row)
        self._kept += 1
        if self._kept >= PIECE:
            self.flush()

    def flush(self) -> None:
        """Write all that was taken."""
        for table in metadata.sorted_tables:
            rows = self._rows.pop(table.name, [])
            if rows:
                self._write(table, rows)
        self._kept = 0

    def _write(self, table: Table, rows: list[Row]) -> None:
        if self.is_sqlite:
            self.connection.execute(insert(table), rows)
            return
        columns = list(rows[0])
        driver: Any = self.connection.connection.driver_connection
        named = ", ".join(f'"{name}"' for name in columns)
        with driver.cursor().copy(f'COPY "{table.name}" ({named}) FROM STDIN') as copy:
            for row in rows:
                copy.write_row([row[name] for name in columns])


@contextlib.contextmanager
def loading(store: Store) -> Iterator[Loader]:
    """A loader for an empty database of the present schema that nobody else uses; all is there once the block ends."""
    store.close()  # SQLite leaves its log only where this is the one connection
    with store.engine.connect() as connection:
        if store.is_sqlite:
            # No log to fall back on: if this is cut short, the file is thrown away.
            for pragma in ("journal_mode=OFF", "synchronous=OFF", "foreign_keys=OFF", "cache_size=-400000"):
                connection.exec_driver_sql(f"PRAGMA {pragma}")
            connection.exec_driver_sql("BEGIN")
        else:
            connection.execute(text("SET session_replication_role = replica"))  # as with foreign_keys: checked below
            connection.execute(text("SET maintenance_work_mem = '256MB'"))
        indexes = [index for table in metadata.sorted_tables for index in table.indexes]
        for index in indexes:
            index.drop(connection)
        made = Loader(connection)
        yield made
        made.flush()
        for index in indexes:
            index.create(connection)
        if store.is_sqlite:
            assert not connection.exec_driver_sql("PRAGMA foreign_key_check").first(), (
                "a row names another that is none"
            )
            connection.exec_driver_sql("COMMIT")
        else:
            _go_on_counting(connection)
            connection.commit()
    store.close()  # what was set above ends with its connection
    _settle(store)


def _go_on_counting(connection: Connection) -> None:
    """PostgreSQL hands out numbers of its own: let them begin after those that came with the rows."""
    for table in metadata.sorted_tables:
        column = table.autoincrement_column
        if column is not None:
            sequence = func.pg_get_serial_sequence(table.name, column.name)
            connection.execute(
                select(func.setval(sequence, func.coalesce(select(func.max(column)).scalar_subquery(), 1)))
            )


def _settle(store: Store) -> None:
    """Leave the database as one that has been in use for long: PostgreSQL's own upkeep has been by."""
    with store.engine.connect() as connection:
        if store.is_sqlite:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            raw = connection.execution_options(isolation_level="AUTOCOMMIT")
            raw.execute(text("VACUUM ANALYZE"))
            raw.execute(text("CHECKPOINT"))
