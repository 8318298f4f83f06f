"""Which phone is meant, without its number standing in an address: it is named after a row that knows it."""

from __future__ import annotations

from sqlmodel import Session, col, select

from dispatch.callbacks.tables import Callback
from dispatch.customers.tables import Address, Customer
from dispatch.errors import DispatchError, Invalid, NotFound
from dispatch.technicians.tables import Technician
from dispatch.territories.tables import Territory
from dispatch.visits.queries import find_by_reference
from dispatch.visits.tables import Visit
from dispatch.words import phone_number
from notifications.inbox.tables import Consent, InboundText
from notifications.outbox.tables import Audience, Message

Knows = Message | InboundText | Consent | Customer | Technician
KNOW_A_PHONE: tuple[type[Knows], ...] = (Message, InboundText, Consent, Customer, Technician)


def phone_of(session: Session, name: str, territory: Territory) -> str:
    """The phone that the row of that id knows: of a visit, the one that was texted about it.

    Raises NotFound also for one that only another office knows.
    """
    visit = session.get(Visit, name)
    phone = _texted_about(session, visit) if visit else _known_to(session, name)
    if not phone or not _is_known_here(session, phone, territory):
        raise NotFound("There is no such phone.")
    return phone


def _known_to(session: Session, id: str) -> str:
    for kind in KNOW_A_PHONE:
        row = session.get(kind, id)
        if isinstance(row, Knows):
            return row.phone
    return ""


def name_of(session: Session, phone: str) -> str | None:
    """The id of a row that knows that phone: the oldest text to it, or from it, else whoever has it."""
    for kind in KNOW_A_PHONE:
        found = session.exec(
            select(kind.id).where(kind.phone == phone).order_by(col(kind.id)).limit(1)
        ).first()
        if found:
            return found
    return None


def find_phone(session: Session, typed: str, territory: Territory) -> str:
    """The name of the phone that was meant: by its number in any usual spelling, or by a visit's reference.

    Raises Invalid for what is neither, NotFound for a phone that this office knows nothing of.
    """
    visit = find_by_reference(session, typed)
    if visit and visit.territory_id == territory.id:
        phone = _texted_about(session, visit)
    else:
        try:
            phone = phone_number(typed, territory.country, "q")
        except DispatchError as error:
            sentence = f"{typed[:30]!r} is neither a phone number nor the reference of a visit of yours."
            raise Invalid.field("q", "phone_or_reference", sentence) from error
    name = name_of(session, phone)
    if name is None or not _is_known_here(session, phone, territory):
        raise NotFound("No text went to this phone or came from it, and no customer or technician has it.")
    return name


def _texted_about(session: Session, visit: Visit) -> str:
    """The phone that the customer had when the visit was last spoken of, else the one they have; else nothing."""
    query = select(Message.phone).where(
        Message.visit_id == visit.id, Message.audience == Audience.CUSTOMER, Message.phone != ""
    )
    newest = session.exec(query.order_by(col(Message.queued_at).desc()).limit(1)).first()
    customer = session.get(Customer, visit.customer_id)
    return newest or (customer.phone if customer else "")


def _is_known_here(session: Session, phone: str, territory: Territory) -> bool:
    """Whether it belongs to this office in any way. One that belongs to none, a stranger's, is everybody's."""
    params = session.exec(select(Message.params).where(Message.phone == phone))
    found: set[str | None] = {one.get("territory_id") for one in params}
    for query in (
        select(Address.territory_id).join(Customer).where(Customer.phone == phone),
        select(Visit.territory_id).join(Customer).where(Customer.phone == phone),
        select(Technician.territory_id).where(Technician.phone == phone),
        select(Callback.territory_id).where(Callback.phone == phone),
    ):
        found.update(session.exec(query).all())
    return not found or territory.id in found
