"""One place at a time: technicians' plans, technicians on site and the ends of holds are judged by the database too"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0011"
branch_labels = None
depends_on = None

# Work on site follows the clock and no plan; until it begins, the drive there and the work are nobody else's.
PLANNED = "{0}active AND NOT {0}on_site AND {0}technician_id IS NOT NULL"
HOLD_ENDS_ONCE = (
    "({0}consumed_at IS NULL) = ({0}consumed_by_visit_id IS NULL) "
    "AND ({0}consumed_at IS NULL OR ({0}released_at IS NULL AND {0}consumed_at < {0}expires_at)) "
    "AND ({0}released_at IS NULL OR {0}released_at <= {0}expires_at)"
)


def upgrade() -> None:
    op.add_column(
        "assignments", sa.Column("on_site", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.execute(
        "UPDATE assignments SET on_site = TRUE "
        "WHERE active AND visit_id IN (SELECT id FROM visits WHERE state = 'on_site')"
    )
    is_on_site = sa.text("state = 'on_site'")
    op.create_index(
        "uq_visits_on_site",
        "visits",
        ["technician_id"],
        unique=True,
        sqlite_where=is_on_site,
        postgresql_where=is_on_site,
    )
    if op.get_bind().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        _guard_postgres()


def _guard_sqlite() -> None:
    """SQLite judges at the commit only foreign keys: two places at once are a row whose key leads nowhere."""
    op.execute(
        "CREATE TABLE places_at_once (visit_id VARCHAR(26) NOT NULL, other_id VARCHAR(26) NOT NULL, "
        "never VARCHAR(26) NOT NULL CONSTRAINT one_place_at_a_time "
        "REFERENCES technicians (id) DEFERRABLE INITIALLY DEFERRED, PRIMARY KEY (visit_id, other_id))"
    )
    for verb in ("INSERT", "UPDATE"):
        op.execute(
            f"CREATE TRIGGER assignments_one_place_{verb.lower()} AFTER {verb} ON assignments BEGIN "
            "DELETE FROM places_at_once WHERE NEW.visit_id IN (visit_id, other_id); "
            "INSERT INTO places_at_once SELECT NEW.visit_id, other.visit_id, 'never' FROM assignments AS other "
            f"WHERE {PLANNED.format('NEW.')} AND {PLANNED.format('other.')} "
            "AND other.technician_id = NEW.technician_id AND other.visit_id <> NEW.visit_id "
            "AND other.busy_from_at < NEW.end_at AND NEW.busy_from_at < other.end_at; END"
        )
        op.execute(
            f"CREATE TRIGGER holds_end_once_{verb.lower()} BEFORE {verb} ON holds "
            f"WHEN NOT ({HOLD_ENDS_ONCE.format('NEW.')}) BEGIN SELECT RAISE(ABORT, 'a hold ends once'); END"
        )
    op.execute(
        "CREATE TRIGGER visits_on_site AFTER UPDATE OF state ON visits BEGIN "
        "UPDATE assignments SET on_site = (NEW.state = 'on_site') "
        "WHERE visit_id = NEW.id AND on_site <> (NEW.state = 'on_site'); END"
    )


def _guard_postgres() -> None:
    """The technician as a range of one number: text would need an extension, which a restore cannot always make."""
    number = "hashtextextended(technician_id, 0) >> 1"
    op.execute(
        "ALTER TABLE assignments ADD CONSTRAINT ex_assignments_one_place EXCLUDE USING gist "
        f"(int8range({number}, {number}, '[]') WITH &&, tstzrange(busy_from_at, end_at) WITH &&) "
        f"WHERE ({PLANNED.format('')}) DEFERRABLE INITIALLY DEFERRED"
    )
    rule = HOLD_ENDS_ONCE.format("")
    broken = op.get_bind().execute(sa.text(f"SELECT 1 FROM holds WHERE NOT ({rule}) LIMIT 1")).first()
    # Rows from before are the audit's (I-12): they must not keep a house from its new version.
    op.execute(
        f"ALTER TABLE holds ADD CONSTRAINT ck_holds_ends_once CHECK ({rule})"
        + (" NOT VALID" if broken else "")
    )
    op.execute(
        "CREATE FUNCTION note_on_site() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN UPDATE assignments SET on_site = (NEW.state = 'on_site') "
        "WHERE visit_id = NEW.id AND on_site <> (NEW.state = 'on_site'); RETURN NULL; END $$"
    )
    op.execute(
        "CREATE TRIGGER visits_on_site AFTER UPDATE OF state ON visits FOR EACH ROW "
        "WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION note_on_site()"
    )
