"""The town written down as OpenStreetMap data, so that it is read like any real city."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, groupby
from pathlib import Path

import osmium

from api.simulation.town import Place, Street, Town
from dispatch.travel.port import INVENTED

Tags = dict[str, str]
Line = tuple[tuple[Place, ...], Tags]


def write_town(town: Town, path: Path) -> Path:
    """Streets with class, name and signs, bridges, and the river; `path` ends in .osm.pbf or .osm.

    A file that is there already is written anew. Lines that share a corner share its node.
    """
    lines = [*_streets(town), *_river(town)]
    node_of: dict[Place, int] = {}
    for places, _ in lines:
        for place in places:
            node_of.setdefault(place, len(node_of) + 1)
    header = osmium.io.Header()
    header.set("generator", INVENTED)
    with osmium.SimpleWriter(str(path), header=header, overwrite=True) as writer:
        for (lat, lng), node in node_of.items():
            writer.add_node(osmium.osm.mutable.Node(id=node, version=1, location=(lng, lat)))
        for way, (places, tags) in zip(count(1), lines, strict=False):
            nodes = [node_of[place] for place in places]
            writer.add_way(osmium.osm.mutable.Way(id=way, version=1, nodes=nodes, tags=tags))
    return path


def _streets(town: Town) -> Iterator[Line]:
    """Each street in pieces, one for every change of its signs."""
    for street in town.streets:
        tags = {"highway": street.kind, "name": street.name}
        if street in town.bridges:
            tags |= {"bridge": "yes", "layer": "1"}
        for limit, places in _pieces(town, street):
            yield places, tags | {"maxspeed": f"{limit} mph"}


def _pieces(town: Town, street: Street) -> Iterator[tuple[int, tuple[Place, ...]]]:
    blocks = list(zip(street.line, street.line[1:], strict=False))
    for limit, run in groupby(blocks, key=lambda block: town.limit_mph(street.kind, _middle(*block))):
        piece = list(run)
        yield limit, (piece[0][0], *(end for _, end in piece))


def _middle(start: Place, end: Place) -> Place:
    return (start[0] + end[0]) / 2, (start[1] + end[1]) / 2


def _river(town: Town) -> Iterator[Line]:
    yield town.river, {"waterway": "river", "name": "Alder Water"}
    yield town.banks(), {"natural": "water", "water": "river", "name": "Alder Water"}
