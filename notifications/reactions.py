"""From facts to texts: outbox rows in the same transaction as what they tell, and the links they carry."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from dispatch.access.links import LinkKey, issue
from dispatch.access.tables import Scope
from dispatch.callbacks.queries import get_callback, list_for_visit
from dispatch.customers.queries import list_by_phone
from dispatch.events import (
    CallbackPromised,
    ChoiceMade,
    ConsentChanged,
    CustomerInvited,
    EnrolmentAsked,
    Fact,
    NotTodayProved,
    OfferGone,
    OffersMade,
    OfferTaken,
    OfferWithheld,
    PhoneCodeAsked,
    PromiseMade,
    SoonerOffered,
    SoonerSettled,
    TechnicianPrompted,
    VisitAssigned,
    VisitStepped,
)
from dispatch.local_time import local_day
from dispatch.plans.queries import find_assignment
from dispatch.recoveries.queries import get_recovery, list_offers
from dispatch.technicians.queries import get_technician
from dispatch.territories.queries import get_territory
from dispatch.visits.queries import get_visit
from dispatch.visits.tables import Visit
from dispatch.work import Work
from notifications import messages
from notifications.inbox.tables import Consent
from notifications.messages import Kind
from notifications.opting_out import note_change
from notifications.outbox.queries import count_of, is_day_change_waiting
from notifications.outbox.queueing import (
    UNTOLD,
    Recipient,
    queue,
    to_customer,
    to_person,
    to_stranger,
    to_technician,
)

LINK_DAYS = 7
CUSTOMERS = ("customer", "visitor")
SOON = timedelta(hours=2)
QUIET_CALLBACKS = ("inbox", "lost_promise")
STEPS: dict[str, Kind] = {
    "leave": messages.EN_ROUTE,
    "cancel": messages.VISIT_CANCELLED,
    "undo_cancel": messages.CANCEL_UNDONE,
    "finish": messages.RATE,
}
CALLS: dict[str, Kind] = {
    "no_other_day": messages.NOTHING_FOUND,
    "option_gone": messages.NOTHING_FOUND,
    "no_word": messages.NO_WORD,
}
TAKEN: dict[str, Kind] = {
    "customer": messages.RECOVERY_ARRANGED,
    "dispatcher": messages.RECOVERY_ARRANGED,
    "policy": messages.RECOVERY_KEPT_BY_POLICY,
}


class Reactions:
    """One of the Work's reactions: called with every fact before it is committed."""

    def __init__(self, key: LinkKey, base_url: str, company: str) -> None:
        self.key = key
        self.base_url = base_url
        self.company = company

    def __call__(self, work: Work, fact: Fact) -> None:
        match fact:
            case PromiseMade():
                self._promise(work, fact)
            case VisitStepped():
                _step(work, fact)
            case VisitAssigned():
                _assigned(work, fact)
            case TechnicianPrompted():
                _prompt(work, fact)
            case EnrolmentAsked():
                _enrol(work, fact)
            case OffersMade():
                _offers(work, fact)
            case OfferTaken():
                _taken(work, fact)
            case ChoiceMade():
                _chosen(work, fact)
            case NotTodayProved():
                _not_today(work, fact)
            case OfferWithheld():
                _in_hands(work, fact)
            case PhoneCodeAsked():
                _tell(
                    work,
                    messages.PHONE_CODE,
                    _visit(work, fact),
                    round=fact.code_id,
                    params={"code_id": fact.code_id},
                )
            case CustomerInvited():
                expires_at = work.now + timedelta(days=LINK_DAYS)
                issue(work, self.key, Scope.BOOK, fact.invitation_id, expires_at=expires_at)
            case SoonerOffered():
                _sooner(work, fact)
            case SoonerSettled():
                _sooner_settled(work, fact)
            case CallbackPromised():
                _callback(work, fact)
            case ConsentChanged():
                note_change(work, work.session.get_one(Consent, fact.consent_id))

    def _promise(self, work: Work, fact: PromiseMade) -> None:
        """Every promise keeps its link alive; the first one and a moved one are told here."""
        visit = _visit(work, fact)
        until = fact.end_at + timedelta(days=LINK_DAYS)
        issue(work, self.key, Scope.TRACK, visit.id, expires_at=until)
        if fact.version == 1:
            _tell(work, messages.BOOKING_CONFIRMED, visit)
        elif "reschedule" in fact.agreed_how:
            _tell(work, messages.VISIT_MOVED, visit)


def _visit(work: Work, fact: Fact) -> Visit:
    return get_visit(work.session, fact.visit_id or "")


def _tell(work: Work, kind: Kind, visit: Visit, **more: Any) -> None:
    """One text to the visit's customer; a direct answer when the customer acted, or the office for a caller."""
    direct = work.actor.role in (*CUSTOMERS, "dispatcher")
    queue(work, kind, to_customer(work, visit), visit=visit, direct=direct, **more)


def _step(work: Work, fact: VisitStepped) -> None:
    kind = STEPS.get(fact.signal)
    if kind is None:
        return
    visit = _visit(work, fact)
    again = count_of(work.session, visit.id, kind.purpose, visit.promise_version)
    _tell(work, kind, visit, round=again or "")


def _assigned(work: Work, fact: VisitAssigned) -> None:
    """Work that begins within two hours is news for the technician; one text for all changes that wait."""
    row = find_assignment(work.session, fact.visit_id or "")
    if row is None or row.busy_from_at is None or row.busy_from_at - work.now > SOON:
        return
    technician = get_technician(work.session, fact.technician_id)
    if technician.phone and not is_day_change_waiting(work.session, technician.id):
        round = f"{technician.id}:{fact.day}:{fact.plan_version}"
        queue(work, messages.TECHNICIAN_DAY_CHANGED, to_technician(technician), round=round)


def _prompt(work: Work, fact: TechnicianPrompted) -> None:
    technician = get_technician(work.session, fact.technician_id)
    queue(
        work,
        messages.TECHNICIAN_PROMPT,
        to_technician(technician),
        visit=_visit(work, fact),
        round=technician.id,
        params={"prompt_id": fact.prompt_id},
    )


def _enrol(work: Work, fact: EnrolmentAsked) -> None:
    """Somebody waits for it with the phone in the hand: at any hour. Which link it carries is kept, never the link."""
    technician = get_technician(work.session, fact.technician_id)
    queue(
        work,
        messages.ENROLMENT_LINK,
        to_technician(technician),
        round=f"{technician.id}:{fact.version}",
        params={"version": fact.version},
        direct=True,
    )


def _offers(work: Work, fact: OffersMade) -> None:
    """The one truthful text: what happened, what is held, who looks after it, what to answer."""
    visit = _visit(work, fact)
    kind = _offer_kind(work, fact, visit)
    offered = len(list_offers(work.session, fact.recovery_id, fact.round))
    digits = {1, 3, 4} if offered == 1 else {1, 2, 3, 4}
    _tell(
        work,
        kind,
        visit,
        recovery_id=fact.recovery_id,
        round=f"{fact.recovery_id}:{fact.round}",
        question=kind.question.offering(digits) if kind.question else None,
        params={"round": fact.round},
    )


def _offer_kind(work: Work, fact: OffersMade, visit: Visit) -> Kind:
    territory = get_territory(work.session, visit.territory_id)
    offers = list_offers(work.session, fact.recovery_id, fact.round)
    if _is_gone(work, fact.recovery_id):
        return messages.OFFER_GONE
    is_today = offers and offers[0].day == local_day(work.now, territory.zone)
    return messages.RECOVERY_OFFER if is_today else messages.RECOVERY_DAYS_OFFER


def _taken(work: Work, fact: OfferTaken) -> None:
    """Settled. What the policy books while it offers is told by the offer itself."""
    offered_now = any(isinstance(other, OffersMade) and _same(other, fact) for other in work.facts)
    if fact.by == "policy" and offered_now:
        return
    visit = _visit(work, fact)
    kind = TAKEN.get(fact.by, messages.RECOVERY_ARRANGED)
    _tell(work, kind, visit, recovery_id=fact.recovery_id, round=fact.recovery_id)


def _chosen(work: Work, fact: ChoiceMade) -> None:
    """Saying yes to what stood already changes nothing, and is answered all the same."""
    moved = any(
        isinstance(other, OfferTaken | OfferGone) and other.recovery_id == fact.recovery_id
        for other in work.facts
    )
    if fact.choice.isdigit() and not moved:
        _tell(
            work,
            messages.RECOVERY_ARRANGED,
            _visit(work, fact),
            recovery_id=fact.recovery_id,
            round=fact.recovery_id,
        )


def _sooner(work: Work, fact: SoonerOffered) -> None:
    """A question that can be left unasked: whose turn it is has been found to be awake and glad of texts."""
    kind = messages.SOONER_OFFER
    _tell(
        work,
        kind,
        _visit(work, fact),
        round=fact.offer_id,
        question=kind.question.offering(kind.question.answers) if kind.question else None,
        params={"offer_id": fact.offer_id},
    )


def _sooner_settled(work: Work, fact: SoonerSettled) -> None:
    """Whoever answered by text and keeps their time is told so; a yes that came in time is told as a move."""
    if fact.how == "sms" and fact.outcome in ("declined", "gone"):
        params = {"gone": fact.outcome == "gone"}
        _tell(work, messages.SOONER_STAYS, _visit(work, fact), round=fact.offer_id, params=params)


def _not_today(work: Work, fact: NotTodayProved) -> None:
    """Said once a round: a named person decides, and rings by a time."""
    gone = _is_gone(work, fact.recovery_id)
    again = gone or get_recovery(work.session, fact.recovery_id).round
    _in_hands(work, fact, messages.NOTHING_FOUND if again else messages.RECOVERY_NOT_TODAY, gone=gone)


def _in_hands(
    work: Work,
    fact: NotTodayProved | OfferWithheld,
    kind: Kind = messages.RECOVERY_IN_HANDS,
    *,
    gone: bool = False,
) -> None:
    recovery = get_recovery(work.session, fact.recovery_id)
    params: dict[str, Any] = {"round": recovery.round, "gone": gone}
    calls = [
        call
        for call in list_for_visit(work.session, recovery.visit_id)
        if call.recovery_id == recovery.id and call.done_at is None
    ]
    if calls:
        params["callback_id"] = calls[-1].id
    round = f"{recovery.id}:{recovery.round}"
    _tell(work, kind, _visit(work, fact), recovery_id=recovery.id, round=round, params=params)


def _callback(work: Work, fact: CallbackPromised) -> None:
    """Who rings by when, unless another text of this Work says so, or the call is about our texts."""
    if fact.about in QUIET_CALLBACKS or fact.about.startswith(UNTOLD) or _is_named(work, fact):
        return
    visit = _visit(work, fact) if fact.visit_id else None
    to = to_customer(work, visit) if visit else _caller(work, fact)
    queue(
        work,
        CALLS.get(fact.about, messages.CALLBACK_PROMISED),
        to,
        visit=visit,
        recovery_id=get_callback(work.session, fact.callback_id).recovery_id,
        round=fact.callback_id,
        params={"callback_id": fact.callback_id, "gone": fact.about == "option_gone"},
        direct=work.actor.role in CUSTOMERS,
    )


def _is_named(work: Work, fact: CallbackPromised) -> bool:
    return any(
        isinstance(other, NotTodayProved | OfferWithheld) and other.visit_id == fact.visit_id
        for other in work.facts
    )


def _caller(work: Work, fact: CallbackPromised) -> Recipient:
    callback = get_callback(work.session, fact.callback_id)
    customers = list_by_phone(work.session, callback.phone)
    if customers:
        return to_person(customers[0], callback.territory_id)
    return to_stranger(callback.phone, callback.territory_id)


def _is_gone(work: Work, recovery_id: str) -> bool:
    return any(isinstance(fact, OfferGone) and fact.recovery_id == recovery_id for fact in work.facts)


def _same(other: OffersMade, fact: OfferTaken) -> bool:
    return other.recovery_id == fact.recovery_id and fact.offer_id in other.offer_ids
