"""A stand-in for an OSRM server: answers `table` and `nearest` from the coordinates in the address."""

import math

import httpx2

from dispatch.travel import Point


class TableServer:
    """A handler for httpx2's MockTransport. Going north costs more than coming back.

    `off_road` says how many metres some places are from the road; all others are on it.
    """

    def __init__(self, off_road: dict[Point, float] | None = None) -> None:
        self.off_road = off_road or {}
        self.requests: list[httpx2.Request] = []
        self.sizes: list[int] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        _, service, _, _, coordinates = request.url.path.split("/")
        points = [self._point(pair) for pair in coordinates.split(";")]
        self.sizes.append(len(points))
        if service == "nearest":
            return httpx2.Response(200, json={"code": "Ok", "waypoints": [self._waypoint(points[0])]})
        sources, destinations = (
            self._chosen(points, request.url.params.get(key)) for key in ("sources", "destinations")
        )
        body = {
            "code": "Ok",
            "durations": [[self._duration(a, b) for b in destinations] for a in sources],
            "sources": [self._waypoint(p) for p in sources],
            "destinations": [self._waypoint(p) for p in destinations],
        }
        return httpx2.Response(200, json=body)

    def _chosen(self, points: list[Point], indices: str | None) -> list[Point]:
        return points if indices is None else [points[int(i)] for i in indices.split(";")]

    def _point(self, pair: str) -> Point:
        lng, lat = pair.split(",")
        return Point(float(lat), float(lng))

    def _waypoint(self, point: Point) -> dict[str, object]:
        return {"distance": self.off_road.get(point, 0.0), "location": [point.lng, point.lat]}

    def _duration(self, a: Point, b: Point) -> float:
        flat = math.hypot(a.lat - b.lat, a.lng - b.lng) * 8_000
        return round(flat + max(0.0, b.lat - a.lat) * 4_000, 1)
