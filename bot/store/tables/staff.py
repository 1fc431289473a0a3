"""Staff, their teams, and how they come in."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    false,
)

from bot.store.tables.schema import metadata
from bot.store.types import Instant

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
    Column("closed_at", Instant),  # they left: no way in, and every name they signed with stays
    Column("tour_step", Integer),  # where they stand in the tour of the console; None: it is over
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
passkeys = Table(  # WebAuthn credentials; a public key opens nothing
    "passkeys",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("staff_id", String(32), ForeignKey("staff.id", ondelete="CASCADE"), nullable=False),
    Column("credential_id", LargeBinary, nullable=False, unique=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("name", String(80), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("used_at", Instant),
    Index(None, "staff_id"),
)
challenges = Table(  # what a passkey is to sign, good once
    "challenges",
    metadata,
    Column("challenge_hash", String(64), primary_key=True),
    Column("purpose", String(12), nullable=False),
    Column("bound_to", String(64), nullable=False),  # the hash of the cookie of whoever asked
    Column("expires_at", Instant, nullable=False),
    Index(None, "expires_at"),
)
staff_links = Table(  # by which somebody chooses their own password: an invitation, or a new start
    "staff_links",
    metadata,
    Column("link_hash", String(64), primary_key=True),
    Column("staff_id", String(32), ForeignKey("staff.id", ondelete="CASCADE"), nullable=False),
    Column("made_by", String(32)),
    Column("made_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    Index(None, "staff_id"),
)
teams = Table(
    "teams",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("site", String(80), nullable=False),
    Column("name", String(80), nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("site", "name"),
)
memberships = Table(
    "memberships",
    metadata,
    Column("staff_id", String(32), ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True),
    Column("team_id", String(32), ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True),
    Index(None, "team_id"),
)
broken_glass = Table(  # somebody opened a patient of another team, and why; somebody of that team looks at it
    "broken_glass",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("staff_id", String(32), ForeignKey("staff.id", ondelete="CASCADE"), nullable=False),
    Column("patient_id", String(32), ForeignKey("patients.id", ondelete="CASCADE"), nullable=False),
    Column("reason", String(24), nullable=False),
    Column("words_sealed", LargeBinary, nullable=False),
    Column("at", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    Column("reviewed_by", String(32)),
    Column("reviewed_at", Instant),
    Index(None, "staff_id", "until"),
    Index(None, "patient_id"),
)
