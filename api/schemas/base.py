"""What all bodies share: nothing unknown comes in, nothing is guessed, tables never leave the house."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
)
from pydantic_core import PydanticCustomError


class In(BaseModel):
    """A body that somebody sends."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class Out(BaseModel):
    """A body that we answer."""

    model_config = ConfigDict(frozen=True)


# Days that can be counted with: some before and after, and every midnight of every zone is a time.
OLDEST, NEWEST = date(2000, 1, 1), date(2999, 12, 31)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?")


def read_instant(value: Any) -> datetime:
    """An instant from text like 2026-03-02T07:00:00+01:00; the offset must be there."""
    at = read_clock(value)
    if not OLDEST <= at.date() <= NEWEST:
        raise PydanticCustomError("time_out_of_range", "write a time between the years 2000 and 2999")
    return at


def read_clock(value: Any) -> datetime:
    """What a clock of somebody's shows, however wrong it is."""
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) and _INSTANT.fullmatch(value) else None
        if at is not None and at.tzinfo is not None:
            return at.astimezone(UTC)
    except (ValueError, OverflowError):
        at = None
    if at is None:
        raise PydanticCustomError("time_invalid", "write an instant like 2026-03-02T07:00:00+01:00")
    raise PydanticCustomError("zone_missing", "say the offset too, as in 2026-03-02T07:00:00+01:00")


DayIn = Annotated[date, Field(ge=OLDEST, le=NEWEST)]
InstantIn = Annotated[datetime, BeforeValidator(read_instant)]
PhonesClock = Annotated[datetime, BeforeValidator(read_clock)]  # what it says is kept, and judged later
Instant = Annotated[
    datetime, PlainSerializer(lambda at: at.astimezone(UTC).isoformat().replace("+00:00", "Z"))
]
Name = Annotated[str, Field(min_length=1, max_length=120)]
Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-z]{26}$")]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$")]
Level = Annotated[int, Field(ge=1, le=10)]
Quantity = Annotated[int, Field(ge=0, le=10_000)]
ClockTime = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class Place(In):
    lat: float
    lng: float
