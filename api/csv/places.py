"""Where a row says that something is: its territory by name, and its position."""

from __future__ import annotations

from collections.abc import Sequence

from api.csv.columns import Values, nearest
from dispatch.customers.actions import place_at
from dispatch.errors import Invalid
from dispatch.territories.tables import Territory
from dispatch.travel.apart import metres_apart
from dispatch.travel.port import OffRoad, Point
from dispatch.words import fold
from dispatch.work import Work

COMMUTE_METRES = 200_000


def territory_of(known: Sequence[Territory], values: Values) -> Territory:
    """The one of `known` that the row names; the only one where it names none. Raises Invalid."""
    name = values.get("territory") or ""
    if not name and len(known) == 1:
        return known[0]
    for territory in known:
        if fold(territory.name) == fold(name):
            return territory
    names = [territory.name for territory in known]
    if not names:
        raise Invalid.field("territory", "territory_unknown", "No territory has been opened yet.")
    if not name:
        sentence = f"Please say which territory: {', '.join(names)}."
        raise Invalid.field("territory", "cell_missing", sentence)
    sentence = f"There is no territory {name[:40]!r}.{nearest(name, names)}"
    raise Invalid.field("territory", "territory_unknown", sentence)


def place_of(values: Values, territory: Territory) -> Point:
    """The row's position. Raises Invalid for 0,0 and for latitude and longitude in the wrong columns."""
    place = place_at(values["lat"], values["lng"])
    if abs(place.lng) <= 90:
        centre, mirrored = Point(territory.centre_lat, territory.centre_lng), Point(place.lng, place.lat)
        reach = territory.radius_metres
        if metres_apart(centre, place) > reach >= metres_apart(centre, mirrored):
            sentence = "This position lies far away; with lat and lng the other way round it would fit."
            raise Invalid.field("lat", "position_swapped", sentence)
    return place


def require_commute(work: Work, territory: Territory, home: Point) -> None:
    """Raises Invalid for a home that no car reaches or that lies a day's drive away: no day could be planned."""
    centre = Point(territory.centre_lat, territory.centre_lng)
    metres = metres_apart(centre, home)
    if metres > COMMUTE_METRES:
        sentence = f"This is {metres / 1000:,.0f} km from the middle of {territory.name}."
        raise Invalid.field("lat", "position_far", sentence)
    try:
        work.travel.seconds(centre, home)
    except OffRoad as error:
        sentence = f"There is no road within reach of this place ({error.metres:.0f} m away)."
        raise Invalid.field("lat", "off_road", sentence) from error
