"""Who takes part, and what they told and did."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    text,
)

from bot.store.tables.schema import metadata, of_patient
from bot.store.types import Instant

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
    Column("team_id", String(32)),  # None: of no team, so every reader's
    Index(None, "team_id", "created_at"),
    Index(None, "created_at"),
)
Index(  # a handful at most, and asked for by whatever lists or counts
    "ix_patients_demo",
    patients.c.id,
    sqlite_where=text("demo = 1"),
    postgresql_where=text("demo"),
)
name_words = Table(  # the words of first names by keyed hash, to find people by: nobody reads a name here
    "name_words",
    metadata,
    of_patient(primary_key=True),
    Column("word_hash", String(64), primary_key=True),
    Index(None, "word_hash"),
)
addresses = Table(
    "addresses",
    metadata,
    Column("id", String(32), primary_key=True),
    of_patient(),
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
    of_patient(),
    Column("version", String(64), nullable=False),
    Column("given_at", Instant, nullable=False),
    Column("withdrawn_at", Instant),
    Index(None, "patient_id"),
)
invitations = Table(
    "invitations",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    Column("patient_id", String(32), ForeignKey("patients.id", ondelete="SET NULL")),
    Column("team_id", String(32)),
)
conversations = Table(
    "conversations",
    metadata,
    Column("id", String(32), primary_key=True),
    of_patient(),
    Column("started_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("turns", Integer, nullable=False, default=0),
    Index(None, "patient_id", "last_at"),
)
positions = Table(
    "positions",
    metadata,
    of_patient(primary_key=True),
    Column("place_sealed", LargeBinary, nullable=False),
    Column("updated_at", Instant, nullable=False),
)
due = Table(
    "due",
    metadata,
    of_patient(primary_key=True),
    Column("kind", String(24), primary_key=True),
    Column("at", Instant, nullable=False),
    Index(None, "at"),
)
checkins = Table(
    "checkins",
    metadata,
    Column("id", String(32), primary_key=True),
    of_patient(),
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
    of_patient(),
    Column("kind", String(32), nullable=False),
    Column("skill", String(48), nullable=False),
    Column("state", String(16), nullable=False),
    Column("data_sealed", LargeBinary, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Index(None, "patient_id", "kind", "created_at"),
)
Index(  # few, and looked for among all that people ever practised
    "ix_exercises_open_requests",
    exercises.c.created_at,
    sqlite_where=text("kind = 'request' AND state = 'open'"),
    postgresql_where=text("kind = 'request' AND state = 'open'"),
)
agreements = (
    Table(  # what staff agreed on with a person, version after version: whom to call for them, their safety plan
        "agreements",
        metadata,
        Column("id", String(32), primary_key=True),
        of_patient(),
        Column("kind", String(16), nullable=False),
        Column("version", Integer, nullable=False),
        Column("data_sealed", LargeBinary, nullable=False),
        Column("made_by", String(32)),
        Column("made_at", Instant, nullable=False),
        UniqueConstraint("patient_id", "kind", "version"),
    )
)
