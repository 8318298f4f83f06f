"""Holding a window and booking it."""

from __future__ import annotations

import datetime as dt
from functools import partial

from dispatch.access.turns import bookings_for, take_turn
from dispatch.bookings.slots import (
    Request,
    bookable_windows,
    has_counted_capacity,
    is_planned_exactly,
    next_slots,
)
from dispatch.customers.actions import record_address, record_customer, require_served
from dispatch.customers.tables import Address, Customer
from dispatch.errors import Invalid, SlotTaken, StateConflict
from dispatch.holds.actions import Wanted, consume, make_hold
from dispatch.holds.tables import Hold, HoldPurpose
from dispatch.local_time import local_day, say_window
from dispatch.plans.actions import ask_for_plan, best_place, insert
from dispatch.plans.problem import HELD, load_problem
from dispatch.plans.publish import PlanRefused
from dispatch.plans.queries import lock_day
from dispatch.promises.actions import make_promise
from dispatch.promises.queries import find_twin
from dispatch.promises.states import Agreed
from dispatch.services.queries import get_service
from dispatch.territories.queries import get_territory
from dispatch.travel.port import Point
from dispatch.visits.actions import keep_note, open_visit
from dispatch.visits.references import spoken
from dispatch.visits.tables import Visit
from dispatch.work import Work


def hold_window(work: Work, request: Request, start_at: dt.datetime) -> Hold:
    """Keep the window that begins at `start_at` for the policy's minutes.

    Raises Invalid for a time that is not sold or is past, SlotTaken with alternatives when it is full.
    """
    territory = request.territory
    require_served(work, territory, request.place)
    day = local_day(start_at, territory.zone)
    end_at = _end_of_window(work, request, start_at)
    wanted = wanted_for(request, day, start_at=start_at, end_at=end_at)
    expires_at = work.now + dt.timedelta(seconds=territory.policies.hold_seconds)
    if is_planned_exactly(territory, day, work.now):
        return hold_in_plan(work, request, wanted, HoldPurpose.BOOKING, expires_at=expires_at)
    lock_day(work.session, territory.id, day)  # counting is only right when one counts at a time
    if not has_counted_capacity(work, request, day, start_at, end_at):
        raise taken(request, day)
    return make_hold(work, wanted, HoldPurpose.BOOKING, expires_at=expires_at)


def hold_in_plan(
    work: Work, request: Request, wanted: Wanted, purpose: HoldPurpose, *, expires_at: dt.datetime
) -> Hold:
    """A hold with a place of its own in the day's routes. Raises SlotTaken when nobody can serve the window."""
    hold_id = work.new_id()
    guest = request.guest(HELD + hold_id, ((wanted.start_at, wanted.end_at),))
    problem = load_problem(work, request.territory, wanted.day, guests=[guest])
    place = best_place(problem, guest.id)
    if place is None:
        raise taken(request, wanted.day)
    hold = make_hold(
        work,
        wanted,
        purpose,
        expires_at=expires_at,
        hold_id=hold_id,
        technician_id=place.technician,
        planned_start_at=problem.at(place.start),
    )
    try:
        insert(work, problem, guest.id, place, cause=f"{purpose} hold", new_holds={guest.id: hold})
    except PlanRefused as refused:
        raise taken(request, wanted.day) from refused
    return hold


def book(
    work: Work,
    hold: Hold,
    *,
    name: str,
    phone: str,
    address: str,
    agreed_by: Agreed,
    agreed_how: str,
    language: str | None = None,
    note: str = "",
) -> Visit:
    """Turn a hold into a visit with a promise, in the plan: all of it, or nothing.

    Raises Invalid for unfit input, RateLimited for the eleventh visit of a day that is booked for one phone by links,
    SlotTaken when the hold ran out or nobody can serve it any more.
    """
    territory = get_territory(work.session, hold.territory_id)
    customer = record_customer(work, name, phone, country=territory.country, language=language)
    if agreed_how == "web":
        take_turn(work, bookings_for(customer.phone))
    place = Point(hold.lat, hold.lng)
    where = record_address(work, customer, territory, line=address, place=place)
    visit = book_for(work, hold, customer, where, agreed_by=agreed_by, agreed_how=agreed_how)
    if note.strip():
        keep_note(work, visit, note)
    return visit


def book_for(
    work: Work,
    hold: Hold,
    customer: Customer,
    address: Address,
    *,
    agreed_by: Agreed,
    agreed_how: str,
    priority: int = 1,
) -> Visit:
    """The same for a customer and address that are known already."""
    territory = get_territory(work.session, hold.territory_id)
    service = get_service(work.session, hold.service_id)
    lock_day(work.session, territory.id, hold.day)  # the day before the hold, as whoever plans the day does
    twin = find_twin(work.session, customer.id, service.id, address.id, start_at=hold.start_at)
    if twin:
        words = f"This is booked already: visit {spoken(twin.reference)}."
        raise StateConflict(words, current_state=twin.state.value, reference=twin.reference)
    visit = open_visit(work, service, customer, address, priority=priority)
    visit.duration_seconds = (
        hold.duration_seconds
    )  # the place was kept for that, also if the service changed since
    visit.skills, visit.parts = dict(hold.skills), dict(hold.parts)
    make_promise(
        work,
        visit,
        start_at=hold.start_at,
        end_at=hold.end_at,
        zone=territory.zone,
        agreed_by=agreed_by,
        agreed_how=agreed_how,
        version=1,
    )
    use_hold(work, visit, hold, cause="booked")
    return visit


def use_hold(work: Work, visit: Visit, hold: Hold, *, cause: str) -> None:
    """The hold's place becomes the visit's. Raises SlotTaken with alternatives when it ran out or is gone.

    Where hours were only counted, there is no place yet: the evening plans such a day before it enters the
    horizon, and what is sold after that evening is planned at once.
    """
    territory = get_territory(work.session, hold.territory_id)
    try:
        consume(work, hold, visit.id)
    except SlotTaken as over:
        raise taken(request_of(work, visit), hold.day, over.message) from over
    if hold.technician_id:
        place_visit(work, visit, hold.day, cause=cause)
    elif is_planned_exactly(territory, hold.day, work.now + dt.timedelta(days=1)):
        ask_for_plan(work, territory, hold.day, after_seconds=0)


def place_visit(work: Work, visit: Visit, day: dt.date, *, cause: str) -> None:
    """Insert a visit whose promise stands into its day. Raises SlotTaken with alternatives when nothing fits."""
    territory = get_territory(work.session, visit.territory_id)
    problem = load_problem(work, territory, day)
    place = best_place(problem, visit.id)
    if place is None:
        raise taken(request_of(work, visit), day)
    try:
        insert(work, problem, visit.id, place, cause=cause)
    except PlanRefused as refused:
        raise taken(request_of(work, visit), day) from refused
    if day != local_day(work.now, territory.zone):
        ask_for_plan(work, territory, day, after_seconds=territory.policies.replan_quiet_seconds)


def request_of(work: Work, visit: Visit) -> Request:
    """What the visit needs, as a request for another window."""
    territory = get_territory(work.session, visit.territory_id)
    service = get_service(work.session, visit.service_id)
    address = work.session.get_one(Address, visit.address_id)
    place = Point(address.lat, address.lng)
    return Request(territory=territory, service=service, place=place, visit=visit)


def wanted_for(
    request: Request, day: dt.date, *, start_at: dt.datetime, end_at: dt.datetime, visit_id: str | None = None
) -> Wanted:
    return Wanted(
        territory_id=request.territory.id,
        service_id=request.service.id,
        day=day,
        start_at=start_at,
        end_at=end_at,
        place=request.place,
        duration_seconds=request.duration_seconds,
        skills=request.skills,
        parts=request.parts,
        visit_id=visit_id,
    )


def taken(
    request: Request, day: dt.date, words: str = "This time has just been taken. Here are the next ones."
) -> SlotTaken:
    """The refusal for a window that is gone; the next ones from `day` on are looked for when it is told."""
    visit_id = request.visit.id if request.visit else None
    look = partial(
        next_windows,
        territory_id=request.territory.id,
        service_id=request.service.id,
        place=request.place,
        visit_id=visit_id,
        after=day,
    )
    return SlotTaken(words, look=look)


def next_windows(
    work: Work, *, territory_id: str, service_id: str, place: Point, visit_id: str | None, after: dt.date
) -> list[dict[str, str]]:
    """Three windows that can be served within a week from `after` on, as they are told."""
    territory, service = get_territory(work.session, territory_id), get_service(work.session, service_id)
    visit = work.session.get(Visit, visit_id) if visit_id else None  # a new one went with the refusal
    request = Request(territory=territory, service=service, place=place, visit=visit)
    return [
        {
            "start_at": slot.start_at.isoformat(),
            "end_at": slot.end_at.isoformat(),
            "text": say_window(slot.start_at, slot.end_at, territory.zone),
        }
        for slot in next_slots(work, request, after=after, count=3, days=7)
    ]


def _end_of_window(work: Work, request: Request, start_at: dt.datetime) -> dt.datetime:
    day = local_day(start_at, request.territory.zone)
    windows = dict(bookable_windows(request.territory, request.service, day, work.now))
    if start_at in windows:
        return windows[start_at]
    if start_at <= work.now:
        raise Invalid.field("start_at", "window_past", "This time is already over.")
    words = "This time is not on offer. Here are the next ones that are."
    raise taken(request, max(day, local_day(work.now, request.territory.zone)), words)


def book_soonest(work: Work, request: Request, customer: Customer, address: Address) -> Visit:
    """An emergency: the first window today in which somebody can come without breaking another promise.

    Raises SlotTaken with the next windows when nobody can come today.
    """
    territory = request.territory
    day, length = local_day(work.now, territory.zone), dt.timedelta(seconds=request.service.window_seconds)
    soonest = work.now + dt.timedelta(seconds=territory.policies.recovery_notice_seconds)
    for hour in range(8):
        start_at = _quarter(soonest + dt.timedelta(hours=hour))
        wanted = wanted_for(request, day, start_at=start_at, end_at=start_at + length)
        if local_day(wanted.end_at, territory.zone) != day:
            break
        expires_at = work.now + dt.timedelta(seconds=territory.policies.hold_seconds)
        try:
            hold = hold_in_plan(work, request, wanted, HoldPurpose.BOOKING, expires_at=expires_at)
        except SlotTaken:
            continue
        return book_for(
            work, hold, customer, address, agreed_by=Agreed.OFFICE, agreed_how="emergency", priority=5
        )
    raise taken(request, day + dt.timedelta(days=1))


def _quarter(at: dt.datetime) -> dt.datetime:
    return dt.datetime.fromtimestamp(-(-at.timestamp() // 900) * 900, dt.UTC)
