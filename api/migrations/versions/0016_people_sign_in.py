"""People of the office sign in: roles, e-mail addresses, passwords, second factors, tries, sessions that end idle"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    role = sa.Column("role", sa.String(length=32), nullable=False, server_default="dispatcher")
    op.add_column("dispatchers", role)
    op.execute("UPDATE dispatchers SET role = 'admin'")  # whoever is here already could do everything so far
    op.add_column("dispatchers", sa.Column("email", sa.String(length=254), nullable=True))
    op.create_index("uq_dispatchers_email", "dispatchers", ["email"], unique=True)

    op.add_column("door_sessions", sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("door_sessions", sa.Column("idle_seconds", sa.Integer(), nullable=True))
    device = sa.Column("device", sa.String(length=60), nullable=False, server_default="")
    op.add_column("door_sessions", device)

    op.create_table(
        "credentials",
        sa.Column("dispatcher_id", sa.String(length=26), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("password_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("factor_version", sa.Integer(), nullable=False),
        sa.Column("factor_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dispatcher_id"],
            ["dispatchers.id"],
            name=op.f("fk_credentials_dispatcher_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("dispatcher_id", name=op.f("pk_credentials")),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("dispatcher_id", sa.String(length=26), nullable=False),
        sa.Column("factor_version", sa.Integer(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["dispatcher_id"],
            ["dispatchers.id"],
            name=op.f("fk_recovery_codes_dispatcher_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_recovery_codes")),
    )
    with op.batch_alter_table("recovery_codes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recovery_codes_dispatcher_id"), ["dispatcher_id"], unique=False)
    op.create_table(
        "tries",
        sa.Column("about", sa.String(length=64), nullable=False),
        sa.Column("since_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("wait_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("about", name=op.f("pk_tries")),
    )
    with op.batch_alter_table("tries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tries_since_at"), ["since_at"], unique=False)
