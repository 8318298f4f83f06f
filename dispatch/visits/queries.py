"""Finding visits: by id, by reference, and by whatever a caller remembers."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, or_, select

from dispatch.customers.tables import Address, Customer
from dispatch.errors import NotFound
from dispatch.visits.references import candidates, tidy
from dispatch.visits.states import LIVE, VisitState
from dispatch.visits.tables import Rating, Visit, VisitNote
from dispatch.words import fold


def get_visit(session: Session, visit_id: str) -> Visit:
    visit = session.get(Visit, visit_id)
    if visit is None:
        raise NotFound("There is no such visit.")
    return visit


def lock_visit(session: Session, visit_id: str) -> Visit:
    """The visit, fresh, and nobody else's until the work is committed. Facts about it may still be recorded."""
    query = select(Visit).where(Visit.id == visit_id).with_for_update(key_share=True)
    visit = session.exec(query.execution_options(populate_existing=True)).one_or_none()
    if visit is None:
        raise NotFound("There is no such visit.")
    return visit


def find_by_reference(session: Session, text: str) -> Visit | None:
    return session.exec(select(Visit).where(Visit.reference == tidy(text))).one_or_none()


def find_under_way(session: Session, technician_id: str) -> Visit | None:
    """The visit that this technician has set out for."""
    query = select(Visit).where(Visit.technician_id == technician_id, Visit.state == VisitState.EN_ROUTE)
    return session.exec(query.order_by(col(Visit.state_at).desc())).first()


def list_visits(session: Session, visit_ids: Collection[str]) -> Sequence[Visit]:
    return session.exec(select(Visit).where(col(Visit.id).in_(visit_ids))).all()


def list_live_by_phone(session: Session, phone: str) -> Sequence[Visit]:
    """Visits of that phone that are not over, newest first."""
    query = select(Visit).join(Customer).where(Customer.phone == phone, col(Visit.state).in_(LIVE))
    return session.exec(query.order_by(col(Visit.booked_at).desc())).all()


def has_visits(session: Session, territory_id: str) -> bool:
    """Whether anything was ever booked in this territory."""
    query = select(Visit.id).where(Visit.territory_id == territory_id)
    return session.exec(query.limit(1)).first() is not None


def list_notes(session: Session, visit_id: str) -> Sequence[VisitNote]:
    query = select(VisitNote).where(VisitNote.visit_id == visit_id)
    return session.exec(query.order_by(col(VisitNote.written_at))).all()


def find_rating(session: Session, visit_id: str) -> Rating | None:
    return session.get(Rating, visit_id)


def ratings_of(session: Session, visit_ids: Collection[str]) -> dict[str, Rating]:
    if not visit_ids:
        return {}
    found = session.exec(select(Rating).where(col(Rating.visit_id).in_(visit_ids)))
    return {rating.visit_id: rating for rating in found}


def search(session: Session, text: str, limit: int = 25) -> Sequence[Visit]:
    """Visits that `text` may mean: a reference (also a misheard one), part of a phone, a name or an address.

    Exact references come first, then the newest. Returns at most `limit`.
    """
    exact = find_by_reference(session, text)
    words, digits = fold(text), "".join(sign for sign in text if sign.isdigit())
    wanted: list[ColumnElement[bool]] = [col(Visit.reference).in_(candidates(text))]
    if words:
        wanted += [
            col(Customer.name_key).contains(words, autoescape=True),
            col(Address.line_key).contains(words, autoescape=True),
        ]
    if len(digits) >= 4:
        wanted.append(col(Customer.phone).contains(digits.lstrip("0"), autoescape=True))
    query = (
        select(Visit)
        .join(Customer, col(Visit.customer_id) == col(Customer.id))
        .join(Address, col(Visit.address_id) == col(Address.id))
        .where(or_(*wanted))
        .order_by(col(Visit.booked_at).desc(), col(Visit.id).desc())
        .limit(limit)
    )
    found = [visit for visit in session.exec(query) if exact is None or visit.id != exact.id]
    return ([exact] if exact else []) + found[: limit - bool(exact)]
