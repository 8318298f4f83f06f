"""Finding customers and addresses."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlmodel import Session, col, select

from dispatch.customers.tables import Address, Customer
from dispatch.errors import NotFound


def get_customer(session: Session, customer_id: str) -> Customer:
    customer = session.get(Customer, customer_id)
    if customer is None:
        raise NotFound()
    return customer


def customers_of(session: Session, customer_ids: Collection[str]) -> dict[str, Customer]:
    found = session.exec(select(Customer).where(col(Customer.id).in_(customer_ids)))
    return {customer.id: customer for customer in found}


def addresses_of(session: Session, address_ids: Collection[str]) -> dict[str, Address]:
    found = session.exec(select(Address).where(col(Address.id).in_(address_ids)))
    return {address.id: address for address in found}


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
