"""What may be offered: windows that a real insertion can serve, and beyond the horizon what counting allows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import optimizer
from dispatch.customers.actions import require_served
from dispatch.errors import Invalid
from dispatch.holds.queries import live_holds
from dispatch.local_time import instant, local_day, midnight, seconds_between
from dispatch.plans.crew import list_crew
from dispatch.plans.problem import Guest, Problem, load_problem
from dispatch.promises.queries import promised_between
from dispatch.services.tables import Service
from dispatch.territories.tables import Territory
from dispatch.travel.port import Point
from dispatch.visits.states import LIVE
from dispatch.visits.tables import Visit
from dispatch.work import Work

TYPICAL_DRIVE_SECONDS = 1200
NEAR_MINUTES = 10.0


@dataclass(frozen=True, slots=True)
class Slot:
    """A window on offer. `price` is what it adds to the plan (None where only counted); `near`: somebody is close."""

    day: dt.date
    start_at: dt.datetime
    end_at: dt.datetime
    price: float | None
    near: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Which work somebody asks for, and where. A visit that is booked asks for what it was booked with."""

    territory: Territory
    service: Service
    place: Point
    visit: Visit | None = None

    @property
    def duration_seconds(self) -> int:
        return (self.visit or self.service).duration_seconds

    @property
    def skills(self) -> Mapping[str, int]:
        return self.visit.needed_skills if self.visit else self.service.skills

    @property
    def parts(self) -> Mapping[str, int]:
        return (self.visit or self.service).parts

    def guest(self, id: str, windows: tuple[tuple[dt.datetime, dt.datetime], ...]) -> Guest:
        return Guest(
            id=id,
            place=self.place,
            duration_seconds=self.duration_seconds,
            windows=windows,
            skills=self.skills,
            parts=self.parts,
        )


def list_slots(work: Work, request: Request, *, from_day: dt.date, days: int) -> list[Slot]:
    """Every window on offer on `days` days from `from_day`, in time order. Raises OutOfArea."""
    require_served(work, request.territory, request.place)
    found: list[Slot] = []
    for offset in range(days):
        found += slots_of_day(work, request, from_day + dt.timedelta(days=offset))
    return found


def next_slots(work: Work, request: Request, *, after: dt.date, count: int, days: int = 14) -> list[Slot]:
    """The first `count` windows on offer from the day `after` on, looking `days` days ahead."""
    found: list[Slot] = []
    for offset in range(days):
        found += slots_of_day(work, request, after + dt.timedelta(days=offset))
        if len(found) >= count:
            break
    return found[:count]


def slots_of_day(work: Work, request: Request, day: dt.date) -> list[Slot]:
    windows = tuple(bookable_windows(request.territory, request.service, day, work.now))
    if not windows:
        return []
    if is_planned_exactly(request.territory, day, work.now):
        return _served_by_insertion(work, request, day, windows)
    return [
        Slot(day, start_at, end_at, None, False)
        for start_at, end_at in windows
        if has_counted_capacity(work, request, day, start_at, end_at)
    ]


def bookable_windows(
    territory: Territory, service: Service, day: dt.date, now: dt.datetime
) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    """The windows in which `service` is sold on `day`, none that begins too soon or past the booking horizon."""
    policies = territory.policies
    if day > local_day(now, territory.zone) + dt.timedelta(days=policies.booking_horizon_days):
        return
    try:
        start_at = instant(day, policies.clock_time("first_window_at"), territory.zone)
        last_end = instant(day, policies.clock_time("last_window_end_at"), territory.zone)
    except Invalid:  # the clocks skip the opening hour that day
        return
    length = dt.timedelta(seconds=service.window_seconds)
    soonest = now + dt.timedelta(seconds=policies.booking_notice_seconds)
    while start_at + length <= last_end:
        if start_at >= soonest:
            yield start_at, start_at + length
        start_at += length


def is_planned_exactly(territory: Territory, day: dt.date, now: dt.datetime) -> bool:
    """Inside the planning horizon insertion decides; beyond it, counting does."""
    ahead = (day - local_day(now, territory.zone)).days
    return 0 <= ahead < territory.policies.planning_horizon_days


def _served_by_insertion(
    work: Work, request: Request, day: dt.date, windows: tuple[tuple[dt.datetime, dt.datetime], ...]
) -> list[Slot]:
    guest = request.guest("asked", windows)
    problem = load_problem(work, request.territory, day, guests=[guest], lock=False)
    best = _best_places(problem, guest.id)
    found = []
    for start_at, end_at in windows:
        place = best.get((problem.second(start_at), problem.second(end_at)))
        if place:
            near = place.price <= NEAR_MINUTES and bool(problem.routes.get(place.technician))
            found.append(Slot(day, start_at, end_at, round(place.price, 2), near))
    return found


def _best_places(problem: Problem, guest_id: str) -> Mapping[tuple[int, int], optimizer.Place]:
    visit = problem.day.visit(guest_id)
    return optimizer.best_place_per_window(problem.day, problem.routes, visit, visit.windows)


def has_counted_capacity(
    work: Work, request: Request, day: dt.date, start_at: dt.datetime, end_at: dt.datetime
) -> bool:
    """Whether the window still holds one more: able technicians' hours at the policy's share, less what is sold.

    Every visit and hold of the window counts, also of other services: it may take the same hands.
    """
    share = request.territory.policies.capacity_share_percent / 100
    able = [
        member
        for member in list_crew(work, request.territory, day).values()
        if not member.absent
        and all(member.skills.get(name, 0) >= level for name, level in request.skills.items())
    ]
    hours = [
        max(0, seconds_between(max(start_at, one.hours.start_at), min(end_at, one.hours.end_at)))
        for one in able
    ]
    each = request.duration_seconds + TYPICAL_DRIVE_SECONDS
    return _sold(work, request.territory, day, start_at, end_at) < int(sum(hours) * share / each)


def _sold(work: Work, territory: Territory, day: dt.date, start_at: dt.datetime, end_at: dt.datetime) -> int:
    start, end = midnight(day, territory.zone), midnight(day + dt.timedelta(days=1), territory.zone)
    visits = promised_between(work.session, territory.id, from_at=start, until_at=end, states=LIVE)
    taken = [promise for _, promise in visits if promise.start_at < end_at and promise.end_at > start_at]
    holds = live_holds(work.session, territory.id, day, now=work.now)
    return len(taken) + len([hold for hold in holds if hold.start_at < end_at and hold.end_at > start_at])
