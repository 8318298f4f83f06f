"""One joint repair for several broken promises: each victim's best option today, held before anybody is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

import optimizer
from dispatch.bookings.actions import request_of, wanted_for
from dispatch.callbacks.actions import promise_callback
from dispatch.clock import stopwatch
from dispatch.errors import Invalid
from dispatch.events import NotTodayProved, OfferGone, PlanKept
from dispatch.holds.actions import make_hold, release
from dispatch.holds.tables import Hold, HoldPurpose
from dispatch.local_time import instant
from dispatch.plans.problem import HELD, Guest, Problem, load_problem, replace_visits
from dispatch.plans.publish import PlanRefused, departures, publish, require_legal
from dispatch.recoveries.actions import advance, end_offer, put_offers, withdraw_offers
from dispatch.recoveries.proofs import proof_of
from dispatch.recoveries.queries import find_by_hold, get_recovery
from dispatch.recoveries.rules import answer_by, later_windows, told_window
from dispatch.recoveries.states import OfferState, RecoverySignal
from dispatch.recoveries.tables import Offer, Recovery
from dispatch.territories.tables import Territory
from dispatch.visits.queries import get_visit
from dispatch.visits.tables import Visit
from dispatch.wishes.actions import give_way
from dispatch.work import Work

HOLD_MARGIN = dt.timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Victim:
    """A customer whose promise broke, as a guest of today's plan; `hold_id` is what the place will be held by."""

    recovery: Recovery
    visit: Visit
    hold_id: str
    guest: Guest


@dataclass(frozen=True, slots=True)
class Search:
    """What was found for some victims: the day with them as guests, and the plan that places whom it can.

    `milliseconds` says how long it has taken until now; `until` and `eject` are as for `search`.
    """

    problem: Problem
    plan: optimizer.Plan
    victims: tuple[Victim, ...]
    milliseconds: Callable[[], int]
    until: dt.datetime | None
    eject: bool | None

    @property
    def placed(self) -> int:
        """How many of the victims."""
        return sum(self.plan.start_of(one.guest.id) is not None for one in self.victims)


def place_all(
    work: Work,
    territory: Territory,
    date: dt.date,
    recoveries: Sequence[Recovery],
    *,
    until: dt.datetime | None = None,
    eject: bool | None = None,
) -> None:
    """Find, hold and offer each victim's best option on `date`, and publish the day with them; see `search`."""

    def searched(without: Collection[str] = ()) -> Search:
        return search(work, territory, date, recoveries, until=until, eject=eject, without=without)

    found = searched()
    if found.placed < len(found.victims) and give_way(
        work, territory.id, date, saved=found.placed, saved_without=lambda holds: searched(holds).placed
    ):
        found = searched()
    carry_out(work, found)


def search(
    work: Work,
    territory: Territory,
    date: dt.date,
    recoveries: Sequence[Recovery],
    *,
    until: dt.datetime | None = None,
    eject: bool | None = None,
    without: Collection[str] = (),
) -> Search:
    """Each victim's best option on `date`; nothing is written.

    All victims are placed together, so that none starves another, and promises of an absent
    technician's customers that can still be kept move to somebody else in the same repair.
    `until` lets their work begin later than the policy's hour; `eject` says whether others may move,
    where that is not the policy's to say. `without` names holds that would be given back.
    """
    clock = stopwatch()
    victims = tuple(_victim(work, territory, date, recovery, until=until) for recovery in recoveries)
    guests = [one.guest for one in victims if one.guest.windows]
    problem = load_problem(work, territory, date, guests=guests, without=without)
    plan = _soonest(problem, eject=territory.policies.may_disturb if eject is None else eject)
    return Search(problem, plan, victims, clock, until, eject)


def carry_out(work: Work, found: Search) -> None:
    """Publish what was found, held and offered. Victims with no place today get a proof and a named person instead."""
    problem, plan = found.problem, found.plan
    territory, date = problem.territory, problem.date
    try:
        require_legal(problem, plan, problem.crew)
    except PlanRefused as refused:
        work.record(PlanKept(territory_id=territory.id, day=date, version=problem.version, why=refused.code))
        plan = optimizer.Plan(problem.day.name, ())
    else:
        if not found.victims and _same_orders(problem, plan):
            return
        holds = _hold_places(work, problem, plan, found.victims)
        publish(work, problem, plan, cause="repair", new_holds=holds)
        lost = _follow_holds(work, problem, plan)
        if lost:
            work.session.flush()
            again = [*(victim.recovery for victim in found.victims), *lost]
            place_all(work, territory, date, again, until=found.until, eject=found.eject)
            return
    for victim in found.victims:
        victim.recovery.repaired_at = work.now
        victim.recovery.repair_milliseconds = found.milliseconds()
        if plan.start_of(victim.guest.id) is None:
            prove(work, problem, plan, victim)
        else:
            _offer(work, problem, plan, victim)


def _follow_holds(work: Work, problem: Problem, plan: optimizer.Plan) -> list[Recovery]:
    """Offers name whoever their hold stands with now; those whose hold found no place any more are gone.

    Returns the recoveries of the latter: their customers need another option.
    """
    lost = []
    for id, hold in problem.holds.items():
        offer = find_by_hold(work.session, hold.id)
        if offer is None or offer.state is not OfferState.OPEN:
            if plan.start_of(id) is None:  # somebody is still filling in the form: they will be told
                release(work, work.session.get_one(Hold, hold.id))
            continue
        if plan.start_of(id) is not None:
            offer.technician_id = plan.technician_of(id)
            work.session.add(offer)
            continue
        end_offer(work, offer, OfferState.GONE)
        work.record(OfferGone(visit_id=offer.visit_id, recovery_id=offer.recovery_id, offer_id=offer.id))
        lost.append(get_recovery(work.session, offer.recovery_id))
    return lost


def _same_orders(problem: Problem, plan: optimizer.Plan) -> bool:
    """Whether a repair found nothing to change: then there is nothing to publish."""
    before = {id: order for id, order in problem.routes.items() if order}
    return plan.orders() == before and not plan.unserved


def _soonest(problem: Problem, *, eject: bool) -> optimizer.Plan:
    """Everybody within the policy's soon hours if that can be; who cannot may come any time today.

    Without the first try the cheapest hour would win over the next one: waiting has no price in a plan.
    """
    policies = problem.territory.policies
    soon = problem.day.now + policies.recovery_notice_seconds + policies.recovery_soon_seconds
    first = optimizer.repair(_hurried(problem, soon, set(problem.guests)), eject=eject)
    placed = {id for id in problem.guests if first.start_of(id) is not None}
    if placed == set(problem.guests):
        return first
    return optimizer.repair(_hurried(problem, soon, placed), eject=eject)


def _hurried(problem: Problem, soon: int, guest_ids: set[str]) -> optimizer.Day:
    """The day with the windows of these guests cut off at second `soon`."""
    visits = tuple(
        replace(
            visit, windows=((visit.windows[0][0], max(visit.windows[0][0], min(visit.windows[0][1], soon))),)
        )
        if visit.id in guest_ids
        else visit
        for visit in problem.day.visits
    )
    return replace_visits(problem.day, visits)


def _victim(
    work: Work, territory: Territory, date: dt.date, recovery: Recovery, *, until: dt.datetime | None = None
) -> Victim:
    """The visit as a guest that would be served from the policy's notice on until its latest hour."""
    visit, hold_id = get_visit(work.session, recovery.visit_id), work.new_id()
    request, policies = request_of(work, visit), territory.policies
    soonest = work.now + dt.timedelta(seconds=policies.recovery_notice_seconds)
    latest = until or last_start(territory, date)
    guest = Guest(
        id=HELD + hold_id,
        place=request.place,
        duration_seconds=visit.duration_seconds,
        windows=((soonest, latest),) if latest and soonest < latest else (),
        skills=visit.needed_skills,
        parts=visit.parts,
        priority=visit.priority,
        failed=True,
    )
    return Victim(recovery, visit, hold_id, guest)


def last_start(territory: Territory, date: dt.date) -> dt.datetime | None:
    """The last instant at which a recovery may begin on `date`."""
    try:
        return instant(date, territory.policies.clock_time("recovery_latest_at"), territory.zone)
    except Invalid:
        return None


def _hold_places(
    work: Work, problem: Problem, plan: optimizer.Plan, victims: Sequence[Victim]
) -> dict[str, Hold]:
    """A hold for every victim that the plan places, by guest id."""
    holds = {}
    for victim in victims:
        start, technician_id = plan.start_of(victim.guest.id), plan.technician_of(victim.guest.id)
        if start is None or technician_id is None:
            continue
        policies = problem.territory.policies
        start_at = problem.at(start)
        latest = victim.guest.windows[0][1]
        window = told_window(start_at, latest, length_seconds=policies.recovery_window_seconds)
        wanted = wanted_for(
            request_of(work, victim.visit),
            problem.date,
            start_at=window[0],
            end_at=window[1],
            visit_id=victim.visit.id,
        )
        reply_by = answer_by(
            work.now, _leave_at(problem, plan, victim), answer_seconds=policies.answer_seconds
        )
        holds[victim.guest.id] = make_hold(
            work,
            wanted,
            HoldPurpose.RECOVERY,
            expires_at=reply_by + HOLD_MARGIN,
            hold_id=victim.hold_id,
            technician_id=technician_id,
            planned_start_at=start_at,
        )
    return holds


def _leave_at(problem: Problem, plan: optimizer.Plan, victim: Victim) -> dt.datetime:
    """When the technician must set out for the held place."""
    route = plan.route_of(plan.technician_of(victim.guest.id) or "")
    return problem.at(departures(problem, route)[victim.guest.id]) if route else problem.midnight


def _offer(work: Work, problem: Problem, plan: optimizer.Plan, victim: Victim) -> None:
    """The held option first, then the cheapest later window of today, unheld."""
    hold = work.session.get_one(Hold, victim.hold_id)
    offers = [_first_offer(work, victim, hold)]
    policies = problem.territory.policies
    latest = victim.guest.windows[0][1]
    windows = later_windows(hold.end_at, latest, length_seconds=policies.recovery_window_seconds)
    spans = {(problem.second(a), problem.second(b)): (a, b) for a, b in windows}
    guest = problem.day.visit(victim.guest.id)
    best = optimizer.best_place_per_window(problem.day, plan.orders(), guest, spans)
    if best:
        span, place = min(best.items(), key=lambda pair: (pair[0][0], pair[1].price))
        offers.append(
            new_offer(
                work,
                victim.recovery,
                problem.date,
                spans[span],
                expires_at=spans[span][0],
                technician_id=place.technician,
                planned_start_at=problem.at(place.start),
                price=place.price,
            )
        )
    put_offers(work, victim.recovery, offers, answer_by_at=hold.expires_at - HOLD_MARGIN)


def _first_offer(work: Work, victim: Victim, hold: Hold) -> Offer:
    return new_offer(
        work,
        victim.recovery,
        hold.day,
        (hold.start_at, hold.end_at),
        expires_at=hold.expires_at,
        technician_id=hold.technician_id,
        planned_start_at=hold.planned_start_at,
        hold_id=hold.id,
    )


def new_offer(
    work: Work,
    recovery: Recovery,
    day: dt.date,
    window: tuple[dt.datetime, dt.datetime],
    *,
    expires_at: dt.datetime,
    technician_id: str | None = None,
    planned_start_at: dt.datetime | None = None,
    hold_id: str | None = None,
    price: float = 0.0,
) -> Offer:
    """An open offer; its round and rank are given when it is put."""
    return Offer(
        id=work.new_id(),
        recovery_id=recovery.id,
        visit_id=recovery.visit_id,
        round=0,
        rank=0,
        state=OfferState.OPEN,
        day=day,
        start_at=window[0],
        end_at=window[1],
        technician_id=technician_id,
        planned_start_at=planned_start_at,
        hold_id=hold_id,
        price=round(price, 2),
        expires_at=expires_at,
    )


def prove(work: Work, problem: Problem, plan: optimizer.Plan, victim: Victim) -> None:
    """Nobody can come today: keep why, and what would help; a named person decides and rings.

    An option that was told earlier and only checked when chosen ends here: today has nobody for it.
    """
    withdraw_offers(work, victim.recovery)
    proof = proof_of(work.session, problem, plan, victim.guest)
    victim.recovery.proof = proof
    advance(work, victim.recovery, RecoverySignal.PROVE)
    work.session.flush()
    work.record(
        NotTodayProved(
            visit_id=victim.visit.id,
            recovery_id=victim.recovery.id,
            blocks=len(proof["blocks"]),
            relaxations=len(proof["relaxations"]),
        )
    )
    promise_callback(
        work,
        territory_id=problem.territory.id,
        about="not_today",
        visit_id=victim.visit.id,
        recovery_id=victim.recovery.id,
    )
