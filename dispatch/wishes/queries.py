"""Finding wishes, what was offered for them, and the days to look at."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, or_, select

from dispatch.customers.tables import Customer
from dispatch.errors import NotFound
from dispatch.holds.tables import Hold
from dispatch.plans.tables import PlanDay
from dispatch.promises.tables import Promise
from dispatch.store import BUT_NOT_THE_KEY
from dispatch.visits.states import VisitState
from dispatch.visits.tables import Visit
from dispatch.wishes.states import SoonerState
from dispatch.wishes.tables import SoonerLook, SoonerOffer, Wish


@dataclass(frozen=True, slots=True)
class Waiting:
    """A wish that counts now, with the visit and the promise that it would come before."""

    wish: Wish
    visit: Visit
    promise: Promise


def find_wish(session: Session, visit_id: str) -> Wish | None:
    """The wish that stands."""
    query = select(Wish).where(Wish.visit_id == visit_id, col(Wish.ended_at).is_(None))
    return session.exec(query).one_or_none()


def list_waiting(session: Session, territory_id: str, now: dt.datetime) -> list[Waiting]:
    """Whoever has asked longest first; a visit that has begun, broke or was cancelled waits for nothing."""
    query = (
        select(Wish, Visit, Promise)
        .join(Visit, col(Visit.id) == col(Wish.visit_id))
        .join(Promise, (col(Promise.visit_id) == col(Visit.id)) & (Promise.version == Visit.promise_version))
        .where(
            Wish.territory_id == territory_id,
            col(Wish.ended_at).is_(None),
            Visit.state == VisitState.BOOKED,
            Promise.start_at > now,
        )
        .order_by(col(Wish.asked_at), col(Wish.id))
    )
    return [Waiting(wish, visit, promise) for wish, visit, promise in session.exec(query)]


def find_open(session: Session, visit_id: str) -> SoonerOffer | None:
    query = select(SoonerOffer).where(SoonerOffer.visit_id == visit_id, SoonerOffer.state == SoonerState.OPEN)
    return session.exec(query).one_or_none()


def open_offers(session: Session, visit_ids: Collection[str]) -> dict[str, SoonerOffer]:
    """By visit."""
    query = select(SoonerOffer).where(
        col(SoonerOffer.visit_id).in_(visit_ids), SoonerOffer.state == SoonerState.OPEN
    )
    return {one.visit_id: one for one in session.exec(query)}


def list_for_visit(session: Session, visit_id: str) -> Sequence[SoonerOffer]:
    query = select(SoonerOffer).where(SoonerOffer.visit_id == visit_id)
    return session.exec(query.order_by(col(SoonerOffer.offered_at), col(SoonerOffer.id))).all()


def list_for_phone(session: Session, phone: str, since: dt.datetime) -> Sequence[SoonerOffer]:
    """Made since then to whoever has that phone, for the promise that stands; newest first."""
    query = (
        select(SoonerOffer)
        .join(Visit, col(Visit.id) == col(SoonerOffer.visit_id))
        .join(Customer, col(Customer.id) == col(Visit.customer_id))
        .where(
            Customer.phone == phone,
            Visit.state == VisitState.BOOKED,
            Visit.promise_version == SoonerOffer.promise_version,
            SoonerOffer.offered_at > since,
        )
    )
    return session.exec(query.order_by(col(SoonerOffer.offered_at).desc(), col(SoonerOffer.id).desc())).all()


def get_offer(session: Session, offer_id: str) -> SoonerOffer:
    offer = session.get(SoonerOffer, offer_id)
    if offer is None:
        raise NotFound("There is no such time.")
    return offer


def lock_offer(session: Session, offer_id: str) -> SoonerOffer:
    """The offer, fresh, and nobody else's until the work is committed."""
    found = session.get(SoonerOffer, offer_id, populate_existing=True, with_for_update=BUT_NOT_THE_KEY)
    if found is None:
        raise NotFound("There is no such time.")
    return found


def list_over(session: Session, now: dt.datetime) -> Sequence[SoonerOffer]:
    """Open offers whose time is over, whose place was lost, or whose visit is not as it was."""
    query = (
        select(SoonerOffer)
        .join(Visit, col(Visit.id) == col(SoonerOffer.visit_id))
        .join(Hold, col(Hold.id) == col(SoonerOffer.hold_id))
        .where(
            SoonerOffer.state == SoonerState.OPEN,
            or_(
                SoonerOffer.expires_at <= now,
                col(Hold.released_at).is_not(None),
                Visit.state != VisitState.BOOKED,
                Visit.promise_version != SoonerOffer.promise_version,
            ),
        )
    )
    return session.exec(query.order_by(col(SoonerOffer.id))).all()


def looks_of(session: Session, territory_id: str, days: Collection[dt.date]) -> dict[dt.date, SoonerLook]:
    query = select(SoonerLook).where(SoonerLook.territory_id == territory_id, col(SoonerLook.day).in_(days))
    return {one.day: one for one in session.exec(query)}


def how_days_stand(
    session: Session, territory_id: str, days: Collection[dt.date], now: dt.datetime
) -> dict[dt.date, str]:
    """A mark of each day's plan, of what is held in it and of what ever was: another mark, and something may have come
    free. Who cancels makes a hold and no new plan, and at its end nothing else tells."""
    held: dict[dt.date, list[str]] = defaultdict(list)
    live = select(col(Hold.day), col(Hold.id)).where(*_live(territory_id, days, now))
    for day, hold_id in session.exec(live.order_by(col(Hold.id))):
        held[day].append(hold_id)
    ever = select(col(Hold.day), func.count()).where(
        Hold.territory_id == territory_id, col(Hold.day).in_(days)
    )
    counts = dict(session.exec(ever.group_by(col(Hold.day))).all())
    plans = select(col(PlanDay.day), col(PlanDay.version)).where(
        PlanDay.territory_id == territory_id, col(PlanDay.day).in_(days)
    )
    versions = dict(session.exec(plans).all())
    return {
        day: sha256(f"{versions.get(day, 0)}:{counts.get(day, 0)}:{','.join(held[day])}".encode()).hexdigest()
        for day in days
    }


def next_at(
    session: Session, territory_id: str, days: Collection[dt.date], now: dt.datetime
) -> dt.datetime | None:
    """When one of these days may stand otherwise by the clock alone: a hold ends, or it is time to look again."""
    ends = select(Hold.expires_at).where(*_live(territory_id, days, now)).order_by(col(Hold.expires_at))
    look = select(SoonerLook.again_at).where(
        SoonerLook.territory_id == territory_id, col(SoonerLook.day).in_(days), SoonerLook.again_at > now
    )
    found = [session.exec(ends).first(), session.exec(look.order_by(col(SoonerLook.again_at))).first()]
    return min((at for at in found if at), default=None)


def next_over_at(session: Session, now: dt.datetime) -> dt.datetime | None:
    """When the next open offer ends."""
    query = select(SoonerOffer.expires_at).where(
        SoonerOffer.state == SoonerState.OPEN, SoonerOffer.expires_at > now
    )
    return session.exec(query.order_by(col(SoonerOffer.expires_at))).first()


def _live(territory_id: str, days: Collection[dt.date], now: dt.datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        col(Hold.territory_id) == territory_id,
        col(Hold.day).in_(days),
        col(Hold.expires_at) > now,
        col(Hold.consumed_at).is_(None),
        col(Hold.released_at).is_(None),
    )
