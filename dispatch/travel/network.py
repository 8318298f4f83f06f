"""Roads as values, before anything is computed from them: junctions with a place, ways between them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dispatch.travel.port import Point, TravelError

CLASS_KMH: Mapping[str, float] = {
    "motorway": 95,
    "motorway_link": 50,
    "trunk": 80,
    "trunk_link": 45,
    "primary": 60,
    "primary_link": 40,
    "secondary": 50,
    "secondary_link": 35,
    "tertiary": 42,
    "tertiary_link": 30,
    "unclassified": 35,
    "residential": 28,
    "road": 28,
    "service": 15,
    "living_street": 10,
}
"""Usual km/h by class of road, waiting at junctions included; a class that is absent is not driven on."""

NO_STOPPING = frozenset({"motorway", "motorway_link", "trunk", "trunk_link"})
"""Classes that are driven along but never stopped at: no front door opens on them."""


@dataclass(frozen=True, slots=True)
class Way:
    """One road: the nodes it passes in order, its class, its speed in km/h, which ways it may be driven."""

    nodes: tuple[int, ...]
    kind: str
    kmh: float
    name: str = ""
    forward: bool = True
    backward: bool = True


@dataclass(frozen=True, slots=True)
class Water:
    """Water to draw, never driven on: an area whose line ends where it began, or the middle of a stream."""

    kind: str
    points: tuple[Point, ...]

    @property
    def is_area(self) -> bool:
        return self.kind == "water"


@dataclass(frozen=True, slots=True)
class Network:
    """Ways and the places of their nodes; `attribution` is owed wherever anything made of it is shown."""

    places: Mapping[int, Point]
    ways: tuple[Way, ...]
    attribution: str = ""
    water: tuple[Water, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A two-way road drawn as a line; `kind` is one of CLASS_KMH."""

    kind: str
    points: tuple[Point, ...]
    name: str = ""


def join_lines(lines: Iterable[Line], attribution: str = "") -> Network:
    """A network from drawn lines, for towns that no map knows: lines meet where they share a point exactly.

    Raises TravelError for a class of road nobody drives on.
    """
    node_of: dict[Point, int] = {}
    ways = []
    for line in lines:
        if line.kind not in CLASS_KMH:
            raise TravelError(f"no speed is known for a road of class {line.kind!r}")
        nodes = tuple(node_of.setdefault(point, len(node_of)) for point in line.points)
        ways.append(Way(nodes, line.kind, kmh=CLASS_KMH[line.kind], name=line.name))
    return Network({node: point for point, node in node_of.items()}, tuple(ways), attribution)
