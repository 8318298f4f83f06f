"""The rows that cards are made of: one question for what every visit has, however many cards are made."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, NamedTuple, get_type_hints
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, case, select
from sqlalchemy.sql.functions import coalesce
from sqlmodel import Session

from dispatch.access.tables import Link, Scope
from dispatch.callbacks.tables import Callback
from dispatch.customers.tables import Address, Customer
from dispatch.errors import NotFound
from dispatch.failures.queries import failures_of
from dispatch.failures.tables import Failure
from dispatch.plans.expected import Planned
from dispatch.plans.tables import Assignment
from dispatch.promises.states import Agreed, PromiseState
from dispatch.promises.tables import Promise
from dispatch.recoveries.queries import last_offers
from dispatch.recoveries.tables import Offer, Recovery
from dispatch.services.tables import Service
from dispatch.store import by_id
from dispatch.technicians.queries import technicians_of
from dispatch.technicians.tables import Technician
from dispatch.territories.queries import dispatchers_of, territories_of
from dispatch.territories.tables import Dispatcher, Territory
from dispatch.visits.states import VisitState
from dispatch.visits.tables import Rating, Visit


def _table(of: Any) -> Any:
    """Whose columns select values and not objects."""
    return of.__table__


_VISIT, _PROMISE, _CUSTOMER, _ADDRESS = map(_table, (Visit, Promise, Customer, Address))
_SERVICE, _TERRITORY, _PLACE, _TECHNICIAN = map(_table, (Service, Territory, Assignment, Technician))
_RATING, _RECOVERY, _CALLBACK, _LINK = map(_table, (Rating, Recovery, Callback, Link))


class CardRow(NamedTuple):
    """A visit, with its current promise and where it stands in the plan: values, which cost a third of objects.

    `recovery_id` is that of its last recovery, `callback_id` that of the call which is due first.
    """

    visit_id: Annotated[str, _VISIT.c.id]
    reference: Annotated[str, _VISIT.c.reference]
    state: Annotated[VisitState, _VISIT.c.state]
    failures: Annotated[int, _VISIT.c.failures]
    spread_seconds: Annotated[int, _VISIT.c.spread_seconds]
    left_at: Annotated[datetime | None, _VISIT.c.left_at]
    arrived_at: Annotated[datetime | None, _VISIT.c.arrived_at]
    done_at: Annotated[datetime | None, _VISIT.c.done_at]
    at_risk_at: Annotated[datetime | None, _VISIT.c.at_risk_at]
    undo_until_at: Annotated[datetime | None, _VISIT.c.undo_until_at]
    territory_id: Annotated[str, _VISIT.c.territory_id]
    time_zone: Annotated[str, _TERRITORY.c.time_zone]
    service: Annotated[str, _SERVICE.c.name]
    customer_id: Annotated[str, _VISIT.c.customer_id]
    customer: Annotated[str, _CUSTOMER.c.name]
    phone: Annotated[str, _CUSTOMER.c.phone]
    erased_at: Annotated[datetime | None, _CUSTOMER.c.erased_at]
    address: Annotated[str, _ADDRESS.c.line]
    lat: Annotated[float, _ADDRESS.c.lat]
    lng: Annotated[float, _ADDRESS.c.lng]
    promise_version: Annotated[int, _VISIT.c.promise_version]
    promise_state: Annotated[PromiseState, _PROMISE.c.state]
    agreed_by: Annotated[Agreed, _PROMISE.c.agreed_by]
    promised_text: Annotated[str, _PROMISE.c.local_text]
    promised_start_at: Annotated[datetime, _PROMISE.c.start_at]
    promised_end_at: Annotated[datetime, _PROMISE.c.end_at]
    is_placed: Annotated[bool | None, _PLACE.c.active]
    placed_with: Annotated[str | None, _PLACE.c.technician_id]
    planned_leave_at: Annotated[datetime | None, _PLACE.c.busy_from_at]
    planned_start_at: Annotated[datetime | None, _PLACE.c.start_at]
    planned_end_at: Annotated[datetime | None, _PLACE.c.end_at]
    left_out_detail: Annotated[str | None, _PLACE.c.detail]
    left_out_owner_id: Annotated[str | None, _PLACE.c.owner_id]
    technician_id: Annotated[str | None, _TECHNICIAN.c.id]
    technician: Annotated[str | None, _TECHNICIAN.c.name]
    rating: Annotated[int | None, _RATING.c.score]
    recovery_id: Annotated[str | None, _RECOVERY.c.id]
    callback_id: Annotated[str | None, _CALLBACK.c.id]

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def planned(self) -> Planned | None:
        """With whom it stands and when, if with anybody."""
        if not (self.is_placed and self.placed_with and self.planned_leave_at and self.planned_start_at):
            return None
        return Planned(self.placed_with, self.planned_leave_at, self.planned_start_at)

    @property
    def is_left_out(self) -> bool:
        return bool(self.is_placed) and self.placed_with is None

    @property
    def drive(self) -> timedelta | None:
        """From the technician's stop before it, as planned."""
        if self.planned_leave_at is None or self.planned_start_at is None:
            return None
        return self.planned_start_at - self.planned_leave_at


class FollowedLink(NamedTuple):
    """A link, and the visit that it follows, if it is for that."""

    scope: Scope
    subject_id: str
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None
    visit: CardRow | None


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
    """Visits, and what only few of them have, by id."""

    visits: Mapping[str, CardRow]
    recoveries: Mapping[str, Recovery]
    told: RecoveryRows
    callbacks: Mapping[str, Callback]
    callers: Mapping[str, Dispatcher]


_COLUMNS = [hint.__metadata__[0] for hint in get_type_hints(CardRow, include_extras=True).values()]
_OF_LINK = [_LINK.c[name] for name in FollowedLink._fields[:-1]]
_DOES_IT = coalesce(_VISIT.c.technician_id, case((_PLACE.c.active, _PLACE.c.technician_id)))


def _with_all_around(visits: Any) -> Any:
    """The last row of each visit counts, with its last recovery and the call that is due first: they come in that
    order."""
    return (
        visits.outerjoin(
            _PROMISE, (_PROMISE.c.visit_id == _VISIT.c.id) & (_PROMISE.c.version == _VISIT.c.promise_version)
        )
        .outerjoin(_CUSTOMER, _CUSTOMER.c.id == _VISIT.c.customer_id)
        .outerjoin(_ADDRESS, _ADDRESS.c.id == _VISIT.c.address_id)
        .outerjoin(_SERVICE, _SERVICE.c.id == _VISIT.c.service_id)
        .outerjoin(_TERRITORY, _TERRITORY.c.id == _VISIT.c.territory_id)
        .outerjoin(_PLACE, _PLACE.c.visit_id == _VISIT.c.id)
        .outerjoin(_TECHNICIAN, _TECHNICIAN.c.id == _DOES_IT)
        .outerjoin(_RATING, _RATING.c.visit_id == _VISIT.c.id)
        .outerjoin(_RECOVERY, _RECOVERY.c.visit_id == _VISIT.c.id)
        .outerjoin(_CALLBACK, (_CALLBACK.c.visit_id == _VISIT.c.id) & _CALLBACK.c.done_at.is_(None))
        .order_by(_RECOVERY.c.noticed_at, _CALLBACK.c.due_at.desc(), _CALLBACK.c.opened_at.desc())
    )


_BY_VISIT = _with_all_around(
    select(*_COLUMNS).select_from(_VISIT).where(_VISIT.c.id.in_(bindparam("visit_ids", expanding=True)))
)
_BY_LINK = _with_all_around(
    select(*_OF_LINK, *_COLUMNS)
    .select_from(_LINK)
    .outerjoin(_VISIT, (_LINK.c.scope == Scope.TRACK) & (_LINK.c.subject_id == _VISIT.c.id))
    .where(_LINK.c.token_hash == bindparam("token_hash"))
)

# Where a session that only reads keeps the visit that it was shown a link of.
_FOLLOWED = "followed"


def follow_link(session: Session, token_hash: str) -> FollowedLink | None:
    """A link, and the visit that it follows. The visit's card asks nothing more in this session, which is only read
    with."""
    rows = session.execute(_BY_LINK, {"token_hash": token_hash}).all()
    if not rows:
        return None
    values = rows[-1]
    visit = session.info[_FOLLOWED] = _made(values[len(_OF_LINK) :])
    return FollowedLink._make((*values[: len(_OF_LINK)], visit))


def read_cards(session: Session, visit_ids: Collection[str]) -> CardRows:
    """The visits with these ids, in their order. Raises NotFound where there is one that no row is about."""
    visits = _read_visits(session, visit_ids)
    recoveries = by_id(session, Recovery, _known(one.recovery_id for one in visits.values()))
    callbacks = by_id(session, Callback, _known(one.callback_id for one in visits.values()))
    return CardRows(
        visits=visits,
        recoveries=recoveries,
        told=read_recoveries(session, recoveries.values()),
        callbacks=callbacks,
        callers=dispatchers_of(session, _known(one.dispatcher_id for one in callbacks.values())),
    )


def _read_visits(session: Session, visit_ids: Collection[str]) -> dict[str, CardRow]:
    followed: CardRow | None = session.info.get(_FOLLOWED)
    if followed and set(visit_ids) == {followed.visit_id}:
        return {followed.visit_id: followed}
    if session.autoflush:
        session.flush()  # what is selected without objects is not written before by itself
    rows = map(_made, session.execute(_BY_VISIT, {"visit_ids": list(visit_ids)}))
    found = {one.visit_id: one for one in rows if one}
    if not found.keys() >= set(visit_ids):
        raise NotFound("There is no such visit.")
    return {id: found[id] for id in visit_ids}


def _made(values: Sequence[Any]) -> CardRow | None:
    """None where there is no visit, or nothing was promised."""
    row = CardRow._make(values)
    return row if row.promised_text else None


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
