"""What a phone reports in one heap, and what became of each."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from api.schemas.base import Id, In, Out, PhonesClock, Place
from api.schemas.visits import HindranceIn, Step

ClientEventId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$")]
Turn = Annotated[int, Field(ge=0, le=2**53)]


class ReportedIn(In):
    """What every report has: the phone's name for it, when by the phone's clock, and its place among the others."""

    client_event_id: ClientEventId
    at: PhonesClock
    turn: Turn | None = None


class PositionEventIn(ReportedIn):
    kind: Literal["position"]
    place: Place
    accuracy_metres: int = Field(default=0, ge=0, le=100_000)


class StepEventIn(ReportedIn):
    """A step of a visit, taken at `at` by the phone's clock, perhaps without a network.

    `promise_version` is the promise that the phone showed: a step towards one that was moved to another day since is
    contested.
    """

    kind: Literal["step"]
    visit_id: Id
    promise_version: int | None = Field(default=None, ge=1, le=100_000)
    step: Step
    place: Place | None = None
    note: str = Field(default="", max_length=2000)
    contacted: bool = False
    hindrance: HindranceIn | None = None


class AnswerEventIn(ReportedIn):
    """'I am here', or 'I am running late'."""

    kind: Literal["answer"]
    answer: Literal["ok", "late"]


class LateEventIn(ReportedIn):
    """Running late: free again in so many minutes after `at`."""

    kind: Literal["late"]
    minutes: int = Field(ge=1, le=480)


class AbsenceEventIn(ReportedIn):
    """Sick, or the van is down, from when it comes in."""

    kind: Literal["absence"]
    absence: Literal["sick", "van_down"]


class SeenEventIn(ReportedIn):
    """What changed on the list up to `until` was read."""

    kind: Literal["seen"]
    until: PhonesClock


EventIn = Annotated[
    PositionEventIn | StepEventIn | AnswerEventIn | LateEventIn | AbsenceEventIn | SeenEventIn,
    Field(discriminator="kind"),
]


class EventsIn(In):
    """`sent_at` is what the phone's clock shows now: by it we see how wrong that clock is.

    They are taken in the order of their `turn`, or of `at` where one has none, in whatever order they come.
    """

    events: list[EventIn] = Field(min_length=1)
    sent_at: PhonesClock | None = None


class EventOut(Out):
    """`result` is applied, duplicate, contested (kept with both times, people decide) or rejected.

    `outcome` is the result of the first time, also for a duplicate; `detail` says why in a sentence.
    """

    client_event_id: str
    result: str
    outcome: str
    code: str
    detail: str


class PhotoOut(Out):
    photo_id: str
    width: int
    height: int


class EventsOut(Out):
    results: list[EventOut]
