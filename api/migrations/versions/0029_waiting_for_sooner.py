"""Who waits for an earlier time, what was offered to them, and when each day was looked at"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def _of(table: str, **columns: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint(
            [column],
            [f"{other}.id"],
            name=op.f(f"fk_{table}_{column}"),
            deferrable=True,
            initially="DEFERRED",
        )
        for column, other in columns.items()
    ]


def _at(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "wishes",
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("visit_id", sa.String(26), nullable=False),
        sa.Column("territory_id", sa.String(26), nullable=False),
        sa.Column("asked_by", sa.String(80), nullable=False),
        _at("asked_at"),
        sa.Column("on_offer", sa.JSON(), nullable=False),
        _at("ended_at", nullable=True),
        sa.Column("ended_how", sa.String(20), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wishes")),
        *_of("wishes", visit_id="visits", territory_id="territories"),
    )
    op.create_index("ix_wishes_visit_id", "wishes", ["visit_id"])
    op.create_index("ix_wishes_territory_id", "wishes", ["territory_id"])
    standing = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_wishes_standing",
        "wishes",
        ["visit_id"],
        unique=True,
        sqlite_where=standing,
        postgresql_where=standing,
    )
    op.create_table(
        "sooner_offers",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("wish_id", sa.String(26), nullable=False),
        sa.Column("visit_id", sa.String(26), nullable=False),
        sa.Column("promise_version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        _at("start_at"),
        _at("end_at"),
        sa.Column("technician_id", sa.String(26), nullable=True),
        sa.Column("hold_id", sa.String(26), nullable=False),
        _at("offered_at"),
        _at("expires_at"),
        _at("settled_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sooner_offers")),
        sa.UniqueConstraint("visit_id", "start_at", name=op.f("uq_sooner_offers_visit_id_start_at")),
        *_of(
            "sooner_offers", wish_id="wishes", visit_id="visits", technician_id="technicians", hold_id="holds"
        ),
    )
    op.create_index("ix_sooner_offers_wish_id", "sooner_offers", ["wish_id"])
    op.create_index("ix_sooner_offers_state", "sooner_offers", ["state"])
    is_open = sa.text("state = 'open'")
    op.create_index(
        "uq_sooner_offers_open",
        "sooner_offers",
        ["visit_id"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_table(
        "sooner_looks",
        sa.Column("territory_id", sa.String(26), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("stood", sa.String(64), nullable=False),
        _at("looked_at"),
        _at("again_at"),
        sa.PrimaryKeyConstraint("territory_id", "day", name=op.f("pk_sooner_looks")),
        *_of("sooner_looks", territory_id="territories"),
    )
