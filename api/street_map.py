"""The streets that pages draw on: each answer is drawn once in this process, zipped, and kept by the browser."""

from __future__ import annotations

import gzip
import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from api.runtime.runtime import Runtime
from api.versions import is_known
from dispatch.travel.drawing import draw
from dispatch.travel.extract import read_network
from dispatch.travel.network import Network
from dispatch.travel.port import Point
from dispatch.travel.roads import RoadGraph

WITHIN_METRES = (3_000.0, 2_000.0, 1_200.0, 700.0)
"""How far a customer's map reaches; where the city is too dense for a phone, the next one is taken."""
PHONE_BYTES = 60_000
CELL_DIGITS = 2  # of a degree: neighbours share one map, and it has no door in its middle
CELLS = 64
KEPT = "private, max-age=86400"
VARIES = "Authorization, Cookie, Accept-Encoding"


class GeoJson(JSONResponse):
    media_type = "application/geo+json"


@dataclass(frozen=True, slots=True)
class Drawn:
    """One answer, plain and zipped; `etag` changes with what is on it."""

    plain: bytes
    zipped: bytes
    etag: str


class StreetMap:
    """The map of one process. Threads may share it; while one draws, the others wait."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._lock = threading.Lock()
        self._network: Network | None = None
        self._drawn: OrderedDict[tuple[float, float] | None, Drawn] = OrderedDict()

    def whole(self) -> Drawn:
        """All there is."""
        return self._remembered(None, lambda: self._draw(None, 0.0))

    def around(self, place: Point) -> Drawn:
        """What lies around a place, small enough for a phone."""
        cell = (round(place.lat, CELL_DIGITS), round(place.lng, CELL_DIGITS))
        return self._remembered(cell, lambda: self._draw_small(Point(*cell)))

    def _remembered(self, key: tuple[float, float] | None, make: Callable[[], Drawn]) -> Drawn:
        with self._lock:
            if key not in self._drawn:
                self._drawn[key] = make()
            self._drawn.move_to_end(key)
            while len(self._drawn) > CELLS:
                self._drawn.popitem(last=False)
            return self._drawn[key]

    def _draw_small(self, middle: Point) -> Drawn:
        drawn = self._draw(middle, WITHIN_METRES[0])
        for metres in WITHIN_METRES[1:]:
            if len(drawn.zipped) <= PHONE_BYTES:
                break
            drawn = self._draw(middle, metres)
        return drawn

    def _draw(self, middle: Point | None, within_metres: float) -> Drawn:
        network = self._network = self._network or _network(self._runtime)
        found = draw(network, around=middle, within_metres=within_metres)
        body = found | {"times_are_estimates": self._runtime.workshop.travel.is_estimate}
        plain = json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()
        etag = f'W/"{hashlib.sha256(plain).hexdigest()[:20]}"'
        return Drawn(plain, gzip.compress(plain, 9, mtime=0), etag)


def _network(runtime: Runtime) -> Network:
    """The roads that are driven on; beside a routing server the extract, if one is named; else none."""
    travel = runtime.workshop.travel
    if isinstance(travel, RoadGraph):
        return travel.network
    return read_network(runtime.settings.roads) if runtime.settings.roads else Network({}, ())


def answer(request: Request, drawn: Drawn) -> Response:
    """The map, or 304 for a browser that has it already."""
    headers = {"ETag": drawn.etag, "Cache-Control": KEPT, "Vary": VARIES}
    if is_known(drawn.etag, request.headers.get("if-none-match")):
        return Response(status_code=304, headers=headers)
    if _takes_gzip(request.headers.get("accept-encoding", "")):
        headers["Content-Encoding"] = "gzip"
        return Response(drawn.zipped, media_type=GeoJson.media_type, headers=headers)
    return Response(drawn.plain, media_type=GeoJson.media_type, headers=headers)


def _takes_gzip(accepted: str) -> bool:
    """Whether gzip is named and not refused with a weight of nought."""
    for part in accepted.split(","):
        name, _, weight = part.strip().partition(";")
        if name.strip().lower() == "gzip":
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
