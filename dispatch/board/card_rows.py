"""The rows that cards are made of: one question a kind of row, however many cards are made."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam
from sqlalchemy import select as pick
from sqlalchemy.sql.functions import coalesce
from sqlmodel import Session, col

from dispatch.callbacks.queries import soonest_of
from dispatch.callbacks.tables import Callback
from dispatch.customers.queries import addresses_of, customers_of
from dispatch.customers.tables import Address, Customer
from dispatch.errors import NotFound
from dispatch.failures.queries import failures_of
from dispatch.failures.tables import Failure
from dispatch.plans.queries import assignments_of
from dispatch.plans.tables import Assignment
from dispatch.promises.queries import current_promises
from dispatch.promises.tables import Promise
from dispatch.recoveries.queries import last_offers, newest_recoveries
from dispatch.recoveries.tables import Offer, Recovery
from dispatch.services.queries import services_of
from dispatch.services.tables import Service
from dispatch.technicians.queries import technicians_of
from dispatch.technicians.tables import Technician
from dispatch.territories.queries import dispatchers_of, territories_of
from dispatch.territories.tables import Dispatcher, Territory
from dispatch.visits.queries import ratings_of
from dispatch.visits.states import VisitState
from dispatch.visits.tables import Rating, Visit


@dataclass(frozen=True, slots=True)
class RecoveryRows:
    """Recoveries with all that is told about them. `offers` are those of each one's last round."""

    territories: Mapping[str, Territory]
    failures: Mapping[str, Failure]
    owners: Mapping[str, Dispatcher]
    offers: Mapping[str, Sequence[Offer]]
    technicians: Mapping[str, Technician]


@dataclass(frozen=True, slots=True)
class CardRows:
    """Everything by the id of what it belongs to: visits' own by visit, the rest by its own id."""

    territories: Mapping[str, Territory]
    customers: Mapping[str, Customer]
    addresses: Mapping[str, Address]
    services: Mapping[str, Service]
    promises: Mapping[str, Promise]
    placed: Mapping[str, Assignment]
    technicians: Mapping[str, Technician]
    ratings: Mapping[str, Rating]
    recoveries: Mapping[str, Recovery]
    told: RecoveryRows
    callbacks: Mapping[str, Callback]
    callers: Mapping[str, Dispatcher]

    def technician_of(self, visit: Visit) -> Technician | None:
        """Who does it, else who is planned to."""
        return self.technicians.get(technician_id(visit, self.placed.get(visit.id)) or "")


def technician_id(visit: Visit, placed: Assignment | None) -> str | None:
    return visit.technician_id or (placed.technician_id if placed and placed.active else None)


_TOGETHER = (
    pick(Promise, Assignment, Recovery, Callback, Customer, Address, Service, Territory, Technician)
    .select_from(Visit)
    .join(Promise, (col(Promise.visit_id) == Visit.id) & (col(Promise.version) == Visit.promise_version))
    .join(Customer, col(Customer.id) == Visit.customer_id)
    .join(Address, col(Address.id) == Visit.address_id)
    .join(Service, col(Service.id) == Visit.service_id)
    .join(Territory, col(Territory.id) == Visit.territory_id)
    .outerjoin(Assignment, col(Assignment.visit_id) == Visit.id)
    .outerjoin(Technician, col(Technician.id) == coalesce(Visit.technician_id, Assignment.technician_id))
    .outerjoin(Recovery, col(Recovery.visit_id) == Visit.id)
    .outerjoin(Callback, (col(Callback.visit_id) == Visit.id) & col(Callback.done_at).is_(None))
    .where(col(Visit.id) == bindparam("visit_id"))
    .order_by(col(Recovery.noticed_at), col(Callback.due_at).desc(), col(Callback.opened_at).desc())
)


def read_cards(session: Session, visits: Sequence[Visit]) -> CardRows:
    """Raises NotFound when one of `visits` has no promise."""
    ids = [visit.id for visit in visits]
    if len(ids) == 1:
        promises, placed, recoveries, callbacks = _read_together(session, ids[0])
    else:
        promises, placed = current_promises(session, ids), assignments_of(session, ids)
        recoveries, callbacks = newest_recoveries(session, ids), soonest_of(session, ids)
    if not promises.keys() >= set(ids):
        raise NotFound("This visit has no promise.")
    crew = {technician_id(visit, placed.get(visit.id)) for visit in visits}
    return CardRows(
        territories=territories_of(session, {visit.territory_id for visit in visits}),
        customers=customers_of(session, {visit.customer_id for visit in visits}),
        addresses=addresses_of(session, {visit.address_id for visit in visits}),
        services=services_of(session, {visit.service_id for visit in visits}),
        promises=promises,
        placed=placed,
        technicians=technicians_of(session, _known(crew)),
        ratings=ratings_of(session, [visit.id for visit in visits if visit.state is VisitState.DONE]),
        recoveries=recoveries,
        told=read_recoveries(session, list(recoveries.values())),
        callbacks=callbacks,
        callers=dispatchers_of(session, _known(one.dispatcher_id for one in callbacks.values())),
    )


def _read_together(
    session: Session, visit_id: str
) -> tuple[dict[str, Promise], dict[str, Assignment], dict[str, Recovery], dict[str, Callback]]:
    """All that most requests want, in one question: the session keeps the other rows, and has them by their ids.

    Of the recoveries the last one counts, as of the calls: the rows come in that order.
    """
    rows = session.execute(_TOGETHER, {"visit_id": visit_id}).all()
    promises, placed, recoveries, callbacks = (
        {row[at].visit_id: row[at] for row in rows if row[at]} for at in range(4)
    )
    return promises, placed, recoveries, callbacks


def read_recoveries(session: Session, recoveries: Collection[Recovery]) -> RecoveryRows:
    offers = last_offers(session, recoveries)
    crew = _known(offer.technician_id for one in offers.values() for offer in one)
    return RecoveryRows(
        territories=territories_of(session, {one.territory_id for one in recoveries}),
        failures=failures_of(session, {one.failure_id for one in recoveries}),
        owners=dispatchers_of(session, _known(one.owner_id for one in recoveries)),
        offers=offers,
        technicians=technicians_of(session, crew),
    )


def _known(ids: Iterable[str | None]) -> set[str]:
    return {id for id in ids if id}
