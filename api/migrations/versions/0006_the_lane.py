"""All senders share one switch and one pace; a text's last word has its time, and one without a word is asked after"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    lane = op.create_table(
        "lane",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_by", sa.String(length=60), nullable=False),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.Column("free_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("day_segments", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_lane"),
    )
    op.bulk_insert(lane, [{"id": 1, "stopped_by": "", "why": "", "day_segments": 0}])
    op.add_column("outbox", sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("outbox", sa.Column("look_up_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_outbox_look_up_at", "outbox", ["look_up_at"])
