"""A town where work and traffic do not know the model: the truth that forecasts are held against.

Durations: gamma margins under a Student t copula of four degrees of freedom (who has one extreme job has
others that day), and now and then a job that goes badly wrong and takes 2.5 times as long, more often on
somebody's bad day. Traffic: rush hours, and a log factor that follows an AR(1) over quarters of an hour
with Student t shocks; some drives end without a place to park. None of it is lognormal, all of it is
correlated and heavier-tailed. What the model is given comes from a record of earlier days alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import gammaincinv, stdtr

from optimizer import (
    Break,
    Day,
    Plan,
    Route,
    Seen,
    Shocks,
    Spread,
    Technician,
    Visit,
    fit_shocks,
    fit_spread,
    timetable,
)

MINUTE, HOUR = 60, 3600
KINDS = {"short": (25, 0.30), "usual": (45, 0.35), "long": (80, 0.40)}  # minutes, variation of the margin
CREW, EACH = 8, 7
FREEDOM = 4
QUARTER = 15 * MINUTE


@dataclass(frozen=True)
class Luck:
    """One true day: how long each visit takes as a multiple of its nominal time, and the roads by quarter."""

    work: dict[str, float]
    roads: np.ndarray
    parking: dict[str, float]

    def drive(self, to: str, seconds: float, at: float) -> float:
        return seconds * float(self.roads[min(int(at // QUARTER), len(self.roads) - 1)]) + self.parking[to]


def a_luck(routes: dict[str, Sequence[tuple[str, str]]], random: np.random.Generator) -> Luck:
    """For these technicians' stops, (visit, kind) in order."""
    common = random.standard_normal()
    work: dict[str, float] = {}
    parking: dict[str, float] = {}
    for technician, stops in routes.items():
        own, tail = random.standard_normal(), np.sqrt(FREEDOM / random.chisquare(FREEDOM))
        wrong = 0.25 if random.random() < 0.06 else 0.025
        for visit, kind in stops:
            normal = np.sqrt(0.07) * common + np.sqrt(0.25) * own + np.sqrt(0.68) * random.standard_normal()
            shape = KINDS[kind][1] ** -2
            rank = float(np.clip(stdtr(FREEDOM, tail * normal), 1e-6, 1 - 1e-6))
            work[visit] = float(gammaincinv(shape, rank)) / shape * (2.5 if random.random() < wrong else 1)
            parking[visit] = 6 * MINUTE if random.random() < 0.05 else 0
        parking[technician] = 0
    return Luck(work, _roads(random), parking)


def _roads(random: np.random.Generator) -> np.ndarray:
    """The factor of each quarter of the day and its night: rush hours × an AR(1) in the logarithm."""
    quarters = 30 * HOUR // QUARTER
    level, factors = 0.0, np.empty(quarters)
    for quarter in range(quarters):
        level = 0.92 * level + 0.06 * random.standard_t(FREEDOM)
        hour = quarter / 4
        rush = 1.25 if 7.5 <= hour < 9.5 or 16 <= hour < 18 else 1.0
        factors[quarter] = rush * np.exp(level)
    return factors


def a_day(
    name: str, random: np.random.Generator, *, technicians: int = CREW, each: int = EACH
) -> tuple[Day, dict[str, str]]:
    """A planned day and each visit's kind: promises of one or two hours, some of them told with little to spare."""
    size = technicians * each + 1
    places = random.uniform(0, 12_000, (size, 2))
    metres = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
    travel = np.ceil(metres / 10 + 120).astype(int)  # 36 km/h and two minutes to the door
    np.fill_diagonal(travel, 0)
    kinds: dict[str, str] = {}
    crew, visits = [], []
    for person in range(technicians):
        route = [f"v{person}-{stop}" for stop in range(each)]
        lunch = (Break("lunch", (11 * HOUR, 14 * HOUR), 30 * MINUTE),)
        one = Technician(
            id=f"t{person}",
            shift=(8 * HOUR, 17 * HOUR),
            overtime_until=22 * HOUR,
            ready_at=8 * HOUR,
            ready_location=0,
            end_location=0,
            breaks=lunch,
            route=tuple(route),
        )
        crew.append(one)
        for stop, visit_id in enumerate(route):
            kinds[visit_id] = str(random.choice(list(KINDS)))
            visits.append(
                Visit(
                    id=visit_id,
                    location=1 + person * each + stop,
                    duration=KINDS[kinds[visit_id]][0] * MINUTE,
                    state="promised",
                    windows=((0, 24 * HOUR),),
                )
            )
    return Day(name=name, now=0, travel=travel, technicians=tuple(crew), visits=tuple(visits)), kinds


def stops_of(day: Day, kinds: dict[str, str]) -> dict[str, list[tuple[str, str]]]:
    return {one.id: [(visit, kinds[visit]) for visit in one.route] for one in day.technicians}


@dataclass(frozen=True)
class Learnt:
    """What the record of earlier days says."""

    work: dict[str, Spread]
    drives: Spread
    shocks: Shocks


def learn(days: int, random: np.random.Generator) -> Learnt:
    """From the first pieces of work and drives of `days` days, as a record would have them."""
    work: list[Seen] = []
    drives: list[Seen] = []
    for number in range(days):
        day, kinds = a_day(f"past{number}", random)
        luck = a_luck(stops_of(day, kinds), random)
        for one in day.technicians:
            clock, here = float(8 * HOUR), 0
            for visit in map(day.visit, one.route):
                usual = int(day.travel[here, visit.location])
                took = luck.drive(visit.id, usual, clock)
                drives.append(Seen("drive", day.name, one.id, usual, took))
                lasted = visit.duration * luck.work[visit.id]
                work.append(Seen(kinds[visit.id], day.name, one.id, visit.duration, lasted))
                clock, here = clock + took + lasted, visit.location
    spreads = {kind: fit_spread(one for one in work if one.kind == kind) for kind in KINDS}
    return Learnt(spreads, fit_spread(drives), fit_shocks(work, drives))


def planned(day: Day, kinds: dict[str, str], learnt: Learnt, random: np.random.Generator) -> tuple[Day, Plan]:
    """The day with what was learnt, its schedule, and promises told around the starts of the schedule."""
    visits = {
        visit.id: replace(
            visit,
            duration=round(visit.duration * learnt.work[kinds[visit.id]].mean),
            duration_spread=round(visit.duration * learnt.work[kinds[visit.id]].deviation),
        )
        for visit in day.visits
    }
    travel = np.ceil(day.travel * learnt.drives.mean).astype(int)
    spread = learnt.drives.deviation / learnt.drives.mean
    known = replace(day, visits=tuple(visits.values()), travel=travel, travel_spread=spread)
    routes = []
    for one in known.technicians:
        route = timetable(known, one.id, one.route)
        assert isinstance(route, Route)
        routes.append(route)
    for stop in (stop for route in routes for stop in route.stops if stop.kind == "visit"):
        length = int(random.choice((HOUR, 2 * HOUR)))
        begin = stop.start - int(random.uniform(0.1, 1.2) * length)
        visits[stop.id] = replace(visits[stop.id], windows=((begin, begin + length),))
    return replace(known, visits=tuple(visits.values())), Plan(day.name, tuple(routes))


def lived(nominal: Day, told: Day, plan: Plan, luck: Luck) -> Iterator[tuple[str, float]]:
    """When each visit really starts. Written apart from the model: one technician, one stop at a time."""
    for route in plan.routes:
        one = nominal.technician(route.technician)
        clock, here, driven = float(one.ready_at), one.ready_location, 0.0
        for stop in route.stops:
            if stop.kind == "break":
                begin = max(clock, one.breaks[0].window[0])
                driven += begin - clock
                clock = begin + one.breaks[0].duration
                continue
            visit = told.visit(stop.id)
            need = luck.drive(visit.id, int(nominal.travel[here, visit.location]), clock)
            arrival = clock + max(0.0, need - driven)
            start = max(arrival, visit.windows[0][0], stop.start - told.change_tolerance)
            yield visit.id, start
            clock = start + nominal.visit(stop.id).duration * luck.work[stop.id]
            here, driven = visit.location, 0.0
