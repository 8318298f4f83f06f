"""Straight-line travel times, for days that give coordinates instead of a matrix."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

EARTH_RADIUS_M = 6_371_008.8
DOUBT = 1e-6  # seconds: closer to a whole number than this, rounding up is decided by the scalar formula


def straight_line_seconds(
    places: Sequence[tuple[float, float]], *, kmh: float, detour: float, stop_seconds: int
) -> NDArray[np.int64]:
    """Seconds between all [lat, lon] degree pairs: haversine x detour / speed, rounded up, + stop_seconds.

    Shape (n, n), zero on the diagonal. numpy and the C library may differ in the last bit of a sine,
    so the rare value within DOUBT of a whole second is computed once more with `math`.
    """
    if kmh <= 0:
        raise ValueError("travel.kmh must be positive")
    if not places:
        return np.zeros((0, 0), dtype=np.int64)
    speed = kmh / 3.6
    exact = _haversine_m(np.radians(np.array(places, dtype=np.float64))) * detour / speed
    seconds = np.ceil(exact).astype(np.int64)
    for i, j in np.argwhere(np.abs(exact - np.rint(exact)) < DOUBT):
        seconds[i, j] = math.ceil(_scalar_haversine_m(places[i], places[j]) * detour / speed)
    seconds += stop_seconds
    np.fill_diagonal(seconds, 0)
    return seconds


def _haversine_m(radians: NDArray[np.float64]) -> NDArray[np.float64]:
    lat, lon = radians[:, 0], radians[:, 1]
    half_lat = np.sin((lat[None, :] - lat[:, None]) / 2) ** 2
    half_lon = np.sin((lon[None, :] - lon[:, None]) / 2) ** 2
    h = half_lat + np.cos(lat)[:, None] * np.cos(lat)[None, :] * half_lon
    metres: NDArray[np.float64] = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.clip(h, 0.0, 1.0)))
    return metres


def _scalar_haversine_m(a: tuple[float, float], b: tuple[float, float]) -> float:
    lat1, lon1, lat2, lon2 = map(math.radians, (*a, *b))
    h = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(h))
