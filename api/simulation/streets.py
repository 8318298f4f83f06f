"""The streets as a driver's map shows them: which way to go, and where one is after a share of it.

Made from what the public API draws, so that nobody knows more than a phone could. One-way streets are not on
that map: the way is for showing where somebody is, not for how long it takes.
"""

from __future__ import annotations

import heapq
import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from typing import Any

from api.simulation.people import Place, between

USUAL_KMH = {"motorway": 95, "trunk": 80, "primary": 60, "secondary": 50, "tertiary": 42, "service": 12}
OTHER_KMH = 28.0
METRES_PER_DEGREE = 111_195.0

Block = tuple[Place, Place]


class Drive:
    """A way from one place to another, corner by corner."""

    def __init__(self, corners: Sequence[Place]) -> None:
        self.corners = tuple(corners)
        lengths = (metres_between(*pair) for pair in pairwise(self.corners))
        self._done = list(accumulate(lengths, initial=0.0))

    @property
    def metres(self) -> float:
        return self._done[-1]

    def at(self, share: float) -> Place:
        """Where one is after `share` of the way; past the end one is there."""
        if share >= 1 or self.metres == 0:
            return self.corners[-1]
        gone = max(share, 0.0) * self.metres
        i = bisect_right(self._done, gone) - 1
        return between(self.corners[i], self.corners[i + 1], (gone - self._done[i]) / self._length(i))

    def _length(self, i: int) -> float:
        return max(self._done[i + 1] - self._done[i], 1e-9)


class Streets:
    """`drawn` is the GeoJSON of the roads; with none in it every way is straight."""

    def __init__(self, drawn: dict[str, Any]) -> None:
        self._next: dict[Place, list[tuple[Place, float]]] = defaultdict(list)
        self._blocks: list[Block] = []
        for kind, line in _roads(drawn):
            metres_a_second = USUAL_KMH.get(kind.removesuffix("_link"), OTHER_KMH) / 3.6
            for start, end in pairwise(line):
                seconds = metres_between(start, end) / metres_a_second
                self._next[start].append((end, seconds))
                self._next[end].append((start, seconds))
                self._blocks.append((start, end))

    def drive(self, start: Place, end: Place) -> Drive:
        """The quickest way by the usual speeds; the straight one where the map knows none."""
        if not self._blocks:
            return Drive([start, end])
        (leaving, first), (reaching, last) = self._nearest(start), self._nearest(end)
        if leaving == reaching:
            return Drive([start, first, last, end])
        corners = self._search(first, leaving, last, reaching)
        return Drive([start, first, *corners, last, end] if corners else [start, end])

    def _nearest(self, place: Place) -> tuple[Block, Place]:
        """The block that a place lies at, and the point on it."""
        shrink = math.cos(math.radians(place[0]))
        best = min(self._blocks, key=lambda block: _squared_off(place, block, shrink))
        return best, _foot(place, best, shrink)

    def _search(self, first: Place, leaving: Block, last: Place, reaching: Block) -> list[Place]:
        """The corners from one block to another (Dijkstra), none when they do not hang together."""
        to_the_end = {corner: _seconds(corner, last) for corner in reaching}
        before: dict[Place, Place] = {}  # the first corner comes from itself
        queue = [(_seconds(first, corner), corner, corner, False) for corner in leaving]
        heapq.heapify(queue)
        while queue:
            seconds, corner, came_from, is_end = heapq.heappop(queue)
            if is_end:
                return _back(before, corner)
            if corner in before:
                continue
            before[corner] = came_from
            if corner in to_the_end:
                heapq.heappush(queue, (seconds + to_the_end[corner], corner, came_from, True))
            for neighbour, more in self._next[corner]:
                if neighbour not in before:
                    heapq.heappush(queue, (seconds + more, neighbour, corner, False))
        return []


def metres_between(a: Place, b: Place) -> float:
    """Near enough within a city."""
    shrink = math.cos(math.radians((a[0] + b[0]) / 2))
    return math.hypot(a[0] - b[0], (a[1] - b[1]) * shrink) * METRES_PER_DEGREE


def _seconds(a: Place, b: Place) -> float:
    return metres_between(a, b) / OTHER_KMH * 3.6


def _back(before: dict[Place, Place], corner: Place) -> list[Place]:
    way = [corner]
    while before[way[-1]] != way[-1]:
        way.append(before[way[-1]])
    return way[::-1]


def _roads(drawn: dict[str, Any]) -> Iterator[tuple[str, list[Place]]]:
    """Class and corners of every line; GeoJSON writes longitude first."""
    for feature in drawn["features"]:
        if feature["properties"]["layer"] == "road":
            for line in feature["geometry"]["coordinates"]:
                yield feature["properties"]["kind"], [(lat, lng) for lng, lat in line]


def _foot(place: Place, block: Block, shrink: float) -> Place:
    """The point of a block that is nearest to a place."""
    (lat, lng), (end_lat, end_lng) = block
    north, east = end_lat - lat, (end_lng - lng) * shrink
    length = north * north + east * east
    if length == 0:
        return block[0]
    share = ((place[0] - lat) * north + (place[1] - lng) * shrink * east) / length
    return between(*block, share)


def _squared_off(place: Place, block: Block, shrink: float) -> float:
    lat, lng = _foot(place, block, shrink)
    return float((place[0] - lat) ** 2 + ((place[1] - lng) * shrink) ** 2)
