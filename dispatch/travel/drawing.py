"""Roads and water as GeoJSON, small enough for a phone: one feature for each class, no names, no needless corner."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dispatch.travel.apart import metres_apart
from dispatch.travel.great_circle import EARTH_RADIUS_METRES, flatten
from dispatch.travel.network import CLASS_KMH, Network
from dispatch.travel.port import Point, degrees

DIGITS = 5
"""Decimals of a degree that are drawn: about a metre."""
STRAIGHT_METRES = 2.5
"""A corner that bends a line by less is left out, unless other roads meet there."""
MARGIN_DEGREES = 0.01

Feature = dict[str, Any]
Box = tuple[Point, Point]


def draw(network: Network, *, around: Point | None = None, within_metres: float = 0.0) -> dict[str, Any]:
    """A FeatureCollection: water first, then roads from the smallest class to the largest.

    `properties` are `layer` (water or road) and `kind`: water, river, canal, or the class of road. Roads keep
    every corner at which they meet. `bounds` are the south-west and north-east corners as latitude and
    longitude. With `around` only roads that come that near are drawn, each whole, and the bounds are those of
    the square around it. `attribution`, where there is one, must be shown with the map.
    """
    roads = _roads(network, around, within_metres)
    box = _box(point for lines in roads.values() for line in lines for point in line)
    if box and around:
        box = _square(around, within_metres)
    features = [*_water(network, box), *_features(roads)] if box else []
    return {
        "type": "FeatureCollection",
        "attribution": network.attribution,
        "bounds": [[round(corner.lat, DIGITS), round(corner.lng, DIGITS)] for corner in box or ()] or None,
        "features": features,
    }


def _roads(network: Network, around: Point | None, within_metres: float) -> dict[str, list[list[Point]]]:
    """Lines by class of road."""
    passes = Counter(node for way in network.ways for node in set(way.nodes))
    meeting = {node for node, times in passes.items() if times > 1}
    near = _near(network, around, within_metres) if around else network.places.keys()
    lines: dict[str, list[list[Point]]] = defaultdict(list)
    for way in network.ways:
        if any(node in near for node in way.nodes):
            lines[way.kind].append([network.places[node] for node in thinned(network, way.nodes, meeting)])
    return lines


def _near(network: Network, around: Point, within_metres: float) -> set[int]:
    return {node for node, place in network.places.items() if metres_apart(around, place) <= within_metres}


def thinned(network: Network, nodes: Sequence[int], kept: Collection[int]) -> list[int]:
    """The nodes without those that lie on the line anyway; ends and `kept` stay."""
    lat, lng = degrees([network.places[node] for node in nodes])
    flat = flatten(lat, lng, middle_lat=float(lat.mean()))
    fixed = [i for i, node in enumerate(nodes) if i in (0, len(nodes) - 1) or node in kept]
    chosen = {i for pair in pairwise(fixed) for i in _corners(flat, *pair)}
    return [nodes[i] for i in sorted(chosen)]


def _corners(flat: NDArray[np.float64], first: int, last: int) -> Iterator[int]:
    """The ends of a run, and between them the corners that matter (Douglas and Peucker)."""
    stack = [(first, last)]
    yield from (first, last)
    while stack:
        start, end = stack.pop()
        if end - start < 2:
            continue
        metres = _off_the_line(flat[start + 1 : end], flat[start], flat[end])
        farthest = int(metres.argmax())
        if metres[farthest] > STRAIGHT_METRES:
            middle = start + 1 + farthest
            yield middle
            stack += [(start, middle), (middle, end)]


def _off_the_line(
    points: NDArray[np.float64], start: NDArray[np.float64], end: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Metres from each point to the line between two others; to the point itself where these are one."""
    along, off = end - start, points - start
    length = float(np.hypot(*along))
    if length == 0:
        return np.asarray(np.hypot(off[:, 0], off[:, 1]), dtype=np.float64)
    return np.asarray(np.abs(off[:, 0] * along[1] - off[:, 1] * along[0]) / length, dtype=np.float64)


def _features(roads: dict[str, list[list[Point]]]) -> Iterator[Feature]:
    for kind in sorted(roads, key=lambda kind: CLASS_KMH[kind]):
        yield _feature("road", kind, "MultiLineString", [_line(line) for line in roads[kind]])


def _water(network: Network, box: Box) -> Iterator[Feature]:
    areas: list[Any] = []
    streams: dict[str, list[Any]] = defaultdict(list)
    for one in network.water:
        if one.is_area and _overlap(one.points, box):
            areas.append([_line(one.points)])
        elif not one.is_area:
            streams[one.kind] += [_line(piece) for piece in _inside(one.points, box)]
    if areas:
        yield _feature("water", "water", "MultiPolygon", areas)
    for kind, lines in streams.items():
        if lines:
            yield _feature("water", kind, "MultiLineString", lines)


def _feature(layer: str, kind: str, shape: str, coordinates: list[Any]) -> Feature:
    geometry = {"type": shape, "coordinates": coordinates}
    return {"type": "Feature", "properties": {"layer": layer, "kind": kind}, "geometry": geometry}


def _line(points: Sequence[Point]) -> list[list[float]]:
    """GeoJSON writes longitude first."""
    return [[round(point.lng, DIGITS), round(point.lat, DIGITS)] for point in points]


def _box(points: Iterable[Point]) -> Box | None:
    found = list(points)
    if not found:
        return None
    lat, lng = degrees(found)
    return Point(float(lat.min()), float(lng.min())), Point(float(lat.max()), float(lng.max()))


def _square(middle: Point, metres: float) -> Box:
    north = math.degrees(metres / EARTH_RADIUS_METRES)
    east = north / max(math.cos(math.radians(middle.lat)), 0.01)
    south_west = Point(max(middle.lat - north, -90.0), max(middle.lng - east, -180.0))
    return south_west, Point(min(middle.lat + north, 90.0), min(middle.lng + east, 180.0))


def _overlap(points: Sequence[Point], box: Box) -> bool:
    own = _box(points)
    return own is not None and not (
        own[0].lat > box[1].lat
        or own[1].lat < box[0].lat
        or own[0].lng > box[1].lng
        or own[1].lng < box[0].lng
    )


def _inside(points: Sequence[Point], box: Box) -> Iterator[list[Point]]:
    """The stretches of a line that touch the box and a little around it: a river goes on for ever."""
    piece: list[Point] = []
    for start, end in pairwise(points):
        if _overlap((start, end), _wider(box)):
            piece = [*piece, end] if piece else [start, end]
        elif piece:
            yield piece
            piece = []
    if piece:
        yield piece


def _wider(box: Box) -> Box:
    (south, west), (north, east) = ((corner.lat, corner.lng) for corner in box)
    return (
        Point(max(south - MARGIN_DEGREES, -90.0), max(west - MARGIN_DEGREES, -180.0)),
        Point(min(north + MARGIN_DEGREES, 90.0), min(east + MARGIN_DEGREES, 180.0)),
    )
