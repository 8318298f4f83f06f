"""Visits of customers who are known, one a row: each is held, booked, planned and promised like any other."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime, time
from functools import partial
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from api.csv.cells import clock, code, day, words
from api.csv.columns import Column, Kind, Outcome, Values, nearest, optional
from api.csv.customers import find_by_key, latest_address
from dispatch.bookings.actions import book_for, hold_window
from dispatch.bookings.slots import Request, bookable_windows
from dispatch.bookings.tables import IdempotentAnswer
from dispatch.customers.tables import Address, Customer
from dispatch.errors import Invalid, SlotTaken
from dispatch.holds.tables import Hold
from dispatch.local_time import instant, local_day, say_time
from dispatch.plans.publish import PlanRefused
from dispatch.plans.tables import Assignment
from dispatch.promises.states import Agreed
from dispatch.promises.tables import Promise
from dispatch.services.queries import find_by_code, list_services
from dispatch.services.tables import Service
from dispatch.technicians.tables import Technician
from dispatch.territories.queries import get_territory
from dispatch.travel.port import Point
from dispatch.visits.actions import keep_note
from dispatch.visits.references import spoken
from dispatch.visits.tables import Visit, VisitNote
from dispatch.work import Work

PRINCIPAL, ROUTE = "import", "visits"


def take(work: Work, values: Values) -> Outcome:
    """Book the visit. A key that was imported before changes nothing, and may not come with other values."""
    if _is_known(work, values):
        return Outcome.UNCHANGED
    customer, address = _customer(work.session, values["customer"])
    request = Request(
        territory=get_territory(work.session, address.territory_id),
        service=_service(work.session, values["service"]),
        place=Point(address.lat, address.lng),
    )
    start_at = _start(request, values, work.now)
    hold = _hold(work, request, start_at)
    visit = book_for(work, hold, customer, address, agreed_by=Agreed.OFFICE, agreed_how="import")
    if values.get("note"):
        keep_note(work, visit, values["note"])
    work.session.add(
        IdempotentAnswer(
            principal=PRINCIPAL,
            route=ROUTE,
            key=values["key"],
            fingerprint=_fingerprint(values),
            status=201,
            body={"reference": visit.reference, **_told(values)},
            visit_id=visit.id,
            answered_at=work.now,
        )
    )
    return Outcome.ACCEPTED


def _is_known(work: Work, values: Values) -> bool:
    """Whether this row was imported before. Raises Invalid when it was, with other values."""
    own = work.session.get(Visit, values["key"])
    if own:
        sentence = (
            f"This is visit {spoken(own.reference)} already. A visit is changed on the board, not by a file."
        )
        raise Invalid.field("key", "visit_known", sentence)
    answer = work.session.get(IdempotentAnswer, (PRINCIPAL, ROUTE, values["key"]))
    if answer is None:
        return False
    if answer.fingerprint == _fingerprint(values):
        return True
    others = [name for name, value in _told(values).items() if answer.body.get(name) != value] or ["note"]
    name = others[0]
    before = f" {answer.body[name]}" if name != "note" else ""
    sentence = (
        f"This key was imported before, as {spoken(answer.body['reference'])}, with another "
        f"{name.replace('_', ' ')}{before}. A visit is changed on the board, not by a file."
    )
    raise Invalid.field(name, "key_reused", sentence)


def _told(values: Values) -> dict[str, str]:
    """What the row asks for, without the note: that is somebody's own words and stays with the visit."""
    return {
        "customer": values["customer"],
        "service": values["service"],
        "day": values["day"].isoformat(),
        "window_start": values["window_start"],
    }


def _fingerprint(values: Values) -> str:
    told = {**_told(values), "note": values.get("note", "")}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _customer(session: Session, key: str) -> tuple[Customer, Address]:
    customer = find_by_key(session, key)
    if customer is None:
        sentence = f"There is no customer {key[:40]!r}. Customers are imported before their visits."
        raise Invalid.field("customer", "customer_unknown", sentence)
    address = latest_address(session, customer.id)
    if address is None:
        sentence = f"We have no address of {customer.name}. Please import the customer with one."
        raise Invalid.field("customer", "address_missing", sentence)
    return customer, address


def _service(session: Session, wanted: str) -> Service:
    service = find_by_code(session, wanted)
    if service is None or not service.active:
        known = [one.code for one in list_services(session)]
        sentence = f"There is no service {wanted!r}.{nearest(wanted, known)}"
        raise Invalid.field("service", "service_unknown", sentence)
    return service


def _start(request: Request, values: Values, now: datetime) -> datetime:
    """When the row's window begins. Raises Invalid for one that is over or too far, or that is not sold."""
    territory, wanted = request.territory, values["day"]
    start_at = instant(wanted, time.fromisoformat(values["window_start"]), territory.zone)
    if start_at <= now:
        raise Invalid.field("day", "window_past", "This time is already over.")
    horizon = territory.policies.booking_horizon_days
    if (wanted - local_day(now, territory.zone)).days > horizon:
        raise Invalid.field("day", "day_too_far", f"We book up to {horizon} days ahead.")
    sold = [begin for begin, _ in bookable_windows(territory, request.service, wanted, now)]
    if start_at not in sold:
        begins = ", ".join(say_time(begin, territory.zone) for begin in sold)
        sentence = (
            f"Windows of {request.service.code} begin at {begins}."
            if sold
            else "That is too soon to be sold."
        )
        raise Invalid.field("window_start", "window_not_sold", sentence)
    return start_at


def _hold(work: Work, request: Request, start_at: datetime) -> Hold:
    """The window, kept. Raises Invalid that names the next ones when nobody can serve it."""
    try:
        return hold_window(work, request, start_at)
    except (SlotTaken, PlanRefused) as taken:
        found = taken.alternatives(work) if isinstance(taken, SlotTaken) else []
        next_ones = [slot["text"] for slot in found]
        words = (
            "The next: " + "; ".join(next_ones) + "." if next_ones else "Nor any other within a week of it."
        )
        sentence = f"Nobody can serve this window. {words}"
        raise Invalid.field("window_start", "slot_taken", sentence) from taken


def give(work: Work, territory_id: str | None = None) -> Iterator[dict[str, str]]:
    """Every visit as it stands now, under the key of its import; a visit booked otherwise has its id."""
    query = (
        select(Visit, Promise, Customer, Service)
        .join(Promise, col(Promise.visit_id) == col(Visit.id))
        .join(Customer, col(Customer.id) == col(Visit.customer_id))
        .join(Service, col(Service.id) == col(Visit.service_id))
        .where(Promise.version == Visit.promise_version, col(Customer.erased_at).is_(None))
        .order_by(col(Promise.start_at), col(Visit.id))
    )
    if territory_id:
        query = query.where(Visit.territory_id == territory_id)
    rows = work.session.exec(query).all()
    keys, notes, names = _keys(work.session), _notes(work.session), _technicians(work.session)
    for visit, promise, customer, service in rows:
        start = promise.start_at.astimezone(ZoneInfo(promise.zone))
        yield {
            "key": keys.get(visit.id, visit.id),
            "customer": customer.external_key or customer.id,
            "service": service.code,
            "day": start.date().isoformat(),
            "window_start": f"{start:%H:%M}",
            "note": notes.get(visit.id, ""),
            "reference": spoken(visit.reference),
            "state": visit.state.value,
            "window": promise.local_text,
            "technician": names.get(visit.id, ""),
        }


def _keys(session: Session) -> dict[str, str]:
    query = select(IdempotentAnswer).where(
        IdempotentAnswer.principal == PRINCIPAL, IdempotentAnswer.route == ROUTE
    )
    return {answer.visit_id: answer.key for answer in session.exec(query) if answer.visit_id}


def _notes(session: Session) -> dict[str, str]:
    """All notes of each visit, oldest first."""
    found: dict[str, str] = {}
    for note in session.exec(select(VisitNote).order_by(col(VisitNote.written_at), col(VisitNote.id))):
        found[note.visit_id] = f"{found[note.visit_id]}\n{note.text}" if note.visit_id in found else note.text
    return found


def _technicians(session: Session) -> dict[str, str]:
    """Who comes, or who came, by visit."""
    planned = select(Assignment.visit_id, Technician.name).join(
        Technician, col(Technician.id) == col(Assignment.technician_id)
    )
    came = select(Visit.id, Technician.name).join(Technician, col(Technician.id) == col(Visit.technician_id))
    return {**dict(session.exec(planned).all()), **dict(session.exec(came).all())}


VISITS = Kind(
    name="visits",
    columns=(
        Column("key", words(80)),
        Column("customer", words(80)),
        Column("service", code),
        Column("day", day),
        Column("window_start", clock),
        optional("note", words(2000, lines=True), ""),
    ),
    open=lambda work, _rows: partial(take, work),
    give=give,
    only_exported=("reference", "state", "window", "technician"),
)
