"""Statements that are built once: to build one at each call costs three times as much as to run it."""

from __future__ import annotations

import sqlite3
from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Dialect, Executable, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, MultipleResultsFound, NoResultFound, StatementError

from bot.errors import StoreError

Build = Callable[[Any], Executable]  # from the dialect's own `insert`, which alone knows of conflicts


class Rows:
    """What a statement found, all of it, and how many rows it changed."""

    def __init__(self, found: list[Any], rowcount: int) -> None:
        self.found, self.rowcount = found, rowcount

    def __iter__(self) -> Iterator[Any]:
        return iter(self.found)

    def all(self) -> list[Any]:
        """Every row."""
        return self.found

    def first(self) -> Any:
        """The first row, or None."""
        return self.found[0] if self.found else None

    def one_or_none(self) -> Any:
        """The only row, or None.

        Raises:
            MultipleResultsFound: there are more.
        """
        if len(self.found) > 1:
            raise MultipleResultsFound("one row at most was looked for, and there are more")
        return self.first()

    def one(self) -> Any:
        """The only row.

        Raises:
            NoResultFound: there is none.
            MultipleResultsFound: there are more.
        """
        if not self.found:
            raise NoResultFound("one row was looked for, and there is none")
        return self.one_or_none()

    def scalar_one_or_none(self) -> Any:
        """The first column of the only row, or None."""
        row = self.one_or_none()
        return None if row is None else row[0]


class _Plan(NamedTuple):
    """A statement as SQLite's driver takes it: where each value comes from, and how it is written and read back."""

    sql: str
    names: tuple[str | None, ...]  # None: the value is the statement's own
    own: tuple[Any, ...]
    writers: tuple[Callable[[Any], Any] | None, ...]
    readers: tuple[tuple[int, Callable[[Any], Any]], ...]
    row: Callable[[Iterable[Any]], Any] | None  # None: nothing is read


class Prepared:
    """One statement, called with a connection and its values.

    On PostgreSQL SQLAlchemy runs it. On SQLite the compiled words go straight to the driver, with SQLAlchemy's own
    conversions of types: 10 us where its way takes 60.

    Args:
        statement: has a `bindparam` for each value it is called with; or builds one from a dialect's `insert`. An
            update or insert takes columns besides, by their names.
    """

    def __init__(self, statement: Executable | Build) -> None:
        self._statement = statement
        self._built: dict[str, Executable] = {}
        self._plans: dict[tuple[str, ...], _Plan | None] = {}

    def __call__(self, connection: Connection, /, **values: Any) -> Rows:
        """Run it.

        Raises:
            DBAPIError: the database refused it.
        StatementError: a value is none that its column may hold.
        """
        if connection.dialect.name == "sqlite":
            names = tuple(values)
            if names not in self._plans:
                self._plans[names] = _plan(self._on(connection.dialect), connection.dialect, names)
            plan = self._plans[names]
            if plan is not None:
                return _run(plan, connection, values)
        result = connection.execute(self._on(connection.dialect), values)
        return Rows(list(result.all()) if result.returns_rows else [], result.rowcount)

    def _on(self, dialect: Dialect) -> Any:
        if dialect.name not in self._built:
            given, insert = self._statement, sqlite.insert if dialect.name == "sqlite" else postgresql.insert
            self._built[dialect.name] = given if isinstance(given, Executable) else given(insert)
        return self._built[dialect.name]


class _Given(NamedTuple):
    """Stands for a value that comes with the call."""

    name: str


def _plan(statement: Any, dialect: Dialect, names: tuple[str, ...]) -> _Plan | None:
    """How to run a statement without SQLAlchemy; None where it must: lists of values, and defaults that it fills in."""
    compiled = statement.compile(dialect=dialect, column_keys=list(names))
    if compiled.insert_prefetch or compiled.update_prefetch or compiled.post_compile_params:
        return None
    values = compiled.construct_params({name: _Given(name) for name in names})
    places = [values[name] for name in compiled.positiontup]
    types = [compiled.binds[name].type.dialect_impl(dialect) for name in compiled.positiontup]
    writers = [kind.bind_processor(dialect) for kind in types]
    columns = list(statement.exported_columns)
    readers = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
    fields = namedtuple("Row", [str(column.key) for column in columns], rename=True)  # type: ignore[misc]
    return _Plan(
        str(compiled),
        tuple(place.name if isinstance(place, _Given) else None for place in places),
        tuple(
            None if isinstance(place, _Given) else write(place) if write else place
            for place, write in zip(places, writers, strict=True)
        ),
        tuple(writers),
        tuple((n, read) for n, read in enumerate(readers) if read),
        fields._make if columns else None,
    )


def _run(plan: _Plan, connection: Connection, values: dict[str, Any]) -> Rows:
    try:
        written = [
            own if name is None else write(values[name]) if write else values[name]
            for name, own, write in zip(plan.names, plan.own, plan.writers, strict=True)
        ]
    except Exception as error:
        raise StatementError(type(error).__name__, plan.sql, None, error, hide_parameters=True) from error
    found, rowcount = tell_driver(connection, plan.sql, written)
    return Rows([_read(plan, row) for row in found] if plan.row else [], rowcount)


def tell_driver(connection: Connection, sql: str, values: Sequence[Any] = ()) -> tuple[list[Any], int]:
    """Run words on SQLite's driver itself; tells the rows, unread, and how many were changed.

    Raises:
        DBAPIError: the database refused it; SQLAlchemy's own error for it.
    """
    driver: Any = connection.connection.driver_connection
    try:
        cursor = driver.execute(sql, values)
        return cursor.fetchall(), cursor.rowcount
    except sqlite3.Error as error:
        raise DBAPIError.instance(sql, None, error, sqlite3.Error, hide_parameters=True) from None


def _read(plan: _Plan, row: Iterable[Any]) -> Any:
    assert plan.row is not None
    cells = list(row)
    for n, read in plan.readers:
        cells[n] = read(cells[n])
    return plan.row(cells)


@cache
def _inserting(table: Table, keys: tuple[str, ...]) -> Prepared:
    # Not `rowcount`: with psycopg it is -1 after such an insert, whether or not the row went in.
    return Prepared(
        lambda insert: (
            insert(table).on_conflict_do_nothing(index_elements=keys).returning(next(iter(table.primary_key)))
        )
    )


@cache
def _upserting(table: Table, keys: tuple[str, ...], changed: tuple[str, ...]) -> Prepared:
    def build(insert: Any) -> Executable:
        new = insert(table)
        taken = {name: new.excluded[name] for name in changed}
        return new.on_conflict_do_update(index_elements=keys, set_=taken)  # type: ignore[no-any-return]

    return Prepared(build)


def insert_new(connection: Connection, table: Table, values: dict[str, Any], keys: list[str]) -> Any:
    """Insert a row unless one with the same `keys` stands.

    Returns:
        The first column of the new row's primary key; None where nothing was inserted.
    """
    return _inserting(table, tuple(keys))(connection, **values).scalar_one_or_none()


def insert_coded(connection: Connection, table: Table, values: dict[str, Any], codes: Iterable[str]) -> None:
    """Insert a row under the first of some random codes that no other row has.

    Codes are short, as people say them aloud: one that stands already must not fail the commit of a danger message.

    Raises:
        StoreError: every one of them stands already.
    """
    if not any(insert_new(connection, table, {**values, "code": code}, ["code"]) for code in codes):
        raise StoreError(f"every code that was tried stands in {table.name} already")


def upsert(
    connection: Connection, table: Table, values: dict[str, Any], keys: list[str], changed: Iterable[str]
) -> None:
    """Insert a row, or change the columns `changed` to the new values in the one that has the same `keys`."""
    _upserting(table, tuple(keys), tuple(changed))(connection, **values)
