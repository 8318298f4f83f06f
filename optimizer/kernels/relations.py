"""Who is near whom, and in which orders visits are put back: worked out once for a day."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from optimizer.kernels.arrays import DURATION, PENALTY, Arrays, Floats

WAIT = 0.3  # a second between two visits' windows, in seconds of driving


def neighbours(a: Arrays) -> NDArray[np.int32]:
    """2 x n x n - 1: for every visit the others, nearest first; by distance, and by distance and time."""
    n = len(a.visit)
    drive = a.drive[:n, :n].astype(np.float64)
    away = drive + drive.T
    opens, closes = _hours(a)
    gap = np.maximum(opens[:, None] - closes[None, :], opens[None, :] - closes[:, None])
    middle = np.abs((opens + closes)[:, None] - (opens + closes)[None, :]) / 2
    timely = away + WAIT * (np.maximum(gap, 0) + middle)
    return np.stack([_nearest(away), _nearest(timely)])


def sort_keys(a: Arrays) -> Floats:
    """n x S: the dearest to leave undone first, those that few can do, the longest, those that need most parts, the
    farthest, the nearest, the shortest and the earliest windows, those that end earliest.

    A column stands twice where its order is worth trying twice as often, and not at all where all visits are alike.
    """
    opens, closes = _hours(a)
    n, m = a.fit.shape
    home = a.drive[n + m :, :n].astype(np.float64)
    far = home.min(axis=0) if m else np.zeros(n)
    hands = np.isfinite(a.fit).sum(axis=1)
    once = [-a.visit[:, PENALTY], hands, -a.visit[:, DURATION], far]
    twice = [-a.parts[:n].sum(axis=1), -far, closes - opens, opens, closes]
    keys = [key for key in (*once, *twice, *twice) if n and np.ptp(key) > 0]
    return np.ascontiguousarray(np.array(keys, dtype=np.float64).reshape(len(keys), n).T)


def _hours(a: Arrays) -> tuple[Floats, Floats]:
    """The first and the last second in which a visit may start at the least price it can have."""
    count = a.pieces[:, 1, -1, 0]
    opens = np.where(count > 0, a.pieces[:, 1, 0, 0], 0.0)
    used = np.arange(a.pieces.shape[2]) < count[:, None]
    dear = a.pieces[:, 1, :, 3] > 0
    closes = np.where(used & ~dear, a.pieces[:, 1, :, 1], -np.inf).max(axis=1)
    return opens, np.where(np.isfinite(closes), closes, opens)


def _nearest(away: Floats) -> NDArray[np.int32]:
    order = np.argsort(away, axis=1, kind="stable").astype(np.int32)
    n = len(away)
    itself = order == np.arange(n, dtype=np.int32)[:, None]
    return np.ascontiguousarray(order[~itself].reshape(n, n - 1 if n else 0))
