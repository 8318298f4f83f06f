"""Distance on the sphere, and a flat picture of a small piece of it: arrays of degrees in, metres out."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

EARTH_RADIUS_METRES = 6_371_008.8


def metres_between(
    lat: ArrayLike, lng: ArrayLike, *, to_lat: ArrayLike, to_lng: ArrayLike
) -> NDArray[np.float64]:
    """Great-circle (haversine) metres between degrees; the four arrays broadcast against each other."""
    phi, to_phi = np.radians(lat), np.radians(to_lat)
    half_dlat = (to_phi - phi) / 2
    half_dlng = (np.radians(to_lng) - np.radians(lng)) / 2
    h = np.sin(half_dlat) ** 2 + np.cos(phi) * np.cos(to_phi) * np.sin(half_dlng) ** 2
    # Rounding may lift h a hair above 1 for antipodes, where arcsin has no answer.
    metres = 2 * EARTH_RADIUS_METRES * np.arcsin(np.sqrt(np.minimum(h, 1.0)))
    return np.asarray(metres, dtype=np.float64)


def flatten(lat: ArrayLike, lng: ArrayLike, *, middle_lat: float) -> NDArray[np.float64]:
    """Rows of (x, y) metres, true to scale near `middle_lat`; to find neighbours with, not to measure."""
    x = np.radians(lng) * np.cos(np.radians(middle_lat))
    return np.stack([x, np.radians(lat)], axis=-1) * EARTH_RADIUS_METRES
