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
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    false,
    text,
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
    Column("taken_over_by", String(32)),
    Column("taken_over_at", Instant),
    Column("taken_over_last_at", Instant),
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
    Column("clock_at", Instant),
    Column("page_round", Integer, nullable=False, default=0, server_default="0"),
    Column("page_step", Integer, nullable=False, default=0, server_default="0"),
    Column("next_page_at", Instant),
    Column("paged_at", Instant),
    Column("acknowledged_at", Instant),
    Column("contact_due_at", Instant),
    Column("contacted_at", Instant),
    Column("tries", Integer, nullable=False, default=0, server_default="0"),
    Column("review_due_at", Instant),
    Column("handing_to", String(32)),
    Column("resolved_by", String(32)),
    Column("read_due_at", Instant),
    Column("read_by", String(32)),
    Column("read_at", Instant),
    Column("seen_said_at", Instant),
    Column("drill", Boolean, nullable=False, default=False, server_default=false()),
    Column("missed", Boolean, nullable=False, default=False, server_default=false()),
    Index(None, "state", "opened_at"),
    Index(None, "patient_id", "opened_at"),
    Index(None, "next_page_at"),
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
    # The password was right, and the code is yet to come: it opens nothing but the page that asks for it.
    Column("awaits_code", Boolean, nullable=False, default=False, server_default=false()),
    Column("browser", String(80), nullable=False, default="", server_default=""),
    Index(None, "staff_id"),
)
factors = Table(  # keys for one-time codes; one that is not confirmed is asked of nobody
    "factors",
    metadata,
    Column("staff_id", String(32), ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True),
    Column("key_sealed", LargeBinary, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("confirmed_at", Instant),
    Column("last_step", BigInteger, nullable=False),
)
recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("staff_id", String(32), ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True),
    Column("code_hash", String(64), primary_key=True),
    Column("made_at", Instant, nullable=False),
    Column("used_at", Instant),
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
# How staff are reached. One row a way; a Telegram chat has its address once the person has followed their link.
contacts = Table(
    "contacts",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("staff_id", String(32), ForeignKey("staff.id", ondelete="CASCADE"), nullable=False),
    Column("way", String(12), nullable=False),
    Column("place", Integer, nullable=False),
    Column("address_sealed", LargeBinary),
    Column("address_hash", String(64)),
    Column("link_hash", String(64), unique=True),
    Column("link_until", Instant),
    Column("created_at", Instant, nullable=False),
    Column("verified_at", Instant),
    Column("last_outcome", String(12)),
    Column("last_why", String(80)),
    Column("last_at", Instant),
    UniqueConstraint("staff_id", "way", "address_hash"),
    Index(None, "address_hash"),
)
shifts = Table(
    "shifts",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("staff_id", String(32), ForeignKey("staff.id", ondelete="CASCADE"), nullable=False),
    Column("role", String(12), nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("instead_of", String(32), ForeignKey("shifts.id", ondelete="CASCADE")),
    Column("made_by", String(32)),
    Column("made_at", Instant, nullable=False),
    Index(None, "ends_at"),
)
pages = Table(
    "pages",
    metadata,
    Column("id", Counter, primary_key=True, autoincrement=True),
    Column("escalation_id", String(32), ForeignKey("escalations.id", ondelete="CASCADE"), nullable=False),
    Column("round", Integer, nullable=False),
    Column("step", Integer, nullable=False),
    Column("reason", String(16), nullable=False),
    Column("staff_id", String(32), ForeignKey("staff.id")),
    Column("contact_id", String(32), ForeignKey("contacts.id", ondelete="SET NULL")),
    Column("way", String(12), nullable=False),
    Column("tier", String(12), nullable=False),
    Column("again", Integer, nullable=False, default=0),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("token_sealed", LargeBinary, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("state", String(12), nullable=False),
    Column("not_before", Instant, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("attempted_at", Instant),
    Column("provider_id", String(80)),
    Column("why", String(80)),
    Column("accepted_at", Instant),
    Column("delivered_at", Instant),
    Column("drill", Boolean, nullable=False, default=False),
    Column("told", String(16)),
    UniqueConstraint("escalation_id", "round", "step", "contact_id"),
    Index(None, "state", "not_before"),
    Index(None, "contact_id", "state"),
)
# What must not be forgotten about a person in danger: a safety question without answer, the check-in of the next day,
# the end of a takeover. Not `due`: STOP clears that, and ends none of these.
vigils = Table(
    "vigils",
    metadata,
    _patient(primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("tier", String(12), nullable=False, default="none"),
    Index(None, "at"),
)
troubles = Table(  # what the operator was told of, one row while it lasts
    "troubles",
    metadata,
    Column("kind", String(48), primary_key=True),
    Column("since", Instant, nullable=False),
    Column("told_at", Instant),
    Column("what", String(200), nullable=False),
    Column("claimed_at", Instant),
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
