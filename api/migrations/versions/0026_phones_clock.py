"""What a phone's clock said and how wrong it was; why a step was contested; who cannot take a visit, and why"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def _of_a_visit(table: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint(
            [f"{name}_id"],
            [f"{name}s.id"],
            name=op.f(f"fk_{table}_{name}_id"),
            deferrable=True,
            initially="DEFERRED",
        )
        for name in ("visit", "technician")
    ]


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
        *_of_a_visit("declines"),
    )
    op.create_index("ix_declines_visit_id", "declines", ["visit_id"])
    op.create_table(
        "photos",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("visit_id", sa.String(26), nullable=False),
        sa.Column("technician_id", sa.String(26), nullable=False),
        sa.Column("client_photo_id", sa.String(64), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("salt", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photos")),
        sa.UniqueConstraint(
            "technician_id", "client_photo_id", name=op.f("uq_photos_technician_id_client_photo_id")
        ),
        *_of_a_visit("photos"),
    )
    op.create_index("ix_photos_visit_id", "photos", ["visit_id"])
    op.add_column("technicians", sa.Column("busy_until_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("technicians", sa.Column("changes_seen_at", sa.DateTime(timezone=True), nullable=True))
