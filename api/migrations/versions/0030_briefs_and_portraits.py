"""What a promised call is about, with a photo; a photo of each technician for the customer whom they visit"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def _of(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"), deferrable=True, initially="DEFERRED"
    )


def upgrade() -> None:
    op.create_table(
        "call_briefs",
        sa.Column("callback_id", sa.String(26), nullable=False),
        sa.Column("visit_id", sa.String(26), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.String(500), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("salt", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("callback_id", name=op.f("pk_call_briefs")),
        _of("call_briefs", "callback_id", "callbacks"),
        _of("call_briefs", "visit_id", "visits"),
    )
    op.create_index("ix_call_briefs_visit_id", "call_briefs", ["visit_id"])
    op.create_table(
        "portraits",
        sa.Column("technician_id", sa.String(26), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("technician_id", name=op.f("pk_portraits")),
        _of("portraits", "technician_id", "technicians"),
    )
