"""second factors of staff: keys for one-time codes, recovery codes, sessions that await a code"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.types import Instant

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('factors',
    sa.Column('staff_id', sa.String(length=32), nullable=False),
    sa.Column('key_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('made_at', Instant(), nullable=False),
    sa.Column('confirmed_at', Instant(), nullable=True),
    sa.Column('last_step', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_factors_staff_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('staff_id', name=op.f('pk_factors'))
    )
    op.create_table('recovery_codes',
    sa.Column('staff_id', sa.String(length=32), nullable=False),
    sa.Column('code_hash', sa.String(length=64), nullable=False),
    sa.Column('made_at', Instant(), nullable=False),
    sa.Column('used_at', Instant(), nullable=True),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_recovery_codes_staff_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('staff_id', 'code_hash', name=op.f('pk_recovery_codes'))
    )
    op.add_column('sessions', sa.Column('awaits_code', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column('sessions', sa.Column('browser', sa.String(length=80), server_default='', nullable=False))
    op.create_index(op.f('ix_sessions_staff_id'), 'sessions', ['staff_id'])


def downgrade() -> None:
    op.drop_index(op.f('ix_sessions_staff_id'), 'sessions')
    op.drop_column('sessions', 'browser')
    op.drop_column('sessions', 'awaits_code')
    op.drop_table('recovery_codes')
    op.drop_table('factors')
