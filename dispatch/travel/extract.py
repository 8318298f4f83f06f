"""Reads the drivable roads and the water out of an OpenStreetMap extract."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import osmium

from dispatch.travel.network import CLASS_KMH, Network, Water, Way
from dispatch.travel.port import INVENTED, OSM_ATTRIBUTION, Point, TravelError

KMH_PER_MPH = 1.609344
LIMIT_SHARE = 0.85
"""What remains of a signposted limit after corners, lights and other people."""

# From the most particular to the most general: the first one present decides.
_ACCESS_KEYS = ("motorcar", "motor_vehicle", "vehicle", "access")
_BARRED = frozenset({"no", "private", "agricultural", "forestry", "emergency", "bus", "psv", "military"})
_SPEED = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(mph)?\s*(?:;.*)?")


@dataclass(frozen=True, slots=True)
class Drivable:
    """What the tags of a way say to a driver: class, km/h, and the directions that are allowed."""

    kind: str
    kmh: float
    forward: bool
    backward: bool


def classify_way(tags: Mapping[str, str]) -> Drivable | None:
    """What a van may do on a way with these tags; None when it may not drive there at all."""
    kind = tags.get("highway", "")
    if kind not in CLASS_KMH or tags.get("area") == "yes" or tags.get("service") == "emergency_access":
        return None
    access = next((tags[key] for key in _ACCESS_KEYS if key in tags), "yes")
    directions = _directions(tags, kind)
    if access in _BARRED or directions is None:
        return None
    return Drivable(kind, speed_kmh(tags.get("maxspeed", ""), kind), *directions)


def speed_kmh(maxspeed: str, kind: str) -> float:
    """Usual km/h: a share of the signposted limit where there is a number, else what the class suggests."""
    found = _SPEED.fullmatch(maxspeed)
    if found is None:
        return CLASS_KMH[kind]
    limit = float(found[1]) * (KMH_PER_MPH if found[2] else 1.0)
    return LIMIT_SHARE * min(limit, 130.0) if limit >= 5 else CLASS_KMH[kind]


def _directions(tags: Mapping[str, str], kind: str) -> tuple[bool, bool] | None:
    oneway = tags.get("oneway")
    if oneway in ("reversible", "alternating"):
        return None  # It changes with the hour, and we do not know when.
    if oneway in ("-1", "reverse"):
        return False, True
    if oneway is None:
        only_forward = kind == "motorway" or tags.get("junction") in ("roundabout", "circular")
    else:
        only_forward = oneway in ("yes", "true", "1")
    return True, not only_forward


def read_network(path: str | os.PathLike[str]) -> Network:
    """The drivable roads of an .osm.pbf (or .osm) file, and the water between them.

    Whoever made the map is named, except where its header says that the place is invented. Raises
    TravelError when the file cannot be read or has no road in it.
    """
    places: dict[int, Point] = {}
    ways: list[Way] = []
    water: list[Water] = []
    try:
        reader = osmium.FileProcessor(os.fspath(path)).with_locations()
        attribution = "" if reader.header.get("generator") == INVENTED else OSM_ATTRIBUTION
        for found in reader.with_filter(osmium.filter.KeyFilter("highway", "natural", "waterway")):
            if found.is_way():
                ways.extend(_ways(found, places))
                water.extend(_water(found))
    except (RuntimeError, OSError, ValueError) as error:
        raise TravelError(f"the road extract {os.fspath(path)} cannot be read: {error}") from error
    if not ways:
        raise TravelError(f"the road extract {os.fspath(path)} has no drivable road in it")
    return Network(places, tuple(ways), attribution, tuple(water))


def water_kind(tags: Mapping[str, str], *, closed: bool) -> str | None:
    """What water a line is: a closed one an area, a river or canal its middle; None when it is no water.

    A shore that several ways make up together, as of most wide rivers, is a relation and not read: such a
    river shows as its middle. Streams and ditches are left out.
    """
    if closed and (tags.get("natural") == "water" or tags.get("waterway") == "riverbank"):
        return "water"
    kind = tags.get("waterway", "")
    return kind if kind in ("river", "canal") else None


def _water(found: Any) -> Iterator[Water]:
    """The pieces of one water line that lie in the file; an area only whole."""
    runs = [run for run in _runs(found) if len(run) > 1]
    whole = len(runs) == 1 and len(runs[0]) == len(found.nodes)
    closed = whole and bool(found.is_closed()) and len(runs[0]) > 3
    kind = water_kind({tag.k: tag.v for tag in found.tags}, closed=closed)
    if kind is not None:
        yield from (Water(kind, tuple(_point(node) for node in run)) for run in runs)


def _ways(found: Any, places: dict[int, Point]) -> Iterator[Way]:
    """The pieces of one way whose nodes are in the file; an extract cuts ways at its border."""
    drivable = classify_way({tag.k: tag.v for tag in found.tags})
    if drivable is None:
        return
    name = str(found.tags.get("name", ""))
    for nodes in _runs(found):
        if len(nodes) < 2:
            continue
        places.update({int(node.ref): _point(node) for node in nodes})
        yield Way(
            tuple(int(node.ref) for node in nodes),
            drivable.kind,
            kmh=drivable.kmh,
            name=name,
            forward=drivable.forward,
            backward=drivable.backward,
        )


def _runs(found: Any) -> Iterator[list[Any]]:
    """The nodes of a way that are in the file, in unbroken runs."""
    for inside, run in groupby(found.nodes, key=lambda node: bool(node.location.valid())):
        if inside:
            yield list(run)


def _point(node: Any) -> Point:
    return Point(float(node.lat), float(node.lon))
