"""pages: what their way was told of the escalation since"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('pages', sa.Column('told', sa.String(length=16), nullable=True))
    # What is over by now is no news: nobody is told of it after an update.
    op.execute(
        "UPDATE pages SET told = 'resolved' WHERE escalation_id IN (SELECT id FROM escalations WHERE state = 'resolved')"
    )


def downgrade() -> None:
    op.drop_column('pages', 'told')
