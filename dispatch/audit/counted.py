"""What counting must show: hours sold beyond the planning horizon, and nobody booked twice for one job."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sqlmodel import col, select

from dispatch.audit.calendar import Office, offices
from dispatch.audit.check import Check, Finding, pick
from dispatch.bookings.slots import TYPICAL_DRIVE_SECONDS
from dispatch.holds.tables import Hold
from dispatch.local_time import seconds_between
from dispatch.plans.crew import Member, list_crew
from dispatch.promises.tables import Promise
from dispatch.services.tables import Service
from dispatch.visits.states import LIVE, VisitState
from dispatch.visits.tables import Visit
from dispatch.work import Work


@dataclass(frozen=True, slots=True)
class _Sold:
    """A window that a visit or a live hold takes."""

    service_id: str
    start_at: dt.datetime
    end_at: dt.datetime


class NoMoreThanThereIs(Check):
    number = "I-11"
    rule = (
        "Beyond the planning horizon no window is sold more often than the able technicians' hours, at the "
        "policy's share, can hold."
    )
    when_it_fires = (
        "Hours were taken away after they were sold (leave, a shift, somebody gone). Find more hands for that "
        "window, or offer its last bookings another one before the day comes into the plan."
    )

    def check(self, work: Work) -> Iterator[Finding]:
        services = {service.id: service for service in work.session.exec(select(Service))}
        houses = offices(work)
        for (territory_id, day), sold in _sold_ahead(work, houses).items():
            office = houses[territory_id]
            crew = list_crew(work, office.territory, day)
            for start_at, end_at in sorted({(one.start_at, one.end_at) for one in sold}):
                taken = [one for one in sold if one.start_at < end_at and one.end_at > start_at]
                wanted = [services[id] for id in {one.service_id for one in taken}]
                room = _room(
                    crew.values(), wanted, (start_at, end_at), office.policies.capacity_share_percent
                )
                if len(taken) > room:
                    words = f"{office.name}, {day} {start_at:%H:%M} UTC: {len(taken)} sold, room for {room}."
                    yield self.finding(f"{territory_id} {start_at.isoformat()}", words)


def _sold_ahead(work: Work, houses: Mapping[str, Office]) -> dict[tuple[str, dt.date], list[_Sold]]:
    """What is sold on each day that is only counted so far."""
    visit, promise = Visit, Promise
    promised = pick(visit.territory_id, visit.service_id, promise.start_at, promise.end_at)
    promised = promised.join(promise, col(promise.visit_id) == col(visit.id)).where(
        promise.version == visit.promise_version, col(visit.state).in_(LIVE), promise.start_at > work.now
    )
    held = pick(Hold.territory_id, Hold.service_id, Hold.start_at, Hold.end_at).where(
        Hold.expires_at > work.now, col(Hold.consumed_at).is_(None), col(Hold.released_at).is_(None)
    )
    found: dict[tuple[str, dt.date], list[_Sold]] = defaultdict(list)
    for territory_id, service_id, start_at, end_at in (
        *work.session.exec(promised),
        *work.session.exec(held),
    ):
        office = houses.get(territory_id)
        if office and not office.is_planned(office.day_of(start_at)):
            found[territory_id, office.day_of(start_at)].append(_Sold(service_id, start_at, end_at))
    return found


def _room(
    crew: Iterable[Member], services: Iterable[Service], window: tuple[dt.datetime, dt.datetime], percent: int
) -> int:
    """How many of the shortest of these services the window holds."""
    members = [member for member in crew if not member.absent]
    return max((_room_for(members, service, window, percent) for service in services), default=0)


def _room_for(
    members: Iterable[Member], service: Service, window: tuple[dt.datetime, dt.datetime], percent: int
) -> int:
    able = [
        one
        for one in members
        if all(one.skills.get(name, 0) >= level for name, level in service.skills.items())
    ]
    hours = sum(
        max(0, seconds_between(max(window[0], one.hours.start_at), min(window[1], one.hours.end_at)))
        for one in able
    )
    return int(hours * (percent / 100) / (service.duration_seconds + TYPICAL_DRIVE_SECONDS))


class BookedOnce(Check):
    number = "I-13"
    rule = "A customer has one live visit at most for the same job, address and window."
    when_it_fires = (
        "Somebody probably booked twice. Ask the customer whether both are wanted, and cancel one if not."
    )

    def check(self, work: Work) -> Iterator[Finding]:
        visit, promise = Visit, Promise
        query = pick(
            visit.customer_id, visit.address_id, visit.service_id, promise.start_at, visit.id, visit.reference
        )
        query = query.join(promise, col(promise.visit_id) == col(visit.id)).where(
            promise.version == visit.promise_version,
            col(visit.state).in_(LIVE - {VisitState.FAILED}),
        )
        first: dict[tuple[str, str, str, dt.datetime], str] = {}
        for *job, visit_id, reference in work.session.exec(query.order_by(col(visit.id))):
            known = first.setdefault(tuple(job), reference)
            if known != reference:
                yield self.finding(
                    visit_id, f"Visits {known} and {reference} are the same job in one window."
                )
