"""What a text says, gathered from the rows at the moment it is sent: who, when, what happened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlmodel import Session, select

from dispatch.callbacks.queries import get_callback
from dispatch.failures.tables import Failure
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
from dispatch.wishes.queries import get_offer
from dispatch.work import Work
from notifications.hours import next_opening, urgent_hours
from notifications.languages import known_language
from notifications.outbox.tables import Message
from notifications.speech import Speech

Values = dict[str, Any]


def tell(work: Work, message: Message, *, spoken: bool = False) -> Values:
    """Everything that the message's template may name, times as read or `spoken`. Raises NotFound for a lost row."""
    session, params = work.session, message.params
    visit = get_visit(session, message.visit_id) if message.visit_id else None
    territory = _territory(session, visit, params)
    values: Values = {"office_phone": territory.office_phone if territory else ""}
    if territory:
        speech = Speech(known_language(message.language), territory.zone, work.now, spoken)
        if visit:
            values |= _visit(work, visit, speech, message)
        if params.get("callback_id"):
            values |= _callback(session, params["callback_id"], speech)
        if message.recovery_id:
            values |= _recovery(session, message, territory, speech)
    more = _MORE.get(message.purpose)
    return values | more(work, message) if more else values


def _territory(session: Session, visit: Visit | None, params: Values) -> Territory | None:
    territory_id = visit.territory_id if visit else params.get("territory_id")
    return get_territory(session, territory_id) if territory_id else None


def _visit(work: Work, visit: Visit, speech: Speech, message: Message) -> Values:
    session, now = work.session, work.now
    promise = _promise(session, visit, message.promise_version)
    arrival = expect_arrival(session, visit, promise, now)
    who = visit.technician_id or (arrival.technician_id if arrival else None)
    return {
        "reference": visit.reference,
        "state": visit.state.value,
        "window": speech.span(promise.start_at, promise.end_at),
        "full_window": speech.window(promise.start_at, promise.end_at),
        "window_is_over": now >= promise.end_at,
        "technician": first_name(session, who) or speech.phrase("our_technician"),
        "expected": speech.span(arrival.from_at, arrival.until_at) if arrival else "",
        "late": bool(arrival and arrival.until_at > promise.end_at),
        "arrived": speech.time(visit.arrived_at) if visit.arrived_at else "",
        "undo_until": speech.time(visit.undo_until_at) if visit.undo_until_at else "",
    }


def _promise(session: Session, visit: Visit, version: int | None) -> Promise:
    query = select(Promise).where(Promise.visit_id == visit.id, Promise.version == version)
    return session.exec(query).one_or_none() or current_promise(session, visit)


def _callback(session: Session, callback_id: str, speech: Speech) -> Values:
    callback = get_callback(session, callback_id)
    person = find_dispatcher(session, callback.dispatcher_id)
    return {
        "person": person.name if person else speech.phrase("somebody"),
        "by_time": speech.by(callback.due_at),
    }


def _recovery(session: Session, message: Message, territory: Territory, speech: Speech) -> Values:
    recovery = get_recovery(session, message.recovery_id or "")
    owner = find_dispatcher(session, recovery.owner_id)
    offers = list_offers(session, recovery.id, message.params.get("round", recovery.round))
    return {
        "owner": owner.name if owner else speech.phrase("our_office"),
        "happened": _what_happened(session, recovery, speech),
        "offers": [_offer(session, offer, speech) for offer in offers[:2]],
        "told": recovery.told_at is not None,
        "credit": _credit(recovery, territory.country, speech),
        "round": message.params.get("round", recovery.round),
    }


def _what_happened(session: Session, recovery: Recovery, speech: Speech) -> Values:
    failure = session.get_one(Failure, recovery.failure_id)
    name = first_name(session, failure.technician_id)
    return {"kind": failure.kind.value, "technician": name or speech.phrase("our_technician")}


def _offer(session: Session, offer: Offer, speech: Speech) -> Values:
    return {
        "window": speech.span(offer.start_at, offer.end_at),
        "hours": speech.hours(offer.start_at, offer.end_at),
        "technician": first_name(session, offer.technician_id) or speech.phrase("our_technician"),
    }


def _credit(recovery: Recovery, country: str, speech: Speech) -> str:
    """The amount in the money of the place, once it is given; one that waits for approval is not promised."""
    if recovery.credit_state != "given" or not recovery.credit_cents:
        return ""
    return speech.money(recovery.credit_cents, country)


def _prompt(work: Work, message: Message) -> Values:
    prompt = work.session.get_one(Prompt, message.params["prompt_id"])
    visit = get_visit(work.session, prompt.visit_id)
    zone = get_territory(work.session, visit.territory_id).zone
    speech = Speech(known_language(message.language), zone, work.now)
    name = first_name(work.session, prompt.technician_id)
    return {"technician": name, "leave_by": speech.time(prompt.leave_by_at)}


def _recipient(work: Work, message: Message) -> Values:
    return {"technician": first_name(work.session, message.technician_id)}


def _choices(work: Work, message: Message) -> Values:
    """The visits of the open questions, so that an answer can name one of them."""
    visits = {visit.id: visit for visit in list_visits(work.session, message.params["visit_ids"])}
    return {"references": [visits[id].reference for id in message.params["visit_ids"] if id in visits]}


def _by_night(work: Work, message: Message) -> Values:
    """Whether nobody rings before the morning: then who cannot wait is told whom to call."""
    zone = get_territory(work.session, message.params["territory_id"]).zone
    return {"at_night": next_opening(message.queued_at, urgent_hours(zone)) > message.queued_at}


def _sooner(work: Work, message: Message) -> Values:
    """The earlier time, who would come, and until when it is kept."""
    offer = get_offer(work.session, message.params["offer_id"])
    zone = get_territory(work.session, message.params["territory_id"]).zone
    speech = Speech(known_language(message.language), zone, work.now)
    return {
        "sooner": {
            "window": speech.span(offer.start_at, offer.end_at),
            "technician": first_name(work.session, offer.technician_id) or speech.phrase("our_technician"),
        },
        "answer_by": speech.time(offer.expires_at),
    }


_MORE: dict[str, Callable[[Work, Message], Values]] = {
    "technician_prompt": _prompt,
    "technician_day_changed": _recipient,
    "enrolment_link": _recipient,
    "choose_clarify": _choices,
    "inbox_ack": _by_night,
    "sooner_offer": _sooner,
    "sooner_stays": lambda work, message: {"gone": bool(message.params.get("gone"))},
    "nothing_found": lambda work, message: {"gone": bool(message.params.get("gone"))},
}


def first_name(session: Session, technician_id: str | None) -> str | None:
    technician: Technician | None = get_technician(session, technician_id) if technician_id else None
    return technician.first_name if technician else None
