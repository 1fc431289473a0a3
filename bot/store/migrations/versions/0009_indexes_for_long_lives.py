"""indexes for patients with thousands of messages, and for requests that wait among all exercises"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    open_ones = sa.text("kind = 'request' AND state = 'open'")
    op.create_index(
        'ix_exercises_open_requests', 'exercises', ['created_at'], sqlite_where=open_ones, postgresql_where=open_ones
    )
    op.create_index(op.f('ix_inbox_patient_id_received_at'), 'inbox', ['patient_id', 'received_at'])
    op.create_index(op.f('ix_outbox_patient_id_created_at'), 'outbox', ['patient_id', 'created_at'])


def downgrade() -> None:
    op.drop_index(op.f('ix_outbox_patient_id_created_at'), 'outbox')
    op.drop_index(op.f('ix_inbox_patient_id_received_at'), 'inbox')
    op.drop_index('ix_exercises_open_requests', 'exercises')
