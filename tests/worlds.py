"""Small named situations. Each is a sentence; the next is derived from the last with one change."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from dispatch.bookings.actions import book_for, hold_window
from dispatch.bookings.slots import Request
from dispatch.clock import SetClock
from dispatch.promises.states import Agreed
from dispatch.services.tables import Service
from dispatch.technicians.tables import Technician
from dispatch.territories.tables import Dispatcher, Territory
from dispatch.travel.port import Point
from dispatch.visits.tables import Visit
from dispatch.work import Actor, Work, Workshop
from tests.builders import (
    a_customer,
    a_dispatcher,
    a_service,
    a_technician,
    a_territory,
    an_address,
    near,
)

OFFICE = Actor("dispatcher", "office")


@dataclass
class World:
    """A workshop with a territory in it, whose clock the test moves."""

    workshop: Workshop
    clock: SetClock
    territory: Territory
    dispatchers: list[Dispatcher]
    service: Service
    technicians: dict[str, Technician]

    def at(self, text: str) -> dt.datetime:
        """That time of the first day, as an instant; the territory's zone is UTC."""
        hour, minute = map(int, text.split(":"))
        return dt.datetime(2026, 3, 2, hour, minute, tzinfo=dt.UTC)

    def book(
        self,
        name: str,
        window: str,
        *,
        place: Point | None = None,
        phone: str = "+12025550143",
        service: Service | None = None,
    ) -> Visit:
        """A visit of that customer today, in the window that begins at `window`."""
        with self.workshop.work(OFFICE, "book") as work:
            territory = work.session.get_one(Territory, self.territory.id)
            request = Request(
                territory=territory, service=service or self.service, place=place or near(km_north=1)
            )
            hold = hold_window(work, request, self.at(window))
            customer = a_customer(work, name=name, phone=phone)
            address = an_address(work, customer, territory, line=f"{name}'s house", place=place)
            return book_for(work, hold, customer, address, agreed_by=Agreed.CUSTOMER, agreed_how="web")


def a_quiet_town(workshop: Workshop, clock: SetClock, *names: str, **technician: object) -> World:
    """Technicians of those names in the middle, two people in the office, one service, nothing booked."""
    with workshop.work(OFFICE, "set up") as work:
        territory = a_territory(work)
        dispatchers = [
            a_dispatcher(work, territory),
            a_dispatcher(work, territory, name="Vera Top", ladder=2),
        ]
        service = a_service(work)
        technicians = {
            name: a_technician(work, territory, name=name, phone=f"+120255501{index:02}", **technician)
            for index, name in enumerate(names, start=11)
        }
    return World(workshop, clock, territory, dispatchers, service, technicians)


def one_van_two_visits(workshop: Workshop, clock: SetClock) -> tuple[World, Visit, Visit]:
    """Tom alone, Ana at 08:00–10:00 and Ben at 10:00–12:00, both a kilometre away."""
    world = a_quiet_town(workshop, clock, "Tom")
    ana = world.book("Ana Cole", "08:00")
    ben = world.book("Ben Ode", "10:00", place=near(km_north=-1), phone="+12025550144")
    return world, ana, ben
