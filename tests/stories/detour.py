"""A day on which one van could do what two do, and somebody who finds that out."""

from __future__ import annotations

import datetime as dt
import itertools

from dispatch.bookings.actions import book_for, hold_window
from dispatch.bookings.changes import cancel
from dispatch.bookings.slots import Request
from dispatch.promises.states import Agreed
from dispatch.territories.tables import Territory
from dispatch.travel.port import Point
from dispatch.visits.queries import get_visit
from dispatch.visits.tables import Visit
from optimizer import Blocked, Day, Plan, check, timetable
from tests.builders import a_customer, an_address, near
from tests.worlds import OFFICE, World

TUESDAY = dt.date(2026, 3, 3)


def book(world: World, name: str, day: dt.date, window: str, place: Point) -> Visit:
    with world.workshop.work(OFFICE, "book") as work:
        territory = work.session.get_one(Territory, world.territory.id)
        request = Request(territory=territory, service=world.service, place=place)
        hold = hold_window(work, request, dt.datetime.fromisoformat(f"{day}T{window}+00:00"))
        customer = a_customer(work, name=name, phone=f"+1202555{1000 + len(name):04}")
        address = an_address(work, customer, territory, line=f"{name}'s house", place=place)
        return book_for(work, hold, customer, address, agreed_by=Agreed.CUSTOMER, agreed_how="web")


def a_day_with_a_detour(world: World) -> list[Visit]:
    """Three customers eleven kilometres away fill one van's window, so the fourth got the other van; then two of
    the three cancel. Two vans make a drive of 28.8 minutes out and back: one could and be in time all the same,
    and a change of technician is worth fifty. Only a search moves what has a place already.
    """
    visits = [book(world, f"Ana {'I' * index}", TUESDAY, "08:00", near(km_north=11)) for index in range(4)]
    vans = [world.who_comes(visit) for visit in visits]
    crowded = max(vans, key=vans.count)
    full = [visit for visit, van in zip(visits, vans, strict=True) if van == crowded]
    assert len(full) == 3
    for gone in full[:2]:
        visits.remove(gone)
        with world.as_customer(gone) as work:
            cancel(work, get_visit(work.session, gone.id))
    return visits


def one_van(day: Day, seconds: float, start: Plan | None) -> Plan:
    """The best day with a single van, by trying every order: for the few visits of these stories."""
    everything = [visit.id for visit in day.visits]
    tried = [
        timetable(day, van.id, order)
        for van in day.technicians
        for order in itertools.permutations(everything)
    ]
    plans = [Plan(day.name, (route,)) for route in tried if not isinstance(route, Blocked)]
    return min(plans, key=lambda plan: check(day, plan).cost)
