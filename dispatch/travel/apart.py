"""How far apart two places are, as the crow flies."""

from dispatch.travel.great_circle import metres_between
from dispatch.travel.port import Point


def metres_apart(here: Point, there: Point) -> float:
    return float(metres_between(here.lat, here.lng, to_lat=there.lat, to_lng=there.lng))
