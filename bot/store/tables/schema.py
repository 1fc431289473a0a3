"""What all tables share: the names of constraints, counters, and the column that names a patient."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, MetaData, String

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)
Counter = BigInteger().with_variant(Integer, "sqlite")


def of_patient(*, primary_key: bool = False) -> Column[str]:
    """The patient whom a row is about; it goes with them."""
    return Column(
        "patient_id",
        String(32),
        ForeignKey("patients.id", ondelete="CASCADE"),
        nullable=False,
        primary_key=primary_key,
    )
