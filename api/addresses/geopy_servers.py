"""Asks a Nominatim or a Photon server through geopy, over a line of ours: no redirects, and bounds on size and time."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any, Literal
from urllib.parse import urlsplit

import httpx2
from geopy.adapters import BaseSyncAdapter
from geopy.exc import GeocoderServiceError, GeopyError
from geopy.geocoders import Nominatim, Photon

from api.addresses.port import MOST, AddressesSilent, Area, Found
from api.addresses.writing import one_line
from dispatch.travel.port import OSM_ATTRIBUTION, Point, TravelError

MOST_BYTES = 256_000
TOWNS = ("city", "town", "village", "municipality", "hamlet")
PHOTON_SPEAKS = ("en", "de", "fr", "it")  # a server refuses whatever else it was not built with


class GeopyServer:
    """`says` is which of the two dialects the server at `base_url` speaks. The caller owns `client`.

    The public Nominatim server forbids suggestions while somebody types, so that dialect is only asked at a press.
    An answer that is not whole after `timeout_seconds` is none.
    """

    attribution = OSM_ATTRIBUTION

    def __init__(
        self,
        client: httpx2.Client,
        says: Literal["nominatim", "photon"],
        base_url: str,
        *,
        user_agent: str,
        timeout_seconds: float = 3.0,
    ) -> None:
        where = urlsplit(base_url)
        self.name = f"{says.capitalize()} at {where.hostname}"
        self.while_typing = says == "photon"
        kind = Photon if self.while_typing else Nominatim
        self._server = kind(
            scheme=where.scheme,
            domain=f"{where.netloc}{where.path}".rstrip("/"),
            user_agent=user_agent,
            timeout=timeout_seconds,
            adapter_factory=lambda **_: _Line(client),
        )

    def find(self, words: str, area: Area, language: str) -> Sequence[Found]:
        try:
            told = self._server.geocode(
                words, exactly_one=False, limit=MOST, **self._narrowed(area, language)
            )
            found = [self._read(one.raw, Point(one.latitude, one.longitude)) for one in told or ()]
        except (GeopyError, TravelError, AttributeError, KeyError, TypeError, ValueError) as error:
            raise AddressesSilent(type(error).__name__) from None
        return [one for one in dict.fromkeys(found) if one.line and one.place in area][:MOST]

    def _narrowed(self, area: Area, language: str) -> dict[str, Any]:
        box = [(corner.lat, corner.lng) for corner in area.box()]
        if self.while_typing:
            near = (area.centre.lat, area.centre.lng)
            spoken = language if language in PHOTON_SPEAKS else False
            return {"bbox": box, "location_bias": near, "language": spoken}
        return {"viewbox": box, "bounded": True, "addressdetails": True, "language": language}

    def _read(self, raw: dict[str, Any], place: Point) -> Found:
        about = raw["properties"] if self.while_typing else raw["address"]
        town = next((about[one] for one in TOWNS if about.get(one)), "")
        line = one_line(
            number=about.get("housenumber") or about.get("house_number") or "",
            street=about.get("street") or about.get("road") or about.get("name") or "",
            postcode=about.get("postcode") or "",
            town=town,
            country=about.get("countrycode") or about.get("country_code") or "",
        )
        return Found(line[:240], place)


class _Line(BaseSyncAdapter):  # type: ignore[misc]
    """What geopy asks through. Whatever goes wrong becomes its plainest error, which carries no words of anybody's."""

    def __init__(self, client: httpx2.Client) -> None:
        super().__init__(proxies=None, ssl_context=None)
        self._client = client

    def get_text(self, url: str, *, timeout: float, headers: dict[str, str]) -> str:
        until, body = time.monotonic() + timeout, bytearray()
        try:
            with self._client.stream(
                "GET", url, timeout=timeout, headers=headers, follow_redirects=False
            ) as answer:
                if answer.status_code != 200:
                    raise GeocoderServiceError(f"status {answer.status_code}")
                for piece in answer.iter_bytes():
                    body += piece
                    if len(body) > MOST_BYTES or time.monotonic() > until:
                        raise GeocoderServiceError("too much, or too slow")
        except httpx2.HTTPError as error:
            raise GeocoderServiceError(type(error).__name__) from None
        return body.decode("utf-8", "replace")

    def get_json(self, url: str, *, timeout: float, headers: dict[str, str]) -> Any:
        try:
            return json.loads(self.get_text(url, timeout=timeout, headers=headers))
        except ValueError:
            raise GeocoderServiceError("no JSON") from None
