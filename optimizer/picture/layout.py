"""Where each location lies on the paper: from its coordinates, or else arranged by travel time."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.day import Day, Place, Travel
from optimizer.travel import EARTH_RADIUS_M

Points = NDArray[np.float64]
FAR = 3.0  # times the 95th percentile: a travel time beyond it (a place that cannot be reached) is cut
MUCH = 1.25
ROUNDS = 60


@dataclass(frozen=True, slots=True)
class Ruler:
    """So many pixels are so much."""

    pixels: float
    words: str


@dataclass(frozen=True, slots=True)
class Layout:
    """Locations in pixels from the top left corner; `note` says what a reader could mistake."""

    at: Mapping[int, tuple[float, float]]
    height: float
    ruler: Ruler | None
    note: str


def arrange(
    day: Day,
    used: Sequence[int],
    *,
    aside: Collection[int] = (),
    width: float,
    heights: tuple[float, float],
    edge: float,
) -> Layout:
    """The `used` locations in a box of `width`, as high as they need within `heights`, `edge` kept free.

    Where the places `aside` would make everything else much smaller, they come to lie outside.
    """
    if day.places is not None:
        flat = metres([day.places[index] for index in used])
        units, note = METRES, ""
    else:
        flat = by_travel_time(day.travel, used)
        units, note = SECONDS, "places arranged by travel time"
    if not used:
        return Layout({}, heights[0], None, note)
    inner = np.array([index not in aside for index in used])
    frame = _frame(flat, width, heights, edge)
    if inner.any() and (closer := _frame(flat[inner], width, heights, edge)).scale > MUCH * frame.scale:
        frame = closer
    flat = (flat - frame.middle) * frame.scale + [width / 2, frame.height / 2]
    at = {index: (float(x), float(y)) for index, (x, y) in zip(used, flat, strict=True)}
    return Layout(at, frame.height, _ruler(width / 5, frame.scale, units), note)


@dataclass(frozen=True, slots=True)
class _Frame:
    middle: Points
    scale: float
    height: float


def _frame(flat: Points, width: float, heights: tuple[float, float], edge: float) -> _Frame:
    """The largest scale at which all points are inside; 0 when they are one spot."""
    low, high = flat.min(axis=0), flat.max(axis=0)
    span = high - low
    wish = (width - 2 * edge) * span[1] / span[0] + 2 * edge if span[0] > 0 else heights[1]
    height = float(min(max(wish, heights[0]), heights[1]))
    room = (width - 2 * edge, height - 2 * edge)
    scale = min((room[axis] / float(span[axis]) for axis in (0, 1) if span[axis] > 0), default=0.0)
    return _Frame((low + high) / 2, scale, height)


METRES = (
    *((n * 10**power, f"{n * 10**power} m") for power in range(3) for n in (1, 2, 5)),
    *((n * 10 ** (power + 3), f"{n * 10**power} km") for power in range(5) for n in (1, 2, 5)),
)
SECONDS = (
    *((seconds, f"about {seconds} s of travel") for seconds in (1, 5, 15, 30)),
    *((60 * minutes, f"about {minutes} min of travel") for minutes in (1, 2, 5, 10, 20, 30, 60, 120, 300)),
)


def _ruler(longest: float, scale: float, units: Sequence[tuple[float, str]]) -> Ruler | None:
    """The roundest length that is no longer than `longest` pixels."""
    fitting = [Ruler(amount * scale, words) for amount, words in units if amount * scale <= longest]
    return fitting[-1] if scale > 0 and fitting else None


def metres(places: Sequence[Place]) -> Points:
    """East and south in metres; true in the middle of the places. Across the date line too."""
    if not places:
        return np.zeros((0, 2))
    lat, lon = np.array(places, dtype=np.float64).T
    east = (lon - lon[0] + 180) % 360 - 180
    middle = np.radians((lat.min() + lat.max()) / 2)
    flat: Points = np.radians(np.column_stack([east * np.cos(middle), -lat])) * EARTH_RADIUS_M
    return flat


def by_travel_time(travel: Travel, used: Sequence[int]) -> Points:
    """Classical multidimensional scaling (Torgerson 1952): distances on paper come close to seconds of travel.

    Both directions are averaged; the larger extent lies across.
    """
    if not used:
        return np.zeros((0, 2))
    part = travel[np.ix_(used, used)].astype(np.float64)
    apart = (part + part.T) / 2
    np.fill_diagonal(apart, 0)
    squares = np.minimum(apart, FAR * np.percentile(apart, 95)) ** 2
    rows = squares.mean(axis=1, keepdims=True)
    values, vectors = np.linalg.eigh(-(squares - rows - rows.T + squares.mean()) / 2)
    found = np.zeros((len(used), 2))
    for axis in range(min(2, len(used))):
        vector = vectors[:, -1 - axis]
        sign = np.sign(vector[np.argmax(np.abs(vector))])  # else its direction is left to chance
        found[:, axis] = sign * vector * np.sqrt(max(values[-1 - axis], 0))
    return found


def apart(points: Points, gap: float, *, farthest: float) -> Points:
    """The points moved until none is closer to another than `gap`, none by more than about `farthest`."""
    turns = np.arange(len(points)) * 2.399963  # golden angle: points on one spot leave it in all directions
    spots = points + 0.01 * np.column_stack([np.cos(turns), np.sin(turns)])
    for _ in range(ROUNDS):
        lines = spots[:, None, :] - spots[None, :, :]
        distance = np.sqrt((lines**2).sum(axis=2))
        np.fill_diagonal(distance, np.inf)
        push = np.maximum(gap - distance, 0) / (2 * distance)
        if not push.any():
            break
        spots = spots + (lines * push[:, :, None]).sum(axis=1)
        away = spots - points
        far = np.sqrt((away**2).sum(axis=1, keepdims=True))
        spots = points + away * np.minimum(1, farthest / np.maximum(far, 1e-9))
    return spots
