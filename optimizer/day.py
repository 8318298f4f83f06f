"""The day as it stands at one moment: who works, what was promised, what went wrong.

Plain frozen values that check themselves. Reading and writing files is dayfile.py's part.
All times are whole seconds since the start of the service day; every window is closed: a start
`s` lies in `(a, b)` when a <= s <= b.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Window: TypeAlias = tuple[int, int]
State: TypeAlias = Literal["promised", "failed", "new"]
Travel: TypeAlias = NDArray[np.integer[Any]]

STATES = ("promised", "failed", "new")


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """The price of each evil; the minute weights count fractions of minutes.

    `risk` prices what may go wrong, not what the plan says: see odds.py. check() knows nothing of it.
    """

    broken: float = 10_000
    unserved: float = 5_000
    late_minute: float = 20
    moved: float = 200
    changed: float = 50
    overtime_minute: float = 4
    travel_minute: float = 1
    risk: float = 0

    def __post_init__(self) -> None:
        for name in (
            "broken",
            "unserved",
            "late_minute",
            "moved",
            "changed",
            "overtime_minute",
            "travel_minute",
            "risk",
        ):
            _require(getattr(self, name) >= 0, f"weights.{name} must not be negative")


@dataclass(frozen=True, slots=True)
class Break:
    """A pause still owed: it starts inside `window` and lasts `duration` seconds."""

    id: str
    window: Window
    duration: int

    def __post_init__(self) -> None:
        _require(_ordered(self.window), f"break {self.id}: window {self.window} ends before it begins")
        _require(self.duration >= 0, f"break {self.id}: duration must not be negative")


@dataclass(frozen=True, slots=True)
class Planned:
    """What the customer was told: who comes, and the second work starts."""

    technician: str
    start: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Technician:
    """One technician from now on: free at `ready_at` in `ready_location`, with `route` still to do.

    `ready_spread`: one standard deviation of `ready_at`, in seconds, where work is under way.
    """

    id: str
    shift: Window
    overtime_until: int
    ready_at: int
    ready_location: int
    end_location: int | None = None
    skills: Mapping[str, int] = field(default_factory=dict)
    parts: Mapping[str, int] = field(default_factory=dict)
    breaks: tuple[Break, ...] = ()
    absent: bool = False
    route: tuple[str, ...] = ()
    start_location: int | None = None
    ready_spread: int = 0

    def __post_init__(self) -> None:
        _require(self.ready_spread >= 0, f"technician {self.id}: ready_spread must not be negative")
        _require(_ordered(self.shift), f"technician {self.id}: shift {self.shift} ends before it begins")
        _require_unique((rest.id for rest in self.breaks), f"technician {self.id}: breaks")
        _require_unique(self.route, f"technician {self.id}: route")

    def locations(self) -> Iterable[int]:
        """Every location index this technician names."""
        named = (self.ready_location, self.start_location, self.end_location)
        return (index for index in named if index is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Work not yet started. A promised visit has exactly one window: its promise.

    `skills` maps a skill to the least level, `parts` a part to the quantity used up. `may_move` are
    windows a promised customer agreed to beforehand. `locked`: the planned technician is on the way.
    `duration_spread`: one standard deviation of the work's duration, in seconds.
    """

    id: str
    location: int
    duration: int
    state: State
    windows: tuple[Window, ...]
    may_move: tuple[Window, ...] = ()
    skills: Mapping[str, int] = field(default_factory=dict)
    parts: Mapping[str, int] = field(default_factory=dict)
    priority: int = 1
    technician: str | None = None
    exclude: tuple[str, ...] = ()
    planned: Planned | None = None
    locked: bool = False
    duration_spread: int = 0

    def __post_init__(self) -> None:
        _require(self.state in STATES, f"visit {self.id}: state {self.state!r} is not one of {STATES}")
        _require(self.duration >= 0, f"visit {self.id}: duration must not be negative")
        _require(self.duration_spread >= 0, f"visit {self.id}: duration_spread must not be negative")
        _require(self.priority >= 0, f"visit {self.id}: priority must not be negative")
        _require(bool(self.windows), f"visit {self.id}: windows must not be empty")
        for window in (*self.windows, *self.may_move):
            _require(_ordered(window), f"visit {self.id}: window {window} ends before it begins")
        _require(
            self.state != "promised" or len(self.windows) == 1,
            f"visit {self.id}: a promised visit has exactly one window",
        )
        _require(not self.locked or self.planned is not None, f"visit {self.id}: locked without planned")

    @property
    def promised(self) -> bool:
        return self.state == "promised"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, weakref_slot=True)
class Day:
    """One service day in one territory, at the moment `now`.

    `travel` is a square integer matrix of seconds by location index, `travel_spread` one standard deviation
    of a drive as a fraction of its seconds. Days are compared by identity.
    Raises ValueError where the parts contradict each other.
    """

    name: str
    now: int
    travel: Travel
    technicians: tuple[Technician, ...]
    visits: tuple[Visit, ...]
    weights: Weights = field(default_factory=Weights)
    change_tolerance: int = 1800
    travel_spread: float = 0
    _technicians: dict[str, Technician] = field(init=False, repr=False)
    _visits: dict[str, Visit] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        _require_unique((technician.id for technician in self.technicians), "technicians")
        _require_unique((visit.id for visit in self.visits), "visits")
        object.__setattr__(self, "_technicians", {one.id: one for one in self.technicians})
        object.__setattr__(self, "_visits", {one.id: one for one in self.visits})
        _require_travel(self.travel)
        _require(self.travel_spread >= 0, "travel_spread must not be negative")
        self._require_locations()
        self._require_routes()
        self._require_locked()

    def technician(self, technician_id: str) -> Technician:
        """The technician of that id; KeyError when the day has none."""
        return self._technicians[technician_id]

    def visit(self, visit_id: str) -> Visit:
        """The visit of that id; KeyError when the day has none."""
        return self._visits[visit_id]

    def has_technician(self, technician_id: str) -> bool:
        return technician_id in self._technicians

    def has_visit(self, visit_id: str) -> bool:
        return visit_id in self._visits

    def _require_locations(self) -> None:
        size = len(self.travel)
        for technician in self.technicians:
            for index in technician.locations():
                _require(0 <= index < size, f"technician {technician.id}: location {index} not in travel")
        for visit in self.visits:
            _require(0 <= visit.location < size, f"visit {visit.id}: location {visit.location} not in travel")

    def _require_routes(self) -> None:
        routed = [visit_id for technician in self.technicians for visit_id in technician.route]
        for visit_id in routed:
            _require(visit_id in self._visits, f"route: visit {visit_id} is unknown")
        _require_unique(routed, "routes")

    def _require_locked(self) -> None:
        drivers: list[str] = []
        for visit in self.visits:
            if visit.locked and visit.planned is not None:
                driver = self._technicians.get(visit.planned.technician)
                _require(driver is not None, f"visit {visit.id}: locked to nobody known")
                _require(
                    driver is None or not driver.absent,
                    f"visit {visit.id}: locked to {visit.planned.technician}, who is absent",
                )
                drivers.append(visit.planned.technician)
        _require_unique(drivers, "technicians of locked visits")


def _ordered(window: Window) -> bool:
    return window[0] <= window[1]


def _require(holds: bool, message: str) -> None:
    if not holds:
        raise ValueError(message)


def _require_unique(ids: Iterable[str], where: str) -> None:
    seen: set[str] = set()
    for one in ids:
        _require(one not in seen, f"{where}: {one} stands twice")
        seen.add(one)


def _require_travel(travel: Travel) -> None:
    _require(
        isinstance(travel, np.ndarray) and travel.ndim == 2 and travel.shape[0] == travel.shape[1],
        "travel: must be a square matrix",
    )
    _require(np.issubdtype(travel.dtype, np.integer), "travel: must hold whole seconds")
    _require(travel.size == 0 or int(travel.min()) >= 0, "travel: must not be negative")
