"""Watching a day: from the clock and the rows alone, what is at risk, what broke, and making it good."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import optimizer
from dispatch.customers.queries import get_address
from dispatch.events import (
    AbsenceEnded,
    AbsenceReported,
    HoursSet,
    TechnicianChanged,
    TechnicianLate,
    VisitAtRisk,
    VisitBackOnTrack,
)
from dispatch.failures.actions import notice
from dispatch.failures.no_word import list_at_work, notice_no_word, unheard_of
from dispatch.failures.rules import (
    Outlook,
    Sighting,
    certain_since,
    classify,
    judge,
    latest_leave_at,
    next_look_at,
)
from dispatch.failures.sightings import sightings
from dispatch.failures.tables import FailureKind
from dispatch.plans.problem import Problem, load_problem, today
from dispatch.promises.queries import promised_between
from dispatch.promises.tables import Promise
from dispatch.recoveries.making_good import make_good
from dispatch.recoveries.queries import list_without_option
from dispatch.technicians.queries import find_prompt, get_technician, open_prompts
from dispatch.technicians.rules import answer_due_at, is_moving, is_silent, went_away_at
from dispatch.technicians.signs_of_life import fall_silent, prompt
from dispatch.technicians.tables import Prompt, Technician
from dispatch.territories.tables import Territory
from dispatch.travel.port import Point
from dispatch.visits.states import UNSTARTED, VisitState
from dispatch.visits.tables import Visit
from dispatch.wishes.actions import give_way
from dispatch.work import Work

OVERSLEPT_DAYS = 31
LOOKS_AHEAD = 30
CREW_CHANGES = (HoursSet, TechnicianChanged, TechnicianLate, AbsenceReported, AbsenceEnded)


def next_at(work: Work, territory: Territory) -> dt.datetime | None:
    """The next instant at which `watch` could find something new; None on a day without open visits."""
    problem = load_problem(work, territory, today(work, territory), lock=False)
    answer_seconds = territory.policies.prompt_answer_seconds
    seen = sightings(problem)
    looks = [answer_due_at(asked, answer_seconds) for asked in _prompts(work, problem)]
    looks += [at for at in [_next_change(problem, seen, work.now)] if at]
    looks += [problem.crew[one.technician_id or ""].ready_at for one in _late_first(problem, seen, work.now)]
    looks += [since for _, since in list_at_work(work, territory)]
    return min((at for at in looks if at > work.now), default=None)


def _next_change(problem: Problem, seen: Sequence[Sighting], now: dt.datetime) -> dt.datetime | None:
    """The first look that could find another outlook than now's, if nobody does anything.

    A look is only a lower bound: time that a technician would have waited anyway takes no slack. So
    the day is read again as it would be then, some looks ahead, and those that find nothing are skipped.
    """
    at, before = now, {one.visit_id: _outlook(problem, one, now) for one in seen}
    for _ in range(LOOKS_AHEAD):
        grace = problem.territory.policies.grace_seconds
        looks = [next_look_at(one, at, grace_seconds=grace) for one in seen]
        following = min((look for look in looks if look > at), default=None)
        if following is None:
            return None
        at = following
        then = replace(problem, day=replace(problem.day, now=problem.second(at)))
        seen = sightings(then)
        if any(_outlook(then, one, at) is not before[one.visit_id] for one in seen):
            break
    return at


def needs_watch(work: Work, territory: Territory) -> bool:
    """Whether `watch` would write anything now: asked in a read, so that a quiet day takes no lock."""
    date = today(work, territory)
    problem = load_problem(work, territory, date, lock=False)
    seen = sightings(problem)
    if _silent_now(work, problem, seen) or list_without_option(work.session, territory.id, date):
        return True
    if _overslept(work, territory, problem.midnight) or unheard_of(work, territory) or _stranded(problem):
        return True
    if any(_is_news(problem, one, work.now) for one in seen):
        return True
    return any(_is_unasked(work, problem, one) for one in _late_first(problem, seen, work.now))


def _late_first(problem: Problem, seen: Sequence[Sighting], now: dt.datetime) -> list[Sighting]:
    """Next stops that are at risk, whose technicians are asked to leave as soon as they are free."""
    first = [one for one in seen if one.first and one.technician_id]
    return [one for one in first if _outlook(problem, one, now) is Outlook.AT_RISK]


def _is_unasked(work: Work, problem: Problem, one: Sighting) -> bool:
    """Whether a technician who is free by now was never asked: the risk was seen while they were at work."""
    if one.technician_id is None or problem.crew[one.technician_id].ready_at > work.now:
        return False
    version = problem.visits[one.visit_id].promise_version
    return (
        find_prompt(work.session, one.technician_id, visit_id=one.visit_id, promise_version=version) is None
    )


def watch(work: Work, territory: Territory) -> None:
    """Notice everything that is certain now, make it all good in one joint repair, prompt who must leave.

    A promise that somebody else can still keep is not broken: the repair moves the visit.
    """
    date = today(work, territory)
    problem = load_problem(work, territory, date)
    for asked in _silent_now(work, problem, sightings(problem)):
        fall_silent(work, get_technician(work.session, asked.technician_id), asked.asked_at)
    work.session.flush()
    notice_no_word(work, territory)
    problem = load_problem(work, territory, date)
    seen = sightings(problem)
    troubled = _notice_broken(work, territory, problem, seen)
    if troubled or _stranded(problem) or list_without_option(work.session, territory.id, date):
        work.session.flush()
        make_good(work, territory, date)
        work.session.flush()
        seen = sightings(load_problem(work, territory, date))
    _mark(work, problem, seen)


def _notice_broken(work: Work, territory: Territory, problem: Problem, seen: Sequence[Sighting]) -> bool:
    """Put every failure that is certain on record; whether there is anything to make good, a rescue included."""
    overslept = _overslept(work, territory, problem.midnight)
    for visit, promise in overslept:
        late = visit.state is VisitState.EN_ROUTE
        kind = FailureKind.LATE if late else FailureKind.TECHNICIAN_ABSENT
        notice(work, visit, kind, noticed_by="window_over", certain_at=promise.end_at)
    over = [one for one in seen if _outlook(problem, one, work.now) is Outlook.OVER]
    lost = [one for one in seen if _outlook(problem, one, work.now) is Outlook.UNREACHABLE]
    for one in over:
        _notice(work, problem, one, Outlook.OVER)
    missed = _not_rescued(problem, lost) if lost else []
    if missed and give_way(
        work,
        territory.id,
        problem.date,
        saved=len(lost) - len(missed),
        saved_without=lambda holds: (
            len(lost) - len(_not_rescued(load_problem(work, territory, problem.date, without=holds), lost))
        ),
    ):
        missed = _not_rescued(load_problem(work, territory, problem.date), lost)
    for one in missed:
        _notice(work, problem, one, Outlook.UNREACHABLE)
    return bool(overslept or over or lost)


def _stranded(problem: Problem) -> bool:
    """Whether a place is held with somebody who will not come: who was told of it must hear so."""
    return any(
        hold.technician_id not in problem.crew or problem.crew[hold.technician_id].absent
        for hold in problem.holds.values()
        if hold.technician_id
    )


def _overslept(work: Work, territory: Territory, midnight: dt.datetime) -> Sequence[tuple[Visit, Promise]]:
    """Visits of days that ended while nobody watched: the house was shut down, or its clock was moved."""
    long_ago = midnight - dt.timedelta(days=OVERSLEPT_DAYS)
    return promised_between(work.session, territory.id, from_at=long_ago, until_at=midnight, states=UNSTARTED)


def _outlook(problem: Problem, one: Sighting, now: dt.datetime) -> Outlook:
    return judge(one, now, grace_seconds=problem.territory.policies.grace_seconds)


def _is_news(problem: Problem, one: Sighting, now: dt.datetime) -> bool:
    outlook, visit = _outlook(problem, one, now), problem.visits[one.visit_id]
    if outlook in (Outlook.OVER, Outlook.UNREACHABLE):
        return True
    return (outlook is Outlook.AT_RISK) != (visit.at_risk_at is not None)


def _not_rescued(problem: Problem, lost: Sequence[Sighting]) -> list[Sighting]:
    """Those of `lost` whose window nobody that the plan could send would reach, given time to set out."""
    spare = dt.timedelta(seconds=problem.territory.policies.rescue_notice_seconds)
    plan = optimizer.repair(problem.day, eject=problem.territory.policies.may_disturb)
    missed = []
    for one in lost:
        start = plan.start_of(one.visit_id)
        if start is None or problem.at(start) + spare > one.window_end_at:
            missed.append(one)
    return missed


def _notice(work: Work, problem: Problem, one: Sighting, outlook: Outlook) -> None:
    """`noticed_by` says by what: the clock alone, an absence, or a technician's silence."""
    technician = work.session.get(Technician, one.technician_id) if one.technician_id else None
    silent = technician is not None and technician.silent_since_at is not None
    by = (
        "window_over"
        if outlook is Outlook.OVER
        else "silence"
        if silent
        else "absence"
        if one.absent
        else "plan"
    )
    grace = problem.territory.policies.grace_seconds
    certain_at = certain_since(
        _unrested(problem, one),
        outlook,
        work.now,
        changed_at=_changed_at(work, problem, one),
        grace_seconds=grace,
    )
    notice(
        work,
        problem.visits[one.visit_id],
        classify(one, outlook),
        noticed_by=by,
        certain_at=certain_at,
        technician_id=one.technician_id,
        evidence={
            "expected_at": one.expected_at.isoformat() if one.expected_at else None,
            "window_end_at": one.window_end_at.isoformat(),
            "en_route": one.en_route,
        },
    )


def _changed_at(work: Work, problem: Problem, one: Sighting) -> dt.datetime:
    """Since when nobody has changed how this visit stands: the newest of the promise, the risk that was seen,
    the technician's last step or way off, and other hours or another home that this very Work gave them."""
    visit, promise = problem.visits[one.visit_id], problem.promises[one.visit_id]
    member = problem.crew.get(one.technician_id or "")
    found = [promise.made_at, visit.at_risk_at]
    if member:
        address = get_address(work.session, visit.address_id)
        door, metres = Point(address.lat, address.lng), problem.territory.policies.moving_metres
        found += [member.stepped_at, went_away_at(member.home, member.positions, door, metres)]
    if any(isinstance(fact, CREW_CHANGES) and fact.technician_id == one.technician_id for fact in work.facts):
        found.append(work.now)
    return max(at for at in found if at)


def _unrested(problem: Problem, one: Sighting) -> Sighting:
    """The same if the technician never rested. A break that must now come first takes half an hour at one blow:
    that the window is missed has been certain since then, not since half an hour before."""
    if one.expected_at is None or one.technician_id is None:
        return one
    crew = tuple(
        replace(van, breaks=()) if van.id == one.technician_id else van for van in problem.day.technicians
    )
    route = problem.routes[one.technician_id]
    starts = optimizer.project(replace(problem.day, technicians=crew), one.technician_id, route)
    return replace(one, expected_at=problem.at(starts[route.index(one.visit_id)]))


def _mark(work: Work, problem: Problem, seen: Sequence[Sighting]) -> None:
    """Raise and clear the risk flags, and prompt the technicians whose next visit it is."""
    for one in seen:
        visit = problem.visits.get(one.visit_id)
        if visit is None or visit.state is VisitState.FAILED:
            continue
        at_risk = _outlook(problem, one, work.now) is Outlook.AT_RISK
        if at_risk and visit.at_risk_at is None:
            visit.at_risk_at = work.now
            work.session.add(visit)
            work.record(
                VisitAtRisk(
                    visit_id=visit.id,
                    technician_id=one.technician_id,
                    expected_at=one.expected_at,
                    window_end_at=one.window_end_at,
                )
            )
        elif not at_risk and visit.at_risk_at is not None:
            visit.at_risk_at = None
            work.session.add(visit)
            work.record(VisitBackOnTrack(visit_id=visit.id, technician_id=one.technician_id))
        if at_risk and one.first and one.technician_id:
            _prompt(work, problem, one)


def _prompt(work: Work, problem: Problem, one: Sighting) -> None:
    """Only somebody who is free to go is asked to leave."""
    member = problem.crew.get(one.technician_id or "")
    if member is None or member.ready_at > work.now:
        return
    technician = get_technician(work.session, member.id)
    version = problem.visits[one.visit_id].promise_version
    leave_by = latest_leave_at(one, work.now) + dt.timedelta(seconds=one.spread_seconds)
    prompt(work, technician, visit_id=one.visit_id, promise_version=version, leave_by_at=leave_by)


def _prompts(work: Work, problem: Problem) -> list[Prompt]:
    """Unanswered prompts of today about visits that still wait for their technician."""
    asked = open_prompts(work.session, problem.crew, problem.midnight)
    return [
        one
        for one in asked
        if one.visit_id in problem.visits
        and problem.visits[one.visit_id].promise_version == one.promise_version
        and one.visit_id in problem.routes.get(one.technician_id, ())
    ]


def _silent_now(work: Work, problem: Problem, seen: Sequence[Sighting]) -> list[Prompt]:
    """Prompts whose technician has neither answered in time nor moved, and is not known to be silent yet.

    Of somebody who is not located, at their own wish, nobody knows whether they move: that is no silence.
    """
    policies = problem.territory.policies
    slack = {one.visit_id: one.slack_seconds for one in seen}
    return [
        asked
        for asked in _prompts(work, problem)
        if not problem.crew[asked.technician_id].absent
        and not problem.crew[asked.technician_id].is_paused
        and is_silent(
            asked,
            work.now,
            answer_seconds=policies.prompt_answer_seconds,
            too_late=slack.get(asked.visit_id, 0.0) < 0,
            moving=is_moving(
                problem.crew[asked.technician_id].positions, asked.asked_at, policies.moving_metres
            ),
        )
    ]
