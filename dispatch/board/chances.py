"""How likely each promise of a day is to be kept if everybody goes on: softer and earlier than *at risk*.

For the office only. Nothing is decided from it and nobody is texted.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import optimizer
from dispatch.plans.problem import Problem, load_problem, today
from dispatch.territories.tables import Territory
from dispatch.work import Work

WORDS = ((95, "safe"), (80, "likely"), (50, "tight"), (0, "in danger"))
MOST = 99  # a thousand days in which it went well are no certainty


@dataclass(frozen=True, slots=True)
class Chance:
    """`percent` of chance to begin inside the window; `tight`: below the territory's limit.

    Half of the time work begins before `middle_at`, one time in ten after `late_at`. `cause_visit_id`: the
    earlier visit of the route whose duration sways this one most, if any.
    """

    visit_id: str
    percent: int
    word: str
    tight: bool
    middle_at: dt.datetime
    late_at: dt.datetime
    cause_visit_id: str | None


def chances_on(work: Work, territory: Territory, day: dt.date) -> dict[str, Chance]:
    """Every unstarted visit of `day` that somebody is to do, by id; nothing for a day that is over."""
    if day < today(work, territory):
        return {}
    return chances(load_problem(work, territory, day, lock=False))


def chances(problem: Problem) -> dict[str, Chance]:
    """Worked out anew for every look, always with the same luck: the same rows say the same percentages."""
    found = optimizer.odds(problem.day, going_on(problem.day)).visits
    limit = problem.territory.policies.tight_below_percent
    return {id: _chance(problem, found[id], limit) for id in found if id in problem.visits}


def going_on(day: optimizer.Day) -> optimizer.Plan:
    """The routes as they stand, each on its best legal schedule. Where an order has none any more, going on
    regardless, breaks left out.
    """
    routes = [_route(day, one) for one in day.technicians if one.route and not one.absent]
    return optimizer.Plan(day.name, tuple(routes))


def _route(day: optimizer.Day, one: optimizer.Technician) -> optimizer.Route:
    legal = optimizer.timetable(day, one.id, one.route)
    if isinstance(legal, optimizer.Route):
        return legal
    starts = zip(one.route, optimizer.project(day, one.id, one.route), strict=True)
    stops = tuple(optimizer.Stop("visit", id, start, start + day.visit(id).duration) for id, start in starts)
    return optimizer.Route(one.id, stops, optimizer.projected_finish(day, one.id, one.route))


def _chance(problem: Problem, one: optimizer.VisitOdds, limit: int) -> Chance:
    percent = min(MOST, round(100 * one.chance))
    return Chance(
        visit_id=one.visit,
        percent=percent,
        word=next(word for least, word in WORDS if percent >= least),
        tight=percent < limit,
        middle_at=problem.at(one.middle),
        late_at=problem.at(one.late),
        cause_visit_id=one.cause if one.cause in problem.visits else None,
    )
