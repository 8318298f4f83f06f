"""Recording customers and where they live."""

from __future__ import annotations

from dispatch.customers.queries import find_address, find_customer
from dispatch.customers.tables import Address, Customer
from dispatch.errors import Invalid, OutOfArea
from dispatch.events import AddressRecorded, CustomerRecorded
from dispatch.ledger import commit_to
from dispatch.territories.tables import Territory
from dispatch.travel.apart import metres_apart
from dispatch.travel.port import OffRoad, Point, TravelError
from dispatch.words import clean, fold, phone_number
from dispatch.work import Work

NAME_KEY, LINE_KEY = 160, 320  # folding may make a text longer than it was


def record_customer(
    work: Work,
    name: str,
    phone: str,
    *,
    country: str,
    language: str | None = None,
    external_key: str | None = None,
) -> Customer:
    """The customer of that phone and name, recorded now if new; the language is the one they asked for last.

    Raises Invalid for an unfit name or phone.
    """
    kept, number = clean(name, "name"), phone_number(phone, country, ours=work.own_numbers)
    known = find_customer(work.session, phone=number, name_key=fold(kept)[:NAME_KEY])
    if known:
        known.language = language or known.language
        return known
    customer = Customer(
        id=work.new_id(),
        name=kept,
        name_key=fold(kept)[:NAME_KEY],
        phone=number,
        language=language or "en",
        salt=work.chance.salt(),
        external_key=external_key,
        created_at=work.now,
    )
    work.session.add(customer)
    commitment = commit_to(customer.salt, customer.name, customer.phone)
    work.record(CustomerRecorded(customer_id=customer.id, commitment=commitment))
    return customer


def record_address(
    work: Work, customer: Customer, territory: Territory, *, line: str, place: Point
) -> Address:
    """The customer's address at `place`. Raises OutOfArea where the territory does not reach."""
    kept = clean(line, "address", limit=240)
    require_served(work, territory, place)
    known = find_address(
        work.session, customer_id=customer.id, territory_id=territory.id, line_key=fold(kept)[:LINE_KEY]
    )
    if known and (known.lat, known.lng) == (place.lat, place.lng):
        return known
    address = Address(
        id=work.new_id(),
        customer_id=customer.id,
        territory_id=territory.id,
        line=kept,
        line_key=fold(kept)[:LINE_KEY],
        lat=place.lat,
        lng=place.lng,
        salt=work.chance.salt(),
    )
    work.session.add(address)
    commitment = commit_to(address.salt, address.line, f"{address.lat},{address.lng}")
    work.record(AddressRecorded(address_id=address.id, customer_id=customer.id, commitment=commitment))
    return address


def place_at(lat: float, lng: float) -> Point:
    """A position. Raises Invalid for what is not on the globe, and for 0,0, which is a form left empty."""
    try:
        place = Point(lat, lng)
    except TravelError as error:
        raise Invalid.field("lat", "position_invalid", str(error)) from error
    if (lat, lng) == (0.0, 0.0):
        raise Invalid.field("lat", "position_invalid", "0, 0 is in the sea: please put the pin on the house.")
    return place


def require_served(work: Work, territory: Territory, place: Point) -> None:
    """Raises OutOfArea where the territory's circle or its roads end before `place`."""
    centre = Point(territory.centre_lat, territory.centre_lng)
    metres = metres_apart(centre, place)
    if metres > territory.radius_metres:
        raise OutOfArea(
            f"This address is {metres / 1000:.0f} km from the middle of {territory.name}; "
            f"we come up to {territory.radius_metres / 1000:.0f} km."
        )
    try:
        work.travel.seconds(centre, place)
    except OffRoad as error:
        raise OutOfArea(
            f"There is no road within reach of this address ({error.metres:.0f} m away)."
        ) from error
