"""When keeping times were looked at; technicians who pause being located; what a phone reports, each thing once"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kept",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ran_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept")),
    )
    for column in (
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_until_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pause_reason", sa.String(length=120), nullable=False, server_default=""),
        sa.Column("positions_dropped", sa.Integer(), nullable=False, server_default="0"),
    ):
        op.add_column("technicians", column)
    op.add_column(
        "positions", sa.Column("is_suspicious", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.create_table(
        "device_events",
        sa.Column("technician_id", sa.String(length=26), nullable=False),
        sa.Column("client_event_id", sa.String(length=64), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("visit_id", sa.String(length=26), nullable=True),
        sa.Column("result", sa.String(length=12), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["technician_id"],
            ["technicians.id"],
            name=op.f("fk_device_events_technician_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"],
            ["visits.id"],
            name=op.f("fk_device_events_visit_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("technician_id", "client_event_id", name=op.f("pk_device_events")),
    )
    op.create_index("ix_device_events_received_at", "device_events", ["received_at"])
