"""Attempts remember a commitment to their words, by which a text is known in the provider's log, and the last look there"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    commitment = sa.Column("commitment", sa.String(length=64), nullable=False, server_default="")
    op.add_column("send_attempts", commitment)
    op.add_column("send_attempts", sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True))
