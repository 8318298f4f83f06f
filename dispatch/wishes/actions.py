"""Asking for an earlier time and taking that back; offering what has come free, and what becomes of the offer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from dispatch.bookings.actions import hold_in_plan, request_of, wanted_for
from dispatch.bookings.changes import reschedule
from dispatch.bookings.slots import Slot, is_planned_exactly, slots_of_day
from dispatch.errors import SlotTaken, StateConflict
from dispatch.events import SoonerOffered, SoonerSettled, SoonerWished, SoonerWishEnded
from dispatch.holds.actions import release
from dispatch.holds.queries import live_holds
from dispatch.holds.tables import Hold, HoldPurpose
from dispatch.local_time import local_day
from dispatch.plans.queries import lock_day
from dispatch.plans.turns import take_turn, take_visit
from dispatch.promises.queries import current_promise
from dispatch.promises.states import Agreed
from dispatch.territories.queries import get_territory
from dispatch.territories.tables import Territory
from dispatch.visits.states import VisitState
from dispatch.visits.tables import Visit
from dispatch.wishes.queries import (
    Waiting,
    find_open,
    find_wish,
    get_offer,
    how_days_stand,
    list_for_visit,
    list_waiting,
    lock_offer,
    looks_of,
    open_offers,
)
from dispatch.wishes.rules import Standing, came_free, keep_until, still_known, turn
from dispatch.wishes.states import SoonerSignal, SoonerState, step
from dispatch.wishes.tables import SoonerLook, SoonerOffer, Wish
from dispatch.work import Work

# For what comes free without a new plan: longer hours, a van that is stocked.
LOOK_EVERY = dt.timedelta(hours=1)
LATE_HOLD = dt.timedelta(minutes=5)

# From when on a customer may be asked something that can wait; None where they are not asked by text at all.
WhenToAsk = Callable[[Work, Visit], dt.datetime | None]


def wish_sooner(work: Work, visit: Visit) -> Wish:
    """Put the customer on the list; twice changes nothing. Raises StateConflict unless an earlier time is possible."""
    known = find_wish(work.session, visit.id)
    if known:
        return known
    if visit.state is not VisitState.BOOKED or current_promise(work.session, visit).start_at <= work.now:
        words = "There is no earlier time for this visit any more. Its page shows how things stand."
        raise StateConflict(words, current_state=visit.state.value)
    wish = Wish(
        id=work.new_id(),
        visit_id=visit.id,
        territory_id=visit.territory_id,
        asked_by=str(work.actor),
        asked_at=work.now,
    )
    work.session.add(wish)
    work.session.flush()
    work.record(SoonerWished(visit_id=visit.id, wish_id=wish.id))
    return wish


def take_wish_back(work: Work, visit: Visit) -> None:
    """The time that was promised is fine after all; what is kept for them is given back. Twice changes nothing."""
    wish = find_wish(work.session, visit.id)
    if wish is None:
        return
    offer = find_open(work.session, visit.id)
    if offer:
        _settle(work, lock_offer(work.session, offer.id), SoonerSignal.DECLINE, how="wish taken back")
    _end(work, wish, "taken_back")


def answer_sooner(work: Work, offer_id: str, *, take: bool, how: str) -> SoonerOffer:
    """Yes moves the promise, no keeps it. A yes that comes too late is carried out if the time is still free; else
    the offer is gone, nothing is raised and nothing has changed.

    Raises StateConflict for a no to what was taken.
    """
    visit = take_visit(work, get_offer(work.session, offer_id).visit_id)
    offer = lock_offer(work.session, offer_id)
    if not take:
        if offer.state is SoonerState.TAKEN:
            words = "You have taken this time already. You can choose another one on the visit's page."
            raise StateConflict(words, current_state=offer.state.value)
        if offer.state is SoonerState.OPEN:
            _settle(work, offer, SoonerSignal.DECLINE, how=how)
        return offer
    if offer.state is SoonerState.TAKEN:
        return offer
    if offer.state in (SoonerState.OPEN, SoonerState.LAPSED):
        if not _move_there(work, visit, offer, how=how):
            _settle(work, offer, SoonerSignal.LOSE, how=how)
        return offer
    _record(work, offer, SoonerState.GONE, how)
    return offer


def end_sooner(work: Work, offer_id: str) -> None:
    """Nobody answered in time, or the visit is not as it was: the time is free for the next one who waits."""
    visit = take_visit(work, get_offer(work.session, offer_id).visit_id)
    offer = lock_offer(work.session, offer_id)
    if offer.state is not SoonerState.OPEN:
        return
    if not _is_as_asked(visit, offer) or work.session.get_one(Hold, offer.hold_id).released_at:
        _settle(work, offer, SoonerSignal.LOSE, how="changed")
    elif offer.expires_at <= work.now:
        _settle(work, offer, SoonerSignal.LAPSE, how="silence")


def give_way(
    work: Work,
    territory_id: str,
    day: dt.date,
    *,
    saved: int,
    saved_without: Callable[[Collection[str]], int],
) -> bool:
    """A promise that would break outranks a time that is kept for whoever would merely come sooner: as many of those
    as it takes are given back, and their customers keep the time that was promised. Whether any was.

    `saved` is how many promises are saved as things stand, `saved_without` how many would be without these holds.
    """
    kept = {
        hold.id: hold
        for hold in live_holds(work.session, territory_id, day, now=work.now)
        if hold.purpose is HoldPurpose.SOONER
    }
    most = saved_without(kept) if kept else saved
    if most <= saved:
        return False
    needed = set(kept)
    for id in kept:
        if saved_without(needed - {id}) == most:
            needed.remove(id)
    for id in needed:
        release(work, kept[id])
    work.session.flush()
    return True


def look_for_sooner(work: Work, territory_id: str, day: dt.date, when_to_ask: WhenToAsk) -> None:
    """Offer what has come free on `day` to those who wait, each place to one of them, whose turn it is first.

    A time is offered only where it can really be held: the checker judges the day with it, and no promise of
    anybody else is touched. Looking twice changes nothing.
    """
    take_turn(work, territory_id)
    territory = get_territory(work.session, territory_id)
    lock_day(work.session, territory.id, day)
    waiting = [
        one
        for one in list_waiting(work.session, territory.id, work.now)
        if day <= local_day(one.promise.start_at, territory.zone)
    ]
    again_at = work.now + LOOK_EVERY
    if is_planned_exactly(territory, day, work.now):
        for one in sorted(_candidates(work, waiting, day), key=lambda one: turn(one.standing)):
            ask_at = when_to_ask(work, one.waiting.visit)
            if ask_at is not None and ask_at > work.now:
                again_at = min(again_at, ask_at)
            elif ask_at is not None:
                _offer_first(work, territory, one)
    _note_look(work, territory, day, again_at)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody for whom something came free on this day."""

    waiting: Waiting
    slots: tuple[Slot, ...]
    standing: Standing


def _candidates(work: Work, waiting: list[Waiting], day: dt.date) -> Iterator[Candidate]:
    asked_now = open_offers(work.session, [one.visit.id for one in waiting])
    for one in waiting:
        found = [
            slot
            for slot in slots_of_day(work, request_of(work, one.visit), day)
            if slot.start_at < one.promise.start_at
        ]
        starts, known = [_key(slot.start_at) for slot in found], one.wish.on_offer.get(day.isoformat())
        asked = {_key(offer.start_at) for offer in list_for_visit(work.session, one.visit.id)}
        fresh = came_free(starts, known, asked)
        _remember(work, one.wish, day, still_known(starts, known))
        if fresh and one.visit.id not in asked_now:
            yield Candidate(
                one,
                tuple(slot for slot in found if _key(slot.start_at) in fresh),
                Standing(
                    start_at=min(slot.start_at for slot in found if _key(slot.start_at) in fresh),
                    promised_at=one.promise.start_at,
                    failures=one.visit.failures,
                    asked_at=one.wish.asked_at,
                    wish_id=one.wish.id,
                ),
            )


def _offer_first(work: Work, territory: Territory, one: Candidate) -> None:
    """The soonest of their times that nobody before them in this look was given."""
    policies = territory.policies
    for slot in one.slots:
        expires_at = keep_until(
            work.now,
            slot.start_at,
            answer_seconds=policies.sooner_answer_seconds,
            notice_seconds=policies.recovery_notice_seconds,
        )
        hold = _hold(work, one.waiting.visit, slot.day, (slot.start_at, slot.end_at), expires_at)
        if hold:
            _put(work, one.waiting, hold)
            return


def _hold(
    work: Work,
    visit: Visit,
    day: dt.date,
    window: tuple[dt.datetime, dt.datetime],
    expires_at: dt.datetime | None,
) -> Hold | None:
    """None where it begins too soon, or somebody else has the place."""
    if expires_at is None:
        return None
    request = request_of(work, visit)
    wanted = wanted_for(request, day, start_at=window[0], end_at=window[1], visit_id=visit.id)
    try:
        return hold_in_plan(work, request, wanted, HoldPurpose.SOONER, expires_at=expires_at)
    except SlotTaken:
        return None


def _put(work: Work, waiting: Waiting, hold: Hold) -> None:
    offer = SoonerOffer(
        id=work.new_id(),
        wish_id=waiting.wish.id,
        visit_id=waiting.visit.id,
        promise_version=waiting.visit.promise_version,
        state=SoonerState.OPEN,
        day=hold.day,
        start_at=hold.start_at,
        end_at=hold.end_at,
        technician_id=hold.technician_id,
        hold_id=hold.id,
        offered_at=work.now,
        expires_at=hold.expires_at,
    )
    work.session.add(offer)
    work.session.flush()
    work.record(
        SoonerOffered(
            visit_id=offer.visit_id,
            offer_id=offer.id,
            start_at=offer.start_at,
            end_at=offer.end_at,
            expires_at=offer.expires_at,
        )
    )


def _move_there(work: Work, visit: Visit, offer: SoonerOffer, *, how: str) -> bool:
    """Make the offered time the promise; False, with nothing changed, where it cannot be kept any more."""
    if not _is_as_asked(visit, offer) or offer.start_at <= work.now:
        return False
    try:
        with work.whole_or_nothing():
            hold: Hold | None = work.session.get_one(Hold, offer.hold_id)
            if hold and not hold.is_live(work.now):
                hold = _hold(work, visit, offer.day, (offer.start_at, offer.end_at), work.now + LATE_HOLD)
            if hold is None:
                raise SlotTaken("This time has gone.")
            by_office = work.actor.role == "dispatcher"
            reschedule(work, visit, hold, agreed_by=Agreed.OFFICE if by_office else Agreed.CUSTOMER)
    except SlotTaken:
        return False
    _settle(work, offer, SoonerSignal.TAKE, how=how)
    wish = find_wish(work.session, visit.id)
    if wish:
        _end(work, wish, "granted")
    return True


def _settle(work: Work, offer: SoonerOffer, signal: SoonerSignal, *, how: str) -> None:
    """The one writer of an offer's state. What was kept is given back; a no, or silence, is one to all that is free
    now: only what comes free later is offered."""
    offer.state, offer.settled_at = step(offer.state, signal), work.now
    work.session.add(offer)
    release(work, work.session.get_one(Hold, offer.hold_id))
    wish = find_wish(work.session, offer.visit_id)
    if wish and signal is not SoonerSignal.TAKE:
        wish.on_offer = {}
        work.session.add(wish)
    _record(work, offer, offer.state, how)


def _record(work: Work, offer: SoonerOffer, outcome: SoonerState, how: str) -> None:
    work.record(
        SoonerSettled(
            visit_id=offer.visit_id,
            offer_id=offer.id,
            start_at=offer.start_at,
            end_at=offer.end_at,
            outcome=outcome.value,
            how=how,
        )
    )


def _end(work: Work, wish: Wish, how: str) -> None:
    wish.ended_at, wish.ended_how = work.now, how
    work.session.add(wish)
    work.session.flush()
    work.record(SoonerWishEnded(visit_id=wish.visit_id, wish_id=wish.id, how=how))


def _remember(work: Work, wish: Wish, day: dt.date, starts: list[str]) -> None:
    if wish.on_offer.get(day.isoformat()) != starts:
        wish.on_offer = {**wish.on_offer, day.isoformat(): starts}
        work.session.add(wish)


def _note_look(work: Work, territory: Territory, day: dt.date, again_at: dt.datetime) -> None:
    work.session.flush()
    stood = how_days_stand(work.session, territory.id, [day], work.now)[day]
    look = looks_of(work.session, territory.id, [day]).get(day)
    if look is None:
        look = SoonerLook(
            territory_id=territory.id, day=day, stood=stood, looked_at=work.now, again_at=again_at
        )
    look.stood, look.looked_at, look.again_at = stood, work.now, again_at
    work.session.add(look)


def _is_as_asked(visit: Visit, offer: SoonerOffer) -> bool:
    return visit.state is VisitState.BOOKED and visit.promise_version == offer.promise_version


def _key(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat()
