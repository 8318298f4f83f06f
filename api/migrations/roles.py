"""Who may do what in Postgres: the application works there, an auditor looks, and only the owner changes the schema."""

from __future__ import annotations

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import ProgrammingError

from dispatch.errors import Unavailable

APP, AUDITOR = "makegood_app", "makegood_auditor"
MADE_BY = {
    APP: f"CREATE ROLE {APP} LOGIN;",
    AUDITOR: f"CREATE ROLE {AUDITOR} LOGIN; ALTER ROLE {AUDITOR} SET default_transaction_read_only = on;",
}
NOT_ALLOWED = "42501"
MAY_MAKE_NONE = "This role may not make other roles. Let somebody who may run this, then try again:"

# The record: no row of these is ever deleted, whoever asks the application for it.
LEDGER_TABLES = (
    "alembic_version",
    "assignments",
    "callbacks",
    "calls",
    "consents",
    "failures",
    "holds",
    "idempotent_answers",
    "inbound_texts",
    "issued_references",
    "ledger",
    "ledger_head",
    "lost_promises",
    "offers",
    "outbox",
    "plan_days",
    "plans",
    "promises",
    "proposals",
    "ratings",
    "recoveries",
    "row_counts",
    "send_attempts",
    "status_reports",
    "visits",
    "witness",
)
# Rows of these are not even changed.
ADDED_TO_ONLY = ("consents", "ledger")
LOOKED_AT_ONLY = ("alembic_version",)


def make_roles(connection: Connection) -> None:
    """Both roles, where they are missing; each may log in as soon as somebody gives it a password.

    Raises Unavailable where this role may not make others: the sentence says who does what then.
    """
    missing = [statement for role, statement in MADE_BY.items() if not _is_there(connection, role)]
    try:
        for statement in missing:
            connection.execute(text(statement))
    except ProgrammingError as error:
        if getattr(error.orig, "sqlstate", None) != NOT_ALLOWED:
            raise
        raise Unavailable(f"{MAY_MAKE_NONE} {' '.join(missing)}") from error


def grant(connection: Connection) -> bool:
    """Give both roles what they need in this database, and take the rest; False where nobody made them.

    Called by the owner after every migration. What a later migration adds can be read and added to at once.
    """
    if not (_is_there(connection, APP) and _is_there(connection, AUDITOR)):
        return False
    tables = inspect(connection).get_table_names()
    for statement in _grants(tables):
        connection.execute(text(statement))
    return True


def _grants(tables: list[str]) -> list[str]:
    kept = [name for name in tables if name in LEDGER_TABLES]
    said = [
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        f"GRANT USAGE ON SCHEMA public TO {APP}, {AUDITOR}",
        f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {APP}, {AUDITOR}",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {APP}, {AUDITOR}",
        f"GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {APP}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {APP}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE ON TABLES TO {APP}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO {APP}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO {AUDITOR}",
    ]
    for rights, names in (
        ("DELETE", kept),
        ("UPDATE", [name for name in kept if name in ADDED_TO_ONLY]),
        ("INSERT, UPDATE", [name for name in kept if name in LOOKED_AT_ONLY]),
    ):
        if names:
            said.append(f"REVOKE {rights} ON {', '.join(names)} FROM {APP}")
    return said


def _is_there(connection: Connection, role: str) -> bool:
    known = connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role})
    return known.first() is not None
