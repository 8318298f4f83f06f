"""Whose rows: from a person to every row that is about them, table by table of the data map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, String, Table, and_, cast, false, or_
from sqlmodel import Session, col, select

from dispatch.customers.queries import get_customer, list_by_phone
from dispatch.customers.tables import Address, Customer
from dispatch.errors import Invalid, NotFound
from dispatch.recoveries.tables import Recovery
from dispatch.store import Row
from dispatch.technicians.queries import find_by_phone, get_technician
from dispatch.technicians.tables import Technician
from dispatch.territories.tables import Territory
from dispatch.visits.queries import find_by_reference
from dispatch.visits.tables import Visit
from dispatch.words import phone_number
from notifications.inbox.tables import InboundText
from notifications.outbox.tables import Message

TABLES: Mapping[str, Table] = Row.metadata.tables
Conditions = Mapping[str, ColumnElement[bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A customer, who may stand under several names and in several territories, or a technician.

    Rows that know only a phone count where `phones` has it: not where the phone is somebody else's, too.
    """

    kind: str
    id: str
    customer_ids: tuple[str, ...] = ()
    technician_id: str | None = None
    phones: tuple[str, ...] = ()
    visit_ids: tuple[str, ...] = ()


def the_customers_of(session: Session, customer: Customer) -> Subject:
    """Everybody who has that customer's phone: what came from it and went to it cannot be told apart."""
    family = list_by_phone(session, customer.phone) if customer.phone else [customer]
    return _customers(session, customer.id, [one.id for one in family], [customer.phone])


def one_customer(session: Session, customer: Customer) -> Subject:
    """That customer alone; of a phone that others have too, only what names this customer."""
    alone = len(list_by_phone(session, customer.phone)) == 1
    return _customers(session, customer.id, [customer.id], [customer.phone] if alone else [])


def _customers(session: Session, id: str, customer_ids: Sequence[str], phones: Sequence[str]) -> Subject:
    visits = session.exec(select(Visit.id).where(col(Visit.customer_id).in_(customer_ids))).all()
    return Subject(
        kind="customer",
        id=id,
        customer_ids=tuple(customer_ids),
        phones=tuple(phone for phone in phones if phone),
        visit_ids=tuple(visits),
    )


def the_technician(session: Session, technician: Technician) -> Subject:
    """What came from a phone that a customer has too is the customer's."""
    phone = technician.phone
    theirs = bool(phone) and not list_by_phone(session, phone)
    return Subject(
        kind="technician",
        id=technician.id,
        technician_id=technician.id,
        phones=(phone,) if theirs else (),
    )


def find_subject(session: Session, typed: str, territory: Territory | None = None) -> Customer | Technician:
    """Who is meant by a phone, the reference of a visit, or an id.

    With a territory, only whom that office knows. Raises Invalid for what is none of these, NotFound for nobody.
    """
    found = _by_id(session, typed.strip()) or _by_reference(session, typed)
    if found is None:
        try:
            phone = phone_number(typed, territory.country if territory else "US", "q")
        except Invalid as error:
            sentence = f"{typed[:30]!r} is neither a phone number nor the reference of a visit."
            raise Invalid.field("q", "phone_or_reference", sentence) from error
        customers = list_by_phone(session, phone)
        found = customers[0] if customers else find_by_phone(session, phone)
    if found is None or (territory is not None and not _is_known_to(session, found, territory)):
        raise NotFound("Nobody here has this phone, and no visit this reference.")
    return found


def get_subject(session: Session, id: str, territory: Territory) -> Customer | Technician:
    """The person of that id. Raises NotFound also for one whom this office does not know."""
    found = _by_id(session, id)
    if found is None or not _is_known_to(session, found, territory):
        raise NotFound("There is no such person.")
    return found


def subject_of(session: Session, person: Customer | Technician) -> Subject:
    if isinstance(person, Customer):
        return the_customers_of(session, get_customer(session, person.id))
    return the_technician(session, get_technician(session, person.id))


def _by_id(session: Session, id: str) -> Customer | Technician | None:
    """Also by the id of one of their visits."""
    visit = session.get(Visit, id)
    return session.get(Customer, visit.customer_id if visit else id) or session.get(Technician, id)


def _by_reference(session: Session, typed: str) -> Customer | None:
    visit = find_by_reference(session, typed)
    return session.get(Customer, visit.customer_id) if visit else None


def _is_known_to(session: Session, person: Customer | Technician, territory: Territory) -> bool:
    if isinstance(person, Technician):
        return person.territory_id == territory.id
    lives = select(Address.id).where(Address.customer_id == person.id, Address.territory_id == territory.id)
    return session.exec(lives.limit(1)).first() is not None


def rows_of(session: Session, who: Subject) -> Conditions:
    """For each table with rows of this person, which those are."""
    return _of_technician(who) if who.technician_id else _of_customer(session, who)


def _of_customer(session: Session, who: Subject) -> Conditions:
    t = {name: table.c for name, table in TABLES.items()}
    visits, phones, customers = who.visit_ids, who.phones, who.customer_ids
    messages = or_(t["outbox"].customer_id.in_(customers), t["outbox"].phone.in_(phones))
    ours = select(Message.id).where(messages)
    sids = select(Message.provider_sid).where(messages)
    about = {
        name: t[name].visit_id.in_(visits)
        for name in (
            "visit_notes",
            "photos",
            "phone_codes",
            "ratings",
            "promises",
            "failures",
            "recoveries",
            "offers",
            "wishes",
            "sooner_offers",
            "call_briefs",
            "assignments",
            "told_ranges",
            "ledger",
        )
    }
    by_phone = {
        name: t[name].phone.in_(phones)
        for name in ("consents", "invitations", "pocket_texts", "pocket_calls", "pocket_landlines")
    }
    return {
        "customers": t["customers"].id.in_(customers),
        "addresses": t["addresses"].customer_id.in_(customers),
        "visits": t["visits"].id.in_(visits),
        **about,
        "holds": or_(
            t["holds"].visit_id.in_(visits),
            t["holds"].consumed_by_visit_id.in_(visits),
            *_at_their_doors(session, customers),
        ),
        "idempotent_answers": _answers_to(who),
        "links": t["links"].subject_id.in_(visits),
        "looks": or_(
            t["looks"].object_id.in_((*visits, *customers)),
            t["looks"].object_id.in_(select(Recovery.id).where(col(Recovery.visit_id).in_(visits))),
        ),
        "outbox": messages,
        "send_attempts": t["send_attempts"].message_id.in_(ours),
        "status_reports": t["status_reports"].sid.in_(sids),
        "calls": or_(t["calls"].visit_id.in_(visits), t["calls"].phone.in_(phones)),
        "callbacks": or_(t["callbacks"].visit_id.in_(visits), t["callbacks"].phone.in_(phones)),
        "inbound_texts": or_(t["inbound_texts"].visit_id.in_(visits), t["inbound_texts"].phone.in_(phones)),
        "lost_promises": or_(t["lost_promises"].visit_id.in_(visits), t["lost_promises"].phone.in_(phones)),
        **by_phone,
    }


def _at_their_doors(session: Session, customer_ids: Sequence[str]) -> list[ColumnElement[bool]]:
    """Places that were kept while somebody chose, and never booked: nothing but the place says for whom."""
    holds = TABLES["holds"].c
    doors = session.exec(select(Address).where(col(Address.customer_id).in_(customer_ids))).all()
    return [and_(holds.lat == door.lat, holds.lng == door.lng) for door in doors]


def _answers_to(who: Subject) -> ColumnElement[bool]:
    """Answers about one of their visits, and to whatever they asked from their own page."""
    answers = TABLES["idempotent_answers"].c
    asked = [f"customer:{id}" for id in (*who.visit_ids, *who.customer_ids)]
    told = [cast(answers.body, String).contains(id) for id in (*who.visit_ids, *who.customer_ids)]
    return or_(false(), answers.visit_id.in_(who.visit_ids), answers.principal.in_(asked), *told)


def _of_technician(who: Subject) -> Conditions:
    t = {name: table.c for name, table in TABLES.items()}
    id, phones = who.technician_id, who.phones
    theirs = {
        name: t[name].technician_id == id
        for name in (
            "shifts",
            "stock",
            "absences",
            "overtime_grants",
            "positions",
            "device_events",
            "declines",
            "portraits",
            "prompts",
            "assignments",
            "told_ranges",
            "visits",
            "failures",
        )
    }
    messages = or_(t["outbox"].technician_id == id, t["outbox"].phone.in_(phones))
    return {
        "technicians": t["technicians"].id == id,
        **theirs,
        "links": t["links"].subject_id == id,
        "looks": t["looks"].object_id == id,
        "door_sessions": t["door_sessions"].subject_id == id,
        "outbox": messages,
        "send_attempts": t["send_attempts"].message_id.in_(select(Message.id).where(messages)),
        "inbound_texts": t["inbound_texts"].phone.in_(phones),
        "callbacks": t["callbacks"].inbound_id.in_(
            select(InboundText.id).where(col(InboundText.phone).in_(phones))
        ),
        "consents": t["consents"].phone.in_(phones),
        "ledger": t["ledger"].actor == f"technician:{id}",
    }
