"""Published plans."""

from __future__ import annotations

import datetime as dt
from typing import Any

from api.schemas.base import Instant, Out
from dispatch.plans.tables import Plan


class PlanOut(Out):
    """`body` is a `makegood-plan/1` document; null in lists of versions."""

    id: str
    day: dt.date
    version: int
    base_version: int
    state: str
    cause: str
    published_by: str
    published_at: Instant
    body: dict[str, Any] | None

    @classmethod
    def of(cls, plan: Plan, *, whole: bool = True) -> PlanOut:
        return cls(
            id=plan.id,
            day=plan.day,
            version=plan.version,
            base_version=plan.base_version,
            state=plan.state.value,
            cause=plan.cause,
            published_by=plan.published_by,
            published_at=plan.published_at,
            body=plan.body if whole else None,
        )


class VersionsOut(Out):
    versions: list[PlanOut]
