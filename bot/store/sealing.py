"""Where every sealed column belongs: used to seal all of them again with a new key."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy import Column, Connection, Row, Table, and_, select, update

from bot.crypto import Vault
from bot.store import names
from bot.store.database import Store
from bot.store.escalations import event_place
from bot.store.inbox import aside_place
from bot.store.tables import metadata

BATCH = 500

PLACES: Mapping[str, Callable[[Row[Any]], str]] = {
    "patients.coach_sealed": lambda row: f"patients.coach:{row.id}",
    "patients.name_sealed": lambda row: names.place(row.id),
    "addresses.address_sealed": lambda row: f"addresses.address:{row.id}",
    "positions.place_sealed": lambda row: f"positions.place:{row.patient_id}",
    "inbox.text_sealed": lambda row: f"inbox.text:{row.provider_key}",
    "inbox.evidence_sealed": lambda row: f"inbox.evidence:{row.provider_key}",
    "turns.replies_sealed": lambda row: f"turns.replies:{row.message_id}:{row.action}",
    "outbox.reply_sealed": lambda row: f"outbox.reply:{row.dedupe_key}",
    "checkins.detail_sealed": lambda row: f"checkins.detail:{row.id}",
    "exercises.data_sealed": lambda row: f"exercises.data:{row.id}",
    "escalations.resolution_sealed": lambda row: f"escalations.resolution:{row.id}",
    "escalation_events.detail_sealed": lambda row: event_place(row.escalation_id, row.event, row.at),
    "staff.name_sealed": lambda row: f"staff.name:{row.id}",
    "factors.key_sealed": lambda row: f"factors.key:{row.staff_id}",
    "contacts.address_sealed": lambda row: f"contacts.address:{row.id}",
    "pages.token_sealed": lambda row: f"pages.token:{row.token_hash}",
    "agreements.data_sealed": lambda row: f"agreements.data:{row.id}",
    "canned_replies.text_sealed": lambda row: f"canned_replies.text:{row.id}",
    "broken_glass.words_sealed": lambda row: f"broken_glass.words:{row.id}",
    "set_aside.body_sealed": lambda row: aside_place(row.channel, row.why, row.at),
}


def sealed_columns() -> Iterator[Column[Any]]:
    """Every column that holds ciphertext."""
    for table in metadata.sorted_tables:
        yield from (column for column in table.columns if column.name.endswith("_sealed"))


def rotate(store: Store, say: Callable[[str], None]) -> int:
    """Seal every value again that is not sealed with the newest key; safe to interrupt and to run beside the gateway.

    Returns:
        How many values were sealed again.
    """
    total = 0
    for column in sealed_columns():
        count = _rotate_column(store, column)
        if count:
            say(f"{column}: {count}")
        total += count
    return total


def _rotate_column(store: Store, column: Column[Any]) -> int:
    table, place, count = column.table, PLACES[str(column)], 0
    assert isinstance(table, Table)
    keys = list(table.primary_key.columns)
    with store.read() as connection:
        found = connection.execute(select(*keys).where(column.isnot(None))).all()
    for start in range(0, len(found), BATCH):
        with store.write() as connection:
            for key in found[start : start + BATCH]:
                which = and_(*(part == value for part, value in zip(keys, key, strict=True)))
                count += _rotate_value(connection, store.vault, table, column, which, place)
    return count


def _rotate_value(
    connection: Connection,
    vault: Vault,
    table: Table,
    column: Column[Any],
    which: Any,
    place: Callable[[Row[Any]], str],
) -> int:
    # Locked, or what the gateway writes between the two statements would be lost (SQLite has one writer anyhow).
    row = connection.execute(select(table).where(which).with_for_update()).one_or_none()
    sealed = getattr(row, column.name) if row else None
    if row is None or sealed is None or vault.is_current(sealed):
        return 0
    again = vault.seal(vault.open(sealed, place(row)), place(row))
    connection.execute(update(table).where(which).values({column.name: again}))
    return 1
