"""What a phone's clock said and how wrong it was; why a step was contested; who cannot take a visit, and why"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("device_events", sa.Column("said_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "device_events", sa.Column("skew_seconds", sa.Integer(), nullable=False, server_default="0")
    )
    op.add_column("device_events", sa.Column("detail", sa.String(300), nullable=False, server_default=""))
    op.add_column("visits", sa.Column("excluded", sa.JSON(), nullable=False, server_default="[]"))
    op.create_table(
        "declines",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("visit_id", sa.String(26), nullable=False),
        sa.Column("technician_id", sa.String(26), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("declined_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_declines")),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("fk_declines_visit_id")),
        sa.ForeignKeyConstraint(
            ["technician_id"], ["technicians.id"], name=op.f("fk_declines_technician_id")
        ),
    )
    op.create_index("ix_declines_visit_id", "declines", ["visit_id"])
    op.add_column("technicians", sa.Column("changes_seen_at", sa.DateTime(timezone=True), nullable=True))
