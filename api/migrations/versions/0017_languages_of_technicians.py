"""Technicians read their texts in a language of their own"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    language = sa.Column("language", sa.String(length=12), nullable=False, server_default="en")
    op.add_column("technicians", language)
