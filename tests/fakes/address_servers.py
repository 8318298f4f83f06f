"""A Nominatim and a Photon in one: each path answers in the shape that was recorded of that kind of server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send


@dataclass(frozen=True)
class House:
    """One front door, as the map has it."""

    number: str
    street: str
    postcode: str
    town: str
    lat: float
    lng: float
    country: str = "US"

    @property
    def words(self) -> set[str]:
        return set(f"{self.number} {self.street} {self.postcode} {self.town}".lower().split())


class AddressServer:
    """Remembers what it was asked; `answer` makes it answer something else."""

    def __init__(self, houses: Sequence[House]) -> None:
        self._houses = houses
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.agents: list[str] = []
        self.answer: Response | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        self.asked.append((request.url.path, dict(request.query_params)))
        self.agents.append(request.headers.get("user-agent", ""))
        await (self.answer or self._answer(request))(scope, receive, send)

    def _answer(self, request: Request) -> Response:
        typed = request.query_params["q"].lower().replace(",", " ").split()
        found = [house for house in self._houses if all(word in house.words for word in typed)]
        if request.url.path == "/search":
            return JSONResponse([_as_nominatim(house) for house in found])
        if request.url.path == "/api":
            return JSONResponse({"type": "FeatureCollection", "features": [_as_photon(one) for one in found]})
        return Response("no such page", 404)


def _as_nominatim(house: House) -> dict[str, Any]:
    return {
        "place_id": 1,
        "licence": "Data © OpenStreetMap contributors, ODbL 1.0. http://osm.org/copyright",
        "lat": f"{house.lat:.7f}",
        "lon": f"{house.lng:.7f}",
        "class": "place",
        "type": "house",
        "display_name": f"{house.number}, {house.street}, {house.town}, {house.postcode}, United States",
        "address": {
            "house_number": house.number,
            "road": house.street,
            "town": house.town,
            "postcode": house.postcode,
            "country_code": house.country.lower(),
        },
    }


def _as_photon(house: House) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [house.lng, house.lat]},
        "properties": {
            "osm_type": "N",
            "osm_key": "place",
            "osm_value": "house",
            "type": "house",
            "housenumber": house.number,
            "street": house.street,
            "city": house.town,
            "postcode": house.postcode,
            "countrycode": house.country,
        },
    }
