"""Published plans: immutable versions of one territory and day, and where each visit stands now."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint, false, text
from sqlmodel import Field

from dispatch.plans.states import ProposalState
from dispatch.store import Row, UtcDateTime, VersionedRow, text_enum


class PlanState(StrEnum):
    PUBLISHED = "published"
    SUPERSEDED = "superseded"


class PlanDay(VersionedRow, table=True):
    """One territory's day: the row on which everybody who changes its plan queues.

    `searched_until_at` is when the claim of whoever searches for a better day ends at the latest.
    """

    __tablename__ = "plan_days"
    __table_args__ = (
        Index(
            "ix_plan_days_replan",
            "replan_at",
            sqlite_where=text("replan_at IS NOT NULL"),
            postgresql_where=text("replan_at IS NOT NULL"),
        ),
    )

    territory_id: str = Field(primary_key=True, foreign_key="territories.id", max_length=26)
    day: dt.date = Field(primary_key=True)
    version: int = 0
    planned_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    replan_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    searched_until_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


class Plan(Row, table=True):
    """One version, whole: `body` is the plan as `makegood-plan/1` with the day's visits."""

    __tablename__ = "plans"
    __table_args__ = (
        UniqueConstraint("territory_id", "day", "version"),
        Index(
            "uq_plans_published",
            "territory_id",
            "day",
            unique=True,
            sqlite_where=text("state = 'published'"),
            postgresql_where=text("state = 'published'"),
        ),
    )

    id: str = Field(primary_key=True, max_length=26)
    territory_id: str = Field(foreign_key="territories.id", max_length=26)
    day: dt.date
    version: int
    base_version: int
    state: PlanState = Field(sa_type=text_enum(PlanState))
    cause: str = Field(max_length=60)
    published_by: str = Field(max_length=80)
    published_at: dt.datetime = Field(sa_type=UtcDateTime)
    body: dict[str, Any] = Field(sa_type=JSON)


class Proposal(VersionedRow, table=True):
    """A plan not yet published: a diff against version `base_version` of its day.

    `body` is the plan as `makegood-plan/1`; `lines` and `sums` are what `diff` said about it, ids and seconds of
    the day, nobody's name. Of a search that found nothing better, the sums say by how much. `warm_from_id` is
    the proposal that its search started from; `why` says why it ended, where that is not said by the state.
    """

    __tablename__ = "proposals"
    __table_args__ = (
        Index("ix_proposals_day", "territory_id", "day", "asked_at"),
        Index(
            "uq_proposals_open",
            "territory_id",
            "day",
            unique=True,
            sqlite_where=text("state IN ('searching', 'proposed')"),
            postgresql_where=text("state IN ('searching', 'proposed')"),
        ),
    )

    id: str = Field(primary_key=True, max_length=26)
    territory_id: str = Field(foreign_key="territories.id", max_length=26)
    day: dt.date
    base_version: int
    state: ProposalState = Field(sa_type=text_enum(ProposalState), index=True)
    asked_by: str = Field(max_length=80)
    asked_at: dt.datetime = Field(sa_type=UtcDateTime)
    warm_from_id: str | None = Field(default=None, foreign_key="proposals.id", max_length=26)
    made_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    looked_milliseconds: int | None = None
    body: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    lines: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    sums: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    settled_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    settled_by: str | None = Field(default=None, max_length=80)
    published_version: int | None = None
    why: str = Field(default="", max_length=300)


class Assignment(Row, table=True):
    """Where a visit stands in the current plan: with a technician, or left out with a reason and an owner.

    `busy_from_at` is when the drive starts, `end_at` when the work ends: no technician's active
    rows overlap, work on site aside, which follows the clock and no plan. Finished visits stay, inactive.
    The database keeps `on_site` itself, by the visit's state (migration 0014).
    """

    __tablename__ = "assignments"
    __table_args__ = (
        CheckConstraint("technician_id IS NOT NULL OR reason IS NOT NULL", name="placed_or_explained"),
        Index("ix_assignments_day", "territory_id", "day"),
        Index("ix_assignments_technician", "technician_id", "active", "busy_from_at"),
    )

    visit_id: str = Field(primary_key=True, foreign_key="visits.id", max_length=26)
    territory_id: str = Field(foreign_key="territories.id", max_length=26)
    day: dt.date
    plan_version: int
    active: bool = True
    on_site: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    technician_id: str | None = Field(default=None, foreign_key="technicians.id", max_length=26)
    busy_from_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    start_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    end_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    reason: str | None = Field(default=None, max_length=20)
    detail: str = Field(default="", max_length=300)
    owner_id: str | None = Field(default=None, foreign_key="dispatchers.id", max_length=26)


class ToldRange(Row, table=True):
    """Between when and when a customer was told that somebody arrives; `told_by` is the `page` or the kind of text,
    `lead` how long before the range begins. What was told first with each lead is kept."""

    __tablename__ = "told_ranges"
    __table_args__ = (
        Index("uq_told_ranges_first", "visit_id", "promise_version", "told_by", "lead", unique=True),
    )

    id: str = Field(primary_key=True, max_length=26)
    visit_id: str = Field(foreign_key="visits.id", max_length=26)
    promise_version: int
    told_by: str = Field(max_length=40)
    lead: str = Field(max_length=20)
    technician_id: str = Field(foreign_key="technicians.id", max_length=26)
    told_at: dt.datetime = Field(sa_type=UtcDateTime, index=True)
    from_at: dt.datetime = Field(sa_type=UtcDateTime)
    until_at: dt.datetime = Field(sa_type=UtcDateTime)
