"""Who we promised something to. Everything personal is in these rows and can be blanked."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field

from dispatch.store import Row, UtcDateTime

ERASED_NAME = "Erased customer"


class Customer(Row, table=True):
    """A person with a phone. `name_key` is the name as searched: case and accents folded.

    Since `erased_at`, at the customer's request, only the id is left: their visits and promises stay, about nobody.
    """

    __tablename__ = "customers"

    id: str = Field(primary_key=True, max_length=26)
    name: str = Field(max_length=120)
    name_key: str = Field(max_length=160, index=True)
    phone: str = Field(max_length=20, index=True)
    language: str = Field(default="en", max_length=12)
    salt: str = Field(max_length=32)
    external_key: str | None = Field(default=None, max_length=80, unique=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    erased_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)


class Address(Row, table=True):
    """A place we come to, with the position that travel times are computed from."""

    __tablename__ = "addresses"

    id: str = Field(primary_key=True, max_length=26)
    customer_id: str = Field(foreign_key="customers.id", index=True, max_length=26)
    territory_id: str = Field(foreign_key="territories.id", index=True, max_length=26)
    line: str = Field(max_length=240)
    line_key: str = Field(max_length=320, index=True)
    lat: float
    lng: float
    salt: str = Field(max_length=32)
