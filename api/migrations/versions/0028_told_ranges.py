"""The arrival ranges that customers were told, as they were told"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "told_ranges",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("visit_id", sa.String(26), nullable=False),
        sa.Column("promise_version", sa.Integer(), nullable=False),
        sa.Column("told_by", sa.String(40), nullable=False),
        sa.Column("lead", sa.String(20), nullable=False),
        sa.Column("technician_id", sa.String(26), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_told_ranges")),
        *(
            sa.ForeignKeyConstraint(
                [f"{name}_id"],
                [f"{name}s.id"],
                name=op.f(f"fk_told_ranges_{name}_id"),
                deferrable=True,
                initially="DEFERRED",
            )
            for name in ("visit", "technician")
        ),
    )
    op.create_index(
        "uq_told_ranges_first", "told_ranges", ["visit_id", "promise_version", "told_by", "lead"], unique=True
    )
    op.create_index(op.f("ix_told_ranges_told_at"), "told_ranges", ["told_at"])
