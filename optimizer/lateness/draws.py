"""Chance for a day: how long each piece of work and each drive takes, in many versions of the same day.

One version is one sample. Everything random is drawn here, from a seed and in an order that depends on the
day alone: two plans of one day meet the same bad luck, so that their difference is the plans' own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.day import Day, Visit

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shocks:
    """How far delays go together: the shares of a spread's variance (of its logarithm) that are common.

    `technician`: to all work of one technician on this day (a slow start, a cold). `day`: to all work of
    everybody (the weather, a bad batch). `traffic`: to all drives of the day. The rest is each stop's own.
    """

    technician: float = 0.2
    day: float = 0.05
    traffic: float = 0.3

    def __post_init__(self) -> None:
        for name in ("technician", "day", "traffic"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"shocks.{name} is a share from 0 to 1")
        if self.technician + self.day > 1:
            raise ValueError("shocks.technician and shocks.day are shares of one whole")


USUAL = Shocks()


class Draws:
    """The luck of every stop in `samples` versions of a day."""

    def __init__(self, day: Day, *, samples: int, seed: int, shocks: Shocks = USUAL) -> None:
        if samples < 1:
            raise ValueError("samples: at least one")
        self._travel_spread = day.travel_spread
        self._rows = {visit.id: row for row, visit in enumerate(day.visits)}
        self._people = {one.id: row for row, one in enumerate(day.technicians)}
        random = np.random.default_rng(seed)
        visits, people = len(self._rows), len(self._people)

        def normal(rows: int, share: float) -> Samples:
            """Standard normal luck times the root of its share of the variance."""
            luck: Samples = random.standard_normal((rows, samples), dtype=np.float32)
            luck *= np.float32(np.sqrt(max(share, 0)))
            return luck

        self._work = normal(visits, 1 - shocks.technician - shocks.day)
        self._person = normal(people, shocks.technician)
        self._person += normal(1, shocks.day)
        self._drive = normal(visits + people, 1 - shocks.traffic)
        self._drive += normal(1, shocks.traffic)
        self._ready = normal(people, 1 - shocks.technician - shocks.day)
        self._ready += self._person
        self.samples = samples

    def work(self, technician_id: str, visits: Sequence[Visit]) -> Samples:
        """How long each piece of work takes, a row a visit: lognormal with its mean and deviation."""
        rows = [self._rows[visit.id] for visit in visits]
        luck = self._work[rows] + self._person[self._people[technician_id]]
        spreads = [visit.duration_spread / visit.duration if visit.duration else 0 for visit in visits]
        return _lognormal(luck, [visit.duration for visit in visits], spreads)

    def drives(self, technician_id: str, visits: Sequence[Visit], seconds: Sequence[int]) -> Samples:
        """How long the drive to each visit takes, and in the last row the one home; `seconds` on average."""
        home = len(self._rows) + self._people[technician_id]
        rows = [*(self._rows[visit.id] for visit in visits), home]
        return _lognormal(self._drive[rows], seconds, [self._travel_spread] * len(rows))

    def ready(self, technician_id: str, *, at: int, spread: int) -> Samples:
        """When the work under way is done; whoever calls knows that it is not before now."""
        ready: Samples = np.float32(at) + np.float32(spread) * self._ready[self._people[technician_id]]
        return ready


def _lognormal(luck: Samples, means: Sequence[int], variations: Sequence[float]) -> Samples:
    """`luck` is standard normal; a variation is the standard deviation in units of the mean. A row each."""
    variances = np.log1p(np.square(np.array(variations, dtype=np.float32)))[:, None]
    luck *= np.sqrt(variances)
    luck -= variances / 2
    np.exp(luck, out=luck)
    luck *= np.array(means, dtype=np.float32)[:, None]
    return luck
