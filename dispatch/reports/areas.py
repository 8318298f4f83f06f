"""Parts of a town: its middle, and what lies north, east, south and west of it."""

from __future__ import annotations

from math import cos, radians

from dispatch.travel.apart import metres_apart
from dispatch.travel.port import Point

MIDDLE_METRES = 2000.0
AREAS = ("middle", "north", "east", "south", "west")


def area_of(place: Point, centre: Point) -> str:
    """`middle` within two kilometres of the territory's centre; elsewhere the nearest of the four directions."""
    if metres_apart(place, centre) <= MIDDLE_METRES:
        return "middle"
    north = place.lat - centre.lat
    east = (place.lng - centre.lng) * cos(radians(centre.lat))
    if abs(north) >= abs(east):
        return "north" if north > 0 else "south"
    return "east" if east > 0 else "west"
