"""From rows to the optimizer's day: who works, where they are, what was promised and what is held."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import optimizer
from dispatch.customers.queries import addresses_of
from dispatch.holds.queries import live_holds
from dispatch.holds.tables import Hold
from dispatch.local_time import local_day, midnight, seconds_between
from dispatch.plans.crew import Member, list_crew
from dispatch.plans.queries import assignments_of, find_day, lock_day
from dispatch.plans.tables import Assignment
from dispatch.promises.queries import promised_between
from dispatch.promises.tables import Promise
from dispatch.territories.tables import Territory
from dispatch.travel.port import Point
from dispatch.visits.states import UNSTARTED, VisitState
from dispatch.visits.tables import Visit
from dispatch.work import Work

HELD = "hold:"
HELD_PRIORITY = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """Work that asks for a place on the day and has none: a caller's, or a customer's whose promise broke."""

    id: str
    place: Point
    duration_seconds: int
    windows: tuple[tuple[dt.datetime, dt.datetime], ...]
    skills: Mapping[str, int] = field(default_factory=dict)
    parts: Mapping[str, int] = field(default_factory=dict)
    priority: int = 1
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """One territory's day at one moment, with what is needed to read an answer back into rows."""

    territory: Territory
    date: dt.date
    version: int
    midnight: dt.datetime
    day: optimizer.Day
    crew: Mapping[str, Member]
    visits: Mapping[str, Visit]
    promises: Mapping[str, Promise]
    holds: Mapping[str, Hold]
    guests: Mapping[str, Guest]

    def at(self, second: int) -> dt.datetime:
        return self.midnight + dt.timedelta(seconds=second)

    def second(self, at: dt.datetime) -> int:
        return seconds_between(self.midnight, at)

    @property
    def routes(self) -> dict[str, tuple[str, ...]]:
        """Technician id to what is still to do, holds included, in the published order."""
        return {technician.id: technician.route for technician in self.day.technicians}


def load_problem(
    work: Work,
    territory: Territory,
    date: dt.date,
    *,
    guests: Sequence[Guest] = (),
    without: Collection[str] = (),
    lock: bool = True,
) -> Problem:
    """The day as it stands now. `without` names visits and holds to leave out.
    `lock` queues on the day's row: needed before publishing.
    """
    find = lock_day if lock else find_day
    plan_day = find(work.session, territory.id, date)
    start, end = midnight(date, territory.zone), midnight(date + dt.timedelta(days=1), territory.zone)
    rows = promised_between(work.session, territory.id, from_at=start, until_at=end, states=UNSTARTED)
    rows = [(visit, promise) for visit, promise in rows if visit.id not in without]
    holds = {
        HELD + hold.id: hold
        for hold in live_holds(work.session, territory.id, date, now=work.now)
        if hold.id not in without and hold.technician_id
    }
    crew = list_crew(work, territory, date)
    reader = _Reader(work, territory, start, rows, holds, crew, guests)
    return Problem(
        territory=territory,
        date=date,
        version=plan_day.version if plan_day else 0,
        midnight=start,
        day=reader.day(f"{territory.name} {date}"),
        crew=crew,
        visits={visit.id: visit for visit, _ in rows},
        promises={visit.id: promise for visit, promise in rows},
        holds=holds,
        guests={guest.id: guest for guest in guests},
    )


def today(work: Work, territory: Territory) -> dt.date:
    return local_day(work.now, territory.zone)


class _Reader:
    """Puts one day together; locations are numbered as they are met."""

    def __init__(
        self,
        work: Work,
        territory: Territory,
        start: dt.datetime,
        rows: Sequence[tuple[Visit, Promise]],
        holds: Mapping[str, Hold],
        crew: Mapping[str, Member],
        guests: Sequence[Guest],
    ) -> None:
        self.work, self.territory, self.start = work, territory, start
        self.rows, self.holds, self.crew, self.guests = rows, holds, crew, guests
        ids = [visit.id for visit, _ in rows]
        self.assignments = assignments_of(work.session, ids)
        found = addresses_of(work.session, {visit.address_id for visit, _ in rows})
        self.places = {id: Point(address.lat, address.lng) for id, address in found.items()}
        self.points: dict[Point, int] = {}
        self.routes = self._routes()

    def day(self, name: str) -> optimizer.Day:
        visits = [
            *(self._promised(visit, promise) for visit, promise in self.rows),
            *(self._held(id, hold) for id, hold in self.holds.items()),
            *(self._asked(guest) for guest in self.guests),
        ]
        known = {visit.id for visit in visits}
        technicians = tuple(self._technician(member, known) for member in self.crew.values())
        policies = self.territory.policies
        return optimizer.Day(
            name=name,
            now=max(0, self._second(self.work.now)),
            travel=self.work.travel.matrix(list(self.points)),
            technicians=technicians,
            visits=tuple(visits),
            weights=optimizer.Weights(risk=policies.safety_worth_seconds / 60),
            change_tolerance=policies.change_tolerance_seconds,
            travel_spread=policies.travel_spread_percent / 100,
        )

    def _promised(self, visit: Visit, promise: Promise) -> optimizer.Visit:
        placed = self._placed(visit.id)
        member = self.crew.get(visit.technician_id or "")
        locked = visit.state is VisitState.EN_ROUTE and member is not None and not member.absent
        planned = None
        if locked and visit.technician_id:
            begin = placed.start_at if placed and placed.start_at else promise.start_at
            planned = optimizer.Planned(visit.technician_id, self._second(begin))
        elif placed and placed.technician_id in self.crew and placed.start_at:
            planned = optimizer.Planned(placed.technician_id or "", self._second(placed.start_at))
        return optimizer.Visit(
            id=visit.id,
            location=self._location(self.places[visit.address_id]),
            duration=visit.duration_seconds,
            state="promised",
            windows=(self._window(promise.start_at, promise.end_at),),
            skills=visit.needed_skills,
            parts=visit.parts,
            exclude=tuple(id for id in visit.excluded if id in self.crew),
            priority=visit.priority,
            planned=planned,
            locked=locked,
            duration_spread=visit.spread_seconds,
        )

    def _held(self, id: str, hold: Hold) -> optimizer.Visit:
        planned = None
        if hold.technician_id in self.crew and hold.technician_id and hold.planned_start_at:
            planned = optimizer.Planned(hold.technician_id, self._second(hold.planned_start_at))
        return optimizer.Visit(
            id=id,
            location=self._location(Point(hold.lat, hold.lng)),
            duration=hold.duration_seconds,
            state="promised",
            windows=(self._window(hold.start_at, hold.end_at),),
            skills=hold.skills,
            parts=hold.parts,
            priority=HELD_PRIORITY,
            planned=planned,
        )

    def _asked(self, guest: Guest) -> optimizer.Visit:
        return optimizer.Visit(
            id=guest.id,
            location=self._location(guest.place),
            duration=guest.duration_seconds,
            state="failed" if guest.failed else "new",
            windows=tuple(self._window(start_at, end_at) for start_at, end_at in guest.windows),
            skills=guest.skills,
            parts=guest.parts,
            priority=guest.priority,
        )

    def _technician(self, member: Member, known: Collection[str]) -> optimizer.Technician:
        hours = member.hours
        home = self._location(member.home)
        return optimizer.Technician(
            id=member.id,
            shift=(self._second(hours.start_at), self._second(hours.end_at)),
            overtime_until=self._second(hours.overtime_until_at),
            ready_at=self._second(member.ready_at),
            ready_location=self._location(member.ready_place),
            start_location=home,
            end_location=home,
            skills=member.skills,
            parts=member.stock,
            breaks=tuple(
                optimizer.Break(
                    rest.id, (self._second(rest.earliest_at), self._second(rest.latest_at)), rest.seconds
                )
                for rest in member.breaks_owed
            ),
            ready_spread=member.ready_spread_seconds,
            absent=member.absent,
            route=tuple(id for _, _, id in sorted(self.routes[member.id]) if id in known),
        )

    def _routes(self) -> Mapping[str, list[tuple[bool, dt.datetime, str]]]:
        """By technician what is to do, to be sorted into the published order; the visit under way stands first."""
        under_way = {visit.id for visit, _ in self.rows if visit.state is VisitState.EN_ROUTE}
        stops = [
            (row.technician_id, row.start_at, visit_id)
            for visit_id, row in self.assignments.items()
            if row.active
        ]
        stops += [(hold.technician_id, hold.planned_start_at, id) for id, hold in self.holds.items()]
        routes: dict[str, list[tuple[bool, dt.datetime, str]]] = defaultdict(list)
        for technician_id, start_at, id in stops:
            if technician_id and start_at:
                routes[technician_id].append((id not in under_way, start_at, id))
        return routes

    def _placed(self, visit_id: str) -> Assignment | None:
        row = self.assignments.get(visit_id)
        return row if row and row.active and row.technician_id else None

    def _location(self, place: Point) -> int:
        return self.points.setdefault(place, len(self.points))

    def _second(self, at: dt.datetime) -> int:
        return seconds_between(self.start, at)

    def _window(self, start_at: dt.datetime, end_at: dt.datetime) -> tuple[int, int]:
        return self._second(start_at), self._second(end_at)


def sliced(day: optimizer.Day, technician_ids: Iterable[str], visit_ids: Iterable[str]) -> optimizer.Day:
    """The part of `day` that only these technicians and visits see."""
    wanted, ids = set(technician_ids), set(visit_ids)
    technicians = tuple(
        replace(one, route=tuple(id for id in one.route if id in ids))
        for one in day.technicians
        if one.id in wanted
    )
    visits = tuple(
        visit if _known_planned(visit, wanted) else replace(visit, planned=None, locked=False)
        for visit in day.visits
        if visit.id in ids
    )
    return replace_visits(day, visits, technicians)


def replace_visits(
    day: optimizer.Day,
    visits: tuple[optimizer.Visit, ...],
    technicians: tuple[optimizer.Technician, ...] | None = None,
) -> optimizer.Day:
    """The same day with other visits, and other technicians where given."""
    return optimizer.Day(
        name=day.name,
        now=day.now,
        travel=day.travel,
        technicians=day.technicians if technicians is None else technicians,
        visits=visits,
        weights=day.weights,
        change_tolerance=day.change_tolerance,
        travel_spread=day.travel_spread,
    )


def _known_planned(visit: optimizer.Visit, technician_ids: Collection[str]) -> bool:
    return visit.planned is None or not visit.locked or visit.planned.technician in technician_ids
