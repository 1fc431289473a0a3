"""an index of people who are made up"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        'ix_patients_demo', 'patients', ['id'], sqlite_where=sa.text('demo = 1'), postgresql_where=sa.text('demo')
    )


def downgrade() -> None:
    op.drop_index('ix_patients_demo', 'patients')
