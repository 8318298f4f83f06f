"""Who works on a day, from when on and from where: each technician as the rows show them now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlmodel import Session, col, select

from dispatch.customers.tables import Address
from dispatch.local_time import local_day, midnight
from dispatch.plans.queries import current_plan
from dispatch.technicians.queries import (
    absences_between,
    list_technicians,
    newest_positions,
    overtime_on,
    positions_since,
    shifts_on,
    stock_of,
)
from dispatch.technicians.rules import BreakTime, WorkingDay, hours_left, working_day
from dispatch.technicians.tables import Absence, Position, Technician
from dispatch.territories.tables import Territory
from dispatch.travel.port import Point
from dispatch.visits.states import UNSTARTED, VisitState
from dispatch.visits.tables import Visit
from dispatch.work import Work

FRESH = dt.timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Member:
    """One technician of the day's crew; `ready_*` say when and where they are next free.

    `stepped_at` is their last step of the day: what they did then may have changed everything.
    `ready_spread_seconds`: by how much the work under way may end earlier or later.
    """

    id: str
    name: str
    skills: Mapping[str, int]
    stock: Mapping[str, int]
    home: Point
    hours: WorkingDay
    absent: bool
    ready_at: dt.datetime
    ready_place: Point
    breaks_owed: tuple[BreakTime, ...]
    positions: tuple[Position, ...]
    stepped_at: dt.datetime | None
    ready_spread_seconds: int = 0
    is_paused: bool = False


def list_crew(work: Work, territory: Territory, date: dt.date) -> dict[str, Member]:
    """Everybody with a shift on `date`, the absent and silent ones marked, by technician id."""
    session = work.session
    start, end = midnight(date, territory.zone), midnight(date + dt.timedelta(days=1), territory.zone)
    technicians = {one.id: one for one in list_technicians(session, territory.id)}
    shifts = shifts_on(session, technicians, date.weekday())
    absences = absences_between(session, technicians, max(start, work.now), end)
    stock = stock_of(session, technicians)
    extra = overtime_on(session, technicians, date)
    running = date == local_day(work.now, territory.zone)
    traces = _traces(session, technicians, start, work.now) if running else {}
    rested = _rested(session, territory.id, date, start) if running else {}
    return {
        id: _member(
            one,
            working_day(shifts[id], date, territory.zone),
            absences.get(id, []),
            stock=stock.get(id, {}),
            trace=traces.get(id, _Trace()),
            rests=rested.get(id, {}),
            work=work,
            running=running,
            extra_seconds=extra.get(id, 0),
        )
        for id, one in technicians.items()
        if id in shifts
    }


@dataclass(frozen=True, slots=True)
class _Trace:
    """What a technician's day has left so far."""

    under_way: tuple[Visit, Point] | None = None
    at_work: tuple[Visit, Point] | None = None
    last_work: tuple[dt.datetime, Point] | None = None
    last_position: Position | None = None
    positions: tuple[Position, ...] = ()

    @property
    def stepped_at(self) -> dt.datetime | None:
        """The newest step."""
        found = [stop[0].state_at for stop in (self.under_way, self.at_work) if stop]
        if self.last_work:
            found.append(self.last_work[0])
        return max(found, default=None)


def _member(
    technician: Technician,
    hours: WorkingDay,
    absences: Sequence[Absence],
    *,
    stock: Mapping[str, int],
    trace: _Trace,
    rests: Mapping[str, tuple[dt.datetime, dt.datetime]],
    work: Work,
    running: bool,
    extra_seconds: int,
) -> Member:
    limit = hours.overtime_until_at + dt.timedelta(seconds=extra_seconds)
    hours = replace(hours, overtime_until_at=limit)
    home = Point(technician.home_lat, technician.home_lng)
    left = hours_left(hours, absences, work.now)
    silent = running and technician.silent_since_at is not None
    ready_at, place = _ready(work, trace, home, (left or hours).start_at)
    resting = [end for begin, end in rests.values() if begin <= work.now < end]
    late = [technician.busy_until_at] if running and technician.busy_until_at else []
    free_at = max([ready_at, *resting, *late, (left or hours).start_at])
    owed = tuple(  # a break that can no longer begin in its window is not owed: it would forbid every stop
        rest
        for rest in hours.breaks
        if rest.latest_at >= free_at and not (rest.id in rests and rests[rest.id][0] <= work.now)
    )
    return Member(
        id=technician.id,
        name=technician.name,
        skills=technician.skills,
        stock=stock,
        home=home,
        hours=left or hours,
        absent=left is None or silent,
        ready_at=free_at,
        ready_place=place,
        breaks_owed=owed,
        positions=trace.positions,
        stepped_at=trace.stepped_at,
        is_paused=running and technician.is_paused(work.now),
        ready_spread_seconds=trace.at_work[0].spread_seconds if trace.at_work and not resting else 0,
    )


def _ready(work: Work, trace: _Trace, home: Point, shift_start_at: dt.datetime) -> tuple[dt.datetime, Point]:
    """When and where a technician is next free."""
    position = trace.last_position
    if trace.at_work:
        visit, place = trace.at_work
        began = visit.arrived_at or work.now
        return max(work.now, began + dt.timedelta(seconds=visit.duration_seconds)), place
    if trace.under_way:
        visit, place = trace.under_way
        left_at = visit.left_at or work.now
        if position and position.at >= max(left_at, work.now - FRESH):
            return position.at, Point(position.lat, position.lng)
        drive = work.travel.seconds(trace.last_work[1] if trace.last_work else home, place)
        return left_at + dt.timedelta(seconds=drive), place
    return max(work.now, shift_start_at), _last_seen(trace, home)


def _last_seen(trace: _Trace, home: Point) -> Point:
    """The newest of the last position and the last door; an old one says more than an older one."""
    position = trace.last_position
    if position and (trace.last_work is None or position.at >= trace.last_work[0]):
        return Point(position.lat, position.lng)
    return trace.last_work[1] if trace.last_work else home


def _traces(
    session: Session, technicians: Mapping[str, Technician], start: dt.datetime, now: dt.datetime
) -> dict[str, _Trace]:
    """The visits each technician is at, on the way to, and did last, since `start`."""
    query = (
        select(Visit, Address)
        .join(Address, col(Visit.address_id) == col(Address.id))
        .where(col(Visit.technician_id).in_(technicians), col(Visit.state_at) >= start)
        .order_by(col(Visit.state_at))
    )
    under_way: dict[str, tuple[Visit, Point]] = {}
    at_work: dict[str, tuple[Visit, Point]] = {}
    last: dict[str, tuple[dt.datetime, Point]] = {}
    for visit, address in session.exec(query):
        who, place = visit.technician_id or "", Point(address.lat, address.lng)
        if visit.state is VisitState.EN_ROUTE:
            under_way[who] = (visit, place)
        elif visit.state is VisitState.ON_SITE:
            at_work[who] = (visit, place)
        elif visit.state is VisitState.DONE:
            last[who] = (visit.state_at, place)
    positions = positions_since(session, technicians, max(start, now - dt.timedelta(hours=1)))
    newest = newest_positions(session, technicians, start)
    return {
        id: _Trace(
            under_way.get(id), at_work.get(id), last.get(id), newest.get(id), tuple(positions.get(id, ()))
        )
        for id in technicians
    }


def _rested(
    session: Session, territory_id: str, date: dt.date, start: dt.datetime
) -> dict[str, dict[str, tuple[dt.datetime, dt.datetime]]]:
    """When the current plan has each technician's breaks: technician id, break id, (from, to).

    A break after work that has not been started is not believed: the day runs behind its plan.
    """
    plan = current_plan(session, territory_id, date)
    routes = plan.body["routes"] if plan else []
    waiting = _unstarted(
        session, [stop["visit"] for one in routes for stop in one["stops"] if "visit" in stop]
    )
    found: dict[str, dict[str, tuple[dt.datetime, dt.datetime]]] = {}
    for route in routes:
        for stop in route["stops"]:
            if stop.get("visit") in waiting:
                break
            if "break" in stop:
                span = (
                    start + dt.timedelta(seconds=stop["start"]),
                    start + dt.timedelta(seconds=stop["end"]),
                )
                found.setdefault(route["technician"], {})[stop["break"]] = span
    return found


def _unstarted(session: Session, visit_ids: Sequence[str]) -> set[str]:
    query = select(Visit.id).where(col(Visit.id).in_(visit_ids), col(Visit.state).in_(UNSTARTED))
    return set(session.exec(query))
