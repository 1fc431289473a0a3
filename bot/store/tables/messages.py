"""What came and what goes out, and whose turn it is."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String, Table, text

from bot.store.tables.schema import Counter, metadata, of_patient
from bot.store.types import Instant

lanes = Table(
    "lanes",
    metadata,
    of_patient(primary_key=True),
    Column("ready_at", Instant),
    Column("lease_until", Instant),
    Column("holder", String(32)),
)
Index(
    "ix_lanes_ready",
    lanes.c.ready_at,
    sqlite_where=lanes.c.ready_at.isnot(None),
    postgresql_where=lanes.c.ready_at.isnot(None),
)
inbox = Table(
    "inbox",
    metadata,
    Column("id", Counter, primary_key=True, autoincrement=True),
    of_patient(),
    Column("address_id", String(32), ForeignKey("addresses.id", ondelete="CASCADE"), nullable=False),
    Column("provider_key", String(160), nullable=False, unique=True),
    Column("form", String(12), nullable=False),
    Column("text_sealed", LargeBinary, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("conversation_id", String(32)),
    Column("tier", String(12), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("evidence_sealed", LargeBinary),
    Column("intent", String(64)),
    Column("state", String(12), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("not_before", Instant, nullable=False),
    Column("done_at", Instant),
    Index(None, "patient_id", "state", "id"),
    Index(None, "patient_id", "received_at"),  # a time line of thousands of messages is read a page at a time
    Index(None, "received_at"),
)
Index(  # few, and looked for among all that people ever wrote
    "ix_inbox_parked",
    inbox.c.state,
    inbox.c.patient_id,
    sqlite_where=inbox.c.state == text("'parked'"),
    postgresql_where=inbox.c.state == text("'parked'"),
)
turns = Table(
    "turns",
    metadata,
    Column("message_id", Counter, ForeignKey("inbox.id", ondelete="CASCADE"), primary_key=True),
    Column("action", String(64), primary_key=True),
    of_patient(),
    Column("outcome", String(16), nullable=False),
    Column("replies_sealed", LargeBinary, nullable=False),
)
outbox = Table(
    "outbox",
    metadata,
    Column("id", Counter, primary_key=True, autoincrement=True),
    of_patient(),
    Column("address_id", String(32), ForeignKey("addresses.id", ondelete="CASCADE"), nullable=False),
    Column("dedupe_key", String(160), nullable=False, unique=True),
    Column("message_class", String(12), nullable=False),
    Column("rank", Integer, nullable=False),
    Column("reply_sealed", LargeBinary, nullable=False),
    Column("asked", String(96)),
    Column("created_at", Instant, nullable=False),
    Column("not_before", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("state", String(12), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("attempted_at", Instant),
    Column("provider_id", String(80)),
    Column("why", String(80)),
    Column("sent_at", Instant),
    Index(None, "state", "rank", "not_before"),
    Index(None, "patient_id", "id"),
    Index(None, "patient_id", "created_at"),
    Index(None, "provider_id"),
)
set_aside = Table(
    "set_aside",
    metadata,
    Column("id", Counter, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False),
    Column("channel", String(16), nullable=False),
    Column("why", String(200), nullable=False),
    Column("body_sealed", LargeBinary, nullable=False),
)
holds = Table(
    "holds",
    metadata,
    Column("sender", String(96), primary_key=True),
    Column("until", Instant, nullable=False),
    Column("why", String(80), nullable=False),
)
