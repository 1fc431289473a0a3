"""What staff saw and did, and the weekly blind read."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, ForeignKeyConstraint, Index, Integer, String, Table

from bot.store.tables.schema import Counter, metadata
from bot.store.types import Instant

audit = Table(
    "audit",
    metadata,
    Column("id", Counter, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False),
    Column("staff_id", String(32)),
    Column("action", String(40), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("detail", String(200), nullable=False, default=""),
    Column("link", String(64), nullable=False),
    Index(None, "subject", "id"),
)
audit_head = Table(  # one row: a chain over all links ever written, so that entries cut off at the end are missed
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("link", String(64), nullable=False),
)
# The weekly blind read: messages that nothing flagged, chosen by a seed that is kept, and what each reader said of each.
# A message that is deleted leaves its line and its verdicts, which say nothing of whose it was.
blind_reads = Table(
    "blind_reads",
    metadata,
    Column("week_on", Date, primary_key=True),
    Column("seed", String(32), nullable=False),
    Column("pool", Integer, nullable=False),
    Column("drawn_at", Instant, nullable=False),
    Column("drawn_by", String(32)),
)
blind_lines = Table(
    "blind_lines",
    metadata,
    Column("week_on", Date, ForeignKey("blind_reads.week_on", ondelete="CASCADE"), primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("message_id", Counter, ForeignKey("inbox.id", ondelete="SET NULL")),
    Index(None, "message_id"),
)
blind_marks = Table(
    "blind_marks",
    metadata,
    Column("week_on", Date, primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("staff_id", String(32), ForeignKey("staff.id"), primary_key=True),
    Column("verdict", String(8), nullable=False),
    Column("at", Instant, nullable=False),
    ForeignKeyConstraint(["week_on", "place"], ["blind_lines.week_on", "blind_lines.place"], ondelete="CASCADE"),
)
