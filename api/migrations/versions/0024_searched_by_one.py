"""A day is searched by one worker at a time"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("plan_days", sa.Column("searched_until_at", sa.DateTime(timezone=True), nullable=True))
