"""What a phone's clock said, how wrong it was, and in a sentence why a step was contested"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("device_events", sa.Column("said_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "device_events", sa.Column("skew_seconds", sa.Integer(), nullable=False, server_default="0")
    )
    op.add_column("device_events", sa.Column("detail", sa.String(300), nullable=False, server_default=""))
    op.add_column("technicians", sa.Column("changes_seen_at", sa.DateTime(timezone=True), nullable=True))
