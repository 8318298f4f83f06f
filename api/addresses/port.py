"""Who knows where an address is, and the twin that knows only what it is told."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from dispatch.territories.tables import Territory
from dispatch.travel.apart import metres_apart
from dispatch.travel.port import Point
from dispatch.words import fold

MOST = 5
METRES_A_DEGREE = 111_320.0


class AddressesSilent(Exception):
    """Whoever knows does not answer in time, refuses, or answers nonsense. Never says which address was asked for."""


@dataclass(frozen=True, slots=True)
class Area:
    """Where we come to: nothing farther than `radius_metres` from the centre is of use."""

    centre: Point
    radius_metres: float

    def __contains__(self, place: Point) -> bool:
        return metres_apart(self.centre, place) <= self.radius_metres

    def box(self) -> tuple[Point, Point]:
        """The south-western and the north-eastern corner of the least box around it."""
        up = self.radius_metres / METRES_A_DEGREE
        across = up / max(0.01, math.cos(math.radians(self.centre.lat)))
        lat, lng = self.centre.lat, self.centre.lng
        return (
            Point(max(-90.0, lat - up), max(-180.0, lng - across)),
            Point(min(90.0, lat + up), min(180.0, lng + across)),
        )


def area_of(territory: Territory) -> Area:
    return Area(Point(territory.centre_lat, territory.centre_lng), territory.radius_metres)


@dataclass(frozen=True, slots=True)
class Found:
    """A place with the line by which its own country would write it."""

    line: str
    place: Point


class Addresses(Protocol):
    """Adapters may be shared by threads."""

    @property
    def name(self) -> str:
        """Short name for `doctor`."""

    @property
    def while_typing(self) -> bool:
        """Whether it may be asked for suggestions while somebody types; else only when they press a button."""

    @property
    def attribution(self) -> str:
        """The line that must stand below what it found; may be empty."""

    def find(self, words: str, area: Area, language: str) -> Sequence[Found]:
        """The places within `area` that `words` may mean, the likeliest first, at most five.

        Raises AddressesSilent when nobody can say.
        """


class ListedAddresses:
    """Knows these lines: each that has every word that was typed, or begins with it."""

    name = "a list"
    while_typing = True

    def __init__(self, known: Mapping[str, Point], *, attribution: str = "") -> None:
        self._known = [(fold(line).replace(",", " ").split(), Found(line, at)) for line, at in known.items()]
        self.attribution = attribution

    def find(self, words: str, area: Area, language: str) -> Sequence[Found]:
        typed = fold(words).replace(",", " ").split()
        return [
            found
            for parts, found in self._known
            if found.place in area and all(any(part.startswith(one) for part in parts) for one in typed)
        ][:MOST]
