"""Small named situations. Each is a sentence; the next is derived from the last with one change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from dispatch.bookings.actions import book_for, hold_window
from dispatch.bookings.slots import Request
from dispatch.clock import SetClock
from dispatch.due import next_due_at, run_due
from dispatch.ledger import history, since
from dispatch.plans.queries import find_assignment
from dispatch.promises.states import Agreed
from dispatch.recoveries.queries import list_for_visit, list_offers
from dispatch.recoveries.tables import Offer, Recovery
from dispatch.services.tables import Service
from dispatch.technicians.tables import Technician
from dispatch.territories.tables import Dispatcher, Territory
from dispatch.travel.port import Point
from dispatch.visits.queries import get_visit
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
ROUNDS = 20


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

    def until(self, text: str) -> None:
        """Let the clock go on to that time, through everything that falls due on the way."""
        target = self.at(text)
        while (due := next_due_at(self.workshop)) is not None and due <= target:
            self.settle(due)
        self.settle(target)

    def settle(self, at: dt.datetime) -> None:
        """Stand still at `at` until nothing is due; what never comes to rest is a bug."""
        self.clock.at = at
        for _ in range(ROUNDS):
            if not run_due(self.workshop):
                return
        with self.look() as work:
            busy = [entry.kind for entry in since(work.session, 0, limit=10_000)][-12:]
        raise AssertionError(f"at {at:%H:%M:%S} the day did not come to rest: {busy}")

    @contextmanager
    def as_technician(self, name: str) -> Iterator[tuple[Work, Technician]]:
        """A Work in which that technician acts."""
        known = self.technicians[name]
        with self.workshop.work(Actor("technician", known.id), "step") as work:
            yield work, work.session.get_one(Technician, known.id)

    @contextmanager
    def as_office(self) -> Iterator[Work]:
        with self.workshop.work(Actor("dispatcher", self.dispatchers[0].id), "office") as work:
            yield work

    @contextmanager
    def as_customer(self, visit: Visit) -> Iterator[Work]:
        with self.workshop.work(Actor("customer", visit.customer_id), "page") as work:
            yield work

    def look(self) -> AbstractContextManager[Work]:
        return self.workshop.read()

    def who_comes(self, visit: Visit) -> str:
        """The name of the technician whom the visit stands with."""
        with self.look() as work:
            placed = find_assignment(work.session, visit.id)
            assert placed, "nobody was ever to come"
            return next(name for name, one in self.technicians.items() if one.id == placed.technician_id)

    def fresh(self, visit: Visit) -> Visit:
        with self.look() as work:
            return get_visit(work.session, visit.id)

    def recovery(self, visit: Visit) -> Recovery:
        """The newest recovery of a visit."""
        with self.look() as work:
            return list_for_visit(work.session, visit.id)[-1]

    def offers(self, visit: Visit) -> list[Offer]:
        """The newest round of offers."""
        recovery = self.recovery(visit)
        with self.look() as work:
            return list(list_offers(work.session, recovery.id, recovery.round))

    def facts(self, visit: Visit) -> list[str]:
        with self.look() as work:
            return [entry.kind for entry in history(work.session, visit.id)]

    def book(
        self,
        name: str,
        window: str,
        *,
        place: Point | None = None,
        phone: str = "+12025550143",
        service: Service | None = None,
        actor: Actor = OFFICE,
        language: str | None = None,
        days: int = 0,
    ) -> Visit:
        """A visit of that customer today, or in so many `days`, in the window that begins at `window`."""
        with self.workshop.work(actor, "book") as work:
            territory = work.session.get_one(Territory, self.territory.id)
            request = Request(
                territory=territory, service=service or self.service, place=place or near(km_north=1)
            )
            hold = hold_window(work, request, self.at(window) + dt.timedelta(days=days))
            customer = a_customer(work, name=name, phone=phone, language=language)
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


def one_slow_van(workshop: Workshop, clock: SetClock, name: str = "Tom") -> World:
    """One technician with work of two and a half hours: three visits make a full day, less the break."""
    world = a_quiet_town(workshop, clock, name)
    with world.as_office() as work:
        service = work.session.get_one(Service, world.service.id)
        service.duration_seconds = 9000
        work.session.add(service)
    world.service.duration_seconds = 9000
    return world


def one_van_two_visits(workshop: Workshop, clock: SetClock) -> tuple[World, Visit, Visit]:
    """Tom alone, Ana at 08:00–10:00 and Ben at 10:00–12:00, both a kilometre away."""
    world = a_quiet_town(workshop, clock, "Tom")
    ana = world.book("Ana Cole", "08:00")
    ben = world.book("Ben Ode", "10:00", place=near(km_north=-1), phone="+12025550144")
    return world, ana, ben
