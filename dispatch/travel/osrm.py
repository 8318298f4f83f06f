"""Travel from an OSRM server's `table` and `nearest` services. When it cannot answer, nobody guesses."""

import math
from collections.abc import Sequence
from itertools import product
from typing import Any

import httpx2
import numpy as np
from numpy.typing import NDArray

from dispatch.travel.port import (
    OSM_ATTRIBUTION,
    OffRoad,
    Point,
    Snap,
    TravelError,
    require_whole_seconds,
)


class OsrmTable:
    """Driving times by HTTP from an OSRM server.

    Seconds = the server's duration, rounded up, + `stop_seconds`. Larger matrices are asked for in blocks of
    at most `max_table` coordinates (the server's --max-table-size). Every request gives up after
    `timeout_seconds` without progress. The caller owns `client`; threads may share it.
    """

    name = "OSRM"
    is_estimate = False
    attribution = OSM_ATTRIBUTION

    def __init__(
        self,
        client: httpx2.Client,
        base_url: str,
        *,
        profile: str = "driving",
        stop_seconds: int = 120,
        max_table: int = 100,
        timeout_seconds: float = 5.0,
        max_off_road_metres: float = 2_000.0,
    ) -> None:
        if max_table < 2:
            raise TravelError(f"a table needs at least 2 coordinates, not {max_table}")
        self._client = client
        self._base_url = base_url.rstrip("/")
        self._profile = profile
        self._max_table = max_table
        self._timeout_seconds = timeout_seconds
        self.stop_seconds = require_whole_seconds(stop_seconds)
        self.max_off_road_metres = max_off_road_metres

    def matrix(self, points: Sequence[Point]) -> NDArray[np.int32]:
        """Seconds between all `points`.

        Raises OffRoad naming the first point too far from a road; TravelError when the server does not
        answer, answers nonsense, or knows no way between two of the points.
        """
        count = len(points)
        seconds = np.zeros((count, count), dtype=np.int32)
        if count < 2:
            return seconds
        off_road = np.zeros(count)
        for rows, columns in self._blocks(count):
            durations = self._table(points, rows, columns=columns, off_road=off_road)
            seconds[rows.start : rows.stop, columns.start : columns.stop] = np.ceil(durations)
        seconds += self.stop_seconds
        np.fill_diagonal(seconds, 0)
        return seconds

    def seconds(self, origin: Point, destination: Point) -> int:
        """Seconds for one drive, 0 when both are the same place. Errors as for `matrix`."""
        return 0 if origin == destination else int(self.matrix([origin, destination])[0, 1])

    def snap(self, point: Point) -> Snap:
        """The nearest point of a road, however far. Raises TravelError when the server does not say."""
        answer = self._get(f"nearest/v1/{self._profile}/{_coordinates([point])}", {})
        try:
            waypoint = answer["waypoints"][0]
            lng, lat = waypoint["location"]
            return Snap(Point(float(lat), float(lng)), float(waypoint["distance"]))
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise TravelError("the routing server's nearest point cannot be read") from error

    def _blocks(self, count: int) -> list[tuple[range, range]]:
        """Rows and columns of each request: the whole at once, or squares of half the limit a side."""
        side = count if count <= self._max_table else self._max_table // 2
        edges = [range(first, min(first + side, count)) for first in range(0, count, side)]
        return list(product(edges, edges))

    def _table(
        self, points: Sequence[Point], rows: range, *, columns: range, off_road: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Durations of one block. Notes in `off_road` how far each row's point is from its road."""
        asked = list(rows) if rows == columns else [*rows, *columns]
        parameters = {"annotations": "duration"}
        if rows != columns:
            parameters["sources"] = ";".join(str(i) for i in range(len(rows)))
            parameters["destinations"] = ";".join(str(i) for i in range(len(rows), len(asked)))
        coordinates = _coordinates([points[i] for i in asked])
        answer = self._get(f"table/v1/{self._profile}/{coordinates}", parameters)
        for key, indices in (("sources", rows), ("destinations", columns)):
            off_road[indices.start : indices.stop] = _distances(answer.get(key), len(indices))
        self._require_near(off_road)
        return _durations(answer.get("durations"), rows, columns=columns)

    def _require_near(self, off_road: NDArray[np.float64]) -> None:
        too_far = np.flatnonzero(off_road > self.max_off_road_metres)
        if len(too_far):
            index = int(too_far[0])
            raise OffRoad(index, float(off_road[index]), limit_metres=self.max_off_road_metres)

    def _get(self, path: str, parameters: dict[str, str]) -> dict[str, Any]:
        try:
            response = self._client.get(
                f"{self._base_url}/{path}", params=parameters, timeout=self._timeout_seconds
            )
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise TravelError(f"the routing server does not answer: {type(error).__name__}") from error
        try:
            answer = response.json()
        except ValueError as error:
            raise TravelError(
                f"the routing server answered {response.status_code} without JSON in it"
            ) from error
        code = answer.get("code") if isinstance(answer, dict) else None
        if response.status_code != 200 or code != "Ok":
            raise TravelError(f"the routing server refused: status {response.status_code}, code {code!r}")
        return dict(answer)


def _coordinates(points: Sequence[Point]) -> str:
    """OSRM writes longitude first; six digits are a tenth of a metre."""
    return ";".join(f"{point.lng:.6f},{point.lat:.6f}" for point in points)


def _distances(waypoints: Any, count: int) -> list[float]:
    """Metres from each point to the road it was put on."""
    try:
        metres = [float(waypoint["distance"]) for waypoint in waypoints]
    except (KeyError, TypeError, ValueError) as error:
        raise TravelError("the routing server does not say how far the points are from its roads") from error
    if len(metres) != count or not all(0 <= m < math.inf for m in metres):
        raise TravelError("the routing server's distances to the road do not fit the points")
    return metres


def _durations(table: Any, rows: range, *, columns: range) -> NDArray[np.float64]:
    """The block as numbers; a null means that there is no way from one point to the other."""
    try:
        durations = np.array(table, dtype=np.float64)  # None becomes NaN
    except (TypeError, ValueError) as error:
        raise TravelError("the routing server's table is not a table of numbers") from error
    if durations.shape != (len(rows), len(columns)):
        raise TravelError(f"the routing server's table is {durations.shape}, not {len(rows), len(columns)}")
    unreachable = np.argwhere(np.isnan(durations))
    if len(unreachable):
        row, column = unreachable[0]
        raise TravelError(f"no way is known from point {rows[int(row)]} to point {columns[int(column)]}")
    if (durations < 0).any() or (durations > 1e8).any():
        raise TravelError("the routing server's table has a duration that cannot be one")
    return durations
