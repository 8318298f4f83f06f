"""What the rest of the house may ask about driving, and what can go wrong."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

OSM_ATTRIBUTION = "© OpenStreetMap contributors"
INVENTED = "makegood, a town that does not exist"
"""What the header of a road file names as its generator when the file is nobody's data: nothing is owed then."""


class TravelError(ValueError):
    """Travel times cannot be had: the place, the road data or the routing server is no good. Says which."""


class OffRoad(TravelError):
    """A place is too far from any road to be driven to.

    `index` is its position in the points that were asked about, `metres` the distance to the nearest road.
    """

    def __init__(self, index: int, metres: float, *, limit_metres: float) -> None:
        self.index = index
        self.metres = metres
        self.limit_metres = limit_metres
        super().__init__(
            f"point {index} is {metres:.0f} m from the nearest road; at most {limit_metres:.0f} m is allowed"
        )


@dataclass(frozen=True, slots=True)
class Point:
    """A place in degrees (WGS 84). Raises TravelError for anything that is not on the globe."""

    lat: float
    lng: float

    def __post_init__(self) -> None:
        # A NaN fails both comparisons, so it is refused too.
        if not (-90 <= self.lat <= 90 and -180 <= self.lng <= 180):
            raise TravelError(f"({self.lat}, {self.lng}) is not a latitude and a longitude in degrees")


@dataclass(frozen=True, slots=True)
class Snap:
    """Where a place meets the network: the nearest point on it, and how many metres away that is."""

    point: Point
    metres: float


class Travel(Protocol):
    """Driving times between places. Adapters may be shared by threads.

    Every time is in whole seconds and includes a fixed part per drive for parking and walking.
    """

    @property
    def name(self) -> str:
        """Short name for pages, logs and `doctor`."""

    @property
    def is_estimate(self) -> bool:
        """True when the times know nothing of the roads; pages then say that they are estimates."""

    @property
    def attribution(self) -> str:
        """The line that must stand where anything derived from the map data is shown; may be empty."""

    def matrix(self, points: Sequence[Point]) -> NDArray[np.int32]:
        """Seconds from row to column, as a square in the order of `points`.

        The diagonal is 0. Two entries with equal coordinates are two stops: driving between them costs the
        fixed part. Raises OffRoad naming the first point with no road near, TravelError for all else.
        """

    def seconds(self, origin: Point, destination: Point) -> int:
        """Seconds for one drive, 0 when both are the same place. Errors as for `matrix`."""

    def snap(self, point: Point) -> Snap:
        """The nearest point of the network, however far it is. Raises TravelError when nobody can say."""


def degrees(points: Sequence[Point]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Latitudes and longitudes of `points` as two arrays."""
    lat = np.fromiter((p.lat for p in points), dtype=np.float64, count=len(points))
    lng = np.fromiter((p.lng for p in points), dtype=np.float64, count=len(points))
    return lat, lng


def require_whole_seconds(stop_seconds: int) -> int:
    """`stop_seconds` itself. Raises TravelError unless it is a whole number, 0 or more."""
    if stop_seconds < 0 or math.floor(stop_seconds) != stop_seconds:
        raise TravelError(f"stop_seconds must be a whole number of seconds, 0 or more, not {stop_seconds}")
    return stop_seconds
