"""Travel as the crow flies, stretched by a detour factor: always available, never exact."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dispatch.travel.great_circle import metres_between
from dispatch.travel.port import Point, Snap, TravelError, degrees, require_whole_seconds


@dataclass(frozen=True, slots=True)
class StraightLine:
    """A fixed part per drive plus a price per kilometre of great circle.

    Seconds = great-circle metres x `detour` / speed, rounded up, + `stop_seconds`; the same arithmetic as the
    `locations` form of `travel` in a day file. With the defaults that is 120 s + 146.25 s per kilometre.
    Raises TravelError for a speed or detour that is not positive.
    """

    kmh: float = 32.0
    detour: float = 1.3
    stop_seconds: int = 120

    name = "straight line"
    is_estimate = True
    attribution = ""

    def __post_init__(self) -> None:
        if not (self.kmh > 0 and self.detour > 0):
            raise TravelError(f"speed and detour must be positive, not {self.kmh} km/h and {self.detour}")
        require_whole_seconds(self.stop_seconds)

    def matrix(self, points: Sequence[Point]) -> NDArray[np.int32]:
        """Seconds between all `points`; symmetric."""
        lat, lng = degrees(points)
        metres = metres_between(lat[:, None], lng[:, None], to_lat=lat, to_lng=lng)
        seconds = (np.ceil(metres * self.detour / (self.kmh / 3.6)) + self.stop_seconds).astype(np.int32)
        np.fill_diagonal(seconds, 0)
        return seconds

    def seconds(self, origin: Point, destination: Point) -> int:
        """Seconds for one drive, 0 when both are the same place."""
        return 0 if origin == destination else int(self.matrix([origin, destination])[0, 1])

    def snap(self, point: Point) -> Snap:
        """The point itself: there is no network to be away from."""
        return Snap(point, 0.0)
