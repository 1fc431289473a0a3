"""indexes of what refers to a message or a case, and of verdicts among all events"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    judged = sa.text("event IN ('missed', 'resolved') AND message_id IS NOT NULL")
    op.create_index(op.f('ix_escalation_events_message_id'), 'escalation_events', ['message_id'])
    op.create_index(
        'ix_escalation_events_judged', 'escalation_events', ['id'], sqlite_where=judged, postgresql_where=judged
    )
    op.create_index(op.f('ix_escalations_message_id'), 'escalations', ['message_id'])
    op.create_index(op.f('ix_mentions_escalation_id'), 'mentions', ['escalation_id'])


def downgrade() -> None:
    op.drop_index(op.f('ix_mentions_escalation_id'), 'mentions')
    op.drop_index(op.f('ix_escalations_message_id'), 'escalations')
    op.drop_index('ix_escalation_events_judged', 'escalation_events')
    op.drop_index(op.f('ix_escalation_events_message_id'), 'escalation_events')
