"""Published plans, and proposals for better ones."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import asdict
from typing import Annotated, Any

from pydantic import Field

from api.schemas.base import Id, In, Instant, Out
from dispatch.board.chances import Chance
from dispatch.board.place_sheet import PlaceSheet
from dispatch.board.proposal_sheet import ProposalSheet, SheetLine
from dispatch.plans.tables import Plan


class ChanceOut(Out):
    """The chance that work begins inside the promised window if everybody goes on as planned.

    `word`: safe, likely, tight or in danger; `tight`: below the territory's limit. Half of the time it begins
    before `middle_at`, one time in ten after `late_at`. `cause_visit_id`: the earlier visit that sways it most.
    """

    visit_id: str
    percent: int
    word: str
    tight: bool
    middle_at: Instant
    late_at: Instant
    cause_visit_id: str | None


class PlanOut(Out):
    """`body` is a `makegood-plan/1` document; null in lists of versions.

    `chances`, of visits that nobody has begun, are as of now; null where they were not asked for.
    """

    id: str
    day: dt.date
    version: int
    base_version: int
    state: str
    cause: str
    published_by: str
    published_at: Instant
    body: dict[str, Any] | None
    chances: list[ChanceOut] | None

    @classmethod
    def of(cls, plan: Plan, *, whole: bool = True, chances: Iterable[Chance] | None = None) -> PlanOut:
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
            chances=None if chances is None else [ChanceOut(**asdict(one)) for one in chances],
        )


class VersionsOut(Out):
    versions: list[PlanOut]


class PlaceIn(In):
    """A visit put with a technician, before another of their stops; after all of them where `before_id` is null."""

    visit_id: Id
    technician_id: Id
    before_id: Id | None = None


class KeepIn(In):
    """The visits of which a proposal shall change nothing."""

    visit_ids: Annotated[list[Id], Field(min_length=1, max_length=200)]


class PlaceOut(Out):
    """What putting the visit down there would do. `says` is the rule where one forbids it; `price`: a minute of
    driving is 1; `worse` names whose promise would break."""

    is_allowed: bool
    says: str
    start_at: Instant | None
    price: float | None
    disturbed: int
    worse: list[str]

    @classmethod
    def of(cls, sheet: PlaceSheet) -> PlaceOut:
        return cls(**{**asdict(sheet), "worse": list(sheet.worse)})


class LineOut(Out):
    """`visit_id` is null for a place kept for somebody who is being asked. `text`: whether the customer is texted."""

    visit_id: str | None
    customer: str
    reference: str | None
    window_text: str
    technician_now: str | None
    technician_then: str | None
    start_now: Instant | None
    start_then: Instant | None
    shift_minutes: int | None
    kept_now: bool
    kept_then: bool
    disturbed: bool
    other_technician: bool
    text: bool

    @classmethod
    def of(cls, line: SheetLine) -> LineOut:
        return cls(**asdict(line))


class SideOut(Out):
    travel_minutes: float
    overtime_minutes: float
    broken: int
    unserved: int
    price: float


class SumsOut(Out):
    now: SideOut
    then: SideOut
    disturbed: int
    other_technician: int
    other_time: int


class ProposalOut(Out):
    """`lines` are worst first; `says` is the sums as a sentence; `can` names the steps that are allowed now."""

    id: str
    day: dt.date
    state: str
    base_version: int
    published_version: int | None
    asked_by: str
    asked_at: Instant
    made_at: Instant | None
    settled_at: Instant | None
    settled_by: str | None
    looked_seconds: float | None
    why: str
    says: str | None
    sums: SumsOut | None
    lines: list[LineOut]
    changed: list[str]
    can: list[str]

    @classmethod
    def of(cls, sheet: ProposalSheet) -> ProposalOut:
        sums = sheet.sums
        return cls(
            id=sheet.id,
            day=sheet.day,
            state=sheet.state.value,
            base_version=sheet.base_version,
            published_version=sheet.published_version,
            asked_by=sheet.asked_by,
            asked_at=sheet.asked_at,
            made_at=sheet.made_at,
            settled_at=sheet.settled_at,
            settled_by=sheet.settled_by,
            looked_seconds=sheet.looked_seconds,
            why=sheet.why,
            says=sheet.says,
            sums=SumsOut.model_validate(asdict(sums)) if sums else None,
            lines=[LineOut.of(line) for line in sheet.lines],
            changed=list(sheet.changed),
            can=sorted(signal.value for signal in sheet.can if signal in ("publish", "dismiss")),
        )


class ProposalsOut(Out):
    proposals: list[ProposalOut]
