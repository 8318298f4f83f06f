"""What simulated people share: the moment they live in, what they have heard, and their habits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, Protocol

Place = tuple[float, float]
Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Moment:
    """Now, what the feed has said since the last moment, and what the panel has broken so far."""

    now: datetime
    events: Sequence[Event]
    broken: frozenset[tuple[str, str]]

    def about(self, kind: str, **data: object) -> list[Event]:
        """The events of one kind with these values in their data."""
        return [
            event
            for event in self.events
            if event["kind"] == kind and all(event["data"].get(name) == value for name, value in data.items())
        ]


class Actor(Protocol):
    """Somebody who lives through the day and uses the public API for it."""

    def act(self, moment: Moment) -> None: ...

    def due_at(self) -> datetime | None:
        """When there will be something to do if nothing is heard before; None when there is not."""
        ...


@dataclass(frozen=True, slots=True)
class Habits:
    """How one technician works: `lag` after the planned departure, factors on drives and work."""

    lag: timedelta
    drive_factor: float
    work_factor: float
    answers: float


def draw_habits(rng: Random) -> Habits:
    """Most people leave when they should; one in six is often late."""
    is_late_type = rng.random() < 1 / 6
    lag = minutes(rng, 4, 12) if is_late_type else minutes(rng, 0, 3)
    return Habits(lag, rng.uniform(0.95, 1.1), rng.uniform(0.9, 1.06), answers=0.97)


def soonest(*times: datetime | None) -> datetime | None:
    return min((at for at in times if at), default=None)


def minutes(rng: Random, least: float, most: float) -> timedelta:
    return timedelta(seconds=round(60 * rng.uniform(least, most)))


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def between(start: Place, end: Place, share: float) -> Place:
    """The point that lies `share` of the straight way from one place to another."""
    share = min(max(share, 0.0), 1.0)
    return (start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share)
