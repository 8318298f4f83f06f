"""Who waits for an earlier time, what was offered to them, and when each day was looked at."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import JSON, Index, UniqueConstraint, text
from sqlmodel import Field

from dispatch.store import Row, UtcDateTime, VersionedRow, text_enum
from dispatch.wishes.states import SoonerState


class Wish(VersionedRow, table=True):
    """A customer would come up sooner than promised, if something comes free.

    `on_offer` keeps, by day, which earlier windows could be had when we looked last: what is not among them
    has come free since.
    """

    __tablename__ = "wishes"
    __table_args__ = (
        Index(
            "uq_wishes_standing",
            "visit_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: str = Field(primary_key=True, max_length=26)
    visit_id: str = Field(foreign_key="visits.id", index=True, max_length=26)
    territory_id: str = Field(foreign_key="territories.id", index=True, max_length=26)
    asked_by: str = Field(max_length=80)
    asked_at: dt.datetime = Field(sa_type=UtcDateTime)
    on_offer: dict[str, list[str]] = Field(default_factory=dict, sa_type=JSON)
    ended_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_how: str | None = Field(default=None, max_length=20)


class SoonerOffer(Row, table=True):
    """One earlier window, kept for one customer until `expires_at`. Nobody is asked twice about the same one."""

    __tablename__ = "sooner_offers"
    __table_args__ = (
        UniqueConstraint("visit_id", "start_at"),
        Index(
            "uq_sooner_offers_open",
            "visit_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )

    id: str = Field(primary_key=True, max_length=26)
    wish_id: str = Field(foreign_key="wishes.id", index=True, max_length=26)
    visit_id: str = Field(foreign_key="visits.id", max_length=26)
    promise_version: int
    state: SoonerState = Field(sa_type=text_enum(SoonerState), index=True)
    day: dt.date
    start_at: dt.datetime = Field(sa_type=UtcDateTime)
    end_at: dt.datetime = Field(sa_type=UtcDateTime)
    technician_id: str | None = Field(default=None, foreign_key="technicians.id", max_length=26)
    hold_id: str = Field(foreign_key="holds.id", max_length=26)
    offered_at: dt.datetime = Field(sa_type=UtcDateTime)
    expires_at: dt.datetime = Field(sa_type=UtcDateTime)
    settled_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


class SoonerLook(Row, table=True):
    """How a day stood when we last looked for what has come free; `again_at` is when we look in any case."""

    __tablename__ = "sooner_looks"

    territory_id: str = Field(primary_key=True, foreign_key="territories.id", max_length=26)
    day: dt.date = Field(primary_key=True)
    stood: str = Field(max_length=64)
    looked_at: dt.datetime = Field(sa_type=UtcDateTime)
    again_at: dt.datetime = Field(sa_type=UtcDateTime)
