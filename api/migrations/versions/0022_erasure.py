"""A customer can be erased; a consent loses whom it is about then, and nothing else of it ever changes"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

STAYS = ("id", "state", "source", "purpose", "language", '"by"', "at")
ONLY_LESS = (
    " OR ".join(f"NEW.{name} <> OLD.{name}" for name in STAYS)
    + " OR NOT (NEW.phone = '' OR NEW.phone LIKE '#%')"
    + " OR NEW.seen_from <> '' OR NEW.words NOT IN (OLD.words, '')"
)


def upgrade() -> None:
    op.add_column("customers", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_customers_erased_at", "customers", ["erased_at"])
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER consents_no_update")
        op.execute(
            f"CREATE TRIGGER consents_no_update BEFORE UPDATE ON consents WHEN {ONLY_LESS} "
            "BEGIN SELECT RAISE(ABORT, 'consents are only ever added to'); END"
        )
    else:
        op.execute("DROP TRIGGER consents_no_update ON consents")
        op.execute(
            "CREATE TRIGGER consents_no_update BEFORE UPDATE ON consents "
            f"FOR EACH ROW WHEN ({ONLY_LESS}) EXECUTE FUNCTION refuse_change()"
        )
