"""A whole copy of the store in one file that either database can take back. What is sealed stays sealed in it."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from alembic.migration import MigrationContext
from sqlalchemy import Connection, Date, LargeBinary, Table, func, insert, select

from bot.errors import InputError, StoreError
from bot.store import demos
from bot.store.database import Store
from bot.store.tables import metadata
from bot.store.types import Instant

FORM = "evenday backup 1"
NO_BACKUP = "is no whole file that `evenday backup` wrote: nothing was restored"
BATCH = 500
# What a first start writes by itself, or whoever looks at it then; made-up people go besides.
FIRST_START = ("sessions", "challenges", "staff", "troubles", "audit", "audit_head")


def write(store: Store, file: Path) -> int:
    """Copy everything, as it stands at one instant, while the gateway runs.

    Returns:
        How many rows.

    Raises:
        InputError: the file exists already or can't be written.
        StoreError: the database is away.
    """
    count = 0
    try:
        with store.read() as connection, gzip.open(file, "xt", encoding="utf-8") as out:
            if not store.is_sqlite:
                connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            head = {"form": FORM, "revision": MigrationContext.configure(connection).get_current_revision()}
            out.write(json.dumps(head) + "\n")
            for table in metadata.sorted_tables:
                for row in connection.execute(select(table)).yield_per(BATCH):
                    out.write(
                        json.dumps([table.name, {name: _plain(value) for name, value in row._asdict().items()}]) + "\n"
                    )
                    count += 1
            out.write(json.dumps({"rows": count}) + "\n")
    except OSError as error:
        raise InputError(
            f"{file}: {error.strerror}: name a file that does not exist, in a folder that can be written"
        ) from None
    return count


def _plain(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
    return value.isoformat() if isinstance(value, datetime | date) else value


def restore(store: Store, file: Path) -> int:
    """Put a copy back, whole or not at all, into a database that holds nobody yet who is not made up.

    Returns:
        How many rows.

    Raises:
        InputError: the file is no backup, is cut short, or is of another schema.
        StoreError: the database is not empty.
    """
    with store.write() as connection:
        demos.remove(connection)
        for table in metadata.sorted_tables:
            if table.name not in FIRST_START and connection.execute(select(table).limit(1)).first() is not None:
                raise StoreError(f"the database holds {table.name} already: restore into an empty one")
        for name in FIRST_START:
            connection.execute(metadata.tables[name].delete())
        revision = MigrationContext.configure(connection).get_current_revision()
        count = sum(_insert(connection, table, rows) for table, rows in _batches(file, revision))
        if not store.is_sqlite:
            _restart_counters(connection)
    return count


def _insert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> int:
    connection.execute(insert(table), rows)
    return len(rows)


def _batches(file: Path, revision: str | None) -> Iterator[tuple[Table, list[dict[str, Any]]]]:
    rows: list[dict[str, Any]] = []
    name, count, whole = "", 0, False
    lines = _lines(file)
    _check_head(file, next(lines, None), revision)
    for line in lines:
        if isinstance(line, dict):
            whole = line.get("rows") == count
            continue
        if whole or not isinstance(line, list) or len(line) != 2 or line[0] not in metadata.tables:
            raise InputError(f"{file}: {NO_BACKUP}")
        if rows and (line[0] != name or len(rows) >= BATCH):
            yield metadata.tables[name], rows
            rows = []
        name = line[0]
        rows.append(_typed(metadata.tables[name], line[1]))
        count += 1
    if rows:
        yield metadata.tables[name], rows
    if not whole:
        raise InputError(f"{file}: is cut short: nothing was restored")


def _check_head(file: Path, head: Any, revision: str | None) -> None:
    if not isinstance(head, dict) or head.get("form") != FORM:
        raise InputError(f"{file}: {NO_BACKUP}")
    if head.get("revision") != revision:
        raise InputError(
            f"{file}: is of schema {head.get('revision')}, this is {revision}: use the Evenday that wrote it"
        )


def _lines(file: Path) -> Iterator[Any]:
    try:
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line)
    except (OSError, EOFError, ValueError):
        raise InputError(f"{file}: {NO_BACKUP}") from None


def _typed(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    return {name: _value(table.columns[name].type, value) for name, value in row.items()}


def _value(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, LargeBinary):
        return base64.b64decode(value)
    if isinstance(kind, Instant):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if isinstance(kind, Date) else value


def _restart_counters(connection: Connection) -> None:
    """The next id of each table comes after the restored ones: one that stands already would fail a later commit."""
    for table in metadata.sorted_tables:
        if (counter := table.autoincrement_column) is not None:
            sequence = func.pg_get_serial_sequence(table.name, counter.name)
            last = select(func.coalesce(func.max(counter), 1)).scalar_subquery()
            connection.execute(select(func.setval(sequence, last)))
