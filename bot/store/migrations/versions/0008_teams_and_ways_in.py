"""teams, ways in for staff, what they tell each other, and names to be found by"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.types import Instant

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('challenges',
    sa.Column('challenge_hash', sa.String(length=64), nullable=False),
    sa.Column('purpose', sa.String(length=12), nullable=False),
    sa.Column('bound_to', sa.String(length=64), nullable=False),
    sa.Column('expires_at', Instant(), nullable=False),
    sa.PrimaryKeyConstraint('challenge_hash', name=op.f('pk_challenges'))
    )
    op.create_index(op.f('ix_challenges_expires_at'), 'challenges', ['expires_at'])
    op.create_table('teams',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('site', sa.String(length=80), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('created_at', Instant(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_teams')),
    sa.UniqueConstraint('site', 'name', name=op.f('uq_teams_site_name'))
    )
    op.create_table('broken_glass',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('staff_id', sa.String(length=32), nullable=False),
    sa.Column('patient_id', sa.String(length=32), nullable=False),
    sa.Column('reason', sa.String(length=24), nullable=False),
    sa.Column('words_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('at', Instant(), nullable=False),
    sa.Column('until', Instant(), nullable=False),
    sa.Column('reviewed_by', sa.String(length=32)),
    sa.Column('reviewed_at', Instant()),
    sa.ForeignKeyConstraint(['patient_id'], ['patients.id'], name=op.f('fk_broken_glass_patient_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_broken_glass_staff_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_broken_glass'))
    )
    op.create_index(op.f('ix_broken_glass_patient_id'), 'broken_glass', ['patient_id'])
    op.create_index(op.f('ix_broken_glass_staff_id_until'), 'broken_glass', ['staff_id', 'until'])
    op.create_table('canned_replies',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('team_id', sa.String(length=32)),
    sa.Column('title', sa.String(length=80), nullable=False),
    sa.Column('text_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('made_by', sa.String(length=32)),
    sa.Column('changed_at', Instant(), nullable=False),
    sa.ForeignKeyConstraint(['team_id'], ['teams.id'], name=op.f('fk_canned_replies_team_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_canned_replies'))
    )
    op.create_index(op.f('ix_canned_replies_team_id'), 'canned_replies', ['team_id'])
    op.create_table('memberships',
    sa.Column('staff_id', sa.String(length=32), nullable=False),
    sa.Column('team_id', sa.String(length=32), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_memberships_staff_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['team_id'], ['teams.id'], name=op.f('fk_memberships_team_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('staff_id', 'team_id', name=op.f('pk_memberships'))
    )
    op.create_index(op.f('ix_memberships_team_id'), 'memberships', ['team_id'])
    op.create_table('name_words',
    sa.Column('patient_id', sa.String(length=32), nullable=False),
    sa.Column('word_hash', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['patient_id'], ['patients.id'], name=op.f('fk_name_words_patient_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('patient_id', 'word_hash', name=op.f('pk_name_words'))
    )
    op.create_index(op.f('ix_name_words_word_hash'), 'name_words', ['word_hash'])
    op.create_table('passkeys',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('staff_id', sa.String(length=32), nullable=False),
    sa.Column('credential_id', sa.LargeBinary(), nullable=False),
    sa.Column('public_key', sa.LargeBinary(), nullable=False),
    sa.Column('sign_count', sa.BigInteger(), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('created_at', Instant(), nullable=False),
    sa.Column('used_at', Instant()),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_passkeys_staff_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_passkeys')),
    sa.UniqueConstraint('credential_id', name=op.f('uq_passkeys_credential_id'))
    )
    op.create_index(op.f('ix_passkeys_staff_id'), 'passkeys', ['staff_id'])
    op.create_table('staff_links',
    sa.Column('link_hash', sa.String(length=64), nullable=False),
    sa.Column('staff_id', sa.String(length=32), nullable=False),
    sa.Column('made_by', sa.String(length=32)),
    sa.Column('made_at', Instant(), nullable=False),
    sa.Column('expires_at', Instant(), nullable=False),
    sa.Column('used_at', Instant()),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_staff_links_staff_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('link_hash', name=op.f('pk_staff_links'))
    )
    op.create_index(op.f('ix_staff_links_staff_id'), 'staff_links', ['staff_id'])
    op.create_table('mentions',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('staff_id', sa.String(length=32), nullable=False),
    sa.Column('escalation_id', sa.String(length=32), nullable=False),
    sa.Column('by_id', sa.String(length=32)),
    sa.Column('at', Instant(), nullable=False),
    sa.Column('seen_at', Instant()),
    sa.ForeignKeyConstraint(['escalation_id'], ['escalations.id'], name=op.f('fk_mentions_escalation_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_mentions_staff_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mentions'))
    )
    op.create_index(op.f('ix_mentions_staff_id_seen_at'), 'mentions', ['staff_id', 'seen_at'])
    op.create_table('presences',
    sa.Column('escalation_id', sa.String(length=32), nullable=False),
    sa.Column('staff_id', sa.String(length=32), nullable=False),
    sa.Column('seen_at', Instant(), nullable=False),
    sa.ForeignKeyConstraint(['escalation_id'], ['escalations.id'], name=op.f('fk_presences_escalation_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_presences_staff_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('escalation_id', 'staff_id', name=op.f('pk_presences'))
    )
    op.create_index(op.f('ix_presences_seen_at'), 'presences', ['seen_at'])
    op.add_column('escalations', sa.Column('snoozed_until', Instant()))
    op.add_column('invitations', sa.Column('team_id', sa.String(length=32)))
    op.add_column('patients', sa.Column('team_id', sa.String(length=32)))
    op.create_index(op.f('ix_patients_created_at'), 'patients', ['created_at'])
    op.create_index(op.f('ix_patients_team_id_created_at'), 'patients', ['team_id', 'created_at'])
    op.add_column('staff', sa.Column('closed_at', Instant()))
    op.add_column('staff', sa.Column('tour_step', sa.Integer()))


def downgrade() -> None:
    op.drop_column('staff', 'tour_step')
    op.drop_column('staff', 'closed_at')
    op.drop_index(op.f('ix_patients_team_id_created_at'), table_name='patients')
    op.drop_index(op.f('ix_patients_created_at'), table_name='patients')
    op.drop_column('patients', 'team_id')
    op.drop_column('invitations', 'team_id')
    op.drop_column('escalations', 'snoozed_until')
    op.drop_index(op.f('ix_presences_seen_at'), table_name='presences')
    op.drop_table('presences')
    op.drop_index(op.f('ix_mentions_staff_id_seen_at'), table_name='mentions')
    op.drop_table('mentions')
    op.drop_index(op.f('ix_staff_links_staff_id'), table_name='staff_links')
    op.drop_table('staff_links')
    op.drop_index(op.f('ix_passkeys_staff_id'), table_name='passkeys')
    op.drop_table('passkeys')
    op.drop_index(op.f('ix_name_words_word_hash'), table_name='name_words')
    op.drop_table('name_words')
    op.drop_index(op.f('ix_memberships_team_id'), table_name='memberships')
    op.drop_table('memberships')
    op.drop_index(op.f('ix_canned_replies_team_id'), table_name='canned_replies')
    op.drop_table('canned_replies')
    op.drop_index(op.f('ix_broken_glass_staff_id_until'), table_name='broken_glass')
    op.drop_index(op.f('ix_broken_glass_patient_id'), table_name='broken_glass')
    op.drop_table('broken_glass')
    op.drop_table('teams')
    op.drop_index(op.f('ix_challenges_expires_at'), table_name='challenges')
    op.drop_table('challenges')
