"""A text that came in is kept first and acted on then: what waits is found at once, and is tried three times"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "inbound_texts", sa.Column("is_answered", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("inbound_texts", sa.Column("tries", sa.Integer(), nullable=False, server_default="0"))
    waiting = sa.text("effect = ''")
    op.create_index(
        "ix_inbound_texts_waiting",
        "inbound_texts",
        ["received_at"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
