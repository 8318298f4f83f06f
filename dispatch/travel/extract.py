"""Reads the drivable roads out of an OpenStreetMap extract. The only importer of osmium."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import osmium

from dispatch.travel.network import CLASS_KMH, Network, Way
from dispatch.travel.port import OSM_ATTRIBUTION, Point, TravelError

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
    """The drivable roads of an .osm.pbf (or .osm) file.

    Raises TravelError when the file cannot be read or has no road in it.
    """
    places: dict[int, Point] = {}
    ways: list[Way] = []
    try:
        reader = osmium.FileProcessor(os.fspath(path)).with_locations()
        for found in reader.with_filter(osmium.filter.KeyFilter("highway")):
            if found.is_way():
                ways.extend(_ways(found, places))
    except (RuntimeError, OSError, ValueError) as error:
        raise TravelError(f"the road extract {os.fspath(path)} cannot be read: {error}") from error
    if not ways:
        raise TravelError(f"the road extract {os.fspath(path)} has no drivable road in it")
    return Network(places, tuple(ways), OSM_ATTRIBUTION)


def _ways(found: Any, places: dict[int, Point]) -> Iterator[Way]:
    """The pieces of one way whose nodes are in the file; an extract cuts ways at its border."""
    drivable = classify_way({tag.k: tag.v for tag in found.tags})
    if drivable is None:
        return
    name = str(found.tags.get("name", ""))
    for inside, run in groupby(found.nodes, key=lambda node: bool(node.location.valid())):
        nodes = list(run) if inside else []
        if len(nodes) < 2:
            continue
        places.update({int(node.ref): Point(float(node.lat), float(node.lon)) for node in nodes})
        yield Way(
            tuple(int(node.ref) for node in nodes),
            drivable.kind,
            kmh=drivable.kmh,
            name=name,
            forward=drivable.forward,
            backward=drivable.backward,
        )
