"""Finding customers and addresses."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlmodel import Session, col, select

from dispatch.customers.tables import Address, Customer
from dispatch.errors import NotFound
from dispatch.store import by_id


def get_customer(session: Session, customer_id: str) -> Customer:
    customer = session.get(Customer, customer_id)
    if customer is None:
        raise NotFound()
    return customer


def customers_of(session: Session, customer_ids: Collection[str]) -> dict[str, Customer]:
    return by_id(session, Customer, customer_ids)


def addresses_of(session: Session, address_ids: Collection[str]) -> dict[str, Address]:
    return by_id(session, Address, address_ids)


def find_customer(session: Session, *, phone: str, name_key: str) -> Customer | None:
    query = select(Customer).where(Customer.phone == phone, Customer.name_key == name_key)
    return session.exec(query.order_by(col(Customer.id))).first()


def list_by_phone(session: Session, phone: str) -> Sequence[Customer]:
    return session.exec(select(Customer).where(Customer.phone == phone)).all()


def get_address(session: Session, address_id: str) -> Address:
    address = session.get(Address, address_id)
    if address is None:
        raise NotFound()
    return address


def find_address(session: Session, *, customer_id: str, territory_id: str, line_key: str) -> Address | None:
    query = select(Address).where(
        Address.customer_id == customer_id,
        Address.territory_id == territory_id,
        Address.line_key == line_key,
    )
    return session.exec(query.order_by(col(Address.id).desc())).first()
