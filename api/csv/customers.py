"""Customers and where they live, one a row, known by the key of the list they come from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlmodel import Session, col, select

from api.csv.cells import language, number, phone, say_number, words
from api.csv.columns import Column, Kind, Outcome, Taker, Values, optional
from api.csv.places import place_of, territory_of
from dispatch.customers.actions import record_address, record_customer, require_served
from dispatch.customers.queries import find_customer
from dispatch.customers.tables import Address, Customer
from dispatch.errors import Invalid
from dispatch.events import AddressRecorded, CustomerRecorded
from dispatch.ledger import commit_to
from dispatch.territories.queries import list_territories
from dispatch.territories.tables import Territory
from dispatch.travel.port import Point
from dispatch.words import fold, phone_number
from dispatch.work import Work

AT_ONCE = 500


class _Book:
    """Who is known under the keys of one file, and where they live: looked up at once, not row by row."""

    def __init__(self, work: Work, rows: Sequence[Values]) -> None:
        self.work = work
        self.territories = list_territories(work.session)
        keys = [values["key"] for values in rows]
        self.known: dict[str, Customer] = {}
        self.latest: dict[str, Address] = {}
        for start in range(0, len(keys), AT_ONCE):
            self._look_up(keys[start : start + AT_ONCE])

    def _look_up(self, keys: Sequence[str]) -> None:
        session = self.work.session
        by_id = {one.id: one for one in session.exec(select(Customer).where(col(Customer.id).in_(keys)))}
        named = session.exec(select(Customer).where(col(Customer.external_key).in_(keys)))
        self.known |= by_id | {customer.external_key or "": customer for customer in named}
        ids = {self.known[key].id for key in keys if key in self.known}
        query = select(Address).where(col(Address.customer_id).in_(ids)).order_by(col(Address.id))
        self.latest |= {address.customer_id: address for address in session.exec(query)}

    def take(self, values: Values) -> Outcome:
        """Record the customer and address, or bring a known one in line.

        Somebody who booked before under the same name and phone is that customer, and takes the key.
        """
        work, key = self.work, values["key"]
        territory = territory_of(self.territories, values)
        place = place_of(values, territory)
        customer = self.known.get(key)
        latest = self.latest.get(customer.id) if customer else None
        if customer is None:
            customer = record_customer(
                work,
                values["name"],
                values["phone"],
                country=territory.country,
                language=values.get("language"),
                external_key=key,
            )
            if customer.external_key == key:
                record_address(work, customer, territory, line=values["address"], place=place)
                return Outcome.ACCEPTED
            if customer.external_key:
                raise _twice(customer)
            latest = latest_address(work.session, customer.id)
        changed = _bring_in_line(work, customer, values, territory.country)
        moved = _keep_address(work, customer, territory, latest, line=values["address"], place=place)
        return Outcome.UPDATED if changed or moved else Outcome.UNCHANGED


def open_file(work: Work, rows: Sequence[Values]) -> Taker:
    return _Book(work, rows).take


def find_by_key(session: Session, key: str) -> Customer | None:
    """The customer of that key; of those who booked by themselves, the id is the key."""
    known = session.exec(select(Customer).where(Customer.external_key == key)).one_or_none()
    return known or session.get(Customer, key)


def latest_address(session: Session, customer_id: str) -> Address | None:
    """Where the customer lives now: the address recorded last."""
    query = select(Address).where(Address.customer_id == customer_id).order_by(col(Address.id).desc())
    return session.exec(query).first()


def _bring_in_line(work: Work, customer: Customer, values: Values, country: str) -> bool:
    wanted = {"name": values["name"], "phone": phone_number(values["phone"], country)}
    if "language" in values:
        wanted["language"] = values["language"]
    if customer.id != values["key"]:
        wanted["external_key"] = values["key"]
    changed = {field for field, value in wanted.items() if getattr(customer, field) != value}
    if changed & {"name", "phone"}:
        twin = find_customer(work.session, phone=wanted["phone"], name_key=fold(wanted["name"]))
        if twin and twin is not customer:
            raise _twice(twin)
    for field in changed:
        setattr(customer, field, wanted[field])
    if changed & {"name", "phone"}:
        customer.name_key = fold(customer.name)
        commitment = commit_to(customer.salt, customer.name, customer.phone)
        work.record(CustomerRecorded(customer_id=customer.id, commitment=commitment))
    work.session.add(customer)
    return bool(changed)


def _twice(twin: Customer) -> Invalid:
    sentence = (
        f"Somebody of this name and phone is here already, under the key {twin.external_key or twin.id}. "
        "If they are two, please add something to the name."
    )
    return Invalid.field("key", "customer_twice", sentence)


def _keep_address(
    work: Work, customer: Customer, territory: Territory, latest: Address | None, *, line: str, place: Point
) -> bool:
    """Make this the customer's latest address; whether that was anything new. Raises OutOfArea.

    Who moves back gets a new row: the order of rows says where a customer lives now.
    """
    if latest is None:
        record_address(work, customer, territory, line=line, place=place)
        return True
    now, then = (line, place, territory.id), (latest.line, Point(latest.lat, latest.lng), latest.territory_id)
    if now == then:
        return False
    require_served(work, territory, place)
    address = Address(
        id=work.new_id(),
        customer_id=customer.id,
        territory_id=territory.id,
        line=line,
        line_key=fold(line),
        lat=place.lat,
        lng=place.lng,
        salt=work.chance.salt(),
    )
    work.session.add(address)
    commitment = commit_to(address.salt, address.line, f"{address.lat},{address.lng}")
    work.record(AddressRecorded(address_id=address.id, customer_id=customer.id, commitment=commitment))
    return True


def give(work: Work, territory_id: str | None = None) -> Iterator[dict[str, str]]:
    """Every customer with their latest address; those without any are nobody to come to, and left out."""
    query = (
        select(Customer, Address, Territory)
        .join(Address, col(Address.customer_id) == col(Customer.id))
        .join(Territory, col(Territory.id) == col(Address.territory_id))
        .where(col(Customer.erased_at).is_(None))
        .order_by(col(Customer.id), col(Address.id))
    )
    latest = {
        customer.id: (customer, address, territory)
        for customer, address, territory in work.session.exec(query)
        if territory_id in (None, territory.id)
    }
    for customer, address, territory in latest.values():
        yield {
            "key": customer.external_key or customer.id,
            "name": customer.name,
            "phone": customer.phone,
            "language": customer.language,
            "address": address.line,
            "lat": say_number(address.lat),
            "lng": say_number(address.lng),
            "territory": territory.name,
        }


CUSTOMERS = Kind(
    name="customers",
    columns=(
        Column("key", words(80)),
        Column("name", words(120)),
        Column("phone", phone),
        optional("language", language, "en"),
        Column("address", words(240)),
        Column("lat", number(-90, 90)),
        Column("lng", number(-180, 180)),
        optional("territory", words(120), None),
    ),
    open=open_file,
    give=give,
    plain_numbers=frozenset({"lat", "lng"}),
)
