"""What a phone reports in one heap, and what became of each."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from api.schemas.base import Id, In, InstantIn, Out, Place
from api.schemas.visits import HindranceIn, Step

ClientEventId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$")]


class PositionEventIn(In):
    kind: Literal["position"]
    client_event_id: ClientEventId
    at: InstantIn
    place: Place
    accuracy_metres: int = Field(default=0, ge=0, le=100_000)


class StepEventIn(In):
    """A step of a visit, taken at `at` by the phone's clock, perhaps without a network."""

    kind: Literal["step"]
    client_event_id: ClientEventId
    at: InstantIn
    visit_id: Id
    step: Step
    place: Place | None = None
    note: str = Field(default="", max_length=2000)
    contacted: bool = False
    hindrance: HindranceIn | None = None


EventIn = Annotated[PositionEventIn | StepEventIn, Field(discriminator="kind")]


class EventsIn(In):
    events: list[EventIn] = Field(min_length=1)


class EventOut(Out):
    """`result` is applied, duplicate, contested (kept with both times, people decide) or rejected."""

    client_event_id: str
    result: str
    code: str
    detail: str


class EventsOut(Out):
    results: list[EventOut]
