"""an index of parked messages"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    parked = sa.text("state = 'parked'")
    op.create_index('ix_inbox_parked', 'inbox', ['state', 'patient_id'], sqlite_where=parked, postgresql_where=parked)


def downgrade() -> None:
    op.drop_index('ix_inbox_parked', 'inbox')
