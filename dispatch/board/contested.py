"""What technicians' phones said that did not fit the record: kept with both times, for people to settle."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlmodel import Session, col, select

from dispatch.customers.queries import get_customer
from dispatch.events import StepContested
from dispatch.ledger import LedgerEntry
from dispatch.technicians.queries import get_technician
from dispatch.territories.tables import Territory
from dispatch.visits.states import VisitState
from dispatch.visits.tables import Visit
from dispatch.work import Work

ASKED_ABOUT_FOR = dt.timedelta(days=1)
UNFINISHED = (VisitState.BOOKED, VisitState.EN_ROUTE, VisitState.ON_SITE, VisitState.FAILED)


@dataclass(frozen=True, slots=True)
class Contested:
    """A step that a phone reported: when by the phone's clock, and when we heard of it."""

    visit_id: str
    step: str
    technician: str
    phone: str
    occurred_at: dt.datetime
    heard_at: dt.datetime


def to_settle(work: Work, territory: Territory) -> list[tuple[Contested, Visit, str]]:
    """Those of the last day about visits that are not over, with the visit and its customer, the newest first."""
    query = (
        select(LedgerEntry, Visit)
        .join(Visit, col(Visit.id) == col(LedgerEntry.visit_id))
        .where(
            LedgerEntry.kind == StepContested.kind(),
            LedgerEntry.at > work.now - ASKED_ABOUT_FOR,
            Visit.territory_id == territory.id,
            col(Visit.state).in_(UNFINISHED),
        )
        .order_by(col(LedgerEntry.seq).desc())
    )
    return [
        (_read(work.session, entry), visit, get_customer(work.session, visit.customer_id).name)
        for entry, visit in work.session.exec(query)
    ]


def _read(session: Session, entry: LedgerEntry) -> Contested:
    technician = get_technician(session, entry.data["technician_id"])
    return Contested(
        visit_id=entry.visit_id or "",
        step=entry.data["step"],
        technician=technician.name,
        phone=technician.phone,
        occurred_at=dt.datetime.fromisoformat(entry.data["occurred_at"]),
        heard_at=entry.at,
    )
