"""The answer to a day: who does what when, what stays undone and why. Reads and writes `makegood-plan/1`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, get_args

from optimizer.fields import Field, PlanFileError, shown

FORMAT = "makegood-plan/1"

Kind: TypeAlias = Literal["visit", "assist", "break"]
Reason: TypeAlias = Literal["no_skill", "no_parts", "no_technician", "no_time"]

KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Stop:
    """Work (`kind` visit), a second pair of hands for it (assist) or a pause (break), `start` to `end`."""

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
        """The visits this technician does or leads, in order; not those they assist."""
        return tuple(stop.id for stop in self.stops if stop.kind == "visit")


@dataclass(frozen=True, slots=True)
class Unserved:
    """A visit nobody does: the closed reason, and one sentence for a dispatcher."""

    visit: str
    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Every visit of the day once, in the route of who does it or in `unserved`. `day` is the day's name."""

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

    def assistants_of(self, visit_id: str) -> tuple[str, ...]:
        """Who assists the visit."""
        return tuple(
            route.technician
            for route in self.routes
            for stop in route.stops
            if stop.kind == "assist" and stop.id == visit_id
        )

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


def read_plan(document: Any) -> Plan:
    """The plan a parsed plan file describes. Raises PlanFileError when it is none; check() judges the rest."""
    whole = Field(document, error=PlanFileError)
    if (name := whole.need("format")).value != FORMAT:
        name.refuse(f"must be {FORMAT!r}, not {shown(name.value)}")
    routes = tuple(_read_route(route) for route in whole.need("routes").items())
    unserved = tuple(_read_unserved(item) for item in whole.need("unserved").items())
    return Plan(whole.need("day").text(), routes, unserved)


def _route_json(route: Route) -> dict[str, Any]:
    stops = [{stop.kind: stop.id, "start": stop.start, "end": stop.end} for stop in route.stops]
    return {"technician": route.technician, "stops": stops, "finish": route.finish}


def _read_route(item: Field) -> Route:
    stops = tuple(_read_stop(stop) for stop in item.need("stops").items())
    return Route(item.need("technician").name(), stops, item.need("finish").whole())


def _read_stop(item: Field) -> Stop:
    kinds = [kind for kind in KINDS if kind in item.members()]
    if len(kinds) != 1:
        item.refuse(f"must have exactly one of {', '.join(KINDS)}")
    kind = kinds[0]
    return Stop(kind, item.need(kind).name(), item.need("start").whole(), item.need("end").whole())


def _read_unserved(item: Field) -> Unserved:
    reason: Any = item.need("reason").text()
    return Unserved(item.need("visit").name(), reason, item.need("detail").text())
