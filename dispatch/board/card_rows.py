"""The rows that cards are made of: one question a kind of row, however many cards are made."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy import select as pick
from sqlalchemy.sql.functions import coalesce
from sqlmodel import Session, col

from dispatch.access.tables import Link, Scope
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

    visits: Mapping[str, Visit]
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


# What nearly every visit has, and which recovery and call it has if any: those few are asked for when they are there.
_MOSTLY = (Promise, Assignment, Customer, Address, Service, Territory, Technician)
_SELDOM = (col(Recovery.id), col(Callback.id))


def _with_all_around(visits: Any) -> Any:
    """Of the recoveries the last one counts, as of the calls: the rows come in that order."""
    return (
        visits.outerjoin(
            Promise, (col(Promise.visit_id) == Visit.id) & (col(Promise.version) == Visit.promise_version)
        )
        .outerjoin(Customer, col(Customer.id) == Visit.customer_id)
        .outerjoin(Address, col(Address.id) == Visit.address_id)
        .outerjoin(Service, col(Service.id) == Visit.service_id)
        .outerjoin(Territory, col(Territory.id) == Visit.territory_id)
        .outerjoin(Assignment, col(Assignment.visit_id) == Visit.id)
        .outerjoin(Technician, col(Technician.id) == coalesce(Visit.technician_id, Assignment.technician_id))
        .outerjoin(Recovery, col(Recovery.visit_id) == Visit.id)
        .outerjoin(Callback, (col(Callback.visit_id) == Visit.id) & col(Callback.done_at).is_(None))
        .order_by(col(Recovery.noticed_at), col(Callback.due_at).desc(), col(Callback.opened_at).desc())
    )


_BY_VISIT = _with_all_around(
    pick(*_MOSTLY, *_SELDOM).select_from(Visit).where(col(Visit.id) == bindparam("visit_id"))
)
_BY_LINK = _with_all_around(
    pick(*_MOSTLY, *_SELDOM, Link, Visit)
    .select_from(Link)
    .outerjoin(Visit, (col(Link.scope) == Scope.TRACK) & (col(Link.subject_id) == Visit.id))
    .where(col(Link.token_hash) == bindparam("token_hash"))
)


# Where a session keeps what was read with a link, for the card of that visit.
_FOLLOWED = "followed"


def follow_link(session: Session, token_hash: str) -> tuple[Link, Visit | None, Customer | None] | None:
    """A link, and the visit that it follows with whom that is for. The visit's card asks nothing more in this session,
    which is only read with."""
    rows = session.execute(_BY_LINK, {"token_hash": token_hash}).all()
    if not rows:
        return None
    link, visit = rows[0][-2:]
    if visit:
        session.info[_FOLLOWED, visit.id] = rows
    return link, visit, rows[0][_MOSTLY.index(Customer)]


def read_cards(
    session: Session, visits: Sequence[Visit], known: Mapping[str, Promise] = MappingProxyType({})
) -> CardRows:
    """`known` are the promises that were read already. Raises NotFound when one of `visits` has no promise."""
    ids = [visit.id for visit in visits]
    if len(ids) == 1:
        promises, placed, recoveries, callbacks = _read_together(session, ids[0])
    else:
        unknown = [id for id in ids if id not in known]
        promises = {**known, **(current_promises(session, unknown) if unknown else {})}
        placed = assignments_of(session, ids)
        recoveries, callbacks = newest_recoveries(session, ids), soonest_of(session, ids)
    if not promises.keys() >= set(ids):
        raise NotFound("This visit has no promise.")
    crew = {technician_id(visit, placed.get(visit.id)) for visit in visits}
    return CardRows(
        visits={visit.id: visit for visit in visits},
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
    """All that most requests want, in one question: the session keeps the other rows, and has them by their ids."""
    rows = session.info.get((_FOLLOWED, visit_id)) or session.execute(_BY_VISIT, {"visit_id": visit_id}).all()
    promise, placed = rows[-1][:2] if rows else (None, None)
    recovery_id, callback_id = rows[-1][len(_MOSTLY) :][:2] if rows else (None, None)
    return (
        {visit_id: promise} if promise else {},
        {visit_id: placed} if placed else {},
        {visit_id: session.get_one(Recovery, recovery_id)} if recovery_id else {},
        {visit_id: session.get_one(Callback, callback_id)} if callback_id else {},
    )


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
