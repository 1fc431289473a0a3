"""the weekly blind read: what was chosen, and what readers said of it"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.types import Instant

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('blind_reads',
    sa.Column('week_on', sa.Date(), nullable=False),
    sa.Column('seed', sa.String(length=32), nullable=False),
    sa.Column('pool', sa.Integer(), nullable=False),
    sa.Column('drawn_at', Instant(), nullable=False),
    sa.Column('drawn_by', sa.String(length=32), nullable=True),
    sa.PrimaryKeyConstraint('week_on', name=op.f('pk_blind_reads'))
    )
    op.create_table('blind_lines',
    sa.Column('week_on', sa.Date(), nullable=False),
    sa.Column('place', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('message_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.ForeignKeyConstraint(['week_on'], ['blind_reads.week_on'], name=op.f('fk_blind_lines_week_on'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['message_id'], ['inbox.id'], name=op.f('fk_blind_lines_message_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('week_on', 'place', name=op.f('pk_blind_lines'))
    )
    with op.batch_alter_table('blind_lines', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_blind_lines_message_id'), ['message_id'], unique=False)

    op.create_table('blind_marks',
    sa.Column('week_on', sa.Date(), nullable=False),
    sa.Column('place', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('staff_id', sa.String(length=32), nullable=False),
    sa.Column('verdict', sa.String(length=8), nullable=False),
    sa.Column('at', Instant(), nullable=False),
    sa.ForeignKeyConstraint(['week_on', 'place'], ['blind_lines.week_on', 'blind_lines.place'], name=op.f('fk_blind_marks_week_on'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_blind_marks_staff_id')),
    sa.PrimaryKeyConstraint('week_on', 'place', 'staff_id', name=op.f('pk_blind_marks'))
    )


def downgrade() -> None:
    op.drop_table('blind_marks')
    with op.batch_alter_table('blind_lines', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_blind_lines_message_id'))

    op.drop_table('blind_lines')
    op.drop_table('blind_reads')
