"""The answer to a day: who does what when, what stays undone and why. Reads and writes `makegood-plan/1`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

FORMAT = "makegood-plan/1"

Kind: TypeAlias = Literal["visit", "break"]
Reason: TypeAlias = Literal["no_skill", "no_parts", "no_technician", "no_time"]


@dataclass(frozen=True, slots=True)
class Stop:
    """Work (`kind` visit) or a pause (break), from second `start` to second `end`."""

    kind: Kind
    id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Route:
    """One technician's stops in time order; `finish` is the arrival at the end location, if there is one."""

    technician: str
    stops: tuple[Stop, ...]
    finish: int

    @property
    def visit_ids(self) -> tuple[str, ...]:
        return tuple(stop.id for stop in self.stops if stop.kind == "visit")


@dataclass(frozen=True, slots=True)
class Unserved:
    """A visit nobody does: the closed reason, and one sentence for a dispatcher."""

    visit: str
    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Every visit of the day once, in a route or in `unserved`. `day` is the day's name."""

    day: str
    routes: tuple[Route, ...]
    unserved: tuple[Unserved, ...] = ()
    _taken: dict[str, tuple[str, Stop]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        taken = {
            stop.id: (route.technician, stop)
            for route in self.routes
            for stop in route.stops
            if stop.kind == "visit"
        }
        object.__setattr__(self, "_taken", taken)

    def start_of(self, visit_id: str) -> int | None:
        """The second work starts; None when the visit is in no route."""
        return self._taken[visit_id][1].start if visit_id in self._taken else None

    def technician_of(self, visit_id: str) -> str | None:
        """Who does the visit; None when the visit is in no route."""
        return self._taken[visit_id][0] if visit_id in self._taken else None

    def route_of(self, technician_id: str) -> Route | None:
        """That technician's route; None when there are no stops."""
        return next((route for route in self.routes if route.technician == technician_id), None)

    def visit_ids(self, technician_id: str) -> tuple[str, ...]:
        """That technician's visits in order; empty when there are none."""
        route = self.route_of(technician_id)
        return () if route is None else route.visit_ids

    def orders(self) -> dict[str, tuple[str, ...]]:
        """Technician id to visit ids in order, for those who have stops."""
        return {route.technician: route.visit_ids for route in self.routes}


def plan_to_json(plan: Plan) -> dict[str, Any]:
    """The plan as a `makegood-plan/1` document."""
    return {
        "format": FORMAT,
        "day": plan.day,
        "routes": [_route_json(route) for route in plan.routes],
        "unserved": [{"visit": u.visit, "reason": u.reason, "detail": u.detail} for u in plan.unserved],
    }


def read_plan(document: Mapping[str, Any]) -> Plan:
    """The plan a parsed plan file describes. Raises ValueError when it is none; check() judges the rest."""
    if document.get("format") != FORMAT:
        raise ValueError(f"format: {document.get('format')!r} is not {FORMAT!r}")
    try:
        routes = tuple(_read_route(item) for item in document["routes"])
        unserved = tuple(Unserved(u["visit"], u["reason"], u["detail"]) for u in document["unserved"])
        return Plan(document["day"], routes, unserved)
    except (KeyError, TypeError) as error:
        raise ValueError(f"plan: {error!r}") from error


def _route_json(route: Route) -> dict[str, Any]:
    stops = [{stop.kind: stop.id, "start": stop.start, "end": stop.end} for stop in route.stops]
    return {"technician": route.technician, "stops": stops, "finish": route.finish}


def _read_route(item: Mapping[str, Any]) -> Route:
    return Route(
        item["technician"], tuple(_read_stop(stop) for stop in item["stops"]), _whole(item["finish"])
    )


def _read_stop(item: Mapping[str, Any]) -> Stop:
    if ("visit" in item) == ("break" in item):
        raise ValueError("a stop is either a visit or a break")
    kind: Kind = "visit" if "visit" in item else "break"
    return Stop(kind, item[kind], _whole(item["start"]), _whole(item["end"]))


def _whole(item: object) -> int:
    if type(item) is not int:
        raise ValueError(f"{item!r} is not a whole second")
    return item
