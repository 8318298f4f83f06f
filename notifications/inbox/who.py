"""Whose phone wrote, about which visit, and which questions they have open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from dispatch.customers.queries import list_by_phone
from dispatch.customers.tables import Customer
from dispatch.promises.tables import Promise
from dispatch.recoveries.queries import get_recovery
from dispatch.technicians.queries import find_by_phone
from dispatch.technicians.tables import Technician
from dispatch.territories.queries import list_territories
from dispatch.visits.queries import get_visit
from dispatch.visits.states import LIVE, VisitState
from dispatch.visits.tables import Visit
from dispatch.wishes.queries import list_for_phone
from dispatch.wishes.states import SoonerState
from dispatch.work import Actor, Work
from notifications.inbox.parse import OpenQuestion
from notifications.messages import SOONER, read_question
from notifications.outbox.queries import QUESTION_HOURS, open_questions, was_asked
from notifications.outbox.queueing import Recipient, to_person, to_stranger, to_technician

FRESH = timedelta(hours=18)


@dataclass(frozen=True, slots=True)
class Person:
    """Who wrote. `visit` is what they most likely write about; `to` is where an answer goes."""

    to: Recipient | None
    technician: Technician | None = None
    customer: Customer | None = None
    visit: Visit | None = None
    questions: tuple[OpenQuestion, ...] = ()

    @property
    def is_known(self) -> bool:
        return self.technician is not None or self.customer is not None

    @property
    def actor(self) -> Actor:
        if self.technician:
            return Actor("technician", self.technician.id)
        return Actor("customer", self.customer.id) if self.customer else Actor("stranger")


def recognise(work: Work, phone: str) -> Person:
    """A customer with an open question first, then a technician, then any customer, else a stranger."""
    session = work.session
    questions = _questions(session, phone, work.now)
    technician = find_by_phone(session, phone)
    if technician and not questions:
        return Person(to_technician(technician), technician=technician)
    visit = _visit(session, phone, questions, work.now)
    customers = list_by_phone(session, phone)
    territories = list_territories(session)
    first = territories[0].id if territories else None
    if customers:
        customer = next((one for one in customers if visit and one.id == visit.customer_id), customers[0])
        territory_id = visit.territory_id if visit else first
        to = to_person(customer, territory_id) if territory_id else None
        return Person(to, customer=customer, visit=visit, questions=questions)
    return Person(to_stranger(phone, first) if first else None)


def _questions(session: Session, phone: str, now: datetime) -> tuple[OpenQuestion, ...]:
    found = []
    for message in open_questions(session, phone, now):
        visit = get_visit(session, message.visit_id or "")
        choices = dict(read_question(message.question or ""))
        recovery = get_recovery(session, message.recovery_id or "")
        if recovery.round != message.params.get("round"):  # newer offers are on their way: 1 and 2 mean those
            choices = {digit: choice for digit, choice in choices.items() if not choice.isdigit()}
        found.append(OpenQuestion(message.recovery_id or "", visit.reference, choices))
    return (*found, *_sooner_questions(session, phone, now, has_others=bool(found)))


def _sooner_questions(
    session: Session, phone: str, now: datetime, *, has_others: bool
) -> Iterator[OpenQuestion]:
    """Earlier times that were told to that phone, the newest of each visit. One that is over is still answered, where
    the digit can mean nothing else."""
    seen: set[str] = set()
    for offer in list_for_phone(session, phone, now - timedelta(hours=QUESTION_HOURS)):
        visit = get_visit(session, offer.visit_id)
        is_newest = visit.id not in seen
        seen.add(visit.id)
        is_awaited = offer.state is SoonerState.OPEN
        if is_newest and (is_awaited or not has_others) and was_asked(session, offer.visit_id, offer.id):
            has_others = True
            yield OpenQuestion("", visit.reference, SOONER.answers, sooner_offer_id=offer.id)


def _visit(session: Session, phone: str, questions: Sequence[OpenQuestion], now: datetime) -> Visit | None:
    """The visit of the only open question, else the live or just finished one whose window is nearest to now."""
    query = (
        select(Visit, Promise)
        .join(Customer, col(Customer.id) == col(Visit.customer_id))
        .join(Promise, (col(Promise.visit_id) == col(Visit.id)) & (Promise.version == Visit.promise_version))
        .where(Customer.phone == phone, col(Visit.state).in_({*LIVE, VisitState.DONE}))
    )
    found = [
        (visit, promise)
        for visit, promise in session.exec(query)
        if visit.state is not VisitState.DONE or now - promise.end_at < FRESH
    ]
    if len(questions) == 1:
        asked = [visit for visit, _ in found if visit.reference == questions[0].reference]
        if asked:
            return asked[0]
    nearest = min(found, key=lambda pair: (_apart(pair[1], now), pair[0].id), default=None)
    return nearest[0] if nearest else None


def _apart(promise: Promise, now: datetime) -> timedelta:
    if promise.start_at <= now < promise.end_at:
        return timedelta()
    return promise.start_at - now if now < promise.start_at else now - promise.end_at
