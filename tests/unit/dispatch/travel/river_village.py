"""A village on the equator, small enough to work out every drive by hand, written as an OSM extract.

One step is 0.01 degrees: 1111.95 m in both directions there. The banks are 0.002 degrees (222.39 m) apart.

    4 -------- 5 -------- 6     north bank, residential (28 km/h)
    :                     |     6-3 bridge, secondary, maxspeed 50 (42.5 km/h); 4-1 only a footbridge
    1 -------- 2 -------- 3     south bank, residential
      \\      /|
        > 7 >  8                1-7-2 one way; 2-8 private

    20 -------- 21              an island 11 km north, which no road leaves
"""

from pathlib import Path

import osmium

from dispatch.travel import Point

PLACES = {
    1: Point(0.0, 0.0),
    2: Point(0.0, 0.01),
    3: Point(0.0, 0.02),
    4: Point(0.002, 0.0),
    5: Point(0.002, 0.01),
    6: Point(0.002, 0.02),
    7: Point(-0.005, 0.005),
    8: Point(-0.01, 0.01),
    20: Point(0.1, 0.0),
    21: Point(0.1, 0.005),
}
STREETS = {
    (1, 2, 3): {"highway": "residential", "name": "South Bank"},
    (4, 5, 6): {"highway": "residential", "name": "North Bank"},
    (3, 6): {"highway": "secondary", "maxspeed": "50", "name": "The Bridge", "bridge": "yes"},
    (1, 4): {"highway": "footway", "bridge": "yes"},
    (1, 7): {"highway": "residential", "oneway": "yes"},
    (2, 7): {"highway": "residential", "oneway": "-1"},
    (2, 8): {"highway": "service", "access": "private"},
    (20, 21): {"highway": "residential", "name": "Island Road"},
}


def write_extract(path: Path, streets: dict[tuple[int, ...], dict[str, str]] | None = None) -> Path:
    """Writes the village (or other streets between its places) to `path`, which ends in .osm.pbf."""
    with osmium.SimpleWriter(str(path)) as writer:
        for node, place in PLACES.items():
            writer.add_node(osmium.osm.mutable.Node(id=node, location=(place.lng, place.lat)))
        for way, (nodes, tags) in enumerate((STREETS if streets is None else streets).items(), 100):
            writer.add_way(osmium.osm.mutable.Way(id=way, nodes=list(nodes), tags=tags))
    return path
