"""The witness: how far the provider's log was compared, and the promises that only the log knows"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "witness",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("held_since_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("backup_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ran_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trouble", sa.String(length=200), nullable=False),
        sa.Column("found", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_witness")),
    )
    op.execute("INSERT INTO witness (id, trouble, found) VALUES (1, '', '{}')")
    op.create_table(
        "lost_promises",
        sa.Column("sid", sa.String(length=64), nullable=False),
        sa.Column("direction", sa.String(length=3), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("body", sa.String(length=1600), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reference", sa.String(length=8), nullable=True),
        sa.Column("visit_id", sa.String(length=26), nullable=True),
        sa.Column("callback_id", sa.String(length=26), nullable=True),
        sa.Column("message_id", sa.String(length=26), nullable=True),
        sa.ForeignKeyConstraint(
            ["callback_id"],
            ["callbacks.id"],
            name=op.f("fk_lost_promises_callback_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["outbox.id"],
            name=op.f("fk_lost_promises_message_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"],
            ["visits.id"],
            name=op.f("fk_lost_promises_visit_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("sid", name=op.f("pk_lost_promises")),
    )
    with op.batch_alter_table("lost_promises", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lost_promises_callback_id"), ["callback_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_lost_promises_phone"), ["phone"], unique=False)
        batch_op.create_index(batch_op.f("ix_lost_promises_visit_id"), ["visit_id"], unique=False)
