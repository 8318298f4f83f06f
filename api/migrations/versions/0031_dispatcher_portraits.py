"""A photo of each dispatcher, for the customer whom they are to ring"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dispatcher_portraits",
        sa.Column("dispatcher_id", sa.String(26), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("dispatcher_id", name=op.f("pk_dispatcher_portraits")),
        sa.ForeignKeyConstraint(
            ["dispatcher_id"],
            ["dispatchers.id"],
            name=op.f("fk_dispatcher_portraits_dispatcher_id"),
            deferrable=True,
            initially="DEFERRED",
        ),
    )
