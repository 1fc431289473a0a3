"""troubles: one process claims what it tells the operator"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.types import Instant

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('troubles', sa.Column('claimed_at', Instant(), nullable=True))


def downgrade() -> None:
    op.drop_column('troubles', 'claimed_at')
