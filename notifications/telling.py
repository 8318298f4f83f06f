"""What a text says, gathered from the rows at the moment it is sent: who, when, what happened."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.numbers import format_currency, get_territory_currencies
from sqlmodel import Session, select

from dispatch.callbacks.queries import get_callback
from dispatch.failures.tables import Failure
from dispatch.local_time import local_day, say_time, say_window
from dispatch.plans.expected import expect_arrival
from dispatch.promises.queries import current_promise
from dispatch.promises.tables import Promise
from dispatch.recoveries.queries import get_recovery, list_offers
from dispatch.recoveries.tables import Offer, Recovery
from dispatch.technicians.queries import get_technician
from dispatch.technicians.tables import Prompt, Technician
from dispatch.territories.queries import find_dispatcher, get_territory
from dispatch.territories.tables import Territory
from dispatch.visits.queries import get_visit, list_visits
from dispatch.visits.tables import Visit
from dispatch.work import Work
from notifications.outbox.tables import Message

Values = dict[str, Any]


def tell(work: Work, message: Message) -> Values:
    """Everything that the message's template may name. Raises NotFound when a row is gone."""
    session, params = work.session, message.params
    visit = get_visit(session, message.visit_id) if message.visit_id else None
    territory = _territory(session, visit, params)
    values: Values = {"office_phone": territory.office_phone if territory else ""}
    if visit and territory:
        values |= _visit(work, visit, territory, message)
    if params.get("callback_id") and territory:
        values |= _callback(session, params["callback_id"], territory.zone, work.now)
    if message.recovery_id and territory:
        values |= _recovery(session, message, territory, work.now)
    more = _MORE.get(message.purpose)
    return values | more(work, message) if more else values


def _territory(session: Session, visit: Visit | None, params: Values) -> Territory | None:
    territory_id = visit.territory_id if visit else params.get("territory_id")
    return get_territory(session, territory_id) if territory_id else None


def _visit(work: Work, visit: Visit, territory: Territory, message: Message) -> Values:
    session, zone, now = work.session, territory.zone, work.now
    promise = _promise(session, visit, message.promise_version)
    arrival = expect_arrival(session, visit, promise, now)
    who = visit.technician_id or (arrival.technician_id if arrival else None)
    return {
        "reference": visit.reference,
        "state": visit.state.value,
        "window": say_span(promise.start_at, promise.end_at, zone, now),
        "full_window": say_window(promise.start_at, promise.end_at, zone),
        "window_is_over": now >= promise.end_at,
        "technician": first_name(session, who) or "our technician",
        "expected": say_span(arrival.from_at, arrival.until_at, zone, now) if arrival else "",
        "late": bool(arrival and arrival.until_at > promise.end_at),
        "arrived": say_time(visit.arrived_at, zone) if visit.arrived_at else "",
        "undo_until": say_time(visit.undo_until_at, zone) if visit.undo_until_at else "",
    }


def _promise(session: Session, visit: Visit, version: int | None) -> Promise:
    query = select(Promise).where(Promise.visit_id == visit.id, Promise.version == version)
    return session.exec(query).one_or_none() or current_promise(session, visit)


def _callback(session: Session, callback_id: str, zone: ZoneInfo, now: datetime) -> Values:
    callback = get_callback(session, callback_id)
    person = find_dispatcher(session, callback.dispatcher_id)
    return {
        "person": person.name if person else "somebody from our office",
        "by_time": say_moment(callback.due_at, zone, now),
    }


def _recovery(session: Session, message: Message, territory: Territory, now: datetime) -> Values:
    recovery = get_recovery(session, message.recovery_id or "")
    owner = find_dispatcher(session, recovery.owner_id)
    offers = list_offers(session, recovery.id, message.params.get("round", recovery.round))
    return {
        "owner": owner.name if owner else "Our office",
        "happened": _what_happened(session, recovery),
        "offers": [_offer(session, offer, territory.zone, now) for offer in offers[:2]],
        "told": recovery.told_at is not None,
        "credit": _credit(recovery, territory.country),
        "round": message.params.get("round", recovery.round),
    }


def _what_happened(session: Session, recovery: Recovery) -> Values:
    failure = session.get_one(Failure, recovery.failure_id)
    name = first_name(session, failure.technician_id)
    return {"kind": failure.kind.value, "technician": name or "our technician"}


def _offer(session: Session, offer: Offer, zone: ZoneInfo, now: datetime) -> Values:
    return {
        "window": say_span(offer.start_at, offer.end_at, zone, now),
        "hours": f"{say_time(offer.start_at, zone)}-{say_time(offer.end_at, zone)}",
        "technician": first_name(session, offer.technician_id) or "our technician",
    }


def _credit(recovery: Recovery, country: str) -> str:
    """The amount in the money of the place, once it is given; one that waits for approval is not promised."""
    if recovery.credit_state != "given" or not recovery.credit_cents:
        return ""
    currencies = get_territory_currencies(country)
    return str(format_currency(recovery.credit_cents / 100, currencies[-1], locale="en"))


def _prompt(work: Work, message: Message) -> Values:
    prompt = work.session.get_one(Prompt, message.params["prompt_id"])
    visit = get_visit(work.session, prompt.visit_id)
    zone = get_territory(work.session, visit.territory_id).zone
    name = first_name(work.session, prompt.technician_id)
    return {"technician": name, "leave_by": say_time(prompt.leave_by_at, zone)}


def _recipient(work: Work, message: Message) -> Values:
    return {"technician": first_name(work.session, message.technician_id)}


def _choices(work: Work, message: Message) -> Values:
    """The visits of the open questions, so that an answer can name one of them."""
    visits = {visit.id: visit for visit in list_visits(work.session, message.params["visit_ids"])}
    return {"references": [visits[id].reference for id in message.params["visit_ids"] if id in visits]}


_MORE: dict[str, Callable[[Work, Message], Values]] = {
    "technician_prompt": _prompt,
    "technician_day_changed": _recipient,
    "choose_clarify": _choices,
    "inbox_ack": lambda work, message: {"again": bool(message.params.get("again"))},
    "nothing_found": lambda work, message: {"gone": bool(message.params.get("gone"))},
}


def first_name(session: Session, technician_id: str | None) -> str | None:
    technician: Technician | None = get_technician(session, technician_id) if technician_id else None
    return technician.first_name if technician else None


def say_span(start_at: datetime, end_at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """`14:00-16:00 today`, `… tomorrow`, else with its date."""
    return f"{say_time(start_at, zone)}-{say_time(end_at, zone)} {_say_day(start_at, zone, now)}"


def say_moment(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    day = _say_day(at, zone, now)
    return say_time(at, zone) if day == "today" else f"{say_time(at, zone)} {day}"


def _say_day(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    days = (local_day(at, zone) - local_day(now, zone)).days
    local = at.astimezone(zone)
    return {0: "today", 1: "tomorrow"}.get(days, f"on {local:%a} {local.day} {local:%b}")
