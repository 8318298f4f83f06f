"""The day as it stands at one moment: who works, what was promised, what went wrong.

Plain frozen values that check themselves. Reading and writing files is dayfile.py's part.
All times are whole seconds since the start of the service day; every window is closed: a start
`s` lies in `(a, b)` when a <= s <= b.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from graphlib import CycleError, TopologicalSorter
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Window: TypeAlias = tuple[int, int]
State: TypeAlias = Literal["promised", "failed", "new"]
Travel: TypeAlias = NDArray[np.integer[Any]]
Place: TypeAlias = tuple[float, float]  # latitude, longitude in degrees
Steps: TypeAlias = tuple[str | int, ...]  # keys and indices, from the outside in

STATES = ("promised", "failed", "new")


class Contradiction(ValueError):
    """Values that cannot stand together. `at`: the keys and indices that lead to the one to change."""

    def __init__(self, sentence: str, *at: str | int) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.at = at


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """The price of each evil; the minute weights count fractions of minutes.

    `risk` prices what may go wrong, not what the plan says: see lateness/odds.py. check() knows nothing of it.
    """

    broken: float = 10_000
    unserved: float = 5_000
    late_minute: float = 20
    moved: float = 200
    changed: float = 50
    overtime_minute: float = 4
    travel_minute: float = 1
    not_preferred: float = 30
    risk: float = 0

    def __post_init__(self) -> None:
        for one in fields(self):
            _require(getattr(self, one.name) >= 0, f"weights.{one.name} must not be negative", one.name)


@dataclass(frozen=True, slots=True)
class Break:
    """A pause still owed: it starts inside `window` and lasts `duration` seconds."""

    id: str
    window: Window
    duration: int

    def __post_init__(self) -> None:
        _require_ordered(f"break {self.id}: window", self.window, "window")
        _require(self.duration >= 0, f"break {self.id}: duration must not be negative", "duration")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Caps on what a plan may ask of customers who were told something; None: no cap.

    `moved`: promises that use their `may_move`. `disturbed`: promises that somebody else keeps than was
    told, or more than the tolerance away from the told start, although who was told is present. What is
    locked counts in neither.
    """

    moved: int | None = None
    disturbed: int | None = None

    def __post_init__(self) -> None:
        for one in fields(self):
            cap = getattr(self, one.name)
            _require(cap is None or cap >= 0, f"limits.{one.name} must not be negative", one.name)


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
        _require_ordered(f"technician {self.id}: shift", self.shift, "shift")
        message = f"technician {self.id}: the spread of ready must not be negative"
        _require(self.ready_spread >= 0, message, "ready", "spread")
        breaks = ((rest.id, ("breaks", index, "id")) for index, rest in enumerate(self.breaks))
        _require_unique(breaks, f"technician {self.id}: breaks")
        route = ((visit_id, ("route", index)) for index, visit_id in enumerate(self.route))
        _require_unique(route, f"technician {self.id}: route")

    def locations(self) -> Iterable[tuple[int, Steps]]:
        """Every location index this technician names, and where."""
        named: tuple[tuple[int | None, Steps], ...] = (
            (self.ready_location, ("ready", "location")),
            (self.start_location, ("start_location",)),
            (self.end_location, ("end_location",)),
        )
        return ((index, at) for index, at in named if index is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Work not yet started. A promised visit has exactly one window: its promise.

    `skills` maps a skill to the least level, `parts` a part to the quantity used up. `may_move` are
    windows a promised customer agreed to beforehand. `locked`: the planned technician is on the way.

    `prefer`: whom the customer would like. `frozen`: as planned to the second, or not at all. `assistant`:
    the skills of a second technician who works there all the time (None: nobody is needed). `after`: visits
    that must have ended before this one starts. `duration_spread`: one standard deviation of the work's
    duration, in seconds.
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
    prefer: tuple[str, ...] = ()
    frozen: bool = False
    assistant: Mapping[str, int] | None = None
    after: tuple[str, ...] = ()
    duration_spread: int = 0

    def __post_init__(self) -> None:
        me = f"visit {self.id}"
        _require(self.state in STATES, f"{me}: state {self.state!r} is not one of {STATES}", "state")
        _require(self.duration >= 0, f"{me}: duration must not be negative", "duration")
        _require(self.duration_spread >= 0, f"{me}: duration_spread must not be negative", "duration_spread")
        _require(self.priority >= 0, f"{me}: priority must not be negative", "priority")
        _require(bool(self.windows), f"{me}: windows must not be empty", "windows")
        for name in ("windows", "may_move"):
            for index, window in enumerate(getattr(self, name)):
                _require_ordered(f"{me}: window", window, name, index)
        one = self.state != "promised" or len(self.windows) == 1
        _require(one, f"{me}: a promised visit has exactly one window", "windows")
        for name in ("locked", "frozen"):
            held = getattr(self, name)
            message = f"{me}: {name} without planned; add planned, or leave {name} out"
            _require(not held or self.planned is not None, message, name)
        self._require_free("frozen", self.frozen, "it starts when its technician gets there")
        self._require_free("assistant", self.assistant is not None, "nobody can be called in any more")
        self._require_free("after", bool(self.after), "it waits for no other visit any more")
        _require(
            self.id not in self.after, f"{me}: comes after itself; take it out of its own after", "after"
        )

    def _require_free(self, name: str, given: bool, why: str) -> None:
        """A locked visit is already being driven to: nothing else may be asked of its start."""
        message = f"visit {self.id}: locked and {name}: its technician is on the way, so {why}; leave one out"
        _require(not (self.locked and given), message, name)

    @property
    def promised(self) -> bool:
        return self.state == "promised"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, weakref_slot=True)
class Day:
    """One service day in one territory, at the moment `now`.

    `travel` is a square integer matrix of seconds by location index; `places`, where they are known, say
    where each location lies, for pictures alone; `travel_spread` is one standard deviation of a drive as a
    fraction of its seconds. Days are compared by identity.
    `held` and `unmoved` are no part of a day's file: limits.py says with them which promised visits a plan
    may not disturb, or not move, to stay inside the caps.
    Raises ValueError where the parts contradict each other.
    """

    name: str
    now: int
    travel: Travel
    technicians: tuple[Technician, ...]
    visits: tuple[Visit, ...]
    weights: Weights = field(default_factory=Weights)
    change_tolerance: int = 1800
    places: tuple[Place, ...] | None = None
    limits: Limits = field(default_factory=Limits)
    held: frozenset[str] = frozenset()
    unmoved: frozenset[str] = frozenset()
    travel_spread: float = 0
    _technicians: dict[str, Technician] = field(init=False, repr=False)
    _visits: dict[str, Visit] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        for name in ("technicians", "visits"):
            ids = ((one.id, (name, index, "id")) for index, one in enumerate(getattr(self, name)))
            _require_unique(ids, name)
        object.__setattr__(self, "_technicians", {one.id: one for one in self.technicians})
        object.__setattr__(self, "_visits", {one.id: one for one in self.visits})
        _require_travel(self.travel)
        _require(self.travel_spread >= 0, "travel_spread must not be negative", "travel_spread")
        if self.places is not None:
            given, size = len(self.places), len(self.travel)
            _require(given == size, f"places: {given} for the {size} locations of travel")
        self._require_locations()
        self._require_routes()
        self._require_locked()
        self._require_sequence()

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
        missing = "is not in travel, which has the locations 0 to"
        for index, technician in enumerate(self.technicians):
            for location, at in technician.locations():
                message = f"technician {technician.id}: location {location} {missing} {size - 1}"
                _require(0 <= location < size, message, "technicians", index, *at)
        for index, visit in enumerate(self.visits):
            message = f"visit {visit.id}: location {visit.location} {missing} {size - 1}"
            _require(0 <= visit.location < size, message, "visits", index, "location")

    def _require_routes(self) -> None:
        routed = [
            (visit_id, ("technicians", index, "route", place))
            for index, technician in enumerate(self.technicians)
            for place, visit_id in enumerate(technician.route)
        ]
        for visit_id, at in routed:
            _require(visit_id in self._visits, f"route: visit {visit_id} is unknown", *at)
        _require_unique(routed, "routes")

    def _require_locked(self) -> None:
        drivers: list[tuple[str, Steps]] = []
        for index, visit in enumerate(self.visits):
            if visit.locked and visit.planned is not None:
                driver, at = self._technicians.get(visit.planned.technician), ("visits", index)
                named = (*at, "planned", "technician")
                _require(driver is not None, f"visit {visit.id}: locked to nobody known", *named)
                absent = f"visit {visit.id}: locked to {visit.planned.technician}, who is absent"
                _require(driver is None or not driver.absent, absent, *named)
                drivers.append((visit.planned.technician, (*at, "locked")))
        _require_unique(drivers, "technicians of locked visits")

    def _require_sequence(self) -> None:
        """Every visit that another comes after is known, and none comes after itself by way of others."""
        before = {visit.id: visit.after for visit in self.visits if visit.after}
        for index, visit in enumerate(self.visits):
            for place, other in enumerate(visit.after):
                message = f"visit {visit.id}: after {other}, which is unknown; name a visit of this day"
                _require(other in self._visits, message, "visits", index, "after", place)
        try:
            TopologicalSorter(before).prepare()
        except CycleError as error:
            ring = error.args[1][::-1]  # each after the next
            index = next(i for i, visit in enumerate(self.visits) if visit.id == ring[0])
            message = f"visits come after each other in a ring: {' after '.join(ring)}; take one after out"
            raise Contradiction(message, "visits", index, "after") from error


def _require_ordered(what: str, window: Window, *at: str | int) -> None:
    message = f"{what} {window} ends before it begins; put the earlier second first"
    _require(window[0] <= window[1], message, *at)


def _require(holds: bool, message: str, *at: str | int) -> None:
    if not holds:
        raise Contradiction(message, *at)


def _require_unique(ids: Iterable[tuple[str, Steps]], where: str) -> None:
    seen: set[str] = set()
    for one, at in ids:
        _require(one not in seen, f"{where}: {one} stands twice", *at)
        seen.add(one)


def _require_travel(travel: Travel) -> None:
    _require(
        isinstance(travel, np.ndarray) and travel.ndim == 2 and travel.shape[0] == travel.shape[1],
        "travel: must be a square matrix",
        "travel",
    )
    _require(np.issubdtype(travel.dtype, np.integer), "travel: must hold whole seconds", "travel")
    _require(travel.size == 0 or int(travel.min()) >= 0, "travel: must not be negative", "travel")
