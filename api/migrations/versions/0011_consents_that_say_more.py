"""Consents say who wrote them down, from where, in which language and for what; they are only ever added to"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, length, value in (
        ("purpose", 12, "service"),
        ("language", 12, ""),
        ("by", 80, ""),
        ("seen_from", 160, ""),
    ):
        column = sa.Column(name, sa.String(length=length), nullable=False, server_default=value)
        op.add_column("consents", column)
    for verb in ("update", "delete"):
        if op.get_bind().dialect.name == "sqlite":
            op.execute(
                f"CREATE TRIGGER consents_no_{verb} BEFORE {verb.upper()} ON consents "
                "BEGIN SELECT RAISE(ABORT, 'consents are only ever added to'); END"
            )
        else:
            op.execute(
                f"CREATE TRIGGER consents_no_{verb} BEFORE {verb.upper()} ON consents "
                "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
            )
