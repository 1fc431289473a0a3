"""paging: life cycle, contacts, rota, pages, vigils"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.types import Instant

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


# Columns are added and dropped one by one, never by copying the table: on SQLite that would drop the old one, and
# with it, by cascade, all that refers to it.
def upgrade() -> None:
    op.create_table('troubles',
    sa.Column('kind', sa.String(length=48), nullable=False),
    sa.Column('since', Instant(), nullable=False),
    sa.Column('told_at', Instant(), nullable=True),
    sa.Column('what', sa.String(length=200), nullable=False),
    sa.PrimaryKeyConstraint('kind', name=op.f('pk_troubles'))
    )
    op.create_table('contacts',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('staff_id', sa.String(length=32), nullable=False),
    sa.Column('way', sa.String(length=12), nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.Column('address_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('address_hash', sa.String(length=64), nullable=True),
    sa.Column('link_hash', sa.String(length=64), nullable=True),
    sa.Column('link_until', Instant(), nullable=True),
    sa.Column('created_at', Instant(), nullable=False),
    sa.Column('verified_at', Instant(), nullable=True),
    sa.Column('last_outcome', sa.String(length=12), nullable=True),
    sa.Column('last_why', sa.String(length=80), nullable=True),
    sa.Column('last_at', Instant(), nullable=True),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_contacts_staff_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contacts')),
    sa.UniqueConstraint('link_hash', name=op.f('uq_contacts_link_hash')),
    sa.UniqueConstraint('staff_id', 'way', 'address_hash', name=op.f('uq_contacts_staff_id_way_address_hash'))
    )
    with op.batch_alter_table('contacts', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_contacts_address_hash'), ['address_hash'], unique=False)

    op.create_table('shifts',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('staff_id', sa.String(length=32), nullable=False),
    sa.Column('role', sa.String(length=12), nullable=False),
    sa.Column('starts_at', Instant(), nullable=False),
    sa.Column('ends_at', Instant(), nullable=False),
    sa.Column('instead_of', sa.String(length=32), nullable=True),
    sa.Column('made_by', sa.String(length=32), nullable=True),
    sa.Column('made_at', Instant(), nullable=False),
    sa.ForeignKeyConstraint(['instead_of'], ['shifts.id'], name=op.f('fk_shifts_instead_of'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_shifts_staff_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_shifts'))
    )
    with op.batch_alter_table('shifts', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_shifts_ends_at'), ['ends_at'], unique=False)

    op.create_table('vigils',
    sa.Column('patient_id', sa.String(length=32), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('at', Instant(), nullable=False),
    sa.Column('tier', sa.String(length=12), nullable=False),
    sa.ForeignKeyConstraint(['patient_id'], ['patients.id'], name=op.f('fk_vigils_patient_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('patient_id', 'kind', name=op.f('pk_vigils'))
    )
    with op.batch_alter_table('vigils', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_vigils_at'), ['at'], unique=False)

    op.create_table('pages',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('escalation_id', sa.String(length=32), nullable=False),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('step', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(length=16), nullable=False),
    sa.Column('staff_id', sa.String(length=32), nullable=True),
    sa.Column('contact_id', sa.String(length=32), nullable=True),
    sa.Column('way', sa.String(length=12), nullable=False),
    sa.Column('tier', sa.String(length=12), nullable=False),
    sa.Column('again', sa.Integer(), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('token_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('expires_at', Instant(), nullable=False),
    sa.Column('created_at', Instant(), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('not_before', Instant(), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('attempted_at', Instant(), nullable=True),
    sa.Column('provider_id', sa.String(length=80), nullable=True),
    sa.Column('why', sa.String(length=80), nullable=True),
    sa.Column('accepted_at', Instant(), nullable=True),
    sa.Column('delivered_at', Instant(), nullable=True),
    sa.Column('drill', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['contact_id'], ['contacts.id'], name=op.f('fk_pages_contact_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['escalation_id'], ['escalations.id'], name=op.f('fk_pages_escalation_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_pages_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pages')),
    sa.UniqueConstraint('escalation_id', 'round', 'step', 'contact_id', name=op.f('uq_pages_escalation_id_round_step_contact_id')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_pages_token_hash'))
    )
    with op.batch_alter_table('pages', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_pages_contact_id_state'), ['contact_id', 'state'], unique=False)
        batch_op.create_index(batch_op.f('ix_pages_state_not_before'), ['state', 'not_before'], unique=False)

    op.add_column('escalations', sa.Column('clock_at', Instant(), nullable=True))
    op.add_column('escalations', sa.Column('page_round', sa.Integer(), server_default='0', nullable=False))
    op.add_column('escalations', sa.Column('page_step', sa.Integer(), server_default='0', nullable=False))
    op.add_column('escalations', sa.Column('next_page_at', Instant(), nullable=True))
    op.add_column('escalations', sa.Column('paged_at', Instant(), nullable=True))
    op.add_column('escalations', sa.Column('acknowledged_at', Instant(), nullable=True))
    op.add_column('escalations', sa.Column('contact_due_at', Instant(), nullable=True))
    op.add_column('escalations', sa.Column('contacted_at', Instant(), nullable=True))
    op.add_column('escalations', sa.Column('tries', sa.Integer(), server_default='0', nullable=False))
    op.add_column('escalations', sa.Column('review_due_at', Instant(), nullable=True))
    op.add_column('escalations', sa.Column('handing_to', sa.String(length=32), nullable=True))
    op.add_column('escalations', sa.Column('resolved_by', sa.String(length=32), nullable=True))
    op.add_column('escalations', sa.Column('read_due_at', Instant(), nullable=True))
    op.add_column('escalations', sa.Column('read_by', sa.String(length=32), nullable=True))
    op.add_column('escalations', sa.Column('read_at', Instant(), nullable=True))
    op.add_column('escalations', sa.Column('seen_said_at', Instant(), nullable=True))
    op.add_column('escalations', sa.Column('drill', sa.Boolean(), server_default='0', nullable=False))
    op.add_column('escalations', sa.Column('missed', sa.Boolean(), server_default='0', nullable=False))
    op.create_index(op.f('ix_escalations_next_page_at'), 'escalations', ['next_page_at'], unique=False)

    op.add_column('patients', sa.Column('taken_over_by', sa.String(length=32), nullable=True))
    op.add_column('patients', sa.Column('taken_over_at', Instant(), nullable=True))
    op.add_column('patients', sa.Column('taken_over_last_at', Instant(), nullable=True))

    # Nobody in danger is missed by an update: what stands open, and that nobody has, is paged at the first tick.
    op.execute("UPDATE escalations SET clock_at = opened_at")
    op.execute(
        "UPDATE escalations SET next_page_at = opened_at WHERE state = 'open' AND tier IN ('urgent', 'emergency')"
    )


def downgrade() -> None:
    op.drop_column('patients', 'taken_over_last_at')
    op.drop_column('patients', 'taken_over_at')
    op.drop_column('patients', 'taken_over_by')

    op.drop_index(op.f('ix_escalations_next_page_at'), 'escalations')
    op.drop_column('escalations', 'missed')
    op.drop_column('escalations', 'drill')
    op.drop_column('escalations', 'seen_said_at')
    op.drop_column('escalations', 'read_at')
    op.drop_column('escalations', 'read_by')
    op.drop_column('escalations', 'read_due_at')
    op.drop_column('escalations', 'resolved_by')
    op.drop_column('escalations', 'handing_to')
    op.drop_column('escalations', 'review_due_at')
    op.drop_column('escalations', 'tries')
    op.drop_column('escalations', 'contacted_at')
    op.drop_column('escalations', 'contact_due_at')
    op.drop_column('escalations', 'acknowledged_at')
    op.drop_column('escalations', 'paged_at')
    op.drop_column('escalations', 'next_page_at')
    op.drop_column('escalations', 'page_step')
    op.drop_column('escalations', 'page_round')
    op.drop_column('escalations', 'clock_at')

    with op.batch_alter_table('pages', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_pages_state_not_before'))
        batch_op.drop_index(batch_op.f('ix_pages_contact_id_state'))

    op.drop_table('pages')
    with op.batch_alter_table('vigils', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_vigils_at'))

    op.drop_table('vigils')
    with op.batch_alter_table('shifts', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_shifts_ends_at'))

    op.drop_table('shifts')
    with op.batch_alter_table('contacts', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_contacts_address_hash'))

    op.drop_table('contacts')
    op.drop_table('troubles')
