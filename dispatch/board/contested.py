"""What technicians' phones said that did not fit the record: kept with both times, for people to settle."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlmodel import Session, col, select

from dispatch.customers.queries import get_customer
from dispatch.field.reports import CONTESTED
from dispatch.technicians.queries import get_technician
from dispatch.technicians.tables import DeviceEvent
from dispatch.territories.tables import Territory
from dispatch.visits.states import VisitState
from dispatch.visits.tables import Visit
from dispatch.work import Work

ASKED_ABOUT_FOR = dt.timedelta(days=1)
UNFINISHED = (VisitState.BOOKED, VisitState.EN_ROUTE, VisitState.ON_SITE, VisitState.FAILED)


@dataclass(frozen=True, slots=True)
class Contested:
    """A step that a phone reported: when it was, by our clock, when we heard of it, and why it did not fit.

    `skew_seconds`: by how much the phone's clock was slow.
    """

    step: str
    technician: str
    phone: str
    occurred_at: dt.datetime
    heard_at: dt.datetime
    detail: str
    skew_seconds: int


def contested_steps(session: Session, visit: Visit) -> list[Contested]:
    """Those about one visit, in the order in which they came."""
    query = select(DeviceEvent).where(DeviceEvent.visit_id == visit.id, DeviceEvent.result == CONTESTED)
    query = query.order_by(col(DeviceEvent.received_at), col(DeviceEvent.occurred_at))
    return [_read(session, one) for one in session.exec(query)]


def to_settle(work: Work, territory: Territory) -> list[tuple[Contested, Visit, str]]:
    """Those of the last day about visits that are not over, with the visit and its customer, the newest first."""
    query = (
        select(DeviceEvent, Visit)
        .join(Visit, col(Visit.id) == col(DeviceEvent.visit_id))
        .where(
            DeviceEvent.result == CONTESTED,
            DeviceEvent.received_at > work.now - ASKED_ABOUT_FOR,
            Visit.territory_id == territory.id,
            col(Visit.state).in_(UNFINISHED),
        )
        .order_by(col(DeviceEvent.received_at).desc(), col(DeviceEvent.occurred_at).desc())
    )
    return [
        (_read(work.session, one), visit, get_customer(work.session, visit.customer_id).name)
        for one, visit in work.session.exec(query)
    ]


def _read(session: Session, one: DeviceEvent) -> Contested:
    technician = get_technician(session, one.technician_id)
    return Contested(
        step=one.kind,
        technician=technician.name,
        phone=technician.phone,
        occurred_at=one.occurred_at,
        heard_at=one.received_at,
        detail=one.detail,
        skew_seconds=one.skew_seconds,
    )
