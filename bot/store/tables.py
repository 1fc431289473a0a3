"""Every table. `*_sealed` columns hold ciphertext (see `bot.crypto`); nothing a person wrote is anywhere else.

docs/reference/tables.md tells what each is for; a test keeps the two together.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

from bot.store.types import Instant

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)
Counter = BigInteger().with_variant(Integer, "sqlite")


def _patient(*, primary_key: bool = False) -> Column[str]:
    return Column(
        "patient_id",
        String(32),
        ForeignKey("patients.id", ondelete="CASCADE"),
        nullable=False,
        primary_key=primary_key,
    )


patients = Table(
    "patients",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("code", String(8), nullable=False, unique=True),
    Column("state", String(16), nullable=False),
    Column("mode", String(16), nullable=False),
    Column("coach_sealed", LargeBinary),
    Column("name_sealed", LargeBinary),
    Column("country", String(2), nullable=False),
    Column("zone", String(64), nullable=False),
    Column("language", String(8), nullable=False),
    Column("checkin_time", String(5)),
    Column("created_at", Instant, nullable=False),
    Column("enrolled_at", Instant),
    Column("paused_until", Instant),
    Column("rests_since", Instant),
    Column("unanswered", Integer, nullable=False, default=0),
    Column("demo", Boolean, nullable=False, default=False),
)
addresses = Table(
    "addresses",
    metadata,
    Column("id", String(32), primary_key=True),
    _patient(),
    Column("channel", String(16), nullable=False),
    Column("address_sealed", LargeBinary, nullable=False),
    Column("address_hash", String(64), nullable=False),
    Column("opted_out_at", Instant),
    Column("closed_at", Instant),
    Column("last_in_at", Instant),
    UniqueConstraint("channel", "address_hash"),
    Index(None, "patient_id"),
)
consents = Table(
    "consents",
    metadata,
    Column("id", String(32), primary_key=True),
    _patient(),
    Column("version", String(64), nullable=False),
    Column("given_at", Instant, nullable=False),
    Column("withdrawn_at", Instant),
    Index(None, "patient_id"),
)
conversations = Table(
    "conversations",
    metadata,
    Column("id", String(32), primary_key=True),
    _patient(),
    Column("started_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("turns", Integer, nullable=False, default=0),
    Index(None, "patient_id", "last_at"),
)
positions = Table(
    "positions",
    metadata,
    _patient(primary_key=True),
    Column("place_sealed", LargeBinary, nullable=False),
    Column("updated_at", Instant, nullable=False),
)
lanes = Table(
    "lanes",
    metadata,
    _patient(primary_key=True),
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
    _patient(),
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
    Index(None, "received_at"),
)
turns = Table(
    "turns",
    metadata,
    Column("message_id", Counter, ForeignKey("inbox.id", ondelete="CASCADE"), primary_key=True),
    Column("action", String(64), primary_key=True),
    _patient(),
    Column("outcome", String(16), nullable=False),
    Column("replies_sealed", LargeBinary, nullable=False),
)
outbox = Table(
    "outbox",
    metadata,
    Column("id", Counter, primary_key=True, autoincrement=True),
    _patient(),
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
    Index(None, "provider_id"),
)
due = Table(
    "due",
    metadata,
    _patient(primary_key=True),
    Column("kind", String(24), primary_key=True),
    Column("at", Instant, nullable=False),
    Index(None, "at"),
)
checkins = Table(
    "checkins",
    metadata,
    Column("id", String(32), primary_key=True),
    _patient(),
    Column("local_on", Date, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("completed_at", Instant),
    Column("pain", Float),
    Column("sleep", Float),
    Column("mood", Float),
    Column("activity", Float),
    Column("detail_sealed", LargeBinary),
    UniqueConstraint("patient_id", "local_on"),
)
exercises = Table(
    "exercises",
    metadata,
    Column("id", String(32), primary_key=True),
    _patient(),
    Column("kind", String(32), nullable=False),
    Column("skill", String(48), nullable=False),
    Column("state", String(16), nullable=False),
    Column("data_sealed", LargeBinary, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Index(None, "patient_id", "kind", "created_at"),
)
escalations = Table(
    "escalations",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("code", String(8), nullable=False, unique=True),
    _patient(),
    Column("tier", String(12), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("message_id", Counter, ForeignKey("inbox.id", ondelete="SET NULL")),
    Column("owner_id", String(32), ForeignKey("staff.id")),
    Column("resolution_sealed", LargeBinary),
    Column("resolved_at", Instant),
    Column("version", Integer, nullable=False, default=1),
    Index(None, "state", "opened_at"),
    Index(None, "patient_id", "opened_at"),
)
escalation_events = Table(
    "escalation_events",
    metadata,
    Column("id", Counter, primary_key=True, autoincrement=True),
    Column("escalation_id", String(32), ForeignKey("escalations.id", ondelete="CASCADE"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("event", String(24), nullable=False),
    Column("staff_id", String(32), ForeignKey("staff.id")),
    Column("message_id", Counter, ForeignKey("inbox.id", ondelete="SET NULL")),
    Column("detail_sealed", LargeBinary),
    Index(None, "escalation_id", "id"),
)
staff = Table(
    "staff",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("login", String(64), nullable=False, unique=True),
    Column("name_sealed", LargeBinary, nullable=False),
    Column("role", String(16), nullable=False),
    Column("password_hash", String(160), nullable=False),
    Column("failed", Integer, nullable=False, default=0),
    Column("locked_until", Instant),
    Column("created_at", Instant, nullable=False),
)
sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("staff_id", String(32), ForeignKey("staff.id", ondelete="CASCADE"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
)
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
invitations = Table(
    "invitations",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    Column("patient_id", String(32), ForeignKey("patients.id", ondelete="SET NULL")),
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
