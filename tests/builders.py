"""Rows with boring defaults, made by the same actions as in the product. Distances: see `near`."""

from __future__ import annotations

from typing import Any

from dispatch.customers.actions import record_address, record_customer
from dispatch.customers.tables import Address, Customer
from dispatch.services.actions import offer_service
from dispatch.services.tables import Service
from dispatch.technicians.actions import hire
from dispatch.technicians.hours import set_shift
from dispatch.technicians.queries import find_by_phone
from dispatch.technicians.tables import Technician
from dispatch.territories.actions import add_dispatcher, open_territory
from dispatch.territories.tables import Dispatcher, Territory
from dispatch.travel.port import Point
from dispatch.work import Work

MIDDLE = (40.0, -77.0)
PHONE = "+12025550143"
EVERY_DAY = range(7)


def near(*, km_north: float = 0.0, km_east: float = 0.0) -> Point:
    """A point so far from the middle; straight-line travel takes 120 s + 146.25 s a kilometre."""
    return Point(MIDDLE[0] + km_north / 111.195, MIDDLE[1] + km_east / 85.18)


def a_territory(
    work: Work, *, name: str = "North", time_zone: str = "UTC", overrides: dict[str, Any] | None = None
) -> Territory:
    """Zone UTC, so that the clock in a test reads like the clock on the wall; the phones are of Washington all the
    same, and nobody looks at their area code."""
    overrides = {"texts_by_area_code": False} | (overrides or {})
    territory = open_territory(
        work, name, time_zone, centre=MIDDLE, office_phone="+12025550100", overrides=overrides
    )
    work.session.flush()
    return territory


def a_dispatcher(work: Work, territory: Territory, *, name: str = "Dana Reed", ladder: int = 1) -> Dispatcher:
    dispatcher = add_dispatcher(work, territory, name, phone="+12025550101", ladder=ladder)
    work.session.flush()
    return dispatcher


def a_service(work: Work, *, code: str = "repair", **values: Any) -> Service:
    """Forty-five minutes, ten more or less, two-hour windows, no skill and no part needed."""
    values = {"name": "Repair", "duration_seconds": 2700, "spread_seconds": 600, **values}
    service = offer_service(work, code, values.pop("name"), **values)
    work.session.flush()
    return service


def a_technician(
    work: Work,
    territory: Territory,
    *,
    name: str = "Tom Hale",
    home: Point | None = None,
    phone: str = "+12025550111",
    skills: dict[str, int] | None = None,
    stock: dict[str, int] | None = None,
    **shift: Any,
) -> Technician:
    """Lives in the middle, works 08:00–17:00 every day with a lunch break, can nothing special."""
    taken = find_by_phone(work.session, phone) is not None  # a second one has no phone unless given one
    technician = hire(
        work,
        territory,
        name,
        home=home or near(),
        phone="" if taken else phone,
        skills=skills,
        stock=stock,
    )
    set_shift(work, technician, EVERY_DAY, **shift)
    work.session.flush()
    return technician


def a_customer(
    work: Work, *, name: str = "Ana Cole", phone: str = PHONE, language: str | None = None
) -> Customer:
    customer = record_customer(work, name, phone, country="US", language=language)
    work.session.flush()
    return customer


def an_address(
    work: Work,
    customer: Customer,
    territory: Territory,
    *,
    line: str = "1 Main Street",
    place: Point | None = None,
) -> Address:
    """A kilometre north of the middle."""
    address = record_address(work, customer, territory, line=line, place=place or near(km_north=1))
    work.session.flush()
    return address
