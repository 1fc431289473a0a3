"""whom to call for a person, and their safety plan"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.types import Instant

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('agreements',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('patient_id', sa.String(length=32), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('data_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('made_by', sa.String(length=32)),
    sa.Column('made_at', Instant(), nullable=False),
    sa.ForeignKeyConstraint(
        ['patient_id'], ['patients.id'], name=op.f('fk_agreements_patient_id'), ondelete='CASCADE'
    ),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_agreements')),
    sa.UniqueConstraint('patient_id', 'kind', 'version', name=op.f('uq_agreements_patient_id_kind_version'))
    )


def downgrade() -> None:
    op.drop_table('agreements')
