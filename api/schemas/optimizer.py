"""The optimizer as a service of its own: day files in, plans and places out."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from api.planner import MOST_SECONDS
from api.schemas.base import In, Out
from optimizer import Blocked, Explanation, Place, Relaxation, Window, clock_text

if TYPE_CHECKING:
    from optimizer.slots import Move, Nearly

MOST_SLOTS = 200


class PlanAskedIn(In):
    """`day` is a `makegood-day/1` document. `explain`: why each unserved visit is not served."""

    day: dict[str, Any]
    seconds: Annotated[float, Field(gt=0, le=MOST_SECONDS)] = 2
    seed: Annotated[int, Field(ge=0, le=10**6)] = 1
    explain: bool = False


class SlotsAskedIn(In):
    """`visit` is a visit as in a day file; without an id it is a new one. `windows` replace its own.

    `eject`: one other stop may be moved aside, its promise kept. `nearly`: also what would open other windows.
    """

    day: dict[str, Any]
    visit: dict[str, Any]
    windows: Annotated[list[list[int]], Field(min_length=1, max_length=200)] | None = None
    count: Annotated[int, Field(ge=1, le=MOST_SLOTS)] = 10
    eject: bool = True
    nearly: bool = True


class VerdictOut(Out):
    """The price of the plan and what it counts, as `makegood check` tells it."""

    legal: bool
    errors: list[str]
    cost: float
    soft_cost: float
    broken: int
    unserved: int
    recovered: int
    changed: int
    moved: int
    late_minutes: float
    overtime_minutes: float
    travel_minutes: float
    disturbed: int
    not_preferred: int


class BlockOut(Out):
    """`code` is the rule that keeps the visit from this technician; `have` and `need` do not meet."""

    code: str
    technician: str
    visit: str | None
    sentence: str
    subject: str | None
    have: int | None
    need: int | None

    @classmethod
    def of(cls, block: Blocked) -> BlockOut:
        return cls(**asdict(block))


class RelaxationOut(Out):
    """One thing that would let the visit in after all, and what it would cost; `assistant`: who comes along."""

    kind: str
    technician: str
    amount: int
    subject: str | None
    start: int
    price: float
    sentence: str
    assistant: str | None

    @classmethod
    def of(cls, way: Relaxation) -> RelaxationOut:
        return cls(**asdict(way))


class ExplanationOut(Out):
    visit: str
    blocks: list[BlockOut]
    relaxations: list[RelaxationOut]

    @classmethod
    def of(cls, found: Explanation) -> ExplanationOut:
        ways = [RelaxationOut.of(way) for way in found.relaxations]
        return cls(visit=found.visit, blocks=[BlockOut.of(one) for one in found.blocks], relaxations=ways)


class PlannedOut(Out):
    """`plan` is a `makegood-plan/1` document.

    `engine`: search, or repair where the search gave nothing better in time; `cause` says why it was ended.
    `explanations` may be fewer than there are unserved visits: they too have a limit of time.
    """

    plan: dict[str, Any]
    verdict: VerdictOut
    explanations: list[ExplanationOut]
    engine: str
    cause: str | None


class PlaceOut(Out):
    """Before the visit now at `position` of the route, at `start`; `price` is what the plan's cost rises by."""

    technician: str
    position: int
    start: int
    time: str
    price: float
    touched: list[str]

    @classmethod
    def of(cls, place: Place) -> PlaceOut:
        return cls(**{**asdict(place), "touched": list(place.touched)}, time=clock_text(place.start))


class MoveOut(Out):
    """A stop that makes room: taken out first, put back before the visit then at `position` of that route."""

    visit: str
    technician: str
    position: int

    @classmethod
    def of(cls, move: Move) -> MoveOut:
        return cls(**asdict(move))


class WindowOut(Out):
    """A window that was asked for and the cheapest way to promise it; `moving` is the stop that makes room, if any."""

    window: list[int]
    place: PlaceOut
    moving: MoveOut | None

    @classmethod
    def of(cls, window: Window, place: Place, moving: Move | None = None) -> WindowOut:
        return cls(
            window=list(window),
            place=PlaceOut.of(place),
            moving=None if moving is None else MoveOut.of(moving),
        )


class NearlyOut(Out):
    """A window that nobody can promise as things stand, and the cheapest small thing that would change that."""

    window: list[int]
    relaxation: RelaxationOut

    @classmethod
    def of(cls, found: Nearly) -> NearlyOut:
        return cls(window=list(found.window), relaxation=RelaxationOut.of(found.relaxation))


class PlacesOut(Out):
    """`places` and `windows` cheapest first. A window asked for that is in neither list is far from possible."""

    places: list[PlaceOut]
    windows: list[WindowOut]
    nearly: list[NearlyOut]
