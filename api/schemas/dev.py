"""The virtual clock and the phones of the simulator."""

from __future__ import annotations

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from api.schemas.base import In, Instant, InstantIn, Out
from notifications.channels.tables import PocketText


class ClockOut(Out):
    """`wanted` is the rate that somebody asked for last; `step_to` until when the panel asks the simulated
    people to live on, minute by minute."""

    now: Instant
    rate: float
    wanted: float | None = None
    step_to: Instant | None = None


class ClockIn(In):
    """Either `advance_seconds` or `to`; `rate` is how many seconds pass in one from then on.

    `by_people` says that whoever plays the people only holds the clock: what was wanted stays so.
    """

    advance_seconds: int | None = Field(default=None, ge=0, le=400 * 86_400)
    to: InstantIn | None = None
    rate: float | None = Field(default=None, ge=0, le=86_400)
    by_people: bool = False

    @model_validator(mode="after")
    def _one_way(self) -> ClockIn:
        if (self.advance_seconds is None) == (self.to is None):
            raise PydanticCustomError("clock_ambiguous", "say either advance_seconds or to")
        return self


class PocketTextOut(Out):
    id: str
    at: Instant
    direction: str
    body: str
    status: str

    @classmethod
    def of(cls, text: PocketText) -> PocketTextOut:
        return cls(**text.model_dump(exclude={"phone"}))


class PocketOut(Out):
    messages: list[PocketTextOut]


class PocketIn(In):
    phone: str = Field(pattern=r"^\+[1-9]\d{5,14}$")
    body: str = Field(max_length=1600)
