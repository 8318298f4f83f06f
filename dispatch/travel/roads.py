"""Travel over a road network in this process: snap to the nearest street, then the quickest way."""

import os
import threading
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import KDTree

from dispatch.travel.extract import read_network
from dispatch.travel.great_circle import flatten, metres_between
from dispatch.travel.network import Network
from dispatch.travel.port import OffRoad, Point, Snap, TravelError, degrees, require_whole_seconds
from dispatch.travel.road_arrays import build_arrays

ACCESS_KMH = 15.0
"""Speed between a place and the nearest street: a drive, a yard, a search for the gate."""

_SOURCES_AT_ONCE = 64  # bounds the memory of one search to 64 rows of the whole network


class RoadGraph:
    """Driving times over a road network, without turn penalties or traffic.

    Seconds = (straight way to the street at ACCESS_KMH + quickest drive + straight way from the street),
    rounded up, + `stop_seconds`. A place farther than `max_off_road_metres` from every street is refused
    with OffRoad. One search answers a source node for every destination; the last `cached_rows` answers are
    kept (4 bytes per node of the network each). Threads may share a graph.
    """

    name = "road network"
    is_estimate = False

    def __init__(
        self,
        network: Network,
        *,
        stop_seconds: int = 120,
        max_off_road_metres: float = 2_000.0,
        cached_rows: int = 512,
    ) -> None:
        self.attribution = network.attribution
        self.stop_seconds = require_whole_seconds(stop_seconds)
        self.max_off_road_metres = max_off_road_metres
        self.network = network
        self._arrays = build_arrays(network)
        self._middle_lat = float(self._arrays.lat.mean())
        stops = self._arrays.stops
        self._tree = KDTree(self._flat(self._arrays.lat[stops], self._arrays.lng[stops]))
        self._rows = _RecentRows(cached_rows)

    @classmethod
    def read(
        cls, path: str | os.PathLike[str], *, stop_seconds: int = 120, max_off_road_metres: float = 2_000.0
    ) -> "RoadGraph":
        """The graph of an OpenStreetMap extract (.osm.pbf). Raises TravelError when it is unusable."""
        network = read_network(path)
        return cls(network, stop_seconds=stop_seconds, max_off_road_metres=max_off_road_metres)

    @property
    def node_count(self) -> int:
        """Nodes from which every other node can be reached."""
        return len(self._arrays.lat)

    @property
    def edge_count(self) -> int:
        """Directed edges between those nodes."""
        return int(self._arrays.milliseconds.nnz)

    @property
    def bounds(self) -> tuple[Point, Point]:
        """South-west and north-east corner of the network."""
        lat, lng = self._arrays.lat, self._arrays.lng
        return (
            Point(float(lat.min()), float(lng.min())),
            Point(float(lat.max()), float(lng.max())),
        )

    def matrix(self, points: Sequence[Point]) -> NDArray[np.int32]:
        """Seconds between all `points`. Raises OffRoad naming the first one that is too far from a street."""
        return self._seconds_between(points, points)

    def seconds(self, origin: Point, destination: Point) -> int:
        """Seconds for one drive, 0 when both are the same place. Raises OffRoad with index 0 or 1."""
        points = [origin, destination]
        if origin == destination:
            self._require_near(self._nearest(points[:1])[1])
            return 0
        return int(self._seconds_between(points[:1], points)[0, 1])

    def snap(self, point: Point) -> Snap:
        """The nearest node of a street one may stop on, however far away."""
        node, metres = self._nearest([point])
        return Snap(self._point(int(node[0])), float(metres[0]))

    def street_points(self, seed: int, count: int) -> list[Point]:
        """`count` places spread evenly along the residential streets (any street, where there are none).

        The same network and seed give the same places.
        """
        rng = np.random.default_rng(seed)
        stretches = self._arrays.stretches
        residential = np.array([way.kind == "residential" for way in self.network.ways])[stretches.way]
        metres = stretches.metres * residential if residential.any() else stretches.metres
        chosen = rng.choice(len(metres), size=count, p=metres / metres.sum())
        share = rng.random(count)
        start, end = stretches.start[chosen], stretches.end[chosen]
        lat, lng = self._arrays.lat, self._arrays.lng
        lats = lat[start] + (lat[end] - lat[start]) * share
        lngs = lng[start] + (lng[end] - lng[start]) * share
        return [Point(float(a), float(b)) for a, b in zip(lats.round(6), lngs.round(6), strict=True)]

    def _seconds_between(self, origins: Sequence[Point], destinations: Sequence[Point]) -> NDArray[np.int32]:
        """Rows for `origins`, which are the first of `destinations`: the diagonal is the same place."""
        if not destinations:
            return np.zeros((0, 0), dtype=np.int32)
        nodes, off_road = self._nearest(destinations)
        self._require_near(off_road)
        rows = len(origins)
        access = np.rint(off_road * 3600 / ACCESS_KMH).astype(np.int64)
        drive = self._milliseconds(nodes[:rows], nodes)
        total = access[:rows, None] + drive + access[None, :]
        seconds = (-(-total // 1000) + self.stop_seconds).astype(np.int32)
        np.fill_diagonal(seconds, 0)
        return seconds

    def _milliseconds(self, sources: NDArray[np.int64], targets: NDArray[np.int64]) -> NDArray[np.int64]:
        """Quickest drives from each source node to each target node, from memory or searched."""
        unique, position = np.unique(sources, return_inverse=True)
        found = np.empty((len(unique), len(targets)), dtype=np.int64)
        missing = []
        for i, source in enumerate(unique):
            row = self._rows.get(int(source))
            if row is None:
                missing.append(i)
            else:
                found[i] = row[targets]
        for first in range(0, len(missing), _SOURCES_AT_ONCE):
            batch = missing[first : first + _SOURCES_AT_ONCE]
            searched = dijkstra(self._arrays.milliseconds, indices=unique[batch]).astype(np.int32)
            found[batch] = searched[:, targets]
            for i, row in zip(batch, searched, strict=True):
                self._rows.put(int(unique[i]), row.copy())
        return found[position]

    def _nearest(self, points: Sequence[Point]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """For each point the nearest node one may stop at, and the great-circle metres to it."""
        lat, lng = degrees(points)
        _, stop = self._tree.query(self._flat(lat, lng))
        nodes = self._arrays.stops[stop]
        metres = metres_between(lat, lng, to_lat=self._arrays.lat[nodes], to_lng=self._arrays.lng[nodes])
        return nodes, metres

    def _require_near(self, off_road: NDArray[np.float64]) -> None:
        too_far = np.flatnonzero(off_road > self.max_off_road_metres)
        if len(too_far):
            index = int(too_far[0])
            raise OffRoad(index, float(off_road[index]), limit_metres=self.max_off_road_metres)

    def _flat(self, lat: NDArray[np.float64], lng: NDArray[np.float64]) -> NDArray[np.float64]:
        return flatten(lat, lng, middle_lat=self._middle_lat)

    def _point(self, node: int) -> Point:
        return Point(float(self._arrays.lat[node]), float(self._arrays.lng[node]))


class _RecentRows:
    """The most recently used searches: source node -> milliseconds to every node. Guarded by a lock."""

    def __init__(self, limit: int) -> None:
        if limit < 1:
            raise TravelError(f"at least one search must be kept, not {limit}")
        self._limit = limit
        self._lock = threading.Lock()
        self._rows: OrderedDict[int, NDArray[np.int32]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._rows)

    def get(self, source: int) -> NDArray[np.int32] | None:
        with self._lock:
            row = self._rows.get(source)
            if row is not None:
                self._rows.move_to_end(source)
            return row

    def put(self, source: int, row: NDArray[np.int32]) -> None:
        with self._lock:
            self._rows[source] = row
            self._rows.move_to_end(source)
            while len(self._rows) > self._limit:
                self._rows.popitem(last=False)
