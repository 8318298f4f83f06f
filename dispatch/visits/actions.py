"""Opening a visit and moving it along its arrows. `move` is the only writer of the state column."""

from __future__ import annotations

from datetime import datetime

from dispatch.customers.tables import Address, Customer
from dispatch.errors import Invalid, StateConflict
from dispatch.events import NoteKept, VisitBooked, VisitRated, VisitStepped
from dispatch.ledger import commit_to
from dispatch.services.tables import Service
from dispatch.visits.queries import find_rating
from dispatch.visits.states import Signal, VisitState, step
from dispatch.visits.tables import IssuedReference, Rating, Visit, VisitNote
from dispatch.words import clean
from dispatch.work import Work


def open_visit(
    work: Work, service: Service, customer: Customer, address: Address, *, priority: int = 1
) -> Visit:
    """A new visit with a reference of its own; its first promise and place follow in the same work."""
    visit = Visit(
        id=work.new_id(),
        reference=_fresh_reference(work),
        territory_id=address.territory_id,
        service_id=service.id,
        customer_id=customer.id,
        address_id=address.id,
        state=VisitState.BOOKED,
        state_at=work.now,
        priority=priority,
        duration_seconds=service.duration_seconds,
        spread_seconds=service.spread_seconds,
        skills=dict(service.skills),
        parts=dict(service.parts),
        booked_at=work.now,
    )
    work.session.add(visit)
    work.session.flush()
    work.record(
        VisitBooked(
            visit_id=visit.id,
            reference=visit.reference,
            territory_id=visit.territory_id,
            service_id=service.id,
            customer_id=customer.id,
            address_id=address.id,
        )
    )
    return visit


def move(
    work: Work,
    visit: Visit,
    signal: Signal,
    *,
    technician_id: str | None = None,
    reason: str | None = None,
    occurred_at: datetime | None = None,
) -> None:
    """Send `signal` to a visit. Raises StateConflict where its table has no such arrow."""
    before, after = visit.state, step(visit.state, signal)
    visit.state, visit.state_at = after, work.now
    _note_times(visit, signal, technician_id, work.now)
    work.session.add(visit)
    work.record(
        VisitStepped(
            visit_id=visit.id,
            signal=signal.value,
            from_state=before.value,
            to_state=after.value,
            technician_id=technician_id,
            reason=reason,
            occurred_at=occurred_at,
        )
    )


def _note_times(visit: Visit, signal: Signal, technician_id: str | None, now: datetime) -> None:
    if signal in (Signal.LEAVE, Signal.ARRIVE):
        visit.technician_id = technician_id
    if signal is Signal.LEAVE:
        visit.left_at = now
    if signal in (Signal.LEAVE, Signal.FAIL):
        visit.undo_until_at = None
    if signal is Signal.ARRIVE:
        visit.arrived_at = now
    if signal is Signal.FINISH:
        visit.done_at = now
    if signal in (Signal.STAND_DOWN, Signal.FAIL, Signal.REBOOK, Signal.UNDO_CANCEL):
        visit.left_at = visit.arrived_at = visit.technician_id = None
        visit.arrival_verified = False


def keep_note(work: Work, visit: Visit, text: str) -> VisitNote:
    """Keep what somebody wrote. Raises Invalid for what cannot be shown."""
    note = VisitNote(
        id=work.new_id(),
        visit_id=visit.id,
        written_by=str(work.actor),
        written_at=work.now,
        text=clean(text, "note", limit=2000, lines=True),
        salt=work.chance.salt(),
    )
    work.session.add(note)
    work.record(NoteKept(visit_id=visit.id, note_id=note.id, commitment=commit_to(note.salt, note.text)))
    return note


def rate(work: Work, visit: Visit, score: int) -> None:
    """One tap, once, after the work. Raises StateConflict before it is done or when it was rated."""
    if not 1 <= score <= 5:
        raise Invalid.field("score", "number_out_of_range", "A score lies between 1 and 5.")
    if visit.state is not VisitState.DONE:
        raise StateConflict("This visit is not finished yet.", current_state=visit.state.value)
    if find_rating(work.session, visit.id):
        raise StateConflict("You have already told us how it went. Thank you.", current_state="rated")
    work.session.add(Rating(visit_id=visit.id, score=score, rated_at=work.now))
    work.record(VisitRated(visit_id=visit.id, score=score))


def _fresh_reference(work: Work) -> str:
    reference = work.chance.reference()
    while work.session.get(IssuedReference, reference):
        reference = work.chance.reference()
    work.session.add(IssuedReference(reference=reference, issued_at=work.now))
    return reference
