"""Guards that the application cannot forget: no deletes, no rewriting of the ledger"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEPT = ("visits", "ledger", "outbox")  # rows of these are never deleted, and counted for the audit


def upgrade() -> None:
    op.execute(
        sa.text("INSERT INTO ledger_head (id, seq, hash) VALUES (1, 0, :hash)").bindparams(hash="0" * 64)
    )
    op.create_table(
        "row_counts",
        sa.Column("name", sa.String(length=40), primary_key=True),
        sa.Column("inserted", sa.BigInteger(), nullable=False),
    )
    for table in KEPT:
        op.execute(
            sa.text("INSERT INTO row_counts (name, inserted) VALUES (:name, 0)").bindparams(name=table)
        )
    if op.get_bind().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        _guard_postgres()


def _guard_sqlite() -> None:
    for table in KEPT:
        op.execute(
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} "
            f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are never deleted'); END"
        )
        op.execute(
            f"CREATE TRIGGER {table}_count AFTER INSERT ON {table} "
            f"BEGIN UPDATE row_counts SET inserted = inserted + 1 WHERE name = '{table}'; END"
        )
    op.execute(
        "CREATE TRIGGER ledger_no_update BEFORE UPDATE ON ledger "
        "BEGIN SELECT RAISE(ABORT, 'the ledger is only ever added to'); END"
    )


def _guard_postgres() -> None:
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'rows of % are never deleted or rewritten', TG_TABLE_NAME; END $$"
    )
    op.execute(
        "CREATE FUNCTION count_row() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN UPDATE row_counts SET inserted = inserted + 1 WHERE name = TG_TABLE_NAME; "
        "RETURN NULL; END $$"
    )
    for table in KEPT:
        op.execute(
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_count AFTER INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION count_row()"
        )
    op.execute(
        "CREATE TRIGGER ledger_no_update BEFORE UPDATE ON ledger "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
