"""Brings a database to the present schema, one process at a time."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import select

from bot.errors import StoreError
from bot.store import names
from bot.store.database import Store
from bot.store.sealing import PLACES
from bot.store.tables import addresses, staff

FOLDER = Path(__file__).parent / "migrations"


def config() -> Config:
    """Alembic's configuration; there is no alembic.ini."""
    made = Config()
    made.set_main_option("script_location", str(FOLDER))
    return made


def migrate(store: Store) -> None:
    """Apply what is missing, and keep the words of names that were set before there was a place for them.

    Raises:
        StoreError: the database is of a newer version than this code, or is away.
        SettingsError: EVENDAY_KEYS doesn't hold the key of what is stored.
    """
    script = ScriptDirectory.from_config(config())
    with store.read() as connection:
        present = MigrationContext.configure(connection).get_current_revision()
    if present == script.get_current_head():
        check_key(store)
        names.fill(store)
        return
    if present is not None and present not in {revision.revision for revision in script.walk_revisions()}:
        raise StoreError("the database was written by a newer Evenday: update this one, or restore an older backup")
    made = config()
    # One transaction, of one process at a time: killed half-way, it leaves the schema as it was.
    with store.write() as connection:
        if not store.is_sqlite:
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7238)")
        made.attributes["connection"] = connection
        command.upgrade(made, "head")
    names.fill(store)


def check_key(store: Store) -> None:
    """Make sure that the keys in force open what is stored, before anything is written with wrong ones.

    Raises:
        SettingsError: they don't.
    """
    for table, column in ((addresses, "address_sealed"), (staff, "name_sealed")):
        with store.read() as connection:
            row = connection.execute(select(table).order_by(table.c.id).limit(1)).one_or_none()
        if row is not None:
            store.vault.open(getattr(row, column), PLACES[f"{table.name}.{column}"](row))
